WITH people AS (
    SELECT player_id, acquisition_date AS cohort FROM players
    WHERE acquisition_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), money AS (
    SELECT player_id, event_date - cohort AS age,
        coalesce(gross_usd, 0) - coalesce(refunded_usd, 0) + coalesce(ad_revenue_usd, 0) AS usd
    FROM player_days JOIN people USING (player_id)
    WHERE event_date <= DATE '$complete_until' AND event_date - cohort BETWEEN 0 AND 30
), cells AS (
    SELECT player_id, t.age, coalesce(usd, 0) AS usd
    FROM people JOIN range(0, 31) t(age) ON cohort + t.age::INTEGER <= DATE '$complete_until'
        LEFT JOIN money USING (player_id, age)
), ages AS (
    SELECT age, count(*) AS n, sum(usd) AS usd, sum(usd) / count(*) AS mean FROM cells GROUP BY age
), errors AS (
    SELECT age, (cells.usd - mean) / n AS own,
        sum((cells.usd - mean) / n) OVER (PARTITION BY player_id ORDER BY age) AS error
    FROM cells JOIN ages USING (age)
), spreads AS (
    SELECT age, sum(error ** 2 - (error - own) ** 2) AS spread FROM errors GROUP BY age
), curve AS (
    SELECT age, n, sum(usd) OVER so_far AS revenue_usd, sum(mean) OVER so_far AS ltv,
        1.959963984540054 * sqrt(sum(spread) OVER so_far * n / (n - 1)) AS error
    FROM ages JOIN spreads USING (age) WINDOW so_far AS (ORDER BY age)
)
SELECT day_number, coalesce(n, 0) AS players, revenue_usd, ltv, round(ltv - error, 6) AS low,
    round(ltv + error, 6) AS high, players > 0 AS observable,
    (SELECT min(cohort) FROM people) + day_number AS observable_on
FROM (VALUES (0), (1), (3), (7), (14), (30)) asked(day_number) LEFT JOIN curve ON age = day_number
ORDER BY day_number
