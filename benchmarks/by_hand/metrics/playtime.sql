SELECT count(*) FILTER (active_events > 0) AS player_days,
    sum(p.playtime_seconds) AS playtime_seconds,
    sum(p.playtime_seconds) / player_days AS playtime_per_dau,
    median(p.playtime_seconds) FILTER (active_events > 0) AS median_seconds,
    quantile_cont(p.playtime_seconds, 0.9) FILTER (active_events > 0) AS p90_seconds
FROM player_days p WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
