SELECT event_date, acquisition_date, event_type, events, players,
    coalesce(revenue_usd, 0) AS revenue_usd, true AS complete
FROM daily WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' ORDER BY ALL
