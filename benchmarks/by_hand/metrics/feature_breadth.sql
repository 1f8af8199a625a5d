WITH active AS (
    SELECT DISTINCT player_id FROM player_days
    WHERE active_events > 0 AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), used AS (
    SELECT DISTINCT player_id FROM events
    WHERE event_type = 'ad_watched' AND format = 'rewarded'
        AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
)
SELECT count(*) AS players, count(used.player_id) AS features_used,
    features_used / players AS feature_breadth
FROM active LEFT JOIN used USING (player_id)
