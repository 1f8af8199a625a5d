SELECT date_trunc('month', event_date)::DATE AS interval_start,
    (interval_start + INTERVAL 1 month - INTERVAL 1 DAY)::DATE AS interval_end,
    count(DISTINCT player_id) AS players,
    interval_start >= DATE '$complete_from' AND interval_end <= DATE '$complete_until' AS complete
FROM player_days WHERE active_events > 0 AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
GROUP BY interval_start ORDER BY interval_start
