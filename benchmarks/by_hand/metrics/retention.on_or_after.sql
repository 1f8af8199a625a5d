WITH asked(n) AS (VALUES (1), (7)),
cohorts AS (
    SELECT player_id, acquisition_date AS cohort FROM players
    WHERE acquisition_date >= DATE '$complete_from' OR acquisition_source = 'metadata'
), played AS (
    SELECT player_id, bool_or(n BETWEEN 1 AND 8) AS a, bool_or(n BETWEEN 7 AND 14) AS b
    FROM (SELECT player_id, event_date - cohort AS n
        FROM player_days JOIN cohorts USING (player_id) WHERE active_events > 0)
    GROUP BY player_id
), counted AS (
    SELECT n AS day_number, n AS first_day, n + 7 AS last_day,
        count(*) FILTER (cohort + n >= DATE '$complete_from' AND cohort + n + 7 <= DATE '$complete_until') AS players,
        CASE WHEN players > 0 THEN count(*) FILTER (cohort + n >= DATE '$complete_from'
            AND cohort + n + 7 <= DATE '$complete_until' AND CASE n WHEN 1 THEN a ELSE b END) END AS retained,
        retained / players AS retention, players > 0 AS observable,
        min(cohort + n + 7) FILTER (cohort + n >= DATE '$complete_from') AS observable_on
    FROM asked CROSS JOIN (FROM cohorts LEFT JOIN played USING (player_id))
    GROUP BY n
)
SELECT day_number, first_day, last_day, players, retained, retention,
    wilson_low(retention, players) AS low,
    wilson_high(retention, players) AS high,
    observable, observable_on
FROM counted ORDER BY day_number
