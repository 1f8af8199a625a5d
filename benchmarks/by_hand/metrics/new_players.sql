WITH active AS (
    SELECT d.event_date, count(*) AS players
    FROM player_days d JOIN players p
        ON p.player_id = d.player_id AND p.acquisition_date = d.event_date
    WHERE d.active_events > 0 AND d.event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
    GROUP BY ALL
), acquired AS (
    SELECT acquisition_date AS event_date, count(*) AS acquired
    FROM players WHERE acquisition_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
    GROUP BY ALL
)
SELECT r::DATE AS event_date, coalesce(players, 0) AS players,
    coalesce(acquired, 0) AS acquired, true AS complete
FROM range(DATE '$complete_from', DATE '$complete_until' + 1, INTERVAL 1 DAY) t(r)
    LEFT JOIN active a ON a.event_date = r LEFT JOIN acquired b ON b.event_date = r
ORDER BY event_date
