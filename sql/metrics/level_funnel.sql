-- level_funnel: How many players reach each level and win it, and how hard it is.
-- Example: `questline sql level_funnel` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t4"."level",
  "t4"."reached",
  "t4"."completed",
  "t4"."completion_rate",
  CASE
    WHEN (
      (
        (
          (
            "t4"."completion_rate" * CAST("t4"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t4"."completion_rate" * (
              1 - "t4"."completion_rate"
            ) * CAST("t4"."reached" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t4"."completion_rate" * CAST("t4"."reached" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t4"."completion_rate" * (
            1 - "t4"."completion_rate"
          ) * CAST("t4"."reached" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t4"."completion_rate" * CAST("t4"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t4"."completion_rate" * (
              1 - "t4"."completion_rate"
            ) * CAST("t4"."reached" AS DOUBLE)
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
            "t4"."completion_rate" * CAST("t4"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t4"."completion_rate" * (
              1 - "t4"."completion_rate"
            ) * CAST("t4"."reached" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t4"."completion_rate" * CAST("t4"."reached" AS DOUBLE)
        ) + 1.9207294103470627
      ) / (
        CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t4"."completion_rate" * (
            1 - "t4"."completion_rate"
          ) * CAST("t4"."reached" AS DOUBLE)
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t4"."completion_rate" * CAST("t4"."reached" AS DOUBLE)
          ) + 1.9207294103470627
        ) / (
          CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            CAST("t4"."reached" AS DOUBLE) + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t4"."completion_rate" * (
              1 - "t4"."completion_rate"
            ) * CAST("t4"."reached" AS DOUBLE)
          ) + 0.9603647051735313
        )
      )
    )
  END AS "completion_high",
  "t4"."attempts",
  "t4"."wins",
  "t4"."fails",
  "t4"."abandons",
  "t4"."win_rate",
  "t4"."fail_rate",
  "t4"."attempts_per_success"
FROM (
  SELECT
    "t3"."level",
    "t3"."players" AS "reached",
    "t3"."completed",
    "t3"."attempts",
    "t3"."wins",
    "t3"."fails",
    "t3"."abandons",
    "t3"."clusters",
    "t3"."trials",
    "t3"."trials_squared",
    "t3"."hits_squared",
    "t3"."crossed",
    CAST("t3"."completed" AS DOUBLE) / CAST(NULLIF("t3"."players", 0) AS DOUBLE) AS "completion_rate",
    CAST("t3"."wins" AS DOUBLE) / CAST(NULLIF("t3"."attempts", 0) AS DOUBLE) AS "win_rate",
    CAST("t3"."fails" AS DOUBLE) / CAST(NULLIF("t3"."attempts", 0) AS DOUBLE) AS "fail_rate",
    CAST("t3"."attempts" AS DOUBLE) / CAST(NULLIF("t3"."wins", 0) AS DOUBLE) AS "attempts_per_success"
  FROM (
    SELECT
      "t2"."level",
      COUNT(*) AS "players",
      COUNT(*) FILTER(WHERE
        "t2"."wins" > 0) AS "completed",
      SUM("t2"."attempts") AS "attempts",
      SUM("t2"."wins") AS "wins",
      SUM("t2"."fails") AS "fails",
      SUM("t2"."abandons") AS "abandons",
      COUNT(*) FILTER(WHERE
        "t2"."attempts" > 0) AS "clusters",
      SUM(CAST("t2"."attempts" AS DOUBLE)) AS "trials",
      SUM(CAST("t2"."attempts" AS DOUBLE) * CAST("t2"."attempts" AS DOUBLE)) AS "trials_squared",
      SUM(CAST("t2"."wins" AS DOUBLE) * CAST("t2"."wins" AS DOUBLE)) AS "hits_squared",
      SUM(CAST("t2"."attempts" AS DOUBLE) * CAST("t2"."wins" AS DOUBLE)) AS "crossed"
    FROM (
      SELECT
        "t1"."player_id",
        "t1"."level",
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
        1,
        2
    ) AS "t2"
    GROUP BY
      1
  ) AS "t3"
) AS "t4"
ORDER BY
  "t4"."level" ASC
;
