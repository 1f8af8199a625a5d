WITH counted AS (
    SELECT d.event_date, count(*) AS players
    FROM player_days d LEFT JOIN players p USING (player_id)
    WHERE d.active_events > 0 AND d.event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
        AND p.acquisition_date IS DISTINCT FROM d.event_date
    GROUP BY ALL
)
SELECT r::DATE AS event_date, coalesce(players, 0) AS players, true AS complete
FROM range(DATE '$complete_from', DATE '$complete_until' + 1, INTERVAL 1 DAY) t(r) LEFT JOIN counted ON event_date = r
ORDER BY event_date
