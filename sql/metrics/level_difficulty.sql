-- level_difficulty: How often an attempt of each level is won, and which levels are spikes of difficulty.
-- Example: `questline sql level_difficulty` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t13"."level",
  "t13"."players",
  "t13"."attempts",
  "t13"."wins",
  "t13"."win_rate",
  "t13"."low",
  "t13"."high",
  "t13"."attempts_per_success",
  "t13"."attempts_low",
  "t13"."attempts_high",
  "t13"."neighbours_win_rate",
  "t13"."win_rate" - "t13"."neighbours_win_rate" AS "difference",
  (
    "t13"."win_rate" - "t13"."neighbours_win_rate"
  ) - SQRT(
    (
      (
        "t13"."win_rate" - "t13"."low"
      ) * (
        "t13"."win_rate" - "t13"."low"
      )
    ) + (
      (
        "t13"."near_high" - "t13"."neighbours_win_rate"
      ) * (
        "t13"."near_high" - "t13"."neighbours_win_rate"
      )
    )
  ) AS "difference_low",
  (
    "t13"."win_rate" - "t13"."neighbours_win_rate"
  ) + SQRT(
    (
      (
        "t13"."high" - "t13"."win_rate"
      ) * (
        "t13"."high" - "t13"."win_rate"
      )
    ) + (
      (
        "t13"."neighbours_win_rate" - "t13"."near_low"
      ) * (
        "t13"."neighbours_win_rate" - "t13"."near_low"
      )
    )
  ) AS "difference_high",
  (
    (
      "t13"."win_rate" - "t13"."neighbours_win_rate"
    ) + SQRT(
      (
        (
          "t13"."high" - "t13"."win_rate"
        ) * (
          "t13"."high" - "t13"."win_rate"
        )
      ) + (
        (
          "t13"."neighbours_win_rate" - "t13"."near_low"
        ) * (
          "t13"."neighbours_win_rate" - "t13"."near_low"
        )
      )
    )
  ) < -0.05 AS "spike"
