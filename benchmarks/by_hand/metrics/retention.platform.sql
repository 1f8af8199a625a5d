WITH cells AS (
    SELECT c.player_id, c.platform, n, c.acquisition_date + n AS day,
        day BETWEEN DATE '$complete_from' AND DATE '$complete_until' AS seen
    FROM players c CROSS JOIN (VALUES (1), (7), (30)) asked(n)
    WHERE c.acquisition_date >= DATE '$complete_from' OR c.acquisition_source = 'metadata'
), counted AS (
    SELECT platform, n AS day_number, n AS first_day, n AS last_day,
        count(*) FILTER (seen) AS players,
        CASE WHEN players > 0 THEN count(d.player_id) FILTER (seen) END AS retained,
        retained / players AS retention,
        players > 0 AS observable, min(day) FILTER (day >= DATE '$complete_from') AS observable_on
    FROM cells LEFT JOIN player_days d
        ON d.player_id = cells.player_id AND d.event_date = day AND d.active_events > 0
    GROUP BY platform, n
)
SELECT platform, day_number, first_day, last_day, players, retained, retention,
    wilson_low(retention, players) AS low,
    wilson_high(retention, players) AS high,
    observable, observable_on
FROM counted ORDER BY ALL
