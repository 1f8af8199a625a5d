WITH paid AS (
    SELECT count(DISTINCT player_id) AS payers FROM purchases
    WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' AND purchased_at IS NOT NULL
        AND (net_usd > 0 OR gross_usd IS NULL AND coalesce(refunds, 0) = 0)
), active AS (
    SELECT count(DISTINCT player_id) AS players FROM player_days
    WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' AND active_events > 0
)
SELECT payers, players, payers / players AS conversion FROM paid, active
