WITH asked(day_number, first_day, last_day) AS (VALUES (0, 0, 0), (1, 1, 7), (8, 8, 14)),
cohorts AS (
    SELECT player_id, acquisition_date AS cohort FROM players
    WHERE acquisition_date >= DATE '$complete_from' OR acquisition_source = 'metadata'
), played AS (
    SELECT player_id, bool_or(n = 0) AS a, bool_or(n BETWEEN 1 AND 7) AS b,
        bool_or(n BETWEEN 8 AND 14) AS c
    FROM (SELECT player_id, event_date - cohort AS n
        FROM player_days JOIN cohorts USING (player_id) WHERE active_events > 0)
    GROUP BY player_id
), counted AS (
    SELECT day_number, first_day, last_day,
        count(*) FILTER (cohort + first_day >= DATE '$complete_from' AND cohort + last_day <= DATE '$complete_until') AS players,
        CASE WHEN players > 0 THEN count(*) FILTER (cohort + first_day >= DATE '$complete_from'
            AND cohort + last_day <= DATE '$complete_until'
            AND CASE day_number WHEN 0 THEN a WHEN 1 THEN b ELSE c END) END AS retained,
        retained / players AS retention, players > 0 AS observable,
        min(cohort + last_day) FILTER (cohort + first_day >= DATE '$complete_from') AS observable_on
    FROM asked CROSS JOIN (FROM cohorts LEFT JOIN played USING (player_id))
    GROUP BY day_number, first_day, last_day
)
SELECT day_number, first_day, last_day, players, retained, retention,
    wilson_low(retention, players) AS low,
    wilson_high(retention, players) AS high,
    observable, observable_on
FROM counted ORDER BY day_number
