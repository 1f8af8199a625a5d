-- level_survival: Share of a cohort's players who get to each level within N days of acquisition.
-- Example: `questline sql level_survival` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t6" AS (
  SELECT
    "t3"."player_id",
    "t3"."level",
    "t3"."event_date",
    "t5"."cohort"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."level",
      "t0"."event_date"
    FROM "level_attempts" AS "t0"
  ) AS "t3"
  INNER JOIN (
    SELECT
      "t1"."player_id",
      "t1"."acquisition_date" AS "cohort"
    FROM "players" AS "t1"
    WHERE
      (
        (
          "t1"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
        )
        OR (
          "t1"."acquisition_source" = 'metadata'
        )
      )
      AND "t1"."acquisition_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 23)
  ) AS "t5"
    ON "t3"."player_id" = "t5"."player_id"
)
SELECT
  "t16"."level",
  "t16"."starters",
  "t16"."reached",
  "t16"."survival",
  CASE
    WHEN (
      (
        (
          (
            "t16"."survival" * CAST("t16"."starters" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."survival" * (
              1 - "t16"."survival"
            ) * CAST("t16"."starters" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t16"."survival" * CAST("t16"."starters" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t16"."survival" * (
            1 - "t16"."survival"
          ) * CAST("t16"."starters" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t16"."survival" * CAST("t16"."starters" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."survival" * (
              1 - "t16"."survival"
            ) * CAST("t16"."starters" AS DOUBLE)
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
            "t16"."survival" * CAST("t16"."starters" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."survival" * (
              1 - "t16"."survival"
            ) * CAST("t16"."starters" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t16"."survival" * CAST("t16"."starters" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t16"."survival" * (
            1 - "t16"."survival"
          ) * CAST("t16"."starters" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t16"."survival" * CAST("t16"."starters" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t16"."starters" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."survival" * (
              1 - "t16"."survival"
            ) * CAST("t16"."starters" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high"
FROM (
  SELECT
    "t15"."level",
    "t15"."ended",
    "t15"."reached",
    "t15"."starters",
    CAST("t15"."reached" AS DOUBLE) / CAST(NULLIF("t15"."starters", 0) AS DOUBLE) AS "survival"
  FROM (
    SELECT
      "t14"."level",
      "t14"."ended",
      SUM("t14"."ended") OVER (ORDER BY "t14"."level" ASC ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS "reached",
      SUM("t14"."ended") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "starters"
    FROM (
      SELECT
        "t13"."level",
        COALESCE(SUM("t13"."ended"), 0) AS "ended"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t11"."level",
            1 AS "ended"
          FROM (
            SELECT
              "t9"."player_id",
              MAX("t9"."level") AS "level"
            FROM (
              SELECT
                *
              FROM "t6" AS "t7"
              WHERE
                DATE_DIFF('DAY', "t7"."cohort", "t7"."event_date") <= 7
            ) AS "t9"
            GROUP BY
              1
          ) AS "t11"
        ) AS "t12"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t8"."level",
            CAST(NULL AS TINYINT) AS "ended"
          FROM (
            SELECT DISTINCT
              "t7"."level"
            FROM "t6" AS "t7"
            WHERE
              DATE_DIFF('DAY', "t7"."cohort", "t7"."event_date") <= 7
          ) AS "t8"
        ) AS "t10"
      ) AS "t13"
      GROUP BY
        1
    ) AS "t14"
  ) AS "t15"
) AS "t16"
ORDER BY
  "t16"."level" ASC
;
