WITH bought AS (
    SELECT coalesce(sum(gross_usd), 0) - coalesce(sum(refunded_usd), 0) AS net_usd
    FROM purchases WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), active AS (
    SELECT coalesce(sum(ad_revenue_usd), 0) AS ad_revenue_usd,
        count(*) FILTER (active_events > 0) AS player_days
    FROM player_days WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
)
SELECT net_usd, ad_revenue_usd, player_days, net_usd / player_days AS arpdau_iap,
    ad_revenue_usd / player_days AS arpdau_ads,
    (net_usd + ad_revenue_usd) / player_days AS arpdau_total
FROM bought, active
