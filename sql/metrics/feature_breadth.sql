-- feature_breadth: Mean number of declared features that a player active in the period used in it.
-- Example: `questline sql feature_breadth` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t2" AS (
  SELECT DISTINCT
    "t0"."player_id"
  FROM "player_days" AS "t0"
  WHERE
    "t0"."active_events" > 0
    AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
)
SELECT
  "t14"."players",
  "t14"."features_used",
  CAST("t14"."features_used" AS DOUBLE) / CAST(NULLIF("t14"."players", 0) AS DOUBLE) AS "feature_breadth"
FROM (
  SELECT
    COUNT(DISTINCT "t13"."active_id") AS "players",
    COUNT("t13"."used") AS "features_used"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        CAST(NULL AS TINYINT) AS "used",
        "t3"."player_id",
        "t3"."player_id" AS "active_id"
      FROM "t2" AS "t3"
    ) AS "t5"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t11"."used",
        CAST(NULL AS TEXT) AS "player_id",
        CAST(NULL AS TEXT) AS "active_id"
      FROM (
        SELECT
          1 AS "used"
        FROM (
          SELECT DISTINCT
            'rewarded_ads' AS "feature",
            "t7"."player_id"
          FROM (
            SELECT
              "t4"."player_id",
              "t4"."event_date",
              COUNT(*) AS "uses"
            FROM (
              SELECT
                "t1"."player_id",
                "t1"."event_date"
              FROM "events" AS "t1"
              WHERE
                "t1"."event_type" = 'ad_watched' AND COALESCE("t1"."format" = 'rewarded', FALSE)
            ) AS "t4"
            GROUP BY
              1,
              2
          ) AS "t7"
          WHERE
            "t7"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        ) AS "t10"
        SEMI JOIN (
          SELECT
            "t3"."player_id",
            "t3"."player_id" AS "active_id"
          FROM "t2" AS "t3"
        ) AS "t8"
          ON "t10"."player_id" = "t8"."player_id"
      ) AS "t11"
    ) AS "t12"
  ) AS "t13"
) AS "t14"
;
