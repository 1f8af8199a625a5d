SELECT sum(sessions) AS sessions, count(*) FILTER (active_events > 0) AS player_days,
    sum(sessions) / count(*) FILTER (active_events > 0) AS sessions_per_dau
FROM player_days WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
