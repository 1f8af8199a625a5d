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
), period AS (
    SELECT level, count(*) AS attempts, count(seconds) AS timed, median(seconds) AS median_seconds
    FROM level_attempts WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' GROUP BY level
), counted AS (
    SELECT level, count(*) AS players, count(*) FILTER (won) AS completers,
        median(seconds) FILTER (won) AS median_seconds_to_completion,
        median(tries) FILTER (won) AS attempts_completers_median
    FROM needed GROUP BY level
)
SELECT level, attempts, timed, median_seconds, players, completers, players - completers AS censored,
    median_seconds_to_completion, attempts_completers_median
FROM period LEFT JOIN counted USING (level) ORDER BY level
