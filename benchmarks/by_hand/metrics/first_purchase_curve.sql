WITH paid AS (
    SELECT player_id, min(event_date - acquisition_date) AS day
    FROM purchases JOIN players USING (player_id)
    WHERE purchased_at IS NOT NULL AND event_date BETWEEN acquisition_date AND DATE '$complete_until'
        AND (net_usd > 0 OR gross_usd IS NULL AND coalesce(refunds, 0) = 0)
    GROUP BY player_id
), ends AS (
    SELECT coalesce(day, DATE '$complete_until' - acquisition_date) AS age, count(day) AS converted,
        count(*) AS leaving, min(acquisition_date) AS cohort
    FROM players LEFT JOIN paid USING (player_id)
    WHERE acquisition_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' GROUP BY ALL
), ages AS (
    SELECT n, coalesce(converted, 0) AS converted, min(cohort) OVER () AS cohort,
        coalesce(sum(leaving) OVER (ORDER BY n DESC), 0) AS at_risk
    FROM range(0, 31) t(n) LEFT JOIN ends ON age = n
), curve AS (
    SELECT n::INTEGER AS day_number, at_risk, converted, cohort,
        sum(CASE WHEN converted > 0 THEN ln((at_risk - converted) / at_risk) ELSE 0 END)
            OVER (ORDER BY n) AS log_left,
        sum(CASE WHEN converted > 0 THEN converted / at_risk / (at_risk - converted) ELSE 0 END)
            OVER (ORDER BY n) AS spread
    FROM ages
)
SELECT day_number, at_risk, converted,
    CASE WHEN at_risk > 0 THEN 1 - exp(log_left) END AS paid_share,
    CASE WHEN at_risk > 0 THEN kaplan_low(log_left, spread) END AS low,
    CASE WHEN at_risk > 0 THEN kaplan_high(log_left, spread) END AS high,
    at_risk > 0 AS observable, cohort + day_number AS observable_on
FROM curve WHERE day_number IN (0, 1, 3, 7, 14, 30) ORDER BY day_number
