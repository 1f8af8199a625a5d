SELECT count(*) AS sessions, sum(events) AS events, sum(events) / count(*) AS events_per_session
FROM sessions WHERE session_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
