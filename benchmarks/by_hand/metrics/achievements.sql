WITH active AS (
    SELECT DISTINCT player_id FROM player_days
    WHERE active_events > 0 AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), unlocked AS (
    SELECT achievement_id, count(DISTINCT player_id) AS unlockers
    FROM events SEMI JOIN active USING (player_id)
    WHERE event_type = 'achievement_unlocked' AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
        AND achievement_id IS NOT NULL
    GROUP BY ALL
)
SELECT achievement_id, unlockers, players, unlockers / players AS unlock_rate
FROM unlocked, (SELECT count(*) AS players FROM active) ORDER BY achievement_id
