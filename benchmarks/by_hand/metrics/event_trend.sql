SELECT count(*) AS events, count(DISTINCT player_id) AS players,
    count(*) / count(DISTINCT player_id) AS events_per_player
FROM events WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
