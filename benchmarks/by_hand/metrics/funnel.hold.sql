WITH starts AS (
    SELECT player_id, level, epoch_us(event_ts) AS t FROM events
    WHERE event_type = 'level_start' AND level IS NOT NULL
        AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), ends AS (
    SELECT player_id, level, epoch_us(event_ts) AS t FROM events
    WHERE event_type = 'level_complete' AND level IS NOT NULL
        AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), begun AS (
    SELECT player_id, level, t FROM starts WHERE t <= $last_hour
), done AS (
    SELECT ends.player_id, min(ends.t - begun.t) AS took
    FROM ends ASOF JOIN begun ON begun.player_id = ends.player_id AND begun.level = ends.level
        AND begun.t <= ends.t
    WHERE ends.t - begun.t <= 3600000000 GROUP BY ends.player_id
), took AS (
    SELECT 1 AS step, 0 AS took FROM begun GROUP BY player_id
    UNION ALL SELECT 2, took FROM done
), late AS (
    SELECT player_id, level, t FROM starts ANTI JOIN begun USING (player_id)
), pending AS (
    SELECT 1 AS step, count(DISTINCT player_id) AS pending FROM late
    UNION ALL SELECT 2, count(DISTINCT ends.player_id)
    FROM ends ASOF JOIN late ON late.player_id = ends.player_id AND late.level = ends.level
        AND late.t <= ends.t
), counted AS (
    SELECT step, count(took) AS players, median(took) / 1e6 AS median_seconds,
        quantile_cont(took, 0.9) / 1e6 AS p90_seconds
    FROM (VALUES (1), (2)) s(step) LEFT JOIN took USING (step) GROUP BY step
), shares AS (
    SELECT *, players / nullif(coalesce(lag(players) OVER (ORDER BY step), players), 0)
            AS step_conversion,
        first(players) OVER (ORDER BY step) AS n, players / nullif(n, 0) AS conversion
    FROM counted JOIN pending USING (step)
)
SELECT step,
    CASE step WHEN 1 THEN 'level_start' ELSE 'level_complete' END AS event,
    players, pending, step_conversion, conversion,
    wilson_low(conversion, n) AS low,
    wilson_high(conversion, n) AS high,
    median_seconds, p90_seconds
FROM shares ORDER BY step
