-- achievements: Share of the players active in the period who unlocked each achievement in it.
-- Example: `questline sql achievements` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t2" AS (
  SELECT DISTINCT
    "t0"."player_id"
  FROM "player_days" AS "t0"
  WHERE
    "t0"."active_events" > 0
    AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
)
SELECT
  "t13"."achievement_id",
  "t13"."unlockers",
  "t13"."players",
  CAST("t13"."unlockers" AS DOUBLE) / CAST(NULLIF("t13"."players", 0) AS DOUBLE) AS "unlock_rate"
FROM (
  SELECT
    "t12"."achievement_id",
    "t12"."unlockers",
    "t12"."active",
    SUM("t12"."active") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "players"
  FROM (
    SELECT
      "t11"."achievement_id",
      COUNT(DISTINCT "t11"."unlocker_id") AS "unlockers",
      COUNT(DISTINCT "t11"."active_id") AS "active"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t8"."player_id",
          CAST(NULL AS TEXT) AS "active_id",
          "t8"."achievement_id",
          "t8"."unlocker_id"
        FROM (
          SELECT
            "t3"."player_id",
            "t3"."achievement_id",
            "t3"."player_id" AS "unlocker_id"
          FROM (
            SELECT DISTINCT
              "t1"."player_id",
              "t1"."achievement_id",
              "t1"."event_date"
            FROM "events" AS "t1"
            WHERE
              "t1"."event_type" = 'achievement_unlocked'
              AND "t1"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
          ) AS "t3"
        ) AS "t8"
        SEMI JOIN (
          SELECT
            "t4"."player_id",
            "t4"."player_id" AS "active_id"
          FROM "t2" AS "t4"
        ) AS "t9"
          ON "t8"."player_id" = "t9"."player_id"
      ) AS "t10"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t4"."player_id",
          "t4"."player_id" AS "active_id",
          CAST(NULL AS TEXT) AS "achievement_id",
          CAST(NULL AS TEXT) AS "unlocker_id"
        FROM "t2" AS "t4"
      ) AS "t6"
    ) AS "t11"
    GROUP BY
      1
  ) AS "t12"
) AS "t13"
WHERE
  "t13"."achievement_id" IS NOT NULL
ORDER BY
  "t13"."achievement_id" ASC
;
