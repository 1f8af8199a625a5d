-- new_players: Players whose first day it is: active on the day of their acquisition.
-- Example: `questline sql new_players` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t14"."event_date",
  "t14"."players",
  "t14"."acquired",
  "t14"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS "complete"
FROM (
  SELECT
    "t13"."event_date",
    COUNT(DISTINCT "t13"."player_id") FILTER(WHERE
      "t13"."acquired_on" = "t13"."event_date") AS "players",
    COUNT(DISTINCT "t13"."acquired_id") AS "acquired"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t8"."event_date",
            CAST(NULL AS TEXT) AS "acquired_id",
            "t8"."player_id",
            "t8"."acquired_on"
          FROM (
            SELECT
              "t7"."player_id",
              "t7"."event_date",
              "t4"."acquired_on"
            FROM (
              SELECT
                "t1"."player_id",
                "t1"."event_date"
              FROM "player_days" AS "t1"
              WHERE
                "t1"."active_events" > 0
            ) AS "t7"
            LEFT OUTER JOIN (
              SELECT
                "t0"."player_id",
                "t0"."acquisition_date" AS "acquired_on"
              FROM "players" AS "t0"
            ) AS "t4"
              ON "t7"."player_id" = "t4"."player_id"
          ) AS "t8"
        ) AS "t10"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t0"."acquisition_date" AS "event_date",
            "t0"."player_id" AS "acquired_id",
            CAST(NULL AS TEXT) AS "player_id",
            CAST(NULL AS DATE) AS "acquired_on"
          FROM "players" AS "t0"
        ) AS "t2"
      ) AS "t11"
      WHERE
        "t11"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
    ) AS "t12"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        CAST(CAST(MAKE_DATE(2026, 1, 1) + TO_DAYS(CAST("t5"."n" AS BIGINT)) AS TIMESTAMP) AS DATE) AS "event_date",
        CAST(NULL AS TEXT) AS "acquired_id",
        CAST(NULL AS TEXT) AS "player_id",
        CAST(NULL AS DATE) AS "acquired_on"
      FROM (
        SELECT
          UNNEST(RANGE(0, 30, 1)) AS "n"
      ) AS "t5"
    ) AS "t9"
  ) AS "t13"
  GROUP BY
    1
) AS "t14"
ORDER BY
  "t14"."event_date" ASC
;
