WITH tried AS (
    SELECT level, player_id, count(*) AS attempts, count(*) FILTER (outcome = 'complete') AS wins,
        count(*) FILTER (outcome = 'fail') AS fails,
        count(*) FILTER (outcome = 'abandon') AS abandons
    FROM level_attempts WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
    GROUP BY ALL
), counted AS (
    SELECT level, count(*) AS reached, count(*) FILTER (wins > 0) AS completed,
        completed / reached AS completion_rate, sum(attempts) AS attempts, sum(wins) AS wins,
        sum(fails) AS fails, sum(abandons) AS abandons
    FROM tried GROUP BY level
)
SELECT level, reached, completed, completion_rate,
    wilson_low(completion_rate, reached) AS completion_low,
    wilson_high(completion_rate, reached) AS completion_high, attempts, wins, fails, abandons,
    wins / attempts AS win_rate, fails / attempts AS fail_rate,
    attempts / nullif(wins, 0) AS attempts_per_success
FROM counted ORDER BY level
