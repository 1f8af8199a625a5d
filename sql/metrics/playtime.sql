-- playtime: Session time of a day, divided by the players active on it.
-- Example: `questline sql playtime` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."player_days",
  "t2"."playtime_seconds",
  "t2"."playtime_seconds" / CAST(NULLIF("t2"."player_days", 0) AS DOUBLE) AS "playtime_per_dau",
  "t2"."median_seconds",
  "t2"."p90_seconds"
FROM (
  SELECT
    COALESCE(SUM("t1"."active"), 0) AS "player_days",
    COALESCE(SUM("t1"."playtime_seconds"), 0) AS "playtime_seconds",
    QUANTILE_CONT("t1"."daily", 0.5) AS "median_seconds",
    QUANTILE_CONT("t1"."daily", 0.9) AS "p90_seconds"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."event_date",
      "t0"."playtime_seconds",
      CAST("t0"."active_events" > 0 AS BIGINT) AS "active",
      CASE
        WHEN "t0"."active_events" > 0
        THEN "t0"."playtime_seconds"
        ELSE CAST(NULL AS DOUBLE)
      END AS "daily"
    FROM "player_days" AS "t0"
    WHERE
      "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t1"
) AS "t2"
;
