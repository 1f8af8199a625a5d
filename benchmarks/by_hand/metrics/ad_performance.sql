SELECT placement, format, count(*) AS ads, count(DISTINCT player_id) AS ad_viewers,
    coalesce(sum(amount_usd), 0) AS ad_revenue_usd, 1000 * ad_revenue_usd / ads AS ecpm_usd,
    count(*) FILTER (e.completed) AS completed,
    count(*) FILTER (e.completed) / nullif(count(e.completed), 0) AS completion_share
FROM events e WHERE event_type = 'ad_watched' AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
GROUP BY placement, format ORDER BY placement, format
