WITH spent AS (
    SELECT player_id, sum(net_usd) AS usd FROM purchases
    WHERE event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until' AND purchased_at IS NOT NULL AND net_usd > 0
    GROUP BY player_id
), active AS (
    SELECT DISTINCT player_id FROM player_days
    WHERE active_events > 0 AND event_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
), ranked AS (
    SELECT usd, usd::DOUBLE AS x, row_number() OVER (ORDER BY usd) AS i, count(*) OVER () AS n
    FROM spent
), everybody AS (
    SELECT coalesce(usd, 0)::DOUBLE AS x, row_number() OVER (ORDER BY x) AS i, count(*) OVER () AS n
    FROM active FULL JOIN spent USING (player_id)
), payers AS (
    SELECT count(*) AS payers, sum(usd) AS net_usd,
        sum(x) FILTER (i > n - ceil(n * 0.01)) / sum(x) AS top_1_share,
        sum(x) FILTER (i > n - ceil(n * 0.1)) / sum(x) AS top_10_share,
        2 * sum(i * x) / (max(n) * sum(x)) - (max(n) + 1) / max(n) AS gini
    FROM ranked
), players AS (
    SELECT 2 * sum(i * x) / (max(n) * sum(x)) - (max(n) + 1) / max(n) AS gini_players
    FROM everybody
)
SELECT p.payers, net_usd, CASE WHEN p.payers >= 100 THEN top_1_share END AS top_1_share,
    CASE WHEN p.payers >= 100 THEN top_10_share END AS top_10_share, CASE WHEN p.payers >= 100 THEN gini END AS gini,
    (SELECT count(*) FROM active) AS players, CASE WHEN p.payers >= 100 THEN gini_players END AS gini_players,
    p.payers >= 100 AS enough
FROM payers p, players
