-- sessions_per_dau: Sessions that started on the days, divided by the daily active players of these days.
-- Example: `questline sql sessions_per_dau` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."sessions",
  "t2"."player_days",
  CAST("t2"."sessions" AS DOUBLE) / CAST(NULLIF("t2"."player_days", 0) AS DOUBLE) AS "sessions_per_dau"
FROM (
  SELECT
    COALESCE(SUM("t1"."sessions"), 0) AS "sessions",
    COALESCE(SUM("t1"."active"), 0) AS "player_days"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."event_date",
      "t0"."sessions",
      CAST("t0"."active_events" > 0 AS BIGINT) AS "active"
    FROM "player_days" AS "t0"
    WHERE
      "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t1"
) AS "t2"
;
