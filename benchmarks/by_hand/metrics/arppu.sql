SELECT coalesce(sum(gross_usd), 0) - coalesce(sum(refunded_usd), 0) AS net_usd,
    count(DISTINCT player_id) FILTER (purchased_at IS NOT NULL AND (net_usd > 0
        OR gross_usd IS NULL AND coalesce(refunds, 0) = 0)) AS payers,
    (coalesce(sum(gross_usd), 0) - coalesce(sum(refunded_usd), 0)) / payers AS arppu
FROM purchases WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
