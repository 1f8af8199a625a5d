SELECT currency_name, count(*) AS changes, count(DISTINCT player_id) AS players,
    coalesce(sum(amount) FILTER (amount > 0), 0) AS sources,
    coalesce(-sum(amount) FILTER (amount < 0), 0) AS sinks, sources - sinks AS net,
    sinks / nullif(sources, 0) AS sink_ratio
FROM events WHERE event_type = 'currency_change' AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
GROUP BY currency_name ORDER BY currency_name
