-- event_trend: How often an event happened, to how many players, and what a property of it adds up to.
-- Example: `questline sql event_trend` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."events",
  "t2"."players",
  CAST("t2"."events" AS DOUBLE) / CAST(NULLIF("t2"."players", 0) AS DOUBLE) AS "events_per_player"
FROM (
  SELECT
    COUNT("t1"."event_id") AS "events",
    COUNT(DISTINCT "t1"."player_id") AS "players"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."event_date",
      "t0"."event_type" AS "event_id"
    FROM "events" AS "t0"
    WHERE
      "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t1"
) AS "t2"
;
