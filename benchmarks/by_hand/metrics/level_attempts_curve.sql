WITH pairs AS (
    SELECT player_id, level, min(event_date) AS first_day,
        min(started_at) FILTER (outcome = 'complete') AS won_at
    FROM level_attempts WHERE event_date <= DATE '$complete_until' GROUP BY ALL
), needed AS (
    SELECT a.player_id, a.level, won_at IS NOT NULL AS won, count(*) AS tries,
        sum(seconds) AS seconds
    FROM level_attempts a JOIN pairs ON pairs.player_id = a.player_id AND pairs.level = a.level
        AND (won_at IS NULL OR started_at <= won_at)
    WHERE event_date <= DATE '$complete_until' AND first_day >= DATE '$complete_from' GROUP BY ALL
), ends AS (
    SELECT level, tries AS attempt, count(*) FILTER (won) AS completed,
        count(*) FILTER (NOT won) AS stopped
    FROM needed GROUP BY ALL
), risks AS (
    SELECT *, sum(completed + stopped) OVER (PARTITION BY level ORDER BY attempt DESC) AS at_risk
    FROM ends
), curve AS (
    SELECT *, sum(ln(nullif(at_risk - completed, 0) / at_risk)) OVER so_far AS log_left,
        sum(completed / at_risk / nullif(at_risk - completed, 0)) OVER so_far AS spread,
        sum(completed) OVER so_far / nullif(sum(completed) OVER (PARTITION BY level), 0)
            AS completers_share
    FROM risks WINDOW so_far AS (PARTITION BY level ORDER BY attempt)
)
SELECT level, attempt, at_risk, completed, stopped,
    CASE WHEN completed = at_risk THEN 1 ELSE 1 - exp(log_left) END AS completed_share,
    CASE WHEN completed < at_risk THEN kaplan_low(log_left, spread) END AS low,
    CASE WHEN completed < at_risk THEN kaplan_high(log_left, spread) END AS high, completers_share
FROM curve ORDER BY level, attempt
