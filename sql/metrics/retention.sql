-- retention: Share of a cohort's players who are active exactly N calendar days after acquisition.
-- Example: `questline sql retention` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t4" AS (
  SELECT
    "t0"."player_id",
    "t0"."acquisition_date" AS "cohort"
  FROM "players" AS "t0"
  WHERE
    (
      "t0"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
    )
    OR (
      "t0"."acquisition_source" = 'metadata'
    )
), "t11" AS (
  SELECT
    "t3"."place",
    CAST(CASE
      WHEN "t3"."place" = 0
      THEN 1
      WHEN "t3"."place" = 1
      THEN 7
      WHEN "t3"."place" = 2
      THEN 30
      ELSE NULL
    END AS BIGINT) AS "day_number",
    CAST(CASE
      WHEN "t3"."place" = 0
      THEN 1
      WHEN "t3"."place" = 1
      THEN 7
      WHEN "t3"."place" = 2
      THEN 30
      ELSE NULL
    END AS BIGINT) AS "first_day",
    CAST(CASE
      WHEN "t3"."place" = 0
      THEN 1
      WHEN "t3"."place" = 1
      THEN 7
      WHEN "t3"."place" = 2
      THEN 30
      ELSE NULL
    END AS BIGINT) AS "last_day",
    CAST(CASE
      WHEN "t3"."place" = 0
      THEN 1
      WHEN "t3"."place" = 1
      THEN 1
      WHEN "t3"."place" = 2
      THEN 1
      ELSE NULL
    END AS BIGINT) AS "needed"
  FROM (
    SELECT
      UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
  ) AS "t3"
)
SELECT
  "t35"."day_number",
  "t35"."first_day",
  "t35"."last_day",
  "t35"."players",
  "t35"."retained",
  "t35"."retention",
  CASE
    WHEN (
      (
        (
          (
            "t35"."retention" * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t35"."retention" * (
              1 - "t35"."retention"
            ) * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t35"."retention" * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t35"."retention" * (
            1 - "t35"."retention"
          ) * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t35"."retention" * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t35"."retention" * (
              1 - "t35"."retention"
            ) * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
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
            "t35"."retention" * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t35"."retention" * (
              1 - "t35"."retention"
            ) * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t35"."retention" * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t35"."retention" * (
            1 - "t35"."retention"
          ) * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t35"."retention" * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST(NULLIF("t35"."players", 0) AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t35"."retention" * (
              1 - "t35"."retention"
            ) * CAST(NULLIF("t35"."players", 0) AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high",
  "t35"."observable",
  "t35"."observable_on"
FROM (
  SELECT
    "t34"."day_number",
    "t34"."first_day",
    "t34"."last_day",
    "t34"."players",
    "t34"."retained",
    "t34"."observable_on",
    "t34"."players" > 0 AS "observable",
    CAST("t34"."retained" AS DOUBLE) / CAST(NULLIF("t34"."players", 0) AS DOUBLE) AS "retention"
  FROM (
    SELECT
      "t33"."day_number",
      "t33"."first_day",
      "t33"."last_day",
      COALESCE(SUM("t33"."players") FILTER(WHERE
        "t33"."observable"), 0) AS "players",
      SUM("t33"."retained") FILTER(WHERE
        "t33"."observable") AS "retained",
      MIN("t33"."ends") FILTER(WHERE
        "t33"."observable" OR "t33"."ahead") AS "observable_on"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t31"."place",
          "t31"."day_number",
          "t31"."first_day",
          "t31"."last_day",
          "t31"."cohort",
          "t31"."players",
          "t31"."retained",
          "t31"."begins",
          "t31"."ends",
          (
            "t31"."begins" >= MAKE_DATE(2026, 1, 1)
          )
          AND (
            "t31"."ends" <= MAKE_DATE(2026, 1, 30)
          ) AS "observable",
          (
            "t31"."begins" >= MAKE_DATE(2026, 1, 1)
          )
          AND (
            "t31"."ends" > MAKE_DATE(2026, 1, 30)
          ) AS "ahead"
        FROM (
          SELECT
            "t30"."cohort",
            "t30"."place",
            "t30"."players",
            "t30"."retained",
            "t30"."day_number",
            "t30"."first_day",
            "t30"."last_day",
            CAST(CAST("t30"."cohort" + TO_DAYS("t30"."first_day") AS TIMESTAMP) AS DATE) AS "begins",
            CAST(CAST("t30"."cohort" + TO_DAYS("t30"."last_day") AS TIMESTAMP) AS DATE) AS "ends"
          FROM (
            SELECT
              "t29"."cohort",
              "t29"."place",
              "t29"."players",
              "t29"."retained",
              "t18"."day_number",
              "t18"."first_day",
              "t18"."last_day"
            FROM (
              SELECT
                "t27"."cohort",
                "t27"."place",
                COALESCE(SUM("t27"."players"), 0) AS "players",
                COALESCE(SUM("t27"."retained"), 0) AS "retained"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t12"."cohort",
                    "t9"."place",
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
                        UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
                    ) AS "t3"
                  ) AS "t9"
                ) AS "t17"
                UNION ALL
                SELECT
                  *
                FROM (
                  SELECT
                    "t25"."cohort",
                    "t25"."place",
                    "t25"."retained",
                    CAST(NULL AS BIGINT) AS "players"
                  FROM (
                    SELECT
                      "t24"."cohort",
                      "t24"."place",
                      COUNT(DISTINCT "t24"."player_id") AS "retained"
                    FROM (
                      SELECT
                        "t23"."player_id",
                        "t23"."cohort",
                        "t23"."place"
                      FROM (
                        SELECT
                          "t22"."player_id",
                          "t22"."cohort",
                          "t22"."place",
                          "t22"."needed",
                          COUNT(*) AS "days"
                        FROM (
                          SELECT
                            "t21"."player_id",
                            "t21"."event_date",
                            "t21"."cohort",
                            "t21"."day",
                            "t16"."place",
                            "t16"."day_number",
                            "t16"."first_day",
                            "t16"."last_day",
                            "t16"."needed"
                          FROM (
                            SELECT
                              "t14"."player_id",
                              "t14"."event_date",
                              "t14"."cohort",
                              DATE_DIFF('DAY', "t14"."cohort", "t14"."event_date") AS "day"
                            FROM (
                              SELECT
                                "t5"."player_id",
                                "t5"."event_date",
                                "t8"."cohort"
                              FROM (
                                SELECT
                                  "t1"."player_id",
                                  "t1"."event_date"
                                FROM "player_days" AS "t1"
                                WHERE
                                  "t1"."active_events" > 0
                              ) AS "t5"
                              INNER JOIN "t4" AS "t8"
                                ON "t5"."player_id" = "t8"."player_id"
                            ) AS "t14"
                          ) AS "t21"
                          INNER JOIN "t11" AS "t16"
                            ON "t21"."day" >= "t16"."first_day" AND "t21"."day" <= "t16"."last_day"
                        ) AS "t22"
                        GROUP BY
                          1,
                          2,
                          3,
                          4
                      ) AS "t23"
                      WHERE
                        "t23"."days" >= "t23"."needed"
                    ) AS "t24"
                    GROUP BY
                      1,
                      2
                  ) AS "t25"
                ) AS "t26"
              ) AS "t27"
              GROUP BY
                1,
                2
            ) AS "t29"
            INNER JOIN (
              SELECT
                "t13".*
                EXCLUDE ("needed")
              FROM "t11" AS "t13"
            ) AS "t18"
              ON "t29"."place" = "t18"."place"
          ) AS "t30"
        ) AS "t31"
      ) AS "t32"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t15"."place",
          "t15"."day_number",
          "t15"."first_day",
          "t15"."last_day",
          CAST(NULL AS DATE) AS "cohort",
          CAST(NULL AS BIGINT) AS "players",
          CAST(NULL AS BIGINT) AS "retained",
          CAST(NULL AS DATE) AS "begins",
          CAST(NULL AS DATE) AS "ends",
          CAST(NULL AS BOOLEAN) AS "observable",
          CAST(NULL AS BOOLEAN) AS "ahead"
        FROM (
          SELECT
            "t13".*
            EXCLUDE ("needed")
          FROM "t11" AS "t13"
        ) AS "t15"
      ) AS "t19"
    ) AS "t33"
    GROUP BY
      1,
      2,
      3
  ) AS "t34"
) AS "t35"
ORDER BY
  "t35"."day_number" ASC,
  "t35"."last_day" ASC
;
