WITH pairs AS (
    SELECT player_id, level, min(event_date) AS first_day, bool_or(outcome = 'complete') AS won
    FROM level_attempts WHERE event_date <= DATE '$complete_until' GROUP BY ALL
), players AS (
    SELECT player_id, max(level) AS highest, max(event_date) AS last_day FROM (
        SELECT player_id, level, event_date FROM level_attempts WHERE event_date <= DATE '$complete_until'
        UNION ALL SELECT player_id, NULL, event_date FROM player_days
        WHERE active_events > 0 AND event_date <= DATE '$complete_until')
    GROUP BY player_id
), counted AS (
    SELECT level, count(*) AS started, level = (SELECT max(level) FROM pairs) AS ends,
        count(*) FILTER (first_day <= DATE '$complete_until' - 7 AND (won OR highest > level)) AS passed,
        count(*) FILTER (NOT won AND highest = level AND last_day <= DATE '$complete_until' - 7) AS churned
    FROM pairs JOIN players USING (player_id) WHERE first_day >= DATE '$complete_from' GROUP BY level
), shown AS (
    SELECT level, started, CASE WHEN ends THEN 0 ELSE passed END AS passed,
        CASE WHEN ends THEN 0 ELSE churned END AS churned,
        CASE WHEN ends THEN 0 ELSE started - passed - churned END AS pending,
        CASE WHEN ends THEN started ELSE 0 END AS end_of_content
    FROM counted
), rates AS (
    SELECT *, churned / nullif(passed + churned, 0) AS churn, passed + churned AS n FROM shown
)
SELECT * EXCLUDE (n), wilson_low(churn, n) AS low, wilson_high(churn, n) AS high
FROM rates ORDER BY level
