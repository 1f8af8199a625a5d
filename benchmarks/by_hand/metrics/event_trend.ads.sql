SELECT event_date, count(*) AS events, count(DISTINCT player_id) AS players,
    count(*) / count(DISTINCT player_id) AS events_per_player, count(amount_usd) AS with_property,
    sum(amount_usd) AS total, sum(amount_usd) / nullif(count(amount_usd), 0) AS mean,
    true AS complete
FROM events WHERE event_type = 'ad_watched' AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
GROUP BY event_date ORDER BY event_date
