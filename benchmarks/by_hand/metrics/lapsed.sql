WITH seen AS (
    SELECT player_id, event_date,
        event_date - lag(event_date) OVER (PARTITION BY player_id ORDER BY event_date) AS away
    FROM player_days WHERE active_events > 0 AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), people AS (
    SELECT DATE '$complete_until' - max(event_date) AS idle, max(away) AS away FROM seen GROUP BY player_id
)
SELECT days, count(*) AS players,
    CASE WHEN days <= DATE '$complete_until' - DATE '$complete_from' THEN count(*) FILTER (idle >= days) END AS lapsed,
    lapsed / count(*) AS lapsed_share,
    CASE WHEN days < DATE '$complete_until' - DATE '$complete_from' THEN count(*) FILTER (away > days) END AS won_back
FROM people CROSS JOIN (VALUES (14), (30)) asked(days) GROUP BY days ORDER BY days
