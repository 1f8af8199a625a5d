-- funnel: Players who did the steps in their order, the last within the window of the first.
-- Example: `questline sql funnel --steps session_start,level_start,level_complete` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t15" AS (
  SELECT
    "t9"."player_id",
    "t9"."step",
    "t9"."event_date",
    "t9"."instant",
    LAG("t9"."start") OVER (
      PARTITION BY "t9"."player_id"
      ORDER BY "t9"."instant" ASC, "t9"."step" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "start"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t0"."player_id",
        1 AS "step",
        "t0"."event_date",
        EPOCH_US("t0"."event_ts") AS "instant",
        EPOCH_US("t0"."event_ts") AS "start"
      FROM "events" AS "t0"
      WHERE
        "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
        AND "t0"."event_type" = 'session_start'
        AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        AND "t0"."event_date" >= MAKE_DATE(2026, 1, 1)
        AND EPOCH_US("t0"."event_ts") <= 1769212800000000
    ) AS "t5"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t0"."player_id",
        2 AS "step",
        "t0"."event_date",
        EPOCH_US("t0"."event_ts") AS "instant",
        CAST(NULL AS BIGINT) AS "start"
      FROM "events" AS "t0"
      WHERE
        "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
        AND "t0"."event_type" = 'level_start'
    ) AS "t2"
  ) AS "t9"
), "t24" AS (
  SELECT
    "t23"."player_id",
    MIN("t23"."end" - "t23"."start") FILTER(WHERE
      "t23"."step" = 1) AS "took1",
    MIN("t23"."end" - "t23"."start") FILTER(WHERE
      "t23"."step" = 2) AS "took2",
    MIN("t23"."end" - "t23"."start") FILTER(WHERE
      "t23"."step" = 3) AS "took3",
    MIN("t23"."event_date") FILTER(WHERE
      "t23"."step" = 1) AS "event_date"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t21"."player_id",
        "t21"."step",
        "t21"."event_date",
        "t21"."instant" AS "end",
        "t21"."start"
      FROM (
        SELECT
          "t20"."player_id",
          "t20"."step",
          "t20"."event_date",
          "t20"."instant",
          LAG("t20"."start") OVER (
            PARTITION BY "t20"."player_id"
            ORDER BY "t20"."instant" ASC, "t20"."step" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
          ) AS "start"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              *
            FROM "t15" AS "t16"
            WHERE
              "t16"."step" = 2
              AND "t16"."start" IS NOT NULL
              AND (
                "t16"."instant" - "t16"."start"
              ) <= 604800000000
          ) AS "t18"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t0"."player_id",
              3 AS "step",
              "t0"."event_date",
              EPOCH_US("t0"."event_ts") AS "instant",
              CAST(NULL AS BIGINT) AS "start"
            FROM "events" AS "t0"
            WHERE
              "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
              AND "t0"."event_type" = 'level_complete'
          ) AS "t1"
        ) AS "t20"
      ) AS "t21"
      WHERE
        "t21"."step" = 3
        AND "t21"."start" IS NOT NULL
        AND (
          "t21"."instant" - "t21"."start"
        ) <= 604800000000
    ) AS "t22"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t0"."player_id",
          1 AS "step",
          "t0"."event_date",
          EPOCH_US("t0"."event_ts") AS "end",
          EPOCH_US("t0"."event_ts") AS "start"
        FROM "events" AS "t0"
        WHERE
          "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
          AND "t0"."event_type" = 'session_start'
          AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
          AND "t0"."event_date" >= MAKE_DATE(2026, 1, 1)
          AND EPOCH_US("t0"."event_ts") <= 1769212800000000
      ) AS "t4"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t16"."player_id",
          "t16"."step",
          "t16"."event_date",
          "t16"."instant" AS "end",
          "t16"."start"
        FROM "t15" AS "t16"
        WHERE
          "t16"."step" = 2
          AND "t16"."start" IS NOT NULL
          AND (
            "t16"."instant" - "t16"."start"
          ) <= 604800000000
      ) AS "t17"
    ) AS "t19"
  ) AS "t23"
  GROUP BY
    1
), "t28" AS (
  SELECT
    "t10"."player_id",
    "t10"."event_date",
    "t10"."instant",
    "t10"."step"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."event_date",
      EPOCH_US("t0"."event_ts") AS "instant",
      1 AS "step"
    FROM "events" AS "t0"
    WHERE
      "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
      AND "t0"."event_type" = 'session_start'
      AND EPOCH_US("t0"."event_ts") > 1769212800000000
      AND "t0"."event_date" >= MAKE_DATE(2026, 1, 22)
  ) AS "t10"
  ANTI JOIN "t24" AS "t26"
    ON "t10"."player_id" = "t26"."player_id"
), "t37" AS (
  SELECT
    "t36"."player_id",
    "t36"."step",
    "t36"."event_date",
    "t36"."instant",
    LAG("t36"."start") OVER (
      PARTITION BY "t36"."player_id"
      ORDER BY "t36"."instant" ASC, "t36"."step" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "start"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t31"."player_id",
        "t31"."step",
        "t31"."event_date",
        "t31"."instant",
        "t31"."instant" AS "start"
      FROM "t28" AS "t31"
      WHERE
        "t31"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        AND "t31"."event_date" >= MAKE_DATE(2026, 1, 1)
    ) AS "t35"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t30"."player_id",
        "t30"."step",
        "t30"."event_date",
        "t30"."instant",
        CAST(NULL AS BIGINT) AS "start"
      FROM (
        SELECT
          "t12"."player_id",
          "t12"."step",
          "t12"."event_date",
          "t12"."instant"
        FROM (
          SELECT
            "t0"."player_id",
            "t0"."event_date",
            EPOCH_US("t0"."event_ts") AS "instant",
            2 AS "step"
          FROM "events" AS "t0"
          WHERE
            "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
            AND "t0"."event_type" = 'level_start'
            AND EPOCH_US("t0"."event_ts") > 1769212800000000
            AND "t0"."event_date" >= MAKE_DATE(2026, 1, 22)
        ) AS "t12"
        ANTI JOIN "t24" AS "t26"
          ON "t12"."player_id" = "t26"."player_id"
      ) AS "t30"
    ) AS "t33"
  ) AS "t36"
)
SELECT
  "t55"."step",
  "t55"."event",
  "t55"."count" AS "players",
  "t55"."pending",
  "t55"."step_conversion",
  "t55"."conversion",
  CASE
    WHEN (
      (
        (
          (
            "t55"."conversion" * "t55"."first"
          ) + 1.9207294103470627
        ) / (
          "t55"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t55"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t55"."conversion" * (
              1 - "t55"."conversion"
            ) * "t55"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t55"."conversion" * "t55"."first"
        ) + 1.9207294103470627
      ) / (
        "t55"."first" + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          "t55"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t55"."conversion" * (
            1 - "t55"."conversion"
          ) * "t55"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t55"."conversion" * "t55"."first"
          ) + 1.9207294103470627
        ) / (
          "t55"."first" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t55"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t55"."conversion" * (
              1 - "t55"."conversion"
            ) * "t55"."first"
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
            "t55"."conversion" * "t55"."first"
          ) + 1.9207294103470627
        ) / (
          "t55"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t55"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t55"."conversion" * (
              1 - "t55"."conversion"
            ) * "t55"."first"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t55"."conversion" * "t55"."first"
        ) + 1.9207294103470627
      ) / (
        "t55"."first" + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          "t55"."first" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t55"."conversion" * (
            1 - "t55"."conversion"
          ) * "t55"."first"
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t55"."conversion" * "t55"."first"
          ) + 1.9207294103470627
        ) / (
          "t55"."first" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t55"."first" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t55"."conversion" * (
              1 - "t55"."conversion"
            ) * "t55"."first"
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high",
  "t55"."median_seconds",
  "t55"."p90_seconds"
FROM (
  SELECT
    "t54"."step",
    "t54"."event",
    "t54"."count",
    "t54"."pending",
    "t54"."earlier",
    "t54"."first",
    "t54"."median_seconds",
    "t54"."p90_seconds",
    CAST("t54"."count" AS DOUBLE) / "t54"."earlier" AS "step_conversion",
    CAST("t54"."count" AS DOUBLE) / "t54"."first" AS "conversion"
  FROM (
    SELECT DISTINCT
      *
    FROM (
      SELECT
        "t14"."step",
        CASE
          WHEN "t14"."step" = 1
          THEN 'session_start'
          WHEN "t14"."step" = 2
          THEN 'level_start'
          WHEN "t14"."step" = 3
          THEN 'level_complete'
          ELSE NULL
        END AS "event",
        CASE
          WHEN "t14"."step" = 1
          THEN "t52"."c1"
          WHEN "t14"."step" = 2
          THEN "t52"."c2"
          WHEN "t14"."step" = 3
          THEN "t52"."c3"
          ELSE NULL
        END AS "count",
        CASE
          WHEN "t14"."step" = 1
          THEN "t52"."o1"
          WHEN "t14"."step" = 2
          THEN "t52"."o2"
          WHEN "t14"."step" = 3
          THEN "t52"."o3"
          ELSE NULL
        END AS "pending",
        CAST(NULLIF(
          CASE
            WHEN "t14"."step" = 1
            THEN "t52"."c1"
            WHEN "t14"."step" = 2
            THEN "t52"."c1"
            WHEN "t14"."step" = 3
            THEN "t52"."c2"
            ELSE NULL
          END,
          0
        ) AS DOUBLE) AS "earlier",
        CAST(NULLIF("t52"."c1", 0) AS DOUBLE) AS "first",
        CASE
          WHEN "t14"."step" = 1
          THEN "t52"."m1"
          WHEN "t14"."step" = 2
          THEN "t52"."m2"
          WHEN "t14"."step" = 3
          THEN "t52"."m3"
          ELSE NULL
        END / 1000000.0 AS "median_seconds",
        CASE
          WHEN "t14"."step" = 1
          THEN "t52"."p1"
          WHEN "t14"."step" = 2
          THEN "t52"."p2"
          WHEN "t14"."step" = 3
          THEN "t52"."p3"
          ELSE NULL
        END / 1000000.0 AS "p90_seconds"
      FROM (
        SELECT
          COUNT("t50"."took1") AS "c1",
          COUNT("t50"."open1") AS "o1",
          QUANTILE_CONT("t50"."took1", 0.5) AS "m1",
          QUANTILE_CONT("t50"."took1", 0.9) AS "p1",
          COUNT("t50"."took2") AS "c2",
          COUNT("t50"."open2") AS "o2",
          QUANTILE_CONT("t50"."took2", 0.5) AS "m2",
          QUANTILE_CONT("t50"."took2", 0.9) AS "p2",
          COUNT("t50"."took3") AS "c3",
          COUNT("t50"."open3") AS "o3",
          QUANTILE_CONT("t50"."took3", 0.5) AS "m3",
          QUANTILE_CONT("t50"."took3", 0.9) AS "p3"
        FROM (
          SELECT
            "t49"."player_id",
            "t49"."took1",
            "t49"."took2",
            "t49"."took3",
            CASE WHEN "t49"."took1" IS NULL THEN "t49"."open1" ELSE CAST(NULL AS BIGINT) END AS "open1",
            CASE WHEN "t49"."took1" IS NULL THEN "t49"."open2" ELSE CAST(NULL AS BIGINT) END AS "open2",
            CASE WHEN "t49"."took1" IS NULL THEN "t49"."open3" ELSE CAST(NULL AS BIGINT) END AS "open3"
          FROM (
            SELECT
              "t48"."player_id",
              MIN("t48"."took1") AS "took1",
              MIN("t48"."took2") AS "took2",
              MIN("t48"."took3") AS "took3",
              MIN("t48"."open1") AS "open1",
              MIN("t48"."open2") AS "open2",
              MIN("t48"."open3") AS "open3"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t25"."player_id",
                  CAST(NULL AS BIGINT) AS "open1",
                  CAST(NULL AS BIGINT) AS "open2",
                  CAST(NULL AS BIGINT) AS "open3",
                  "t25"."event_date",
                  "t25"."took1",
                  "t25"."took2",
                  "t25"."took3"
                FROM "t24" AS "t25"
              ) AS "t27"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t46"."player_id",
                  "t46"."took1" AS "open1",
                  "t46"."took2" AS "open2",
                  "t46"."took3" AS "open3",
                  "t46"."event_date",
                  CAST(NULL AS BIGINT) AS "took1",
                  CAST(NULL AS BIGINT) AS "took2",
                  CAST(NULL AS BIGINT) AS "took3"
                FROM (
                  SELECT
                    "t45"."player_id",
                    MIN("t45"."end" - "t45"."start") FILTER(WHERE
                      "t45"."step" = 1) AS "took1",
                    MIN("t45"."end" - "t45"."start") FILTER(WHERE
                      "t45"."step" = 2) AS "took2",
                    MIN("t45"."end" - "t45"."start") FILTER(WHERE
                      "t45"."step" = 3) AS "took3",
                    MIN("t45"."event_date") FILTER(WHERE
                      "t45"."step" = 1) AS "event_date"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t43"."player_id",
                        "t43"."step",
                        "t43"."event_date",
                        "t43"."instant" AS "end",
                        "t43"."start"
                      FROM (
                        SELECT
                          "t42"."player_id",
                          "t42"."step",
                          "t42"."event_date",
                          "t42"."instant",
                          LAG("t42"."start") OVER (
                            PARTITION BY "t42"."player_id"
                            ORDER BY "t42"."instant" ASC, "t42"."step" ASC
                            ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                          ) AS "start"
                        FROM (
                          SELECT
                            *
                          FROM (
                            SELECT
                              *
                            FROM "t37" AS "t38"
                            WHERE
                              "t38"."step" = 2
                              AND "t38"."start" IS NOT NULL
                              AND (
                                "t38"."instant" - "t38"."start"
                              ) <= 604800000000
                          ) AS "t40"
                          UNION ALL
                          SELECT
                            *
                          FROM (
                            SELECT
                              "t29"."player_id",
                              "t29"."step",
                              "t29"."event_date",
                              "t29"."instant",
                              CAST(NULL AS BIGINT) AS "start"
                            FROM (
                              SELECT
                                "t11"."player_id",
                                "t11"."step",
                                "t11"."event_date",
                                "t11"."instant"
                              FROM (
                                SELECT
                                  "t0"."player_id",
                                  "t0"."event_date",
                                  EPOCH_US("t0"."event_ts") AS "instant",
                                  3 AS "step"
                                FROM "events" AS "t0"
                                WHERE
                                  "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
                                  AND "t0"."event_type" = 'level_complete'
                                  AND EPOCH_US("t0"."event_ts") > 1769212800000000
                                  AND "t0"."event_date" >= MAKE_DATE(2026, 1, 22)
                              ) AS "t11"
                              ANTI JOIN "t24" AS "t26"
                                ON "t11"."player_id" = "t26"."player_id"
                            ) AS "t29"
                          ) AS "t32"
                        ) AS "t42"
                      ) AS "t43"
                      WHERE
                        "t43"."step" = 3
                        AND "t43"."start" IS NOT NULL
                        AND (
                          "t43"."instant" - "t43"."start"
                        ) <= 604800000000
                    ) AS "t44"
                    UNION ALL
                    SELECT
                      *
                    FROM (
                      SELECT
                        *
                      FROM (
                        SELECT
                          "t31"."player_id",
                          "t31"."step",
                          "t31"."event_date",
                          "t31"."instant" AS "end",
                          "t31"."instant" AS "start"
                        FROM "t28" AS "t31"
                        WHERE
                          "t31"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                          AND "t31"."event_date" >= MAKE_DATE(2026, 1, 1)
                      ) AS "t34"
                      UNION ALL
                      SELECT
                        *
                      FROM (
                        SELECT
                          "t38"."player_id",
                          "t38"."step",
                          "t38"."event_date",
                          "t38"."instant" AS "end",
                          "t38"."start"
                        FROM "t37" AS "t38"
                        WHERE
                          "t38"."step" = 2
                          AND "t38"."start" IS NOT NULL
                          AND (
                            "t38"."instant" - "t38"."start"
                          ) <= 604800000000
                      ) AS "t39"
                    ) AS "t41"
                  ) AS "t45"
                  GROUP BY
                    1
                ) AS "t46"
              ) AS "t47"
            ) AS "t48"
            GROUP BY
              1
          ) AS "t49"
        ) AS "t50"
      ) AS "t52"
      CROSS JOIN (
        SELECT
          *
        FROM (
          SELECT
            UNNEST(CAST(CAST([1, 2, 3] AS TINYINT[]) AS BIGINT[])) AS "step"
        ) AS "t3"
      ) AS "t14"
    ) AS "t53"
  ) AS "t54"
) AS "t55"
ORDER BY
  "t55"."step" ASC
;
