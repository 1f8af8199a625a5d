-- events_per_session: Active events in sessions, divided by the number of sessions.
-- Example: `questline sql events_per_session` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."sessions",
  "t2"."events",
  CAST("t2"."events" AS DOUBLE) / CAST(NULLIF("t2"."sessions", 0) AS DOUBLE) AS "events_per_session"
FROM (
  SELECT
    COUNT("t1"."player_id") AS "sessions",
    COALESCE(SUM("t1"."events"), 0) AS "events"
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
