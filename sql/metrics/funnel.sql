-- funnel: Players who did the steps in their order, the last within the window of the first.
-- Example: `questline sql funnel --steps session_start,level_start,level_complete` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t2" AS (
  SELECT
    "t0"."player_id",
    EPOCH_US("t0"."event_ts") AS "instant",
    "t0"."event_date",
    CAST(CASE
      WHEN "t0"."event_type" = 'session_start'
      THEN 0
      WHEN "t0"."event_type" = 'level_start'
      THEN 1
      WHEN "t0"."event_type" = 'level_complete'
      THEN 2
      ELSE NULL
    END AS BIGINT) AS "kind",
    CAST("t0"."event_type" = 'session_start' AS BIGINT) AS "n0",
    CAST("t0"."event_type" = 'level_start' AS BIGINT) AS "n1",
    CAST("t0"."event_type" = 'level_complete' AS BIGINT) AS "n2"
  FROM "events" AS "t0"
  WHERE
    "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
    AND "t0"."event_type" IN ('level_complete', 'level_start', 'session_start')
)
SELECT
  "t37"."step",
  "t37"."event",
  "t37"."count" AS "players",
  "t37"."pending",
  "t37"."step_conversion",
  "t37"."conversion",
  CASE
    WHEN (
      (
        (
          (
            "t37"."conversion" * "t37"."first"
          ) + 1.9207294103470627
        ) / (
          "t37"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t37"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t37"."conversion" * (
              1 - "t37"."conversion"
            ) * "t37"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t37"."conversion" * "t37"."first"
        ) + 1.9207294103470627
      ) / (
        "t37"."first" + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          "t37"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t37"."conversion" * (
            1 - "t37"."conversion"
          ) * "t37"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t37"."conversion" * "t37"."first"
          ) + 1.9207294103470627
        ) / (
          "t37"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t37"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t37"."conversion" * (
              1 - "t37"."conversion"
            ) * "t37"."first"
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
            "t37"."conversion" * "t37"."first"
          ) + 1.9207294103470627
        ) / (
          "t37"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t37"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t37"."conversion" * (
              1 - "t37"."conversion"
            ) * "t37"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t37"."conversion" * "t37"."first"
        ) + 1.9207294103470627
      ) / (
        "t37"."first" + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          "t37"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t37"."conversion" * (
            1 - "t37"."conversion"
          ) * "t37"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t37"."conversion" * "t37"."first"
          ) + 1.9207294103470627
        ) / (
          "t37"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t37"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t37"."conversion" * (
              1 - "t37"."conversion"
            ) * "t37"."first"
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high",
  "t37"."median_seconds",
  "t37"."p90_seconds"
FROM (
  SELECT
    "t36"."step",
    "t36"."event",
    "t36"."count",
    "t36"."pending",
    "t36"."earlier",
    "t36"."first",
    "t36"."median_seconds",
    "t36"."p90_seconds",
    CAST("t36"."count" AS DOUBLE) / "t36"."earlier" AS "step_conversion",
    CAST("t36"."count" AS DOUBLE) / "t36"."first" AS "conversion"
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
          THEN "t34"."c1"
          WHEN "t5"."step" = 2
          THEN "t34"."c2"
          WHEN "t5"."step" = 3
          THEN "t34"."c3"
          ELSE NULL
        END AS "count",
        CASE
          WHEN "t5"."step" = 1
          THEN "t34"."o1"
          WHEN "t5"."step" = 2
          THEN "t34"."o2"
          WHEN "t5"."step" = 3
          THEN "t34"."o3"
          ELSE NULL
        END AS "pending",
        CAST(NULLIF(
          CASE
            WHEN "t5"."step" = 1
            THEN "t34"."c1"
            WHEN "t5"."step" = 2
            THEN "t34"."c1"
            WHEN "t5"."step" = 3
            THEN "t34"."c2"
            ELSE NULL
          END,
          0
        ) AS DOUBLE) AS "earlier",
        CAST(NULLIF("t34"."c1", 0) AS DOUBLE) AS "first",
        CASE
          WHEN "t5"."step" = 1
          THEN "t34"."m1"
          WHEN "t5"."step" = 2
          THEN "t34"."m2"
          WHEN "t5"."step" = 3
          THEN "t34"."m3"
          ELSE NULL
        END / 1000000.0 AS "median_seconds",
        CASE
          WHEN "t5"."step" = 1
          THEN "t34"."p1"
          WHEN "t5"."step" = 2
          THEN "t34"."p2"
          WHEN "t5"."step" = 3
          THEN "t34"."p3"
          ELSE NULL
        END / 1000000.0 AS "p90_seconds"
      FROM (
        SELECT
          COUNT("t32"."took1") AS "c1",
          COUNT("t32"."open1") AS "o1",
          QUANTILE_CONT("t32"."took1", 0.5) AS "m1",
          QUANTILE_CONT("t32"."took1", 0.9) AS "p1",
          COUNT("t32"."took2") AS "c2",
          COUNT("t32"."open2") AS "o2",
          QUANTILE_CONT("t32"."took2", 0.5) AS "m2",
          QUANTILE_CONT("t32"."took2", 0.9) AS "p2",
          COUNT("t32"."took3") AS "c3",
          COUNT("t32"."open3") AS "o3",
          QUANTILE_CONT("t32"."took3", 0.5) AS "m3",
          QUANTILE_CONT("t32"."took3", 0.9) AS "p3"
        FROM (
          SELECT
            "t31"."player_id",
            "t31"."took1",
            "t31"."took2",
            "t31"."took3",
            CASE WHEN "t31"."took1" IS NULL THEN "t31"."open1" ELSE CAST(NULL AS BIGINT) END AS "open1",
            CASE WHEN "t31"."took1" IS NULL THEN "t31"."open2" ELSE CAST(NULL AS BIGINT) END AS "open2",
            CASE WHEN "t31"."took1" IS NULL THEN "t31"."open3" ELSE CAST(NULL AS BIGINT) END AS "open3"
          FROM (
            SELECT
              "t30"."player_id",
              MIN("t30"."took1") AS "took1",
              MIN("t30"."took2") AS "took2",
              MIN("t30"."took3") AS "took3",
              MIN("t30"."open1") AS "open1",
              MIN("t30"."open2") AS "open2",
              MIN("t30"."open3") AS "open3"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t27"."player_id",
                  CAST(NULL AS BIGINT) AS "open1",
                  CAST(NULL AS BIGINT) AS "open2",
                  CAST(NULL AS BIGINT) AS "open3",
                  "t27"."took1",
                  "t27"."took2",
                  "t27"."took3"
                FROM (
                  SELECT
                    "t25"."player_id",
                    MIN("t25"."took1") AS "took1",
                    MIN("t25"."took2") AS "took2",
                    MIN("t25"."took3") AS "took3"
                  FROM (
                    SELECT
                      "t23"."player_id",
                      "t23"."instant",
                      "t23"."event_date",
                      "t23"."kind",
                      "t23"."n0",
                      "t23"."n1",
                      "t23"."n2",
                      "t23"."before1",
                      "t23"."best",
                      "t23"."start1",
                      "t23"."before2",
                      "t23"."start2",
                      "t23"."before3",
                      "t23"."start3",
                      CASE
                        WHEN "t23"."start1" > -1
                        THEN "t23"."instant" - "t23"."start1"
                        ELSE CAST(NULL AS BIGINT)
                      END AS "took1",
                      CASE
                        WHEN "t23"."start2" > -1
                        THEN "t23"."instant" - "t23"."start2"
                        ELSE CAST(NULL AS BIGINT)
                      END AS "took2",
                      CASE
                        WHEN "t23"."start3" > -1
                        THEN "t23"."instant" - "t23"."start3"
                        ELSE CAST(NULL AS BIGINT)
                      END AS "took3"
                    FROM (
                      SELECT
                        "t21"."player_id",
                        "t21"."instant",
                        "t21"."event_date",
                        "t21"."kind",
                        "t21"."n0",
                        "t21"."n1",
                        "t21"."n2",
                        "t21"."before1",
                        "t21"."best",
                        "t21"."start1",
                        "t21"."before2",
                        "t21"."start2",
                        "t21"."before3",
                        CASE
                          WHEN (
                            "t21"."best" > -1
                          )
                          AND (
                            (
                              "t21"."instant" - "t21"."best"
                            ) <= 604800000000
                          )
                          THEN "t21"."best"
                          ELSE -1
                        END AS "start3"
                      FROM (
                        SELECT
                          "t19"."player_id",
                          "t19"."instant",
                          "t19"."event_date",
                          "t19"."kind",
                          "t19"."n0",
                          "t19"."n1",
                          "t19"."n2",
                          "t19"."before1",
                          CASE WHEN "t19"."n2" >= 1 THEN GREATEST("t19"."before3", "t19"."start2") ELSE -1 END AS "best",
                          "t19"."start1",
                          "t19"."before2",
                          "t19"."start2",
                          "t19"."before3"
                        FROM (
                          SELECT
                            "t17"."player_id",
                            "t17"."instant",
                            "t17"."event_date",
                            "t17"."kind",
                            "t17"."n0",
                            "t17"."n1",
                            "t17"."n2",
                            "t17"."before1",
                            "t17"."best",
                            "t17"."start1",
                            "t17"."before2",
                            "t17"."start2",
                            COALESCE(
                              MAX("t17"."start2") OVER (
                                PARTITION BY "t17"."player_id"
                                ORDER BY "t17"."instant" ASC, "t17"."kind" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                              ),
                              -1
                            ) AS "before3"
                          FROM (
                            SELECT
                              "t15"."player_id",
                              "t15"."instant",
                              "t15"."event_date",
                              "t15"."kind",
                              "t15"."n0",
                              "t15"."n1",
                              "t15"."n2",
                              "t15"."before1",
                              "t15"."best",
                              "t15"."start1",
                              "t15"."before2",
                              CASE
                                WHEN (
                                  "t15"."best" > -1
                                )
                                AND (
                                  (
                                    "t15"."instant" - "t15"."best"
                                  ) <= 604800000000
                                )
                                THEN "t15"."best"
                                ELSE -1
                              END AS "start2"
                            FROM (
                              SELECT
                                "t13"."player_id",
                                "t13"."instant",
                                "t13"."event_date",
                                "t13"."kind",
                                "t13"."n0",
                                "t13"."n1",
                                "t13"."n2",
                                "t13"."before1",
                                CASE WHEN "t13"."n1" >= 1 THEN GREATEST("t13"."before2", "t13"."start1") ELSE -1 END AS "best",
                                "t13"."start1",
                                "t13"."before2"
                              FROM (
                                SELECT
                                  "t11"."player_id",
                                  "t11"."instant",
                                  "t11"."event_date",
                                  "t11"."kind",
                                  "t11"."n0",
                                  "t11"."n1",
                                  "t11"."n2",
                                  "t11"."before1",
                                  "t11"."best",
                                  "t11"."start1",
                                  COALESCE(
                                    MAX("t11"."start1") OVER (
                                      PARTITION BY "t11"."player_id"
                                      ORDER BY "t11"."instant" ASC, "t11"."kind" ASC
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                                    ),
                                    -1
                                  ) AS "before2"
                                FROM (
                                  SELECT
                                    "t9"."player_id",
                                    "t9"."instant",
                                    "t9"."event_date",
                                    "t9"."kind",
                                    "t9"."n0",
                                    "t9"."n1",
                                    "t9"."n2",
                                    "t9"."before1",
                                    "t9"."best",
                                    CASE
                                      WHEN (
                                        "t9"."best" > -1
                                      )
                                      AND (
                                        (
                                          "t9"."instant" - "t9"."best"
                                        ) <= 604800000000
                                      )
                                      THEN "t9"."best"
                                      ELSE -1
                                    END AS "start1"
                                  FROM (
                                    SELECT
                                      "t7"."player_id",
                                      "t7"."instant",
                                      "t7"."event_date",
                                      "t7"."kind",
                                      "t7"."n0",
                                      "t7"."n1",
                                      "t7"."n2",
                                      "t7"."before1",
                                      CASE WHEN "t7"."n0" >= 1 THEN "t7"."before1" ELSE -1 END AS "best"
                                    FROM (
                                      SELECT
                                        "t4"."player_id",
                                        "t4"."instant",
                                        "t4"."event_date",
                                        "t4"."kind",
                                        "t4"."n0",
                                        "t4"."n1",
                                        "t4"."n2",
                                        CASE
                                          WHEN "t4"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                          AND (
                                            "t4"."event_date" >= MAKE_DATE(2026, 1, 1)
                                          )
                                          AND (
                                            "t4"."instant" <= 1769212800000000
                                          )
                                          THEN "t4"."instant"
                                          ELSE -1
                                        END AS "before1"
                                      FROM "t2" AS "t4"
                                      WHERE
                                        "t4"."kind" IS NOT NULL
                                    ) AS "t7"
                                  ) AS "t9"
                                ) AS "t11"
                              ) AS "t13"
                            ) AS "t15"
                          ) AS "t17"
                        ) AS "t19"
                      ) AS "t21"
                    ) AS "t23"
                  ) AS "t25"
                  GROUP BY
                    1
                ) AS "t27"
                WHERE
                  "t27"."took1" IS NOT NULL
              ) AS "t29"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t26"."player_id",
                  "t26"."took1" AS "open1",
                  "t26"."took2" AS "open2",
                  "t26"."took3" AS "open3",
                  CAST(NULL AS BIGINT) AS "took1",
                  CAST(NULL AS BIGINT) AS "took2",
                  CAST(NULL AS BIGINT) AS "took3"
                FROM (
                  SELECT
                    "t24"."player_id",
                    MIN("t24"."took1") AS "took1",
                    MIN("t24"."took2") AS "took2",
                    MIN("t24"."took3") AS "took3"
                  FROM (
                    SELECT
                      "t22"."player_id",
                      "t22"."instant",
                      "t22"."event_date",
                      "t22"."kind",
                      "t22"."n0",
                      "t22"."n1",
                      "t22"."n2",
                      "t22"."before1",
                      "t22"."best",
                      "t22"."start1",
                      "t22"."before2",
                      "t22"."start2",
                      "t22"."before3",
                      "t22"."start3",
                      CASE
                        WHEN "t22"."start1" > -1
                        THEN "t22"."instant" - "t22"."start1"
                        ELSE CAST(NULL AS BIGINT)
                      END AS "took1",
                      CASE
                        WHEN "t22"."start2" > -1
                        THEN "t22"."instant" - "t22"."start2"
                        ELSE CAST(NULL AS BIGINT)
                      END AS "took2",
                      CASE
                        WHEN "t22"."start3" > -1
                        THEN "t22"."instant" - "t22"."start3"
                        ELSE CAST(NULL AS BIGINT)
                      END AS "took3"
                    FROM (
                      SELECT
                        "t20"."player_id",
                        "t20"."instant",
                        "t20"."event_date",
                        "t20"."kind",
                        "t20"."n0",
                        "t20"."n1",
                        "t20"."n2",
                        "t20"."before1",
                        "t20"."best",
                        "t20"."start1",
                        "t20"."before2",
                        "t20"."start2",
                        "t20"."before3",
                        CASE
                          WHEN (
                            "t20"."best" > -1
                          )
                          AND (
                            (
                              "t20"."instant" - "t20"."best"
                            ) <= 604800000000
                          )
                          THEN "t20"."best"
                          ELSE -1
                        END AS "start3"
                      FROM (
                        SELECT
                          "t18"."player_id",
                          "t18"."instant",
                          "t18"."event_date",
                          "t18"."kind",
                          "t18"."n0",
                          "t18"."n1",
                          "t18"."n2",
                          "t18"."before1",
                          CASE WHEN "t18"."n2" >= 1 THEN GREATEST("t18"."before3", "t18"."start2") ELSE -1 END AS "best",
                          "t18"."start1",
                          "t18"."before2",
                          "t18"."start2",
                          "t18"."before3"
                        FROM (
                          SELECT
                            "t16"."player_id",
                            "t16"."instant",
                            "t16"."event_date",
                            "t16"."kind",
                            "t16"."n0",
                            "t16"."n1",
                            "t16"."n2",
                            "t16"."before1",
                            "t16"."best",
                            "t16"."start1",
                            "t16"."before2",
                            "t16"."start2",
                            COALESCE(
                              MAX("t16"."start2") OVER (
                                PARTITION BY "t16"."player_id"
                                ORDER BY "t16"."instant" ASC, "t16"."kind" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                              ),
                              -1
                            ) AS "before3"
                          FROM (
                            SELECT
                              "t14"."player_id",
                              "t14"."instant",
                              "t14"."event_date",
                              "t14"."kind",
                              "t14"."n0",
                              "t14"."n1",
                              "t14"."n2",
                              "t14"."before1",
                              "t14"."best",
                              "t14"."start1",
                              "t14"."before2",
                              CASE
                                WHEN (
                                  "t14"."best" > -1
                                )
                                AND (
                                  (
                                    "t14"."instant" - "t14"."best"
                                  ) <= 604800000000
                                )
                                THEN "t14"."best"
                                ELSE -1
                              END AS "start2"
                            FROM (
                              SELECT
                                "t12"."player_id",
                                "t12"."instant",
                                "t12"."event_date",
                                "t12"."kind",
                                "t12"."n0",
                                "t12"."n1",
                                "t12"."n2",
                                "t12"."before1",
                                CASE WHEN "t12"."n1" >= 1 THEN GREATEST("t12"."before2", "t12"."start1") ELSE -1 END AS "best",
                                "t12"."start1",
                                "t12"."before2"
                              FROM (
                                SELECT
                                  "t10"."player_id",
                                  "t10"."instant",
                                  "t10"."event_date",
                                  "t10"."kind",
                                  "t10"."n0",
                                  "t10"."n1",
                                  "t10"."n2",
                                  "t10"."before1",
                                  "t10"."best",
                                  "t10"."start1",
                                  COALESCE(
                                    MAX("t10"."start1") OVER (
                                      PARTITION BY "t10"."player_id"
                                      ORDER BY "t10"."instant" ASC, "t10"."kind" ASC
                                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                                    ),
                                    -1
                                  ) AS "before2"
                                FROM (
                                  SELECT
                                    "t8"."player_id",
                                    "t8"."instant",
                                    "t8"."event_date",
                                    "t8"."kind",
                                    "t8"."n0",
                                    "t8"."n1",
                                    "t8"."n2",
                                    "t8"."before1",
                                    "t8"."best",
                                    CASE
                                      WHEN (
                                        "t8"."best" > -1
                                      )
                                      AND (
                                        (
                                          "t8"."instant" - "t8"."best"
                                        ) <= 604800000000
                                      )
                                      THEN "t8"."best"
                                      ELSE -1
                                    END AS "start1"
                                  FROM (
                                    SELECT
                                      "t6"."player_id",
                                      "t6"."instant",
                                      "t6"."event_date",
                                      "t6"."kind",
                                      "t6"."n0",
                                      "t6"."n1",
                                      "t6"."n2",
                                      "t6"."before1",
                                      CASE WHEN "t6"."n0" >= 1 THEN "t6"."before1" ELSE -1 END AS "best"
                                    FROM (
                                      SELECT
                                        "t4"."player_id",
                                        "t4"."instant",
                                        "t4"."event_date",
                                        "t4"."kind",
                                        "t4"."n0",
                                        "t4"."n1",
                                        "t4"."n2",
                                        CASE
                                          WHEN "t4"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                          AND (
                                            "t4"."event_date" >= MAKE_DATE(2026, 1, 1)
                                          )
                                          THEN "t4"."instant"
                                          ELSE -1
                                        END AS "before1"
                                      FROM "t2" AS "t4"
                                      WHERE
                                        "t4"."kind" IS NOT NULL AND "t4"."instant" > 1769212800000000
                                    ) AS "t6"
                                  ) AS "t8"
                                ) AS "t10"
                              ) AS "t12"
                            ) AS "t14"
                          ) AS "t16"
                        ) AS "t18"
                      ) AS "t20"
                    ) AS "t22"
                  ) AS "t24"
                  GROUP BY
                    1
                ) AS "t26"
                WHERE
                  "t26"."took1" IS NOT NULL
              ) AS "t28"
            ) AS "t30"
            GROUP BY
              1
          ) AS "t31"
        ) AS "t32"
      ) AS "t34"
      CROSS JOIN (
        SELECT
          *
        FROM (
          SELECT
            UNNEST(CAST(CAST([1, 2, 3] AS TINYINT[]) AS BIGINT[])) AS "step"
        ) AS "t1"
      ) AS "t5"
    ) AS "t35"
  ) AS "t36"
) AS "t37"
ORDER BY
  "t37"."step" ASC
;
