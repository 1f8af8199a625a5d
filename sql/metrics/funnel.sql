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
  "t29"."step",
  "t29"."event",
  "t29"."count" AS "players",
  "t29"."pending",
  "t29"."step_conversion",
  "t29"."conversion",
  CASE
    WHEN (
      (
        (
          (
            "t29"."conversion" * "t29"."first"
          ) + 1.9207294103470627
        ) / (
          "t29"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t29"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t29"."conversion" * (
              1 - "t29"."conversion"
            ) * "t29"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t29"."conversion" * "t29"."first"
        ) + 1.9207294103470627
      ) / (
        "t29"."first" + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          "t29"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t29"."conversion" * (
            1 - "t29"."conversion"
          ) * "t29"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t29"."conversion" * "t29"."first"
          ) + 1.9207294103470627
        ) / (
          "t29"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t29"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t29"."conversion" * (
              1 - "t29"."conversion"
            ) * "t29"."first"
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
            "t29"."conversion" * "t29"."first"
          ) + 1.9207294103470627
        ) / (
          "t29"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t29"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t29"."conversion" * (
              1 - "t29"."conversion"
            ) * "t29"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t29"."conversion" * "t29"."first"
        ) + 1.9207294103470627
      ) / (
        "t29"."first" + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          "t29"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t29"."conversion" * (
            1 - "t29"."conversion"
          ) * "t29"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t29"."conversion" * "t29"."first"
          ) + 1.9207294103470627
        ) / (
          "t29"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t29"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t29"."conversion" * (
              1 - "t29"."conversion"
            ) * "t29"."first"
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high",
  "t29"."median_seconds",
  "t29"."p90_seconds"
FROM (
  SELECT
    "t28"."step",
    "t28"."event",
    "t28"."count",
    "t28"."pending",
    "t28"."earlier",
    "t28"."first",
    "t28"."median_seconds",
    "t28"."p90_seconds",
    CAST("t28"."count" AS DOUBLE) / "t28"."earlier" AS "step_conversion",
    CAST("t28"."count" AS DOUBLE) / "t28"."first" AS "conversion"
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
          THEN "t26"."c1"
          WHEN "t5"."step" = 2
          THEN "t26"."c2"
          WHEN "t5"."step" = 3
          THEN "t26"."c3"
          ELSE NULL
        END AS "count",
        CASE
          WHEN "t5"."step" = 1
          THEN "t26"."o1"
          WHEN "t5"."step" = 2
          THEN "t26"."o2"
          WHEN "t5"."step" = 3
          THEN "t26"."o3"
          ELSE NULL
        END AS "pending",
        CAST(NULLIF(
          CASE
            WHEN "t5"."step" = 1
            THEN "t26"."c1"
            WHEN "t5"."step" = 2
            THEN "t26"."c1"
            WHEN "t5"."step" = 3
            THEN "t26"."c2"
            ELSE NULL
          END,
          0
        ) AS DOUBLE) AS "earlier",
        CAST(NULLIF("t26"."c1", 0) AS DOUBLE) AS "first",
        CASE
          WHEN "t5"."step" = 1
          THEN "t26"."m1"
          WHEN "t5"."step" = 2
          THEN "t26"."m2"
          WHEN "t5"."step" = 3
          THEN "t26"."m3"
          ELSE NULL
        END / 1000000.0 AS "median_seconds",
        CASE
          WHEN "t5"."step" = 1
          THEN "t26"."p1"
          WHEN "t5"."step" = 2
          THEN "t26"."p2"
          WHEN "t5"."step" = 3
          THEN "t26"."p3"
          ELSE NULL
        END / 1000000.0 AS "p90_seconds"
      FROM (
        SELECT
          COUNT("t24"."took1") AS "c1",
          COUNT("t24"."open1") AS "o1",
          QUANTILE_CONT("t24"."took1", 0.5) AS "m1",
          QUANTILE_CONT("t24"."took1", 0.9) AS "p1",
          COUNT("t24"."took2") AS "c2",
          COUNT("t24"."open2") AS "o2",
          QUANTILE_CONT("t24"."took2", 0.5) AS "m2",
          QUANTILE_CONT("t24"."took2", 0.9) AS "p2",
          COUNT("t24"."took3") AS "c3",
          COUNT("t24"."open3") AS "o3",
          QUANTILE_CONT("t24"."took3", 0.5) AS "m3",
          QUANTILE_CONT("t24"."took3", 0.9) AS "p3"
        FROM (
          SELECT
            "t23"."player_id",
            "t23"."took1",
            "t23"."took2",
            "t23"."took3",
            CASE WHEN "t23"."took1" IS NULL THEN "t23"."open1" ELSE CAST(NULL AS BIGINT) END AS "open1",
            CASE WHEN "t23"."took1" IS NULL THEN "t23"."open2" ELSE CAST(NULL AS BIGINT) END AS "open2",
            CASE WHEN "t23"."took1" IS NULL THEN "t23"."open3" ELSE CAST(NULL AS BIGINT) END AS "open3"
          FROM (
            SELECT
              "t22"."player_id",
              MIN("t22"."took1") AS "took1",
              MIN("t22"."took2") AS "took2",
              MIN("t22"."took3") AS "took3",
              MIN("t22"."open1") AS "open1",
              MIN("t22"."open2") AS "open2",
              MIN("t22"."open3") AS "open3"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t19"."player_id",
                  CAST(NULL AS BIGINT) AS "open1",
                  CAST(NULL AS BIGINT) AS "open2",
                  CAST(NULL AS BIGINT) AS "open3",
                  "t19"."event_date",
                  "t19"."took1",
                  "t19"."took2",
                  "t19"."took3"
                FROM (
                  SELECT
                    "t17"."player_id",
                    MIN("t17"."end" - "t17"."start") FILTER(WHERE
                      "t17"."step" = 1) AS "took1",
                    MIN("t17"."end" - "t17"."start") FILTER(WHERE
                      "t17"."step" = 2) AS "took2",
                    MIN("t17"."end" - "t17"."start") FILTER(WHERE
                      "t17"."step" = 3) AS "took3",
                    MIN("t17"."event_date") FILTER(WHERE
                      "t17"."step" = 1) AS "event_date"
                  FROM (
                    SELECT
                      "t15"."player_id",
                      "t15"."step",
                      "t15"."event_date",
                      "t15"."start",
                      "t15"."instant" AS "end"
                    FROM (
                      SELECT
                        "t13"."player_id",
                        "t13"."event_date",
                        "t13"."instant",
                        "t13"."step",
                        CASE
                          WHEN (
                            "t13"."step" = 3
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
                          "t11"."player_id",
                          "t11"."event_date",
                          "t11"."instant",
                          "t11"."step",
                          "t11"."start",
                          COALESCE(
                            MAX(CASE WHEN "t11"."step" = 2 THEN "t11"."start" ELSE -1 END) OVER (
                              PARTITION BY "t11"."player_id"
                              ORDER BY "t11"."instant" ASC, "t11"."step" ASC
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                            ),
                            -1
                          ) AS "before"
                        FROM (
                          SELECT
                            "t9"."player_id",
                            "t9"."event_date",
                            "t9"."instant",
                            "t9"."step",
                            CASE
                              WHEN (
                                "t9"."step" = 2
                              )
                              AND (
                                (
                                  "t9"."before" > -1
                                )
                                AND (
                                  (
                                    "t9"."instant" - "t9"."before"
                                  ) <= 604800000000
                                )
                              )
                              THEN "t9"."before"
                              ELSE "t9"."start"
                            END AS "start",
                            "t9"."before"
                          FROM (
                            SELECT
                              "t7"."player_id",
                              "t7"."event_date",
                              "t7"."instant",
                              "t7"."step",
                              "t7"."start",
                              COALESCE(
                                MAX(CASE WHEN "t7"."step" = 1 THEN "t7"."start" ELSE -1 END) OVER (
                                  PARTITION BY "t7"."player_id"
                                  ORDER BY "t7"."instant" ASC, "t7"."step" ASC
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
                            ) AS "t7"
                          ) AS "t9"
                        ) AS "t11"
                      ) AS "t13"
                    ) AS "t15"
                    WHERE
                      "t15"."start" > -1
                  ) AS "t17"
                  GROUP BY
                    1
                ) AS "t19"
              ) AS "t21"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t18"."player_id",
                  "t18"."took1" AS "open1",
                  "t18"."took2" AS "open2",
                  "t18"."took3" AS "open3",
                  "t18"."event_date",
                  CAST(NULL AS BIGINT) AS "took1",
                  CAST(NULL AS BIGINT) AS "took2",
                  CAST(NULL AS BIGINT) AS "took3"
                FROM (
                  SELECT
                    "t16"."player_id",
                    MIN("t16"."end" - "t16"."start") FILTER(WHERE
                      "t16"."step" = 1) AS "took1",
                    MIN("t16"."end" - "t16"."start") FILTER(WHERE
                      "t16"."step" = 2) AS "took2",
                    MIN("t16"."end" - "t16"."start") FILTER(WHERE
                      "t16"."step" = 3) AS "took3",
                    MIN("t16"."event_date") FILTER(WHERE
                      "t16"."step" = 1) AS "event_date"
                  FROM (
                    SELECT
                      "t14"."player_id",
                      "t14"."step",
                      "t14"."event_date",
                      "t14"."start",
                      "t14"."instant" AS "end"
                    FROM (
                      SELECT
                        "t12"."player_id",
                        "t12"."event_date",
                        "t12"."instant",
                        "t12"."step",
                        CASE
                          WHEN (
                            "t12"."step" = 3
                          )
                          AND (
                            (
                              "t12"."before" > -1
                            )
                            AND (
                              (
                                "t12"."instant" - "t12"."before"
                              ) <= 604800000000
                            )
                          )
                          THEN "t12"."before"
                          ELSE "t12"."start"
                        END AS "start",
                        "t12"."before"
                      FROM (
                        SELECT
                          "t10"."player_id",
                          "t10"."event_date",
                          "t10"."instant",
                          "t10"."step",
                          "t10"."start",
                          COALESCE(
                            MAX(CASE WHEN "t10"."step" = 2 THEN "t10"."start" ELSE -1 END) OVER (
                              PARTITION BY "t10"."player_id"
                              ORDER BY "t10"."instant" ASC, "t10"."step" ASC
                              ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                            ),
                            -1
                          ) AS "before"
                        FROM (
                          SELECT
                            "t8"."player_id",
                            "t8"."event_date",
                            "t8"."instant",
                            "t8"."step",
                            CASE
                              WHEN (
                                "t8"."step" = 2
                              )
                              AND (
                                (
                                  "t8"."before" > -1
                                )
                                AND (
                                  (
                                    "t8"."instant" - "t8"."before"
                                  ) <= 604800000000
                                )
                              )
                              THEN "t8"."before"
                              ELSE "t8"."start"
                            END AS "start",
                            "t8"."before"
                          FROM (
                            SELECT
                              "t6"."player_id",
                              "t6"."event_date",
                              "t6"."instant",
                              "t6"."step",
                              "t6"."start",
                              COALESCE(
                                MAX(CASE WHEN "t6"."step" = 1 THEN "t6"."start" ELSE -1 END) OVER (
                                  PARTITION BY "t6"."player_id"
                                  ORDER BY "t6"."instant" ASC, "t6"."step" ASC
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
                                    "t4"."step" = 1
                                  )
                                  THEN "t4"."instant"
                                  ELSE -1
                                END AS "start"
                              FROM "t2" AS "t4"
                              WHERE
                                "t4"."step" IS NOT NULL AND "t4"."instant" > 1769212800000000
                            ) AS "t6"
                          ) AS "t8"
                        ) AS "t10"
                      ) AS "t12"
                    ) AS "t14"
                    WHERE
                      "t14"."start" > -1
                  ) AS "t16"
                  GROUP BY
                    1
                ) AS "t18"
              ) AS "t20"
            ) AS "t22"
            GROUP BY
              1
          ) AS "t23"
        ) AS "t24"
      ) AS "t26"
      CROSS JOIN (
        SELECT
          *
        FROM (
          SELECT
            UNNEST(CAST(CAST([1, 2, 3] AS TINYINT[]) AS BIGINT[])) AS "step"
        ) AS "t1"
      ) AS "t5"
    ) AS "t27"
  ) AS "t28"
) AS "t29"
ORDER BY
  "t29"."step" ASC
;
