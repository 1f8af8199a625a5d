WITH latest AS (
    SELECT currency_name, arg_max(balance, (event_ts, balance)) AS balance
    FROM events WHERE event_type = 'currency_change' AND balance IS NOT NULL
        AND event_date <= DATE '$complete_until'
    GROUP BY player_id, currency_name
)
SELECT currency_name, count(*) AS holders, sum(l.balance) AS balance,
    sum(l.balance) / count(*) AS mean_balance,
    quantile_cont(l.balance::DOUBLE, 0.5) AS median_balance
FROM latest l GROUP BY currency_name ORDER BY currency_name