FROM (
  SELECT DISTINCT
    "t12"."level",
    "t12"."players",
    "t12"."completed",
    "t12"."attempts",
    "t12"."wins",
    "t12"."fails",
    "t12"."abandons",
    "t12"."clusters",
    "t12"."trials",
    "t12"."trials_squared",
    "t12"."hits_squared",
    "t12"."crossed",
    "t12"."win_rate",
    "t12"."attempts_per_success",
    "t12"."effective",
    "t12"."low",
    "t12"."high",
    "t12"."attempts_low",
    "t12"."attempts_high",
    "t12"."scatter",
    "t12"."near_trials",
    "t12"."near_wins",
    "t12"."near_players",
    "t12"."near_scatter",
    "t12"."neighbours_win_rate",
    "t12"."near_effective",
    CASE
      WHEN (
        (
          (
            (
              "t12"."neighbours_win_rate" * "t12"."near_effective"
            ) + 1.9207294103470627
          ) / (
            "t12"."near_effective" + 3.8414588206941254
          )
        ) - (
          (
            1.959963984540054 / (
              "t12"."near_effective" + 3.8414588206941254
            )
          ) * SQRT(
            (
              "t12"."neighbours_win_rate" * (
                1 - "t12"."neighbours_win_rate"
              ) * "t12"."near_effective"
            ) + 0.9603647051735313
          )
        )
      ) IS NULL
      THEN (
        (
          (
            "t12"."neighbours_win_rate" * "t12"."near_effective"
          ) + 1.9207294103470627
        ) / (
          "t12"."near_effective" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t12"."near_effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t12"."neighbours_win_rate" * (
              1 - "t12"."neighbours_win_rate"
            ) * "t12"."near_effective"
          ) + 0.9603647051735313
        )
      )
      ELSE GREATEST(
        0.0,
        (
          (
            (
              "t12"."neighbours_win_rate" * "t12"."near_effective"
            ) + 1.9207294103470627
          ) / (
            "t12"."near_effective" + 3.8414588206941254
          )
        ) - (
          (
            1.959963984540054 / (
              "t12"."near_effective" + 3.8414588206941254
            )
          ) * SQRT(
            (
              "t12"."neighbours_win_rate" * (
                1 - "t12"."neighbours_win_rate"
              ) * "t12"."near_effective"
            ) + 0.9603647051735313
          )
        )
      )
    END AS "near_low",
    CASE
      WHEN (
        (
          (
            (
              "t12"."neighbours_win_rate" * "t12"."near_effective"
            ) + 1.9207294103470627
          ) / (
            "t12"."near_effective" + 3.8414588206941254
          )
        ) + (
          (
            1.959963984540054 / (
              "t12"."near_effective" + 3.8414588206941254
            )
          ) * SQRT(
            (
              "t12"."neighbours_win_rate" * (
                1 - "t12"."neighbours_win_rate"
              ) * "t12"."near_effective"
            ) + 0.9603647051735313
          )
        )
      ) IS NULL
      THEN (
        (
          (
            "t12"."neighbours_win_rate" * "t12"."near_effective"
          ) + 1.9207294103470627
        ) / (
          "t12"."near_effective" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t12"."near_effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t12"."neighbours_win_rate" * (
              1 - "t12"."neighbours_win_rate"
            ) * "t12"."near_effective"
          ) + 0.9603647051735313
        )
      )
      ELSE LEAST(
        1.0,
        (
          (
            (
              "t12"."neighbours_win_rate" * "t12"."near_effective"
            ) + 1.9207294103470627
          ) / (
            "t12"."near_effective" + 3.8414588206941254
          )
        ) + (
          (
            1.959963984540054 / (
              "t12"."near_effective" + 3.8414588206941254
            )
          ) * SQRT(
            (
              "t12"."neighbours_win_rate" * (
                1 - "t12"."neighbours_win_rate"
              ) * "t12"."near_effective"
            ) + 0.9603647051735313
          )
        )
      )
    END AS "near_high"
  FROM (
    SELECT DISTINCT
      "t11"."level",
      "t11"."players",
      "t11"."completed",
      "t11"."attempts",
      "t11"."wins",
      "t11"."fails",
      "t11"."abandons",
      "t11"."clusters",
      "t11"."trials",
      "t11"."trials_squared",
      "t11"."hits_squared",
      "t11"."crossed",
      "t11"."win_rate",
      "t11"."attempts_per_success",
      "t11"."effective",
      "t11"."low",
      "t11"."high",
      "t11"."attempts_low",
      "t11"."attempts_high",
      "t11"."scatter",
      "t11"."near_trials",
      "t11"."near_wins",
      "t11"."near_players",
      "t11"."near_scatter",
      "t11"."neighbours_win_rate",
      CASE
        WHEN (
          "t11"."neighbours_win_rate" * (
            1 - "t11"."neighbours_win_rate"
          )
        ) > 0
        THEN (
          "t11"."neighbours_win_rate" * (
            1 - "t11"."neighbours_win_rate"
          )
        ) / GREATEST(
          "t11"."near_scatter" / (
            "t11"."near_trials" * "t11"."near_trials"
          ),
          (
            "t11"."neighbours_win_rate" * (
              1 - "t11"."neighbours_win_rate"
            )
          ) / "t11"."near_trials"
        )
        ELSE "t11"."near_players"
      END AS "near_effective"
    FROM (
      SELECT DISTINCT
        "t10"."level",
        "t10"."players",
        "t10"."completed",
        "t10"."attempts",
        "t10"."wins",
        "t10"."fails",
        "t10"."abandons",
        "t10"."clusters",
        "t10"."trials",
        "t10"."trials_squared",
        "t10"."hits_squared",
        "t10"."crossed",
        "t10"."win_rate",
        "t10"."attempts_per_success",
        "t10"."effective",
        "t10"."low",
        "t10"."high",
        "t10"."attempts_low",
        "t10"."attempts_high",
        "t10"."scatter",
        "t10"."near_trials",
        "t10"."near_wins",
        "t10"."near_players",
        "t10"."near_scatter",
        "t10"."near_wins" / "t10"."near_trials" AS "neighbours_win_rate"
      FROM (
        SELECT DISTINCT
          *
        FROM (
          SELECT
            "t8"."level",
            "t8"."players",
            "t8"."completed",
            "t8"."attempts",
            "t8"."wins",
            "t8"."fails",
            "t8"."abandons",
            "t8"."clusters",
            "t8"."trials",
            "t8"."trials_squared",
            "t8"."hits_squared",
            "t8"."crossed",
            "t8"."win_rate",
            "t8"."attempts_per_success",
            "t8"."effective",
            "t8"."low",
            "t8"."high",
            "t8"."attempts_low",
            "t8"."attempts_high",
            "t8"."scatter",
            CASE
              WHEN (
                LAG("t8"."level") OVER (
                  ORDER BY "t8"."level" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) IS NOT NULL
              )
              AND (
                LEAD("t8"."level") OVER (
                  ORDER BY "t8"."level" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) IS NOT NULL
              )
              THEN CAST(SUM("t8"."attempts") OVER (ORDER BY "t8"."level" ASC ROWS BETWEEN 2 preceding AND 2 following) AS DOUBLE) - "t8"."attempts"
              ELSE CAST(NULL AS DOUBLE)
            END AS "near_trials",
            CAST(SUM("t8"."wins") OVER (ORDER BY "t8"."level" ASC ROWS BETWEEN 2 preceding AND 2 following) AS DOUBLE) - "t8"."wins" AS "near_wins",
            CAST(SUM("t8"."players") OVER (ORDER BY "t8"."level" ASC ROWS BETWEEN 2 preceding AND 2 following) AS DOUBLE) - "t8"."players" AS "near_players",
            SUM("t8"."scatter") OVER (ORDER BY "t8"."level" ASC ROWS BETWEEN 2 preceding AND 2 following) - "t8"."scatter" AS "near_scatter"
          FROM (
            SELECT DISTINCT
              "t7"."level",
              "t7"."players",
              "t7"."completed",
              "t7"."attempts",
              "t7"."wins",
              "t7"."fails",
              "t7"."abandons",
              "t7"."clusters",
              "t7"."trials",
              "t7"."trials_squared",
              "t7"."hits_squared",
              "t7"."crossed",
              "t7"."win_rate",
              "t7"."attempts_per_success",
              "t7"."effective",
              "t7"."low",
              "t7"."high",
              1 / NULLIF("t7"."high", 0) AS "attempts_low",
              CASE
                WHEN "t7"."wins" > 0
                THEN 1 / NULLIF("t7"."low", 0)
                ELSE CAST(NULL AS DOUBLE)
              END AS "attempts_high",
              (
                "t7"."attempts" * "t7"."attempts" * "t7"."win_rate" * (
                  1 - "t7"."win_rate"
                )
              ) / "t7"."effective" AS "scatter"
            FROM (
              SELECT DISTINCT
                "t6"."level",
                "t6"."players",
                "t6"."completed",
                "t6"."attempts",
                "t6"."wins",
                "t6"."fails",
                "t6"."abandons",
                "t6"."clusters",
                "t6"."trials",
                "t6"."trials_squared",
                "t6"."hits_squared",
                "t6"."crossed",
                "t6"."win_rate",
                "t6"."attempts_per_success",
                "t6"."effective",
                CASE
                  WHEN (
                    (
                      (
                        (
                          "t6"."win_rate" * "t6"."effective"
                        ) + 1.9207294103470627
                      ) / (
                        "t6"."effective" + 3.8414588206941254
                      )
                    ) - (
                      (
                        1.959963984540054 / (
                          "t6"."effective" + 3.8414588206941254
                        )
                      ) * SQRT(
                        (
                          "t6"."win_rate" * (
                            1 - "t6"."win_rate"
                          ) * "t6"."effective"
                        ) + 0.9603647051735313
                      )
                    )
                  ) IS NULL
                  THEN (
                    (
                      (
                        "t6"."win_rate" * "t6"."effective"
                      ) + 1.9207294103470627
                    ) / (
                      "t6"."effective" + 3.8414588206941254
                    )
                  ) - (
                    (
                      1.959963984540054 / (
                        "t6"."effective" + 3.8414588206941254
                      )
                    ) * SQRT(
                      (
                        "t6"."win_rate" * (
                          1 - "t6"."win_rate"
                        ) * "t6"."effective"
                      ) + 0.9603647051735313
                    )
                  )
                  ELSE GREATEST(
                    0.0,
                    (
                      (
                        (
                          "t6"."win_rate" * "t6"."effective"
                        ) + 1.9207294103470627
                      ) / (
                        "t6"."effective" + 3.8414588206941254
                      )
                    ) - (
                      (
                        1.959963984540054 / (
                          "t6"."effective" + 3.8414588206941254
                        )
                      ) * SQRT(
                        (
                          "t6"."win_rate" * (
                            1 - "t6"."win_rate"
                          ) * "t6"."effective"
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
                          "t6"."win_rate" * "t6"."effective"
                        ) + 1.9207294103470627
                      ) / (
                        "t6"."effective" + 3.8414588206941254
                      )
                    ) + (
                      (
                        1.959963984540054 / (
                          "t6"."effective" + 3.8414588206941254
                        )
                      ) * SQRT(
                        (
                          "t6"."win_rate" * (
                            1 - "t6"."win_rate"
                          ) * "t6"."effective"
                        ) + 0.9603647051735313
                      )
                    )
                  ) IS NULL
                  THEN (
                    (
                      (
                        "t6"."win_rate" * "t6"."effective"
                      ) + 1.9207294103470627
                    ) / (
                      "t6"."effective" + 3.8414588206941254
                    )
                  ) + (
                    (
                      1.959963984540054 / (
                        "t6"."effective" + 3.8414588206941254
                      )
                    ) * SQRT(
                      (
                        "t6"."win_rate" * (
                          1 - "t6"."win_rate"
                        ) * "t6"."effective"
                      ) + 0.9603647051735313
                    )
                  )
                  ELSE LEAST(
                    1.0,
                    (
                      (
                        (
                          "t6"."win_rate" * "t6"."effective"
                        ) + 1.9207294103470627
                      ) / (
                        "t6"."effective" + 3.8414588206941254
                      )
                    ) + (
                      (
                        1.959963984540054 / (
                          "t6"."effective" + 3.8414588206941254
                        )
                      ) * SQRT(
                        (
                          "t6"."win_rate" * (
                            1 - "t6"."win_rate"
                          ) * "t6"."effective"
                        ) + 0.9603647051735313
                      )
                    )
                  )
                END AS "high"
              FROM (
                SELECT DISTINCT
                  "t5"."level",
                  "t5"."players",
                  "t5"."completed",
                  "t5"."attempts",
                  "t5"."wins",
                  "t5"."fails",
                  "t5"."abandons",
                  "t5"."clusters",
                  "t5"."trials",
                  "t5"."trials_squared",
                  "t5"."hits_squared",
                  "t5"."crossed",
                  "t5"."win_rate",
                  "t5"."attempts_per_success",
                  CASE
                    WHEN (
                      (
                        "t5"."win_rate" * (
                          1 - "t5"."win_rate"
                        )
                      ) > 0
                    )
                    AND (
                      CAST("t5"."clusters" AS DOUBLE) > 1
                    )
                    THEN "t5"."trials" / GREATEST(
                      (
                        (
                          (
                            (
                              CAST("t5"."clusters" AS DOUBLE) / NULLIF(CAST("t5"."clusters" AS DOUBLE) - 1, 0)
                            ) * (
                              "t5"."trials" - 1
                            )
                          ) / NULLIF("t5"."trials", 0)
                        ) * (
                          (
                            "t5"."hits_squared" - (
                              "t5"."win_rate" * 2 * "t5"."crossed"
                            )
                          ) + (
                            "t5"."win_rate" * "t5"."win_rate" * "t5"."trials_squared"
                          )
                        )
                      ) / NULLIF("t5"."trials" * (
                        "t5"."win_rate" * (
                          1 - "t5"."win_rate"
                        )
                      ), 0),
                      1.0
                    )
                    ELSE CAST("t5"."clusters" AS DOUBLE)
                  END AS "effective"
                FROM (
                  SELECT DISTINCT
                    "t4"."level",
                    "t4"."players",
                    "t4"."completed",
                    "t4"."attempts",
                    "t4"."wins",
                    "t4"."fails",
                    "t4"."abandons",
                    "t4"."clusters",
                    "t4"."trials",
                    "t4"."trials_squared",
                    "t4"."hits_squared",
                    "t4"."crossed",
                    CAST("t4"."wins" AS DOUBLE) / CAST(NULLIF("t4"."attempts", 0) AS DOUBLE) AS "win_rate",
                    CAST("t4"."attempts" AS DOUBLE) / CAST(NULLIF("t4"."wins", 0) AS DOUBLE) AS "attempts_per_success"
                  FROM (
                    SELECT DISTINCT
                      *
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
                ) AS "t5"
              ) AS "t6"
            ) AS "t7"
          ) AS "t8"
        ) AS "t9"
      ) AS "t10"
    ) AS "t11"
  ) AS "t12"
) AS "t13"
ORDER BY
  "t13"."level" ASC
;
