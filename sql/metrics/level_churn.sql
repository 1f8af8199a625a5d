-- level_churn: Share of the players who start a level, never get past it and do not come back.
-- Example: `questline sql level_churn` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t15"."level",
  "t15"."started",
  "t15"."passed",
  "t15"."churned",
  "t15"."pending",
  "t15"."end_of_content",
  "t15"."churn",
  CASE
    WHEN (
      (
        (
          (
            "t15"."churn" * CAST("t15"."judged" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t15"."churn" * (
              1 - "t15"."churn"
            ) * CAST("t15"."judged" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t15"."churn" * CAST("t15"."judged" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t15"."churn" * (
            1 - "t15"."churn"
          ) * CAST("t15"."judged" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t15"."churn" * CAST("t15"."judged" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t15"."churn" * (
              1 - "t15"."churn"
            ) * CAST("t15"."judged" AS DOUBLE)
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
            "t15"."churn" * CAST("t15"."judged" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t15"."churn" * (
              1 - "t15"."churn"
            ) * CAST("t15"."judged" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t15"."churn" * CAST("t15"."judged" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t15"."churn" * (
            1 - "t15"."churn"
          ) * CAST("t15"."judged" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t15"."churn" * CAST("t15"."judged" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t15"."judged" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t15"."churn" * (
              1 - "t15"."churn"
            ) * CAST("t15"."judged" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high"
FROM (
  SELECT
    "t14"."level",
    "t14"."started",
    "t14"."passed",
    "t14"."churned",
    "t14"."ends",
    "t14"."end_of_content",
    "t14"."pending",
    "t14"."judged",
    CAST("t14"."churned" AS DOUBLE) / CAST(NULLIF("t14"."judged", 0) AS DOUBLE) AS "churn"
  FROM (
    SELECT
      "t13"."level",
      "t13"."started",
      CASE WHEN "t13"."ends" THEN 0 ELSE "t13"."passed" END AS "passed",
      CASE WHEN "t13"."ends" THEN 0 ELSE "t13"."churned" END AS "churned",
      "t13"."ends",
      CASE WHEN "t13"."ends" THEN "t13"."started" ELSE 0 END AS "end_of_content",
      CASE
        WHEN "t13"."ends"
        THEN 0
        ELSE (
          "t13"."started" - "t13"."passed"
        ) - "t13"."churned"
      END AS "pending",
      CASE WHEN "t13"."ends" THEN 0 ELSE "t13"."passed" END + CASE WHEN "t13"."ends" THEN 0 ELSE "t13"."churned" END AS "judged"
    FROM (
      SELECT
        "t12"."level",
        "t12"."started",
        "t12"."passed",
        "t12"."churned",
        "t12"."level" >= MAX("t12"."level") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "ends"
      FROM (
        SELECT
          "t11"."level",
          COALESCE(SUM("t11"."started"), 0) AS "started",
          COALESCE(SUM("t11"."passed"), 0) AS "passed",
          COALESCE(SUM("t11"."churned"), 0) AS "churned"
        FROM (
          SELECT
            "t10"."player_id",
            "t10"."level",
            "t10"."first_day",
            "t10"."wins",
            "t10"."highest",
            "t10"."last_day",
            CAST("t10"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS BIGINT) AS "started",
            CAST("t10"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
            AND (
              "t10"."first_day" <= MAKE_DATE(2026, 1, 23)
            )
            AND NOT (
              (
                "t10"."highest" = "t10"."level"
              ) AND (
                "t10"."wins" = 0
              )
            ) AS BIGINT) AS "passed",
            CAST("t10"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
            AND (
              (
                "t10"."highest" = "t10"."level"
              )
              AND (
                "t10"."wins" = 0
              )
              AND (
                "t10"."last_day" <= MAKE_DATE(2026, 1, 23)
              )
            ) AS BIGINT) AS "churned"
          FROM (
            SELECT
              "t8"."player_id",
              "t8"."level",
              "t8"."first_day",
              "t8"."wins",
              "t9"."highest",
              "t9"."last_day"
            FROM (
              SELECT
                "t2"."player_id",
                "t2"."level",
                MIN("t2"."event_date") AS "first_day",
                COUNT(*) FILTER(WHERE
                  "t2"."outcome" = 'complete') AS "wins"
              FROM (
                SELECT
                  "t0"."player_id",
                  "t0"."level",
                  "t0"."event_date",
                  "t0"."outcome"
                FROM "level_attempts" AS "t0"
                WHERE
                  "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
              ) AS "t2"
              GROUP BY
                1,
                2
            ) AS "t8"
            INNER JOIN (
              SELECT
                "t5"."player_id",
                MAX("t5"."level") AS "highest",
                MAX("t5"."event_date") AS "last_day"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t0"."player_id",
                    "t0"."event_date",
                    "t0"."level"
                  FROM "level_attempts" AS "t0"
                  WHERE
                    "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
                ) AS "t3"
                UNION ALL
                SELECT
                  *
                FROM (
                  SELECT
                    "t1"."player_id",
                    "t1"."event_date",
                    CAST(NULL AS INT) AS "level"
                  FROM "player_days" AS "t1"
                  WHERE
                    "t1"."active_events" > 0 AND "t1"."event_date" <= MAKE_DATE(2026, 1, 30)
                ) AS "t4"
              ) AS "t5"
              GROUP BY
                1
            ) AS "t9"
              ON "t8"."player_id" = "t9"."player_id"
          ) AS "t10"
        ) AS "t11"
        GROUP BY
          1
      ) AS "t12"
    ) AS "t13"
    WHERE
      "t13"."started" > 0
  ) AS "t14"
) AS "t15"
ORDER BY
  "t15"."level" ASC
;
