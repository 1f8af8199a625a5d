WITH one AS (
    SELECT player_id, epoch_us(event_ts) AS t FROM events
    WHERE event_type = 'session_start'
        AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), two AS (
    SELECT player_id, epoch_us(event_ts) AS t FROM events
    WHERE event_type = 'level_start'
        AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), three AS (
    SELECT player_id, epoch_us(event_ts) AS t FROM events
    WHERE event_type = 'level_complete'
        AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), entered AS (
    SELECT player_id, min(t) AS t FROM one GROUP BY player_id
), begun AS (
    SELECT player_id, t FROM entered WHERE t <= $last_closed
), begun_two AS (
    SELECT two.player_id, two.t, begun.t AS start
    FROM two ASOF JOIN begun ON begun.player_id = two.player_id AND begun.t <= two.t
    WHERE two.t - begun.t <= 604800000000
), begun_three AS (
    SELECT three.player_id, three.t, start
    FROM three ASOF JOIN begun_two two ON two.player_id = three.player_id AND two.t <= three.t
    WHERE three.t - start <= 604800000000
), took AS (
    SELECT 1 AS step, player_id, 0 AS took FROM begun GROUP BY player_id
    UNION ALL SELECT 2, player_id, min(t - start) FROM begun_two GROUP BY player_id
    UNION ALL SELECT 3, player_id, min(t - start) FROM begun_three GROUP BY player_id
), late AS (
    SELECT player_id, t FROM entered WHERE t > $last_closed
), late_two AS (
    SELECT two.player_id, two.t
    FROM (FROM two SEMI JOIN late USING (player_id)) two
        ASOF JOIN late ON late.player_id = two.player_id AND late.t <= two.t
), late_three AS (
    SELECT three.player_id
    FROM (FROM three SEMI JOIN late USING (player_id)) three
        ASOF JOIN late_two two ON two.player_id = three.player_id AND two.t <= three.t
), pending AS (
    SELECT 1 AS step, count(DISTINCT player_id) AS pending FROM late
    UNION ALL SELECT 2, count(DISTINCT player_id) FROM late_two
    UNION ALL SELECT 3, count(DISTINCT player_id) FROM late_three
), counted AS (
    SELECT step, count(took) AS players, median(took) / 1e6 AS median_seconds,
        quantile_cont(took, 0.9) / 1e6 AS p90_seconds
    FROM (VALUES (1), (2), (3)) s(step) LEFT JOIN took USING (step) GROUP BY step
), shares AS (
    SELECT *, players / nullif(coalesce(lag(players) OVER (ORDER BY step), players), 0)
            AS step_conversion,
        first(players) OVER (ORDER BY step) AS n, players / nullif(n, 0) AS conversion
    FROM counted JOIN pending USING (step)
)
SELECT step,
    CASE step WHEN 1 THEN 'session_start' WHEN 2 THEN 'level_start' ELSE 'level_complete' END
        AS event,
    players, pending, step_conversion, conversion,
    wilson_low(conversion, n) AS low,
    wilson_high(conversion, n) AS high,
    median_seconds, p90_seconds
FROM shares ORDER BY step
