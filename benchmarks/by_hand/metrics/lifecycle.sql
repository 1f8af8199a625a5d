WITH weeks AS (
    SELECT DISTINCT player_id, date_trunc('week', event_date)::DATE AS week
    FROM player_days WHERE active_events > 0 AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), seen AS (
    SELECT weeks.*, lag(week) OVER (PARTITION BY player_id ORDER BY week) AS before,
        date_trunc('week', acquisition_date) AS acquired
    FROM weeks LEFT JOIN players USING (player_id)
), counted AS (
    SELECT week, count(*) AS active,
        count(*) FILTER (before IS NULL AND coalesce(acquired >= week, true)) AS new,
        count(*) FILTER (before = week - 7) AS current
    FROM seen GROUP BY week
), flows AS (
    SELECT week AS interval_start, week + 6 AS interval_end, active, new,
        week - 7 >= DATE '$complete_from' AS told, week >= DATE '$complete_from' AND week + 6 <= DATE '$complete_until' AS complete,
        CASE WHEN told THEN current END AS current,
        CASE WHEN told THEN active - new - counted.current END AS resurrected,
        CASE WHEN told AND complete
            THEN lag(active) OVER (ORDER BY week) - counted.current END AS dormant
    FROM counted
)
SELECT interval_start, interval_end, active, new, current, resurrected, dormant,
    (new + resurrected) / nullif(dormant, 0) AS quick_ratio, complete
FROM flows ORDER BY interval_start
