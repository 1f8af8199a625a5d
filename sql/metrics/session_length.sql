-- session_length: Time from the first to the last event of a session: median, 90th percentile and mean.
-- Example: `questline sql session_length` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."sessions",
  "t2"."median_seconds",
  "t2"."p90_seconds",
  "t2"."mean_seconds",
  CAST("t2"."zero" AS DOUBLE) / CAST(NULLIF("t2"."sessions", 0) AS DOUBLE) AS "zero_length_share"
FROM (
  SELECT
    COUNT("t1"."player_id") AS "sessions",
    QUANTILE_CONT("t1"."length_seconds", 0.5) AS "median_seconds",
    QUANTILE_CONT("t1"."length_seconds", 0.9) AS "p90_seconds",
    AVG("t1"."length_seconds") AS "mean_seconds",
    COALESCE(SUM(CAST("t1"."length_seconds" = 0 AS BIGINT)), 0) AS "zero"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."events",
      "t0"."length_seconds",
      "t0"."session_date" AS "event_date"
    FROM "sessions" AS "t0"
    WHERE
      "t0"."session_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t1"
) AS "t2"
;
