WITH uses AS (
    SELECT player_id, event_date, count(*) AS uses FROM events
    WHERE event_type = 'ad_watched' AND format = 'rewarded' AND event_date <= DATE '$complete_until'
    GROUP BY ALL
), people AS (
    SELECT player_id, count(*) AS days, sum(uses) AS uses FROM uses GROUP BY player_id
), counted AS (
    SELECT count(*) AS users, count(*) FILTER (days > 1) AS repeat_users, sum(p.uses) AS uses,
        sum(p.uses) / sum(days) AS depth
    FROM people p
), months AS (
    SELECT r::DATE AS day, count(DISTINCT player_id) AS monthly,
        count(DISTINCT player_id) FILTER (event_date = r::DATE) AS daily
    FROM range(DATE '$complete_from' + 29, DATE '$complete_until' + 1, INTERVAL 1 DAY) t(r)
        JOIN uses ON event_date BETWEEN r::DATE - 29 AND r::DATE
    GROUP BY day
)
SELECT 'rewarded_ads' AS feature, users, users AS new_users, repeat_users, users AS adopters, uses,
    depth, (SELECT sum(daily) / sum(monthly) FROM months) AS stickiness
FROM counted
