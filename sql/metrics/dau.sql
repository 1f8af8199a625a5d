-- dau: Players with at least one active event on the day.
-- Example: `questline sql dau` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t11"."event_date",
  "t11"."players",
  "t11"."new_players",
  "t11"."players" - "t11"."new_players" AS "returning_players",
  "t11"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS "complete"
FROM (
  SELECT
    "t10"."event_date",
    COUNT(DISTINCT "t10"."player_id") AS "players",
    COUNT(DISTINCT "t10"."player_id") FILTER(WHERE
      "t10"."acquired_on" = "t10"."event_date") AS "new_players"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t7"."event_date",
        "t7"."player_id",
        "t7"."acquired_on"
      FROM (
        SELECT
          "t6"."player_id",
          "t6"."event_date",
          "t5"."acquired_on"
        FROM (
          SELECT
            "t0"."player_id",
            "t0"."event_date"
          FROM "player_days" AS "t0"
          WHERE
            "t0"."active_events" > 0
        ) AS "t6"
        LEFT OUTER JOIN (
          SELECT
            "t1"."player_id",
            "t1"."acquisition_date" AS "acquired_on"
          FROM "players" AS "t1"
        ) AS "t5"
          ON "t6"."player_id" = "t5"."player_id"
      ) AS "t7"
      WHERE
        "t7"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
    ) AS "t9"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        CAST(CAST(MAKE_DATE(2026, 1, 1) + TO_DAYS(CAST("t4"."n" AS BIGINT)) AS TIMESTAMP) AS DATE) AS "event_date",
        CAST(NULL AS TEXT) AS "player_id",
        CAST(NULL AS DATE) AS "acquired_on"
      FROM (
        SELECT
          UNNEST(RANGE(0, 30, 1)) AS "n"
      ) AS "t4"
    ) AS "t8"
  ) AS "t10"
  GROUP BY
    1
) AS "t11"
ORDER BY
  "t11"."event_date" ASC
;
