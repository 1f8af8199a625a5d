-- event_trend: How often an event happened, to how many players, and what a property of it adds up to.
-- Example: `questline sql event_trend` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t3"."events",
  "t3"."players",
  CAST("t3"."events" AS DOUBLE) / CAST(NULLIF("t3"."players", 0) AS DOUBLE) AS "events_per_player"
FROM (
  SELECT
    COALESCE(SUM("t2"."events"), 0) AS "events",
    COUNT(DISTINCT "t2"."player_id") AS "players"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t0"."player_id",
        "t0"."event_date",
        COUNT(*) AS "events"
      FROM "events" AS "t0"
      GROUP BY
        1,
        2
    ) AS "t1"
    WHERE
      "t1"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t2"
) AS "t3"
;
