-- feature_adoption: Share of the players who could use a feature in the period and did.
-- Example: `questline sql feature_adoption` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t3" AS (
  SELECT DISTINCT
    "t0"."player_id"
  FROM "player_days" AS "t0"
  WHERE
    "t0"."active_events" > 0
    AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
)
SELECT
  "t16"."feature",
  "t16"."eligible",
  "t16"."adopters",
  CAST("t16"."adopters" AS DOUBLE) / CAST(NULLIF("t16"."eligible", 0) AS DOUBLE) AS "adoption"
FROM (
  SELECT
    "t15"."feature",
    COUNT(DISTINCT "t15"."eligible_id") AS "eligible",
    COUNT(DISTINCT "t15"."adopter_id") AS "adopters"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        'rewarded_ads' AS "feature",
        "t13"."player_id",
        "t13"."adopter_id",
        "t13"."eligible_id"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t4"."player_id",
            CAST(NULL AS TEXT) AS "adopter_id",
            "t4"."player_id" AS "eligible_id"
          FROM "t3" AS "t4"
        ) AS "t8"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t11"."player_id",
            "t11"."adopter_id",
            CAST(NULL AS TEXT) AS "eligible_id"
          FROM (
            SELECT
              "t7"."player_id",
              "t7"."player_id" AS "adopter_id"
            FROM (
              SELECT DISTINCT
                "t1"."player_id"
              FROM "events" AS "t1"
              WHERE
                "t1"."event_type" = 'ad_watched'
                AND COALESCE("t1"."format" = 'rewarded', FALSE)
                AND "t1"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
            ) AS "t7"
            SEMI JOIN (
              SELECT
                "t4"."player_id",
                "t4"."player_id" AS "eligible_id"
              FROM "t3" AS "t4"
            ) AS "t10"
              ON "t7"."player_id" = "t10"."player_id"
          ) AS "t11"
        ) AS "t12"
      ) AS "t13"
    ) AS "t14"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t2"."feature",
        CAST(NULL AS TEXT) AS "player_id",
        CAST(NULL AS TEXT) AS "adopter_id",
        CAST(NULL AS TEXT) AS "eligible_id"
      FROM (
        SELECT
          UNNEST(CAST(['rewarded_ads'] AS TEXT[])) AS "feature"
      ) AS "t2"
    ) AS "t6"
  ) AS "t15"
  GROUP BY
    1
) AS "t16"
ORDER BY
  "t16"."feature" ASC
;
