WITH counted AS (
    SELECT isodow(started_at AT TIME ZONE '$zone') AS weekday,
        hour(started_at AT TIME ZONE '$zone') AS hour,
        count(*) AS sessions, count(DISTINCT player_id) AS players
    FROM sessions WHERE session_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' GROUP BY ALL
)
SELECT weekday, hour, coalesce(sessions, 0) AS sessions, coalesce(players, 0) AS players,
    coalesce(sessions, 0) / sum(sessions) OVER () AS share
FROM range(1, 8) d(weekday) CROSS JOIN range(0, 24) h(hour) LEFT JOIN counted USING (weekday, hour)
ORDER BY weekday, hour
