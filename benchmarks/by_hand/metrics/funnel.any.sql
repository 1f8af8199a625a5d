WITH steps AS (
    SELECT player_id, epoch_us(event_ts) AS t, event_type FROM events
    WHERE event_type IN ('level_complete', 'ad_watched', 'purchase')
        AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), following AS (
    SELECT player_id, t,
        list_sort(list_filter([
            min(CASE WHEN event_type = 'level_complete' THEN t END) OVER ahead,
            min(CASE WHEN event_type = 'ad_watched' THEN t END) OVER ahead,
            min(CASE WHEN event_type = 'purchase' THEN t END) OVER ahead],
            lambda x: x - t <= 604800000000)) AS done
    FROM steps WINDOW ahead AS (PARTITION BY player_id ORDER BY t
        RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
), people AS (
    SELECT player_id, bool_or(t <= $last_closed) AS closed, step,
        min(done[step] - t) FILTER (t <= $last_closed) AS took,
        min(done[step] - t) FILTER (t > $last_closed) AS open
    FROM following CROSS JOIN (VALUES (1), (2), (3)) s(step) GROUP BY player_id, step
), counted AS (
    SELECT step, count(took) AS players, count(open) FILTER (NOT closed) AS pending,
        median(took) / 1e6 AS median_seconds, quantile_cont(took, 0.9) / 1e6 AS p90_seconds
    FROM people GROUP BY step
), shares AS (
    SELECT *, players / nullif(coalesce(lag(players) OVER (ORDER BY step), players), 0)
            AS step_conversion,
        first(players) OVER (ORDER BY step) AS n, players / nullif(n, 0) AS conversion
    FROM counted
)
SELECT step,
    step || ' of 3' AS event,
    players, pending, step_conversion, conversion,
    wilson_low(conversion, n) AS low,
    wilson_high(conversion, n) AS high,
    median_seconds, p90_seconds
FROM shares ORDER BY step
