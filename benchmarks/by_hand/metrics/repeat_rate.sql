WITH paid AS (
    SELECT count(*) AS n FROM purchases
    WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' AND purchased_at IS NOT NULL
        AND (net_usd > 0 OR gross_usd IS NULL AND coalesce(refunds, 0) = 0)
    GROUP BY player_id
)
SELECT count(*) AS payers, count(*) FILTER (n > 1) AS repeat_payers,
    repeat_payers / payers AS repeat_rate, sum(n) AS purchases,
    purchases / payers AS purchases_per_payer
FROM paid
