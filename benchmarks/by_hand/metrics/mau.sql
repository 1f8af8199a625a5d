WITH seen AS (
    SELECT r::DATE AS event_date, count(DISTINCT d.player_id) AS players
    FROM range(DATE '$complete_from', DATE '$complete_until' + 1, INTERVAL 1 DAY) t(r)
        LEFT JOIN player_days d
        ON d.active_events > 0 AND d.event_date BETWEEN r::DATE - 29 AND r::DATE
    GROUP BY ALL
)
SELECT event_date, CASE WHEN event_date >= DATE '$complete_from' + 29 THEN players END AS players,
    true AS complete
FROM seen ORDER BY event_date
