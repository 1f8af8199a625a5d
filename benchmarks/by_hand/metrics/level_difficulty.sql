WITH cells AS (
    SELECT player_id, level, count(*)::DOUBLE AS x,
        (count(*) FILTER (outcome = 'complete'))::DOUBLE AS y
    FROM level_attempts WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' GROUP BY ALL
), levels AS (
    SELECT level, count(*) AS players, sum(x) AS attempts, sum(y) AS wins, wins / attempts AS p,
        effective(p, count(*), sum(x), sum(x * x), sum(y * y), sum(x * y)) AS trials,
        attempts * attempts * p * (1 - p) / trials AS scatter
    FROM cells GROUP BY level
), near AS (
    SELECT *, sum(attempts) OVER around - attempts AS near_trials, sum(wins) OVER around - wins
            AS near_wins,
        sum(players) OVER around - players AS near_players,
        sum(scatter) OVER around - scatter AS near_scatter,
        lag(level) OVER (ORDER BY level) IS NOT NULL AND lead(level) OVER (ORDER BY level)
            IS NOT NULL AS inner_level
    FROM levels WINDOW around AS (ORDER BY level ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING)
), shares AS (
    SELECT *, CASE WHEN inner_level THEN near_wins / near_trials END AS q,
        wilson_low(p, trials) AS low, wilson_high(p, trials) AS high,
        CASE WHEN q > 0 AND q < 1 THEN q * (1 - q)
            / greatest(near_scatter / near_trials ** 2, q * (1 - q) / near_trials)
            ELSE near_players END AS near_effective
    FROM near
), ends AS (
    SELECT *, p - q - sqrt((p - low) ** 2 + (wilson_high(q, near_effective) - q) ** 2) AS below,
        p - q + sqrt((high - p) ** 2 + (q - wilson_low(q, near_effective)) ** 2) AS above
    FROM shares
)
SELECT level, players, attempts, wins, p AS win_rate, low, high,
    attempts / nullif(wins, 0) AS attempts_per_success, 1 / nullif(high, 0) AS attempts_low,
    CASE WHEN wins > 0 THEN 1 / nullif(low, 0) END AS attempts_high,
    q AS neighbours_win_rate, p - q AS difference, below AS difference_low,
    above AS difference_high, above < -0.05 AS spike
FROM ends ORDER BY level
