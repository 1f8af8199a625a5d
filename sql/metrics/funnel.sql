-- funnel: Players who did the steps in their order, the last within the window of the first.
-- Example: `questline sql funnel --steps session_start,level_start,level_complete` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t2" AS (
  SELECT
    "t0"."player_id",
    "t0"."event_date",
    EPOCH_US("t0"."event_ts") AS "instant",
    CAST(CASE
      WHEN "t0"."event_type" = 'session_start'
      THEN 1
      WHEN "t0"."event_type" = 'level_start'
      THEN 2
      WHEN "t0"."event_type" = 'level_complete'
      THEN 3
      ELSE NULL
    END AS BIGINT) AS "step"
  FROM "events" AS "t0"
  WHERE
    "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
    AND "t0"."event_type" IN ('level_complete', 'level_start', 'session_start')
)
SELECT
  "t34"."step",
  "t34"."event",
  "t34"."count" AS "players",
  "t34"."pending",
  "t34"."step_conversion",
  "t34"."conversion",
  CASE
    WHEN (
      (
        (
          (
            "t34"."conversion" * "t34"."first"
          ) + 1.9207294103470627
        ) / (
          "t34"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t34"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t34"."conversion" * (
              1 - "t34"."conversion"
            ) * "t34"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t34"."conversion" * "t34"."first"
        ) + 1.9207294103470627
      ) / (
        "t34"."first" + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          "t34"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t34"."conversion" * (
            1 - "t34"."conversion"
          ) * "t34"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t34"."conversion" * "t34"."first"
          ) + 1.9207294103470627
        ) / (
          "t34"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t34"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t34"."conversion" * (
              1 - "t34"."conversion"
            ) * "t34"."first"
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
            "t34"."conversion" * "t34"."first"
          ) + 1.9207294103470627
        ) / (
          "t34"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t34"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t34"."conversion" * (
              1 - "t34"."conversion"
            ) * "t34"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t34"."conversion" * "t34"."first"
        ) + 1.9207294103470627
      ) / (
        "t34"."first" + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          "t34"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t34"."conversion" * (
            1 - "t34"."conversion"
          ) * "t34"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t34"."conversion" * "t34"."first"
          ) + 1.9207294103470627
        ) / (
          "t34"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t34"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t34"."conversion" * (
              1 - "t34"."conversion"
            ) * "t34"."first"
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high",
  "t34"."median_seconds",
  "t34"."p90_seconds"
FROM (
  SELECT
    "t33"."step",
    "t33"."event",
    "t33"."count",
    "t33"."pending",
    "t33"."earlier",
    "t33"."first",
    "t33"."median_seconds",
    "t33"."p90_seconds",
    CAST("t33"."count" AS DOUBLE) / "t33"."earlier" AS "step_conversion",
    CAST("t33"."count" AS DOUBLE) / "t33"."first" AS "conversion"
  FROM (
    SELECT DISTINCT
      *
    FROM (
      SELECT
        "t5"."step",
        CASE
          WHEN "t5"."step" = 1
          THEN 'session_start'
          WHEN "t5"."step" = 2
          THEN 'level_start'
          WHEN "t5"."step" = 3
          THEN 'level_complete'
          ELSE NULL
        END AS "event",
        CASE
          WHEN "t5"."step" = 1
          THEN "t31"."c1"
          WHEN "t5"."step" = 2
          THEN "t31"."c2"
          WHEN "t5"."step" = 3
          THEN "t31"."c3"
          ELSE NULL
        END AS "count",
        CASE
          WHEN "t5"."step" = 1
          THEN "t31"."o1"
          WHEN "t5"."step" = 2
          THEN "t31"."o2"
          WHEN "t5"."step" = 3
          THEN "t31"."o3"
          ELSE NULL
        END AS "pending",
        CAST(NULLIF(
          CASE
            WHEN "t5"."step" = 1
            THEN "t31"."c1"
            WHEN "t5"."step" = 2
            THEN "t31"."c1"
            WHEN "t5"."step" = 3
            THEN "t31"."c2"
            ELSE NULL
          END,
          0
        ) AS DOUBLE) AS "earlier",
        CAST(NULLIF("t31"."c1", 0) AS DOUBLE) AS "first",
        CASE
          WHEN "t5"."step" = 1
          THEN "t31"."m1"
          WHEN "t5"."step" = 2
          THEN "t31"."m2"
          WHEN "t5"."step" = 3
          THEN "t31"."m3"
          ELSE NULL
        END / 1000000.0 AS "median_seconds",
        CASE
          WHEN "t5"."step" = 1
          THEN "t31"."p1"
          WHEN "t5"."step" = 2
          THEN "t31"."p2"
          WHEN "t5"."step" = 3
          THEN "t31"."p3"
          ELSE NULL
        END / 1000000.0 AS "p90_seconds"
      FROM (
        SELECT
          COUNT("t29"."took1") AS "c1",
          COUNT("t29"."open1") AS "o1",
          QUANTILE_CONT("t29"."took1", 0.5) AS "m1",
          QUANTILE_CONT("t29"."took1", 0.9) AS "p1",
          COUNT("t29"."took2") AS "c2",
          COUNT("t29"."open2") AS "o2",
          QUANTILE_CONT("t29"."took2", 0.5) AS "m2",
          QUANTILE_CONT("t29"."took2", 0.9) AS "p2",
          COUNT("t29"."took3") AS "c3",
          COUNT("t29"."open3") AS "o3",
          QUANTILE_CONT("t29"."took3", 0.5) AS "m3",
          QUANTILE_CONT("t29"."took3", 0.9) AS "p3"
        FROM (
          SELECT
            "t28"."player_id",
            "t28"."took1",
            "t28"."took2",
            "t28"."took3",
            CASE WHEN "t28"."took1" IS NULL THEN "t28"."open1" ELSE CAST(NULL AS BIGINT) END AS "open1",
            CASE WHEN "t28"."took1" IS NULL THEN "t28"."open2" ELSE CAST(NULL AS BIGINT) END AS "open2",
            CASE WHEN "t28"."took1" IS NULL THEN "t28"."open3" ELSE CAST(NULL AS BIGINT) END AS "open3"
          FROM (
            SELECT
              "t27"."player_id",
              MIN("t27"."took1") AS "took1",
              MIN("t27"."took2") AS "took2",
              MIN("t27"."took3") AS "took3",
              MIN("t27"."open1") AS "open1",
              MIN("t27"."open2") AS "open2",
              MIN("t27"."open3") AS "open3"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t21"."player_id",
                  CAST(NULL AS BIGINT) AS "open1",
                  CAST(NULL AS BIGINT) AS "open2",
                  CAST(NULL AS BIGINT) AS "open3",
                  "t21"."event_date",
                  "t21"."took1",
                  "t21"."took2",
                  "t21"."took3"
                FROM (
                  SELECT
                    "t20"."player_id",
                    MIN("t20"."end" - "t20"."start") FILTER(WHERE
                      "t20"."step" = 1) AS "took1",
                    MIN("t20"."end" - "t20"."start") FILTER(WHERE
                      "t20"."step" = 2) AS "took2",
                    MIN("t20"."end" - "t20"."start") FILTER(WHERE
                      "t20"."step" = 3) AS "took3",
                    MIN("t20"."event_date") FILTER(WHERE
                      "t20"."step" = 1) AS "event_date"
                  FROM (
                    SELECT
                      "t18"."player_id",
                      "t18"."step",
                      "t18"."event_date",
                      "t18"."start",
                      "t18"."instant" AS "end"
                    FROM (
                      SELECT
                        "t17"."player_id",
                        "t17"."event_date",
                        "t17"."instant",
                        "t17"."step",
                        CASE
                          WHEN (
                            "t17"."step" = 3
                          )
                          AND (
                            (
                              "t17"."before" > -1
                            )
                            AND (
                              (
                                "t17"."instant" - "t17"."before"
                              ) <= 604800000000
                            )
                          )
                          THEN "t17"."before"
                          ELSE "t17"."start"
                        END AS "start",
                        "t17"."before"
                      FROM (
                        SELECT
                          "t14"."player_id",
                          "t14"."event_date",
                          "t14"."instant",
                          "t14"."step",
                          "t14"."start",
                          COALESCE(
                            LAST_VALUE(
                              CASE
                                WHEN (
                                  "t14"."step" = 2
                                ) AND (
                                  "t14"."start" > -1
                                )
                                THEN "t14"."start"
                                ELSE CAST(NULL AS BIGINT)
                              END
                             IGNORE NULLS) OVER (
                              PARTITION BY "t14"."player_id"
                              ORDER BY "t14"."instant" ASC, "t14"."step" ASC
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                            ),
                            -1
                          ) AS "before"
                        FROM (
                          SELECT
                            "t13"."player_id",
                            "t13"."event_date",
                            "t13"."instant",
                            "t13"."step",
                            CASE
                              WHEN (
                                "t13"."step" = 2
                              )
                              AND (
                                (
                                  "t13"."before" > -1
                                )
                                AND (
                                  (
                                    "t13"."instant" - "t13"."before"
                                  ) <= 604800000000
                                )
                              )
                              THEN "t13"."before"
                              ELSE "t13"."start"
                            END AS "start",
                            "t13"."before"
                          FROM (
                            SELECT
                              "t10"."player_id",
                              "t10"."event_date",
                              "t10"."instant",
                              "t10"."step",
                              "t10"."start",
                              COALESCE(
                                LAST_VALUE(
                                  CASE
                                    WHEN (
                                      "t10"."step" = 1
                                    ) AND (
                                      "t10"."start" > -1
                                    )
                                    THEN "t10"."start"
                                    ELSE CAST(NULL AS BIGINT)
                                  END
                                 IGNORE NULLS) OVER (
                                  PARTITION BY "t10"."player_id"
                                  ORDER BY "t10"."instant" ASC, "t10"."step" ASC
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                                ),
                                -1
                              ) AS "before"
                            FROM (
                              SELECT
                                "t4"."player_id",
                                "t4"."event_date",
                                "t4"."instant",
                                "t4"."step",
                                CASE
                                  WHEN "t4"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                  AND (
                                    "t4"."event_date" >= MAKE_DATE(2026, 1, 1)
                                  )
                                  AND (
                                    "t4"."instant" <= 1769212800000000
                                  )
                                  AND (
                                    "t4"."step" = 1
                                  )
                                  THEN "t4"."instant"
                                  ELSE -1
                                END AS "start"
                              FROM "t2" AS "t4"
                              WHERE
                                "t4"."step" IS NOT NULL
                            ) AS "t10"
                          ) AS "t13"
                        ) AS "t14"
                      ) AS "t17"
                    ) AS "t18"
                    WHERE
                      "t18"."start" > -1
                  ) AS "t20"
                  GROUP BY
                    1
                ) AS "t21"
              ) AS "t23"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t25"."player_id",
                  "t25"."took1" AS "open1",
                  "t25"."took2" AS "open2",
                  "t25"."took3" AS "open3",
                  "t25"."event_date",
                  CAST(NULL AS BIGINT) AS "took1",
                  CAST(NULL AS BIGINT) AS "took2",
                  CAST(NULL AS BIGINT) AS "took3"
                FROM (
                  SELECT
                    "t24"."player_id",
                    MIN("t24"."end" - "t24"."start") FILTER(WHERE
                      "t24"."step" = 1) AS "took1",
                    MIN("t24"."end" - "t24"."start") FILTER(WHERE
                      "t24"."step" = 2) AS "took2",
                    MIN("t24"."end" - "t24"."start") FILTER(WHERE
                      "t24"."step" = 3) AS "took3",
                    MIN("t24"."event_date") FILTER(WHERE
                      "t24"."step" = 1) AS "event_date"
                  FROM (
                    SELECT
                      "t22"."player_id",
                      "t22"."step",
                      "t22"."event_date",
                      "t22"."start",
                      "t22"."instant" AS "end"
                    FROM (
                      SELECT
                        "t19"."player_id",
                        "t19"."event_date",
                        "t19"."instant",
                        "t19"."step",
                        CASE
                          WHEN (
                            "t19"."step" = 3
                          )
                          AND (
                            (
                              "t19"."before" > -1
                            )
                            AND (
                              (
                                "t19"."instant" - "t19"."before"
                              ) <= 604800000000
                            )
                          )
                          THEN "t19"."before"
                          ELSE "t19"."start"
                        END AS "start",
                        "t19"."before"
                      FROM (
                        SELECT
                          "t16"."player_id",
                          "t16"."event_date",
                          "t16"."instant",
                          "t16"."step",
                          "t16"."start",
                          COALESCE(
                            LAST_VALUE(
                              CASE
                                WHEN (
                                  "t16"."step" = 2
                                ) AND (
                                  "t16"."start" > -1
                                )
                                THEN "t16"."start"
                                ELSE CAST(NULL AS BIGINT)
                              END
                             IGNORE NULLS) OVER (
                              PARTITION BY "t16"."player_id"
                              ORDER BY "t16"."instant" ASC, "t16"."step" ASC
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                            ),
                            -1
                          ) AS "before"
                        FROM (
                          SELECT
                            "t15"."player_id",
                            "t15"."event_date",
                            "t15"."instant",
                            "t15"."step",
                            CASE
                              WHEN (
                                "t15"."step" = 2
                              )
                              AND (
                                (
                                  "t15"."before" > -1
                                )
                                AND (
                                  (
                                    "t15"."instant" - "t15"."before"
                                  ) <= 604800000000
                                )
                              )
                              THEN "t15"."before"
                              ELSE "t15"."start"
                            END AS "start",
                            "t15"."before"
                          FROM (
                            SELECT
                              "t12"."player_id",
                              "t12"."event_date",
                              "t12"."instant",
                              "t12"."step",
                              "t12"."start",
                              COALESCE(
                                LAST_VALUE(
                                  CASE
                                    WHEN (
                                      "t12"."step" = 1
                                    ) AND (
                                      "t12"."start" > -1
                                    )
                                    THEN "t12"."start"
                                    ELSE CAST(NULL AS BIGINT)
                                  END
                                 IGNORE NULLS) OVER (
                                  PARTITION BY "t12"."player_id"
                                  ORDER BY "t12"."instant" ASC, "t12"."step" ASC
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                                ),
                                -1
                              ) AS "before"
                            FROM (
                              SELECT
                                "t11"."player_id",
                                "t11"."event_date",
                                "t11"."instant",
                                "t11"."step",
                                CASE
                                  WHEN "t11"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                  AND (
                                    "t11"."event_date" >= MAKE_DATE(2026, 1, 1)
                                  )
                                  AND (
                                    "t11"."step" = 1
                                  )
                                  THEN "t11"."instant"
                                  ELSE -1
                                END AS "start"
                              FROM (
                                SELECT
                                  "t8"."player_id",
                                  "t8"."event_date",
                                  "t8"."instant",
                                  "t8"."step"
                                FROM (
                                  SELECT
                                    *
                                  FROM "t2" AS "t4"
                                  WHERE
                                    "t4"."step" IS NOT NULL AND "t4"."instant" > 1769212800000000
                                ) AS "t8"
                                ANTI JOIN (
                                  SELECT DISTINCT
                                    "t4"."player_id"
                                  FROM "t2" AS "t4"
                                  WHERE
                                    "t4"."step" IS NOT NULL
                                    AND "t4"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                    AND "t4"."event_date" >= MAKE_DATE(2026, 1, 1)
                                    AND "t4"."instant" <= 1769212800000000
                                    AND "t4"."step" = 1
                                ) AS "t9"
                                  ON "t8"."player_id" = "t9"."player_id"
                              ) AS "t11"
                            ) AS "t12"
                          ) AS "t15"
                        ) AS "t16"
                      ) AS "t19"
                    ) AS "t22"
                    WHERE
                      "t22"."start" > -1
                  ) AS "t24"
                  GROUP BY
                    1
                ) AS "t25"
              ) AS "t26"
            ) AS "t27"
            GROUP BY
              1
          ) AS "t28"
        ) AS "t29"
      ) AS "t31"
      CROSS JOIN (
        SELECT
          *
        FROM (
          SELECT
            UNNEST(CAST(CAST([1, 2, 3] AS TINYINT[]) AS BIGINT[])) AS "step"
        ) AS "t1"
      ) AS "t5"
    ) AS "t32"
  ) AS "t33"
) AS "t34"
ORDER BY
  "t34"."step" ASC
;
