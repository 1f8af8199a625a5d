WITH bought AS (
    SELECT count(purchased_at) AS purchases, coalesce(sum(gross_usd), 0) AS gross_usd,
        coalesce(sum(refunded_usd), 0) AS refunded_usd
    FROM purchases WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), shown AS (
    SELECT coalesce(sum(ad_revenue_usd), 0) AS ad_revenue_usd
    FROM player_days WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
)
SELECT purchases, gross_usd, refunded_usd, gross_usd - refunded_usd AS net_usd, ad_revenue_usd,
    gross_usd - refunded_usd + ad_revenue_usd AS revenue_usd
FROM bought, shown
