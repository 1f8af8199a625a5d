WITH uses AS (
    SELECT player_id, event_date, count(*) AS uses FROM events
    WHERE event_type = 'ad_watched' AND format = 'rewarded' AND event_date <= DATE '$complete_until'
    GROUP BY ALL
), used AS (
    SELECT player_id, event_date, min(event_date) OVER (PARTITION BY player_id) AS first
    FROM uses
), adopters AS (
    SELECT player_id, first, min(event_date - first) FILTER (event_date > first) AS second,
        list(event_date - first) AS days
    FROM used WHERE first >= DATE '$complete_from' GROUP BY ALL
), counted AS (
    SELECT n AS day_number, count(*) AS adopters, count(*) FILTER (list_contains(days, n)) AS retained,
        count(*) FILTER (second <= n) AS repeated
    FROM adopters JOIN (VALUES (1), (7), (28)) asked(n) ON first + n <= DATE '$complete_until' GROUP BY n
), rates AS (
    SELECT *, retained / adopters AS retention FROM counted
)
SELECT 'rewarded_ads' AS feature, day_number, adopters, retained, retention,
    wilson_low(retention, adopters) AS low, wilson_high(retention, adopters) AS high, repeated,
    repeated / adopters AS repeat_rate
FROM rates ORDER BY day_number
