-- first_purchase: Share of a cohort's players who paid for the first time by day N after acquisition.
-- Example: `questline sql first_purchase` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t20"."day_number",
  "t20"."players",
  "t20"."payers",
  "t20"."conversion",
  CASE
    WHEN (
      (
        (
          (
            "t20"."conversion" * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t20"."conversion" * (
              1 - "t20"."conversion"
            ) * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t20"."conversion" * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t20"."conversion" * (
            1 - "t20"."conversion"
          ) * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t20"."conversion" * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t20"."conversion" * (
              1 - "t20"."conversion"
            ) * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "low",
  CASE
    WHEN (
      (
        (
          (
            "t20"."conversion" * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t20"."conversion" * (
              1 - "t20"."conversion"
            ) * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t20"."conversion" * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t20"."conversion" * (
            1 - "t20"."conversion"
          ) * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t20"."conversion" * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST(NULLIF("t20"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t20"."conversion" * (
              1 - "t20"."conversion"
            ) * CAST(NULLIF("t20"."players", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high",
  "t20"."observable",
  "t20"."observable_on"
FROM (
  SELECT
    "t19"."day_number",
    "t19"."everyone",
    "t19"."players",
    CASE WHEN "t19"."players" > 0 THEN "t19"."payers" ELSE CAST(NULL AS BIGINT) END AS "payers",
    "t19"."first_cohort",
    "t19"."players" > 0 AS "observable",
    CAST(CAST("t19"."first_cohort" + TO_DAYS("t19"."day_number") AS TIMESTAMP) AS DATE) AS "observable_on",
    CAST(CASE WHEN "t19"."players" > 0 THEN "t19"."payers" ELSE CAST(NULL AS BIGINT) END AS DOUBLE) / CAST(NULLIF("t19"."players", 0) AS DOUBLE) AS "conversion"
  FROM (
    SELECT
      "t18"."day_number",
      COALESCE(SUM("t18"."players"), 0) AS "everyone",
      COALESCE(SUM("t18"."players") FILTER(WHERE
        "t18"."whole"), 0) AS "players",
      COALESCE(SUM("t18"."players") FILTER(WHERE
        "t18"."done"), 0) AS "payers",
      MIN("t18"."cohort") AS "first_cohort"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t16"."day_number",
          "t16"."cohort",
          "t16"."day",
          "t16"."players",
          "t16"."followed",
          "t16"."followed" >= "t16"."day_number" AS "whole",
          (
            "t16"."followed" >= "t16"."day_number"
          )
          AND (
            "t16"."day" <= "t16"."day_number"
          ) AS "done"
        FROM (
          SELECT
            "t15"."cohort",
            "t15"."day",
            "t15"."players",
            "t15"."followed",
            "t8"."day_number"
          FROM (
            SELECT
              "t13"."cohort",
              "t13"."day",
              "t13"."players",
              DATE_DIFF('DAY', "t13"."cohort", MAKE_DATE(2026, 1, 30)) AS "followed"
            FROM (
              SELECT
                "t12"."cohort",
                "t12"."day",
                COUNT(*) AS "players"
              FROM (
                SELECT
                  "t11"."player_id",
                  "t11"."cohort",
                  "t11"."first_on",
                  DATE_DIFF('DAY', "t11"."cohort", "t11"."first_on") AS "day"
                FROM (
                  SELECT
                    "t10"."player_id",
                    "t10"."cohort",
                    MIN("t10"."event_date") AS "first_on"
                  FROM (
                    SELECT
                      "t4"."player_id",
                      "t4"."cohort",
                      "t9"."player_id" AS "player_id_right",
                      "t9"."event_date"
                    FROM (
                      SELECT
                        "t0"."player_id",
                        "t0"."acquisition_date" AS "cohort"
                      FROM "players" AS "t0"
                      WHERE
                        (
                          (
                            "t0"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
                          )
                          OR (
                            "t0"."acquisition_source" = 'metadata'
                          )
                        )
                        AND "t0"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
                    ) AS "t4"
                    LEFT OUTER JOIN (
                      SELECT
                        "t1"."player_id",
                        "t1"."event_date"
                      FROM "purchases" AS "t1"
                      WHERE
                        "t1"."purchased_at" IS NOT NULL
                        AND (
                          (
                            "t1"."net_usd" > 0
                          )
                          OR (
                            (
                              "t1"."gross_usd" IS NULL
                            ) AND (
                              COALESCE("t1"."refunds", 0) = 0
                            )
                          )
                        )
                        AND "t1"."event_date" <= MAKE_DATE(2026, 1, 30)
                    ) AS "t9"
                      ON "t4"."player_id" = "t9"."player_id" AND "t9"."event_date" >= "t4"."cohort"
                  ) AS "t10"
                  GROUP BY
                    1,
                    2
                ) AS "t11"
              ) AS "t12"
              GROUP BY
                1,
                2
            ) AS "t13"
          ) AS "t15"
          CROSS JOIN (
            SELECT
              *
            FROM (
              SELECT
                UNNEST(CAST(CAST([0, 1, 7, 30] AS TINYINT[]) AS BIGINT[])) AS "day_number"
            ) AS "t2"
          ) AS "t8"
        ) AS "t16"
      ) AS "t17"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t2"."day_number",
          CAST(NULL AS DATE) AS "cohort",
          CAST(NULL AS BIGINT) AS "day",
          CAST(NULL AS BIGINT) AS "players",
          CAST(NULL AS BIGINT) AS "followed",
          CAST(NULL AS BOOLEAN) AS "whole",
          CAST(NULL AS BOOLEAN) AS "done"
        FROM (
          SELECT
            UNNEST(CAST(CAST([0, 1, 7, 30] AS TINYINT[]) AS BIGINT[])) AS "day_number"
        ) AS "t2"
      ) AS "t5"
    ) AS "t18"
    GROUP BY
      1
  ) AS "t19"
) AS "t20"
ORDER BY
  "t20"."day_number" ASC
;
