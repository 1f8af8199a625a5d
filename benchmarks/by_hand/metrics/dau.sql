WITH counted AS (
    SELECT d.event_date, count(*) AS players,
        count(*) FILTER (p.acquisition_date = d.event_date) AS new_players
    FROM player_days d LEFT JOIN players p USING (player_id)
    WHERE d.active_events > 0 AND d.event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
    GROUP BY ALL
)
SELECT r::DATE AS event_date, coalesce(players, 0) AS players,
    coalesce(new_players, 0) AS new_players,
    coalesce(players - new_players, 0) AS returning_players, true AS complete
FROM range(DATE '$complete_from', DATE '$complete_until' + 1, INTERVAL 1 DAY) t(r) LEFT JOIN counted ON event_date = r
ORDER BY event_date
