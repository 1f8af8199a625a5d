-- level_funnel: How many players reach each level and win it, and how hard it is.
-- Example: `questline sql level_funnel` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t3"."level",
  "t3"."reached",
  "t3"."completed",
  "t3"."completion_rate",
  CASE
    WHEN (
      (
        (
          (
            "t3"."completion_rate" * CAST("t3"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t3"."completion_rate" * (
              1 - "t3"."completion_rate"
            ) * CAST("t3"."reached" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t3"."completion_rate" * CAST("t3"."reached" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t3"."completion_rate" * (
            1 - "t3"."completion_rate"
          ) * CAST("t3"."reached" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t3"."completion_rate" * CAST("t3"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t3"."completion_rate" * (
              1 - "t3"."completion_rate"
            ) * CAST("t3"."reached" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "completion_low",
  CASE
    WHEN (
      (
        (
          (
            "t3"."completion_rate" * CAST("t3"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t3"."completion_rate" * (
              1 - "t3"."completion_rate"
            ) * CAST("t3"."reached" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t3"."completion_rate" * CAST("t3"."reached" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t3"."completion_rate" * (
            1 - "t3"."completion_rate"
          ) * CAST("t3"."reached" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t3"."completion_rate" * CAST("t3"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t3"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t3"."completion_rate" * (
              1 - "t3"."completion_rate"
            ) * CAST("t3"."reached" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "completion_high",
  "t3"."attempts",
  "t3"."wins",
  "t3"."fails",
  "t3"."abandons",
  "t3"."win_rate",
  "t3"."fail_rate",
  "t3"."attempts_per_success"
FROM (
  SELECT
    "t2"."level",
    "t2"."reached",
    "t2"."completed",
    "t2"."attempts",
    "t2"."wins",
    "t2"."fails",
    "t2"."abandons",
    CAST("t2"."completed" AS DOUBLE) / CAST(NULLIF("t2"."reached", 0) AS DOUBLE) AS "completion_rate",
    CAST("t2"."wins" AS DOUBLE) / CAST(NULLIF("t2"."attempts", 0) AS DOUBLE) AS "win_rate",
    CAST("t2"."fails" AS DOUBLE) / CAST(NULLIF("t2"."attempts", 0) AS DOUBLE) AS "fail_rate",
    CAST("t2"."attempts" AS DOUBLE) / CAST(NULLIF("t2"."wins", 0) AS DOUBLE) AS "attempts_per_success"
  FROM (
    SELECT
      "t1"."level",
      COUNT(DISTINCT "t1"."player_id") AS "reached",
      COUNT(DISTINCT "t1"."player_id") FILTER(WHERE
        "t1"."outcome" = 'complete') AS "completed",
      COUNT(*) AS "attempts",
      COUNT(*) FILTER(WHERE
        "t1"."outcome" = 'complete') AS "wins",
      COUNT(*) FILTER(WHERE
        "t1"."outcome" = 'fail') AS "fails",
      COUNT(*) FILTER(WHERE
        "t1"."outcome" = 'abandon') AS "abandons"
    FROM (
      SELECT
        "t0"."player_id",
        "t0"."level",
        "t0"."outcome"
      FROM "level_attempts" AS "t0"
      WHERE
        "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
    ) AS "t1"
    GROUP BY
      1
  ) AS "t2"
) AS "t3"
ORDER BY
  "t3"."level" ASC
;
