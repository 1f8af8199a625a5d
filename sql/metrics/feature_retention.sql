-- feature_retention: Share of a feature's adopters who use it again exactly N days after their first use.
-- Example: `questline sql feature_retention` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t11" AS (
  SELECT
    "t9"."player_id",
    "t9"."event_date",
    "t9"."uses",
    "t9"."feature",
    MIN("t9"."event_date") OVER (
      PARTITION BY "t9"."feature", "t9"."player_id"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "first",
    LEAD("t9"."event_date") OVER (
      PARTITION BY "t9"."feature", "t9"."player_id"
      ORDER BY "t9"."event_date" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "following"
  FROM (
    SELECT
      "t7"."player_id",
      "t7"."event_date",
      "t7"."uses",
      'rewarded_ads' AS "feature"
    FROM (
      SELECT
        "t3"."player_id",
        "t3"."event_date",
        COUNT(*) AS "uses"
      FROM (
        SELECT
          "t0"."player_id",
          "t0"."event_date"
        FROM "events" AS "t0"
        WHERE
          "t0"."event_type" = 'ad_watched' AND COALESCE("t0"."format" = 'rewarded', FALSE)
      ) AS "t3"
      GROUP BY
        1,
        2
    ) AS "t7"
  ) AS "t9"
)
SELECT
  "t25"."feature",
  "t25"."day_number",
  "t25"."adopters",
  "t25"."retained",
  "t25"."retention",
  CASE
    WHEN (
      (
        (
          (
            "t25"."retention" * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t25"."retention" * (
              1 - "t25"."retention"
            ) * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t25"."retention" * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t25"."retention" * (
            1 - "t25"."retention"
          ) * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t25"."retention" * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t25"."retention" * (
              1 - "t25"."retention"
            ) * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
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
            "t25"."retention" * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t25"."retention" * (
              1 - "t25"."retention"
            ) * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t25"."retention" * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t25"."retention" * (
            1 - "t25"."retention"
          ) * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t25"."retention" * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST(NULLIF("t25"."adopters", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t25"."retention" * (
              1 - "t25"."retention"
            ) * CAST(NULLIF("t25"."adopters", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high",
  "t25"."repeated",
  "t25"."repeat_rate"
FROM (
  SELECT
    "t24"."feature",
    "t24"."day_number",
    "t24"."adopters",
    "t24"."retained",
    "t24"."repeated",
    CAST("t24"."retained" AS DOUBLE) / CAST(NULLIF("t24"."adopters", 0) AS DOUBLE) AS "retention",
    CAST("t24"."repeated" AS DOUBLE) / CAST(NULLIF("t24"."adopters", 0) AS DOUBLE) AS "repeat_rate"
  FROM (
    SELECT
      "t23"."feature",
      "t23"."day_number",
      COUNT("t23"."one") AS "adopters",
      SUM("t23"."retained") AS "retained",
      SUM("t23"."repeated") AS "repeated"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t5"."feature",
            "t8"."day_number",
            CAST(NULL AS BIGINT) AS "left",
            CAST(NULL AS TINYINT) AS "retained",
            CAST(NULL AS BIGINT) AS "repeated",
            CAST(NULL AS TINYINT) AS "one"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                UNNEST(CAST(['rewarded_ads'] AS TEXT[])) AS "feature"
            ) AS "t1"
          ) AS "t5"
          CROSS JOIN (
            SELECT
              *
            FROM (
              SELECT
                UNNEST(CAST(CAST([1, 7, 28] AS TINYINT[]) AS BIGINT[])) AS "day_number"
            ) AS "t2"
          ) AS "t8"
        ) AS "t10"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t18"."feature",
              "t18"."day_number",
              "t18"."left",
              "t18"."retained",
              "t18"."repeated",
              "t18"."one"
            FROM (
              SELECT
                "t16"."feature",
                "t8"."day_number",
                "t16"."left",
                1 AS "one",
                0 AS "retained",
                COALESCE(CAST("t16"."second" <= "t8"."day_number" AS BIGINT), 0) AS "repeated"
              FROM (
                SELECT
                  "t12"."player_id",
                  "t12"."event_date",
                  "t12"."uses",
                  "t12"."feature",
                  "t12"."first",
                  "t12"."following",
                  DATE_DIFF('DAY', "t12"."first", "t12"."event_date") AS "day",
                  DATE_DIFF('DAY', "t12"."first", "t12"."following") AS "second",
                  DATE_DIFF('DAY', "t12"."first", MAKE_DATE(2026, 1, 30)) AS "left"
                FROM "t11" AS "t12"
                WHERE
                  "t12"."first" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                  AND DATE_DIFF('DAY', "t12"."first", "t12"."event_date") = 0
              ) AS "t16"
              CROSS JOIN (
                SELECT
                  *
                FROM (
                  SELECT
                    UNNEST(CAST(CAST([1, 7, 28] AS TINYINT[]) AS BIGINT[])) AS "day_number"
                ) AS "t2"
              ) AS "t8"
            ) AS "t18"
          ) AS "t20"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t17"."feature",
              "t17"."day_number",
              "t17"."left",
              "t17"."retained",
              CAST("t17"."repeated" AS BIGINT) AS "repeated",
              CAST(NULL AS TINYINT) AS "one"
            FROM (
              SELECT
                "t15"."feature",
                "t8"."day_number",
                "t15"."left",
                1 AS "retained",
                0 AS "repeated"
              FROM (
                SELECT
                  "t12"."player_id",
                  "t12"."event_date",
                  "t12"."uses",
                  "t12"."feature",
                  "t12"."first",
                  "t12"."following",
                  DATE_DIFF('DAY', "t12"."first", "t12"."event_date") AS "day",
                  DATE_DIFF('DAY', "t12"."first", "t12"."following") AS "second",
                  DATE_DIFF('DAY', "t12"."first", MAKE_DATE(2026, 1, 30)) AS "left"
                FROM "t11" AS "t12"
                WHERE
                  "t12"."first" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
              ) AS "t15"
              INNER JOIN (
                SELECT
                  *
                FROM (
                  SELECT
                    UNNEST(CAST(CAST([1, 7, 28] AS TINYINT[]) AS BIGINT[])) AS "day_number"
                ) AS "t2"
              ) AS "t8"
                ON "t15"."day" = "t8"."day_number"
            ) AS "t17"
          ) AS "t19"
        ) AS "t21"
      ) AS "t22"
      WHERE
        COALESCE("t22"."left" >= "t22"."day_number", TRUE)
    ) AS "t23"
    GROUP BY
      1,
      2
  ) AS "t24"
) AS "t25"
ORDER BY
  "t25"."feature" ASC,
  "t25"."day_number" ASC
;
