-- event_trend: How often an event happened, to how many players, and what a property of it adds up to.
-- Example: `questline sql event_trend` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t4"."events",
  "t4"."players",
  CAST("t4"."events" AS DOUBLE) / CAST(NULLIF("t4"."players", 0) AS DOUBLE) AS "events_per_player"
FROM (
  SELECT
    COALESCE(SUM("t3"."events"), 0) AS "events",
    COUNT(DISTINCT "t3"."player_id") AS "players"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t1"."player_id",
        "t1"."event_date",
        COUNT(*) AS "events"
      FROM (
        SELECT
          "t0"."player_id",
          "t0"."event_date"
        FROM "events" AS "t0"
      ) AS "t1"
      GROUP BY
        1,
        2
    ) AS "t2"
    WHERE
      "t2"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t3"
) AS "t4"
;
