SELECT count(*) FILTER (p.acquisition_date = d.event_date) AS new_players, count(*) AS player_days,
    new_players / player_days AS install_ratio
FROM player_days d LEFT JOIN players p USING (player_id)
WHERE d.active_events > 0 AND d.event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
