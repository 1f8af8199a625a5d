WITH paid AS (
    SELECT player_id, min(event_date - acquisition_date) AS day
    FROM purchases JOIN players USING (player_id)
    WHERE purchased_at IS NOT NULL AND event_date BETWEEN acquisition_date AND DATE '$complete_until'
        AND (net_usd > 0 OR gross_usd IS NULL AND coalesce(refunds, 0) = 0)
    GROUP BY player_id
), counted AS (
    SELECT n AS day_number, count(*) FILTER (acquisition_date + n <= DATE '$complete_until') AS n_players,
        CASE WHEN n_players > 0 THEN count(*) FILTER (acquisition_date + n <= DATE '$complete_until' AND day <= n)
        END AS payers,
        payers / n_players AS conversion, n_players > 0 AS observable,
        min(acquisition_date + n) AS observable_on
    FROM players p LEFT JOIN paid USING (player_id) CROSS JOIN (VALUES (0), (1), (7), (30)) asked(n)
    WHERE acquisition_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' GROUP BY n
)
SELECT day_number, n_players AS players, payers, conversion, wilson_low(conversion, n_players) AS low,
    wilson_high(conversion, n_players) AS high, observable, observable_on
FROM counted ORDER BY day_number
