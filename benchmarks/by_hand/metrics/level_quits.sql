WITH tried AS (
    SELECT player_id, level, outcome, epoch_us(started_at) AS t,
        lead(epoch_us(started_at)) OVER w AS following, lag(epoch_us(started_at)) OVER w AS before
    FROM level_attempts WHERE event_date >= DATE '$complete_from'
    WINDOW w AS (PARTITION BY player_id ORDER BY started_at)
), cells AS (
    SELECT level, (count(*) FILTER (t <= $last_day))::DOUBLE AS x,
        count(*) FILTER (t > $last_day) AS pending,
        (count(*) FILTER (t <= $last_day
            AND coalesce(following - t > 86400000000, true) AND before IS DISTINCT FROM t))::DOUBLE AS y
    FROM tried WHERE outcome = 'fail' GROUP BY player_id, level
), levels AS (
    SELECT level, count(*) FILTER (x > 0) AS players, sum(x) AS fails, sum(c.pending) AS pending,
        sum(y) AS quits, sum(y) / nullif(sum(x), 0) AS quit_after_fail,
        effective(quit_after_fail, players, sum(x), sum(x * x), sum(y * y), sum(x * y)) AS trials
    FROM cells c GROUP BY level
)
SELECT level, players, fails, pending, quits, quit_after_fail,
    wilson_low(quit_after_fail, trials) AS low, wilson_high(quit_after_fail, trials) AS high
FROM levels ORDER BY level
