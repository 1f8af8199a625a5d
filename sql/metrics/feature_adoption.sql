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
  "t18"."feature",
  "t18"."eligible",
  "t18"."adopters",
  CAST("t18"."adopters" AS DOUBLE) / CAST(NULLIF("t18"."eligible", 0) AS DOUBLE) AS "adoption"
FROM (
  SELECT
    "t17"."feature",
    COUNT(DISTINCT "t17"."eligible_id") AS "eligible",
    COUNT(DISTINCT "t17"."adopter_id") AS "adopters"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        'rewarded_ads' AS "feature",
        "t15"."player_id",
        "t15"."adopter_id",
        "t15"."eligible_id"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t4"."player_id",
            CAST(NULL AS TEXT) AS "adopter_id",
            "t4"."player_id" AS "eligible_id"
          FROM "t3" AS "t4"
        ) AS "t7"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t13"."player_id",
            "t13"."adopter_id",
            CAST(NULL AS TEXT) AS "eligible_id"
          FROM (
            SELECT
              "t12"."player_id",
              "t12"."player_id" AS "adopter_id"
            FROM (
              SELECT DISTINCT
                "t9"."player_id"
              FROM (
                SELECT
                  "t5"."player_id",
                  "t5"."event_date",
                  COUNT(*) AS "uses"
                FROM (
                  SELECT
                    "t1"."player_id",
                    "t1"."event_date"
                  FROM "events" AS "t1"
                  WHERE
                    "t1"."event_type" = 'ad_watched' AND COALESCE("t1"."format" = 'rewarded', FALSE)
                ) AS "t5"
                GROUP BY
                  1,
                  2
              ) AS "t9"
              WHERE
                "t9"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
            ) AS "t12"
            SEMI JOIN (
              SELECT
                "t4"."player_id",
                "t4"."player_id" AS "eligible_id"
              FROM "t3" AS "t4"
            ) AS "t10"
              ON "t12"."player_id" = "t10"."player_id"
          ) AS "t13"
        ) AS "t14"
      ) AS "t15"
    ) AS "t16"
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
  ) AS "t17"
  GROUP BY
    1
) AS "t18"
ORDER BY
  "t18"."feature" ASC
;
