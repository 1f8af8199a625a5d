WITH played AS (
    SELECT d.player_id, d.event_date - p.acquisition_date AS day
    FROM player_days d JOIN players p USING (player_id) WHERE d.active_events > 0
), flags AS (
    SELECT n, p.player_id, coalesce(bool_or(day = n), false) AS l, count(day) > 0 AS r
    FROM (VALUES (1), (7)) asked(n) CROSS JOIN players p
        LEFT JOIN played ON played.player_id = p.player_id AND day BETWEEN n AND n + 7
    WHERE (p.acquisition_date >= DATE '$complete_from' OR p.acquisition_source = 'metadata')
        AND p.acquisition_date + n >= DATE '$complete_from' AND p.acquisition_date + n + 7 <= DATE '$complete_until'
    GROUP BY ALL
)
SELECT n AS day_number, count(player_id) AS players,
    CASE WHEN players > 0 THEN count(*) FILTER (l AND r) END AS both,
    CASE WHEN players > 0 THEN count(*) FILTER (l AND NOT r) END AS left_only,
    CASE WHEN players > 0 THEN count(*) FILTER (r AND NOT l) END AS right_only,
    CASE WHEN players > 0 THEN count(*) FILTER (NOT (l OR r)) END AS neither,
    min(player_id) FILTER (l AND NOT r) AS left_example,
    min(player_id) FILTER (r AND NOT l) AS right_example
FROM (VALUES (1), (7)) asked(n) LEFT JOIN flags USING (n)
GROUP BY n ORDER BY n
