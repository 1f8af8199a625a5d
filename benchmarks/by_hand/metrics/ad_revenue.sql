SELECT sum(ads)::BIGINT AS ads, count(DISTINCT player_id) FILTER (ads > 0) AS ad_viewers,
    sum(ad_revenue_usd) AS ad_revenue_usd, 1000 * sum(ad_revenue_usd) / sum(ads) AS ecpm_usd
FROM player_days WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
