WITH people AS (
    SELECT count(*) AS active_days FROM player_days
    WHERE active_events > 0 AND event_date BETWEEN DATE '$complete_until' - 27 AND DATE '$complete_until' GROUP BY player_id
), counted AS (
    SELECT n AS active_days, count(people.active_days) AS players
    FROM range(1, 29) t(n) LEFT JOIN people ON people.active_days = n GROUP BY n
)
SELECT active_days, players, players / sum(players) OVER () AS share,
    sum(players) OVER (ORDER BY active_days DESC) AS players_at_least,
    players_at_least / sum(players) OVER () AS share_at_least
FROM counted ORDER BY active_days
