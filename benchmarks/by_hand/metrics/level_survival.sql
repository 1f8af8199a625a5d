WITH cohorts AS (
    SELECT player_id, acquisition_date AS cohort FROM players
    WHERE acquisition_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' - 7
), played AS (
    SELECT player_id, level FROM level_attempts JOIN cohorts USING (player_id)
    WHERE event_date <= cohort + 7
), ended AS (
    SELECT max(level) AS level FROM played GROUP BY player_id
), counted AS (
    SELECT level, sum(count(ended.level)) OVER () AS starters,
        sum(count(ended.level)) OVER (ORDER BY level DESC) AS reached, reached / starters AS survival
    FROM (SELECT DISTINCT level FROM played) LEFT JOIN ended USING (level) GROUP BY level
)
SELECT level, starters, reached, survival, wilson_low(survival, starters) AS low,
    wilson_high(survival, starters) AS high
FROM counted ORDER BY level
