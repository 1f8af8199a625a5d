WITH spent AS (
    SELECT player_id, sum(net_usd) AS usd FROM purchases
    WHERE event_date BETWEEN greatest(DATE '$complete_until' - 89, DATE '$complete_from') AND DATE '$complete_until' AND purchased_at IS NOT NULL
        AND (net_usd > 0 OR gross_usd IS NULL AND coalesce(refunds, 0) = 0)
    GROUP BY player_id HAVING usd IS NOT NULL
), tiers(tier, from_usd, below_usd) AS (
    VALUES ('minnow', 0, 10), ('dolphin', 10, 100), ('whale', 100, NULL)
), counted AS (
    SELECT tier, from_usd, below_usd, count(usd) AS players, coalesce(sum(usd), 0) AS net_usd,
        DATE '$complete_until' - 89 >= DATE '$complete_from' AS complete
    FROM tiers LEFT JOIN spent ON usd >= from_usd AND (usd < below_usd OR below_usd IS NULL)
    GROUP BY ALL
)
SELECT tier, from_usd, below_usd, players,
    CASE WHEN complete THEN players / sum(players) OVER () END AS player_share, net_usd,
    CASE WHEN complete THEN net_usd / sum(net_usd) OVER () END AS revenue_share,
    DATE '$complete_until' - 89 AS first_day, DATE '$complete_until' AS last_day, complete
FROM counted ORDER BY from_usd
