-- retention: Share of a cohort's players who are active exactly N calendar days after acquisition.
-- Example: `questline sql retention` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t4" AS (
  SELECT
    "t0"."player_id",
    "t0"."acquisition_source",
    "t0"."acquisition_date" AS "cohort"
  FROM "players" AS "t0"
  WHERE
    (
      "t0"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
    )
    OR (
      "t0"."acquisition_source" = 'metadata'
    )
)
SELECT
  "t23"."day_number",
  "t23"."players",
  "t23"."retained",
  CAST("t23"."retained" AS DOUBLE) / CAST(NULLIF("t23"."players", 0) AS DOUBLE) AS "retention",
  "t23"."players" > 0 AS "observable",
  "t23"."observable_on"
FROM (
  SELECT
    "t22"."day_number",
    COALESCE(SUM("t22"."players") FILTER(WHERE
      "t22"."observable"), 0) AS "players",
    SUM("t22"."retained") FILTER(WHERE
      "t22"."observable") AS "retained",
    MIN("t22"."day") FILTER(WHERE
      "t22"."observable" OR "t22"."ahead") AS "observable_on"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t20"."day_number",
        "t20"."cohort",
        "t20"."players",
        "t20"."retained",
        "t20"."day",
        "t20"."day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS "observable",
        "t20"."day" > MAKE_DATE(2026, 1, 30) AS "ahead"
      FROM (
        SELECT
          "t19"."cohort",
          "t19"."day_number",
          "t19"."players",
          "t19"."retained",
          CAST(CAST("t19"."cohort" + TO_DAYS("t19"."day_number") AS TIMESTAMP) AS DATE) AS "day"
        FROM (
          SELECT
            "t18"."cohort",
            "t18"."day_number",
            COALESCE(SUM("t18"."players"), 0) AS "players",
            COALESCE(SUM("t18"."retained"), 0) AS "retained"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t12"."cohort",
                "t10"."day_number",
                CAST(NULL AS BIGINT) AS "retained",
                "t12"."players"
              FROM (
                SELECT
                  "t6"."cohort",
                  COUNT(DISTINCT "t6"."player_id") AS "players"
                FROM "t4" AS "t6"
                GROUP BY
                  1
              ) AS "t12"
              CROSS JOIN (
                SELECT
                  *
                FROM (
                  SELECT
                    UNNEST(CAST(CAST([1, 7, 30] AS TINYINT[]) AS BIGINT[])) AS "day_number"
                ) AS "t3"
              ) AS "t10"
            ) AS "t14"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t16"."cohort",
                "t16"."day_number",
                "t16"."retained",
                CAST(NULL AS BIGINT) AS "players"
              FROM (
                SELECT
                  "t15"."cohort",
                  "t15"."day_number",
                  COUNT(DISTINCT "t15"."player_id") AS "retained"
                FROM (
                  SELECT
                    "t13"."player_id",
                    "t13"."event_date",
                    "t13"."acquisition_source",
                    "t13"."cohort",
                    DATE_DIFF('DAY', "t13"."cohort", "t13"."event_date") AS "day_number"
                  FROM (
                    SELECT
                      "t5"."player_id",
                      "t5"."event_date",
                      "t9"."acquisition_source",
                      "t9"."cohort"
                    FROM (
                      SELECT
                        "t1"."player_id",
                        "t1"."event_date"
                      FROM "player_days" AS "t1"
                      WHERE
                        "t1"."active_events" > 0
                    ) AS "t5"
                    INNER JOIN "t4" AS "t9"
                      ON "t5"."player_id" = "t9"."player_id"
                  ) AS "t13"
                  WHERE
                    DATE_DIFF('DAY', "t13"."cohort", "t13"."event_date") IN (1, 7, 30)
                ) AS "t15"
                GROUP BY
                  1,
                  2
              ) AS "t16"
            ) AS "t17"
          ) AS "t18"
          GROUP BY
            1,
            2
        ) AS "t19"
      ) AS "t20"
    ) AS "t21"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t3"."day_number",
        CAST(NULL AS DATE) AS "cohort",
        CAST(NULL AS BIGINT) AS "players",
        CAST(NULL AS BIGINT) AS "retained",
        CAST(NULL AS DATE) AS "day",
        CAST(NULL AS BOOLEAN) AS "observable",
        CAST(NULL AS BOOLEAN) AS "ahead"
      FROM (
        SELECT
          UNNEST(CAST(CAST([1, 7, 30] AS TINYINT[]) AS BIGINT[])) AS "day_number"
      ) AS "t3"
    ) AS "t7"
  ) AS "t22"
  GROUP BY
    1
) AS "t23"
ORDER BY
  "t23"."day_number" ASC
;
