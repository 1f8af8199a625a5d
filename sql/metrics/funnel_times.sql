-- funnel_times: How long those who came to the last step of a funnel needed from the first.
-- Example: `questline sql funnel_times --steps session_start,level_start,level_complete` for an observed period of 2026-01-01 to 2026-01-30.
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
  *
FROM (
  SELECT
    "t5"."bin",
    CASE
      WHEN "t5"."bin" = 1
      THEN 0.0
      WHEN "t5"."bin" = 2
      THEN 60.0
      WHEN "t5"."bin" = 3
      THEN 300.0
      WHEN "t5"."bin" = 4
      THEN 900.0
      WHEN "t5"."bin" = 5
      THEN 3600.0
      WHEN "t5"."bin" = 6
      THEN 21600.0
      WHEN "t5"."bin" = 7
      THEN 86400.0
      WHEN "t5"."bin" = 8
      THEN 259200.0
      ELSE NULL
    END AS "from_seconds",
    CASE
      WHEN "t5"."bin" = 1
      THEN 60.0
      WHEN "t5"."bin" = 2
      THEN 300.0
      WHEN "t5"."bin" = 3
      THEN 900.0
      WHEN "t5"."bin" = 4
      THEN 3600.0
      WHEN "t5"."bin" = 5
      THEN 21600.0
      WHEN "t5"."bin" = 6
      THEN 86400.0
      WHEN "t5"."bin" = 7
      THEN 259200.0
      WHEN "t5"."bin" = 8
      THEN 604800.0
      ELSE NULL
    END AS "to_seconds",
    CASE
      WHEN "t5"."bin" = 1
      THEN "t26"."b1"
      WHEN "t5"."bin" = 2
      THEN "t26"."b2"
      WHEN "t5"."bin" = 3
      THEN "t26"."b3"
      WHEN "t5"."bin" = 4
      THEN "t26"."b4"
      WHEN "t5"."bin" = 5
      THEN "t26"."b5"
      WHEN "t5"."bin" = 6
      THEN "t26"."b6"
      WHEN "t5"."bin" = 7
      THEN "t26"."b7"
      WHEN "t5"."bin" = 8
      THEN "t26"."b8"
      ELSE NULL
    END - CASE
      WHEN "t5"."bin" = 1
      THEN "t26"."b0"
      WHEN "t5"."bin" = 2
      THEN "t26"."b1"
      WHEN "t5"."bin" = 3
      THEN "t26"."b2"
      WHEN "t5"."bin" = 4
      THEN "t26"."b3"
      WHEN "t5"."bin" = 5
      THEN "t26"."b4"
      WHEN "t5"."bin" = 6
      THEN "t26"."b5"
      WHEN "t5"."bin" = 7
      THEN "t26"."b6"
      WHEN "t5"."bin" = 8
      THEN "t26"."b7"
      ELSE NULL
    END AS "players",
    CAST(CASE
      WHEN "t5"."bin" = 1
      THEN "t26"."b1"
      WHEN "t5"."bin" = 2
      THEN "t26"."b2"
      WHEN "t5"."bin" = 3
      THEN "t26"."b3"
      WHEN "t5"."bin" = 4
      THEN "t26"."b4"
      WHEN "t5"."bin" = 5
      THEN "t26"."b5"
      WHEN "t5"."bin" = 6
      THEN "t26"."b6"
      WHEN "t5"."bin" = 7
      THEN "t26"."b7"
      WHEN "t5"."bin" = 8
      THEN "t26"."b8"
      ELSE NULL
    END - CASE
      WHEN "t5"."bin" = 1
      THEN "t26"."b0"
      WHEN "t5"."bin" = 2
      THEN "t26"."b1"
      WHEN "t5"."bin" = 3
      THEN "t26"."b2"
      WHEN "t5"."bin" = 4
      THEN "t26"."b3"
      WHEN "t5"."bin" = 5
      THEN "t26"."b4"
      WHEN "t5"."bin" = 6
      THEN "t26"."b5"
      WHEN "t5"."bin" = 7
      THEN "t26"."b6"
      WHEN "t5"."bin" = 8
      THEN "t26"."b7"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF("t26"."b8", 0) AS DOUBLE) AS "share",
    CAST(CASE
      WHEN "t5"."bin" = 1
      THEN "t26"."b1"
      WHEN "t5"."bin" = 2
      THEN "t26"."b2"
      WHEN "t5"."bin" = 3
      THEN "t26"."b3"
      WHEN "t5"."bin" = 4
      THEN "t26"."b4"
      WHEN "t5"."bin" = 5
      THEN "t26"."b5"
      WHEN "t5"."bin" = 6
      THEN "t26"."b6"
      WHEN "t5"."bin" = 7
      THEN "t26"."b7"
      WHEN "t5"."bin" = 8
      THEN "t26"."b8"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF("t26"."b8", 0) AS DOUBLE) AS "cumulative"
  FROM (
    SELECT
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 60000000) AS "b1",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 300000000) AS "b2",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 900000000) AS "b3",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 3600000000) AS "b4",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 21600000000) AS "b5",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 86400000000) AS "b6",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 259200000000) AS "b7",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" <= 604800000000) AS "b8",
      COUNT("t24"."took3") FILTER(WHERE
        "t24"."took3" < 0) AS "b0"
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
        UNNEST(CAST(CAST([1, 2, 3, 4, 5, 6, 7, 8] AS TINYINT[]) AS BIGINT[])) AS "bin"
    ) AS "t1"
  ) AS "t5"
) AS "t27"
ORDER BY
  "t27"."bin" ASC
;
