SELECT count(*) AS sessions, median(length_seconds) AS median_seconds,
    quantile_cont(length_seconds, 0.9) AS p90_seconds, avg(length_seconds) AS mean_seconds,
    count(*) FILTER (length_seconds = 0) / count(*) AS zero_length_share
FROM sessions WHERE session_date BETWEEN DATE '$complete_from' AND DATE '$complete_until'
