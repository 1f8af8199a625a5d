-- achievements: Share of the players active in the period who unlocked each achievement in it.
-- Example: `questline sql achievements` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t3" AS (
  SELECT DISTINCT
    "t1"."player_id"
  FROM "player_days" AS "t1"
  WHERE
    "t1"."active_events" > 0
    AND "t1"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
)
SELECT
  "t12"."achievement_id",
  "t12"."unlockers",
  "t12"."players",
  CAST("t12"."unlockers" AS DOUBLE) / CAST(NULLIF("t12"."players", 0) AS DOUBLE) AS "unlock_rate"
FROM (
  SELECT
    "t11"."achievement_id",
    "t11"."unlockers",
    "t11"."active",
    SUM("t11"."active") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "players"
  FROM (
    SELECT
      "t10"."achievement_id",
      COUNT(DISTINCT "t10"."unlocker_id") AS "unlockers",
      COUNT(DISTINCT "t10"."active_id") AS "active"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t4"."player_id",
          CAST(NULL AS TEXT) AS "active_id",
          "t4"."achievement_id",
          "t4"."unlocker_id"
        FROM (
          SELECT
            "t0"."player_id",
            "t0"."achievement_id",
            "t0"."player_id" AS "unlocker_id"
          FROM "events" AS "t0"
          WHERE
            "t0"."event_type" = 'achievement_unlocked'
            AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        ) AS "t4"
        SEMI JOIN (
          SELECT
            "t5"."player_id",
            "t5"."player_id" AS "active_id"
          FROM "t3" AS "t5"
        ) AS "t8"
          ON "t4"."player_id" = "t8"."player_id"
      ) AS "t9"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t5"."player_id",
          "t5"."player_id" AS "active_id",
          CAST(NULL AS TEXT) AS "achievement_id",
          CAST(NULL AS TEXT) AS "unlocker_id"
        FROM "t3" AS "t5"
      ) AS "t6"
    ) AS "t10"
    GROUP BY
      1
  ) AS "t11"
) AS "t12"
WHERE
  "t12"."achievement_id" IS NOT NULL
ORDER BY
  "t12"."achievement_id" ASC
;
