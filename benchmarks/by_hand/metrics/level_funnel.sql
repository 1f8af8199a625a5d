WITH tried AS (
    SELECT level, player_id, count(*) AS attempts, count(*) FILTER (outcome = 'complete') AS wins,
        count(*) FILTER (outcome = 'fail') AS fails,
        count(*) FILTER (outcome = 'abandon') AS abandons
    FROM level_attempts WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
    GROUP BY ALL
)
SELECT level, count(*) AS reached, count(*) FILTER (wins > 0) AS completed,
    completed / reached AS completion_rate, sum(attempts) AS attempts, sum(wins) AS wins,
    sum(fails) AS fails, sum(abandons) AS abandons, sum(wins) / sum(attempts) AS win_rate,
    sum(attempts) / nullif(sum(wins), 0) AS attempts_per_success
FROM tried GROUP BY level ORDER BY level
