WITH cells AS (
    SELECT c.player_id, c.acquisition_date, n, c.acquisition_date + n AS day,
        day BETWEEN DATE '$complete_from' AND DATE '$complete_until' AS observable
    FROM players c CROSS JOIN (VALUES (1), (7)) asked(n)
    WHERE c.acquisition_date >= DATE '$complete_from' OR c.acquisition_source = 'metadata'
), counted AS (
    SELECT acquisition_date, n AS day_number, n AS first_day, n AS last_day,
        count(*) AS players, CASE WHEN observable THEN count(d.player_id) END AS retained,
        retained / players AS retention,
        observable, CASE WHEN day >= DATE '$complete_from' THEN day END AS observable_on
    FROM cells LEFT JOIN player_days d
        ON d.player_id = cells.player_id AND d.event_date = day AND d.active_events > 0
    GROUP BY acquisition_date, n, day, observable
)
SELECT acquisition_date, day_number, first_day, last_day, players, retained, retention,
    wilson_low(retention, players) AS low,
    wilson_high(retention, players) AS high,
    observable, observable_on
FROM counted ORDER BY ALL
