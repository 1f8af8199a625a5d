SELECT coalesce(sum(gross_usd), 0) - coalesce(sum(refunded_usd), 0) AS net_usd,
    count(purchased_at) AS purchases,
    (coalesce(sum(gross_usd), 0) - coalesce(sum(refunded_usd), 0)) / count(purchased_at) AS arpt
FROM purchases WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
