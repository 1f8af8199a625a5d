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
), begun AS (
    SELECT player_id, t FROM one WHERE t <= $last_closed
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
), bins AS (
    SELECT unnest(range(1, 9)) AS bin,
        unnest([0.0, 60, 300, 900, 3600, 21600, 86400, 259200]) AS from_seconds,
        unnest([60.0, 300, 900, 3600, 21600, 86400, 259200, 604800]) AS to_seconds
), counted AS (
    SELECT bin, from_seconds, to_seconds, count(*) FILTER (took / 1e6 <= to_seconds) AS within,
        count(*) AS everybody
    FROM took CROSS JOIN bins WHERE step = 3 GROUP BY ALL
)
SELECT bin, from_seconds, to_seconds,
    within - coalesce(lag(within) OVER (ORDER BY bin), 0) AS players,
    players / nullif(everybody, 0) AS share, within / nullif(everybody, 0) AS cumulative
FROM counted ORDER BY bin
