WITH uses AS (
    SELECT player_id, event_date, count(*) AS uses FROM events
    WHERE event_type = 'ad_watched' AND format = 'rewarded' AND event_date <= DATE '$complete_until'
    GROUP BY ALL
), first_uses AS (
    SELECT player_id, min(event_date) AS used_on FROM uses GROUP BY player_id
), first_days AS (
    SELECT player_id, min(event_date) AS active_on FROM player_days
    WHERE active_events > 0 AND event_date <= DATE '$complete_until' GROUP BY player_id
), waits AS (
    SELECT greatest(coalesce(used_on, DATE '$complete_until')
            - greatest(active_on, coalesce(acquisition_date, active_on)), 0) AS day,
        count(*) AS leaving, count(used_on) AS adopting
    FROM first_days JOIN players USING (player_id) LEFT JOIN first_uses USING (player_id)
    WHERE acquisition_date >= DATE '$complete_from' AND greatest(active_on, acquisition_date) <= DATE '$complete_until'
    GROUP BY day
), risks AS (
    SELECT n::INTEGER AS n, coalesce(adopting, 0) AS adopting, sum(leaving) OVER () AS players,
        coalesce(sum(leaving) OVER (ORDER BY n DESC), 0) AS at_risk
    FROM range(0, 31) t(n) LEFT JOIN waits ON day = n
), curve AS (
    SELECT *, sum(adopting) OVER so_far AS adopters,
        sum(CASE WHEN adopting > 0 THEN ln((at_risk - adopting) / at_risk) ELSE 0 END)
            OVER so_far AS log_left,
        sum(CASE WHEN adopting > 0 THEN adopting / at_risk / (at_risk - adopting) ELSE 0 END)
            OVER so_far AS spread
    FROM risks WINDOW so_far AS (ORDER BY n)
)
SELECT 'rewarded_ads' AS feature, n AS day_number, players, at_risk, adopters,
    CASE WHEN at_risk > 0 THEN 1 - exp(log_left) END AS adopted,
    CASE WHEN at_risk > 0 THEN kaplan_low(log_left, spread) END AS low,
    CASE WHEN at_risk > 0 THEN kaplan_high(log_left, spread) END AS high,
    (SELECT min(n) FROM curve WHERE exp(log_left) <= 0.5 AND at_risk > 0) AS median_days
FROM curve WHERE n IN (0, 1, 3, 7, 14, 30) ORDER BY n
