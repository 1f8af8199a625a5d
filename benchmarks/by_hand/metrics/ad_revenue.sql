SELECT sum(d.ads)::BIGINT AS ads, count(DISTINCT player_id) FILTER (d.ads > 0) AS ad_viewers,
    sum(d.ad_revenue_usd) AS ad_revenue_usd, 1000 * sum(d.ad_revenue_usd) / sum(d.ads) AS ecpm_usd,
    count(*) FILTER (active_events > 0) AS player_days,
    sum(d.ads) / count(*) FILTER (active_events > 0) AS impressions_per_dau,
    count(*) FILTER (d.ads > 0) / count(*) FILTER (active_events > 0) AS ad_engagement_rate
FROM player_days d WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
