-- funnel_times: How long those who came to the last step of a funnel needed from the first.
-- Example: `questline sql funnel_times --steps session_start,level_start,level_complete` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  *
FROM (
  SELECT
    "t4"."bin",
    CASE
      WHEN "t4"."bin" = 1
      THEN 0.0
      WHEN "t4"."bin" = 2
      THEN 60.0
      WHEN "t4"."bin" = 3
      THEN 300.0
      WHEN "t4"."bin" = 4
      THEN 900.0
      WHEN "t4"."bin" = 5
      THEN 3600.0
      WHEN "t4"."bin" = 6
      THEN 21600.0
      WHEN "t4"."bin" = 7
      THEN 86400.0
      WHEN "t4"."bin" = 8
      THEN 259200.0
      ELSE NULL
    END AS "from_seconds",
    CASE
      WHEN "t4"."bin" = 1
      THEN 60.0
      WHEN "t4"."bin" = 2
      THEN 300.0
      WHEN "t4"."bin" = 3
      THEN 900.0
      WHEN "t4"."bin" = 4
      THEN 3600.0
      WHEN "t4"."bin" = 5
      THEN 21600.0
      WHEN "t4"."bin" = 6
      THEN 86400.0
      WHEN "t4"."bin" = 7
      THEN 259200.0
      WHEN "t4"."bin" = 8
      THEN 604800.0
      ELSE NULL
    END AS "to_seconds",
    CASE
      WHEN "t4"."bin" = 1
      THEN "t13"."b1"
      WHEN "t4"."bin" = 2
      THEN "t13"."b2"
      WHEN "t4"."bin" = 3
      THEN "t13"."b3"
      WHEN "t4"."bin" = 4
      THEN "t13"."b4"
      WHEN "t4"."bin" = 5
      THEN "t13"."b5"
      WHEN "t4"."bin" = 6
      THEN "t13"."b6"
      WHEN "t4"."bin" = 7
      THEN "t13"."b7"
      WHEN "t4"."bin" = 8
      THEN "t13"."b8"
      ELSE NULL
    END - CASE
      WHEN "t4"."bin" = 1
      THEN "t13"."b0"
      WHEN "t4"."bin" = 2
      THEN "t13"."b1"
      WHEN "t4"."bin" = 3
      THEN "t13"."b2"
      WHEN "t4"."bin" = 4
      THEN "t13"."b3"
      WHEN "t4"."bin" = 5
      THEN "t13"."b4"
      WHEN "t4"."bin" = 6
      THEN "t13"."b5"
      WHEN "t4"."bin" = 7
      THEN "t13"."b6"
      WHEN "t4"."bin" = 8
      THEN "t13"."b7"
      ELSE NULL
    END AS "players",
    CAST(CASE
      WHEN "t4"."bin" = 1
      THEN "t13"."b1"
      WHEN "t4"."bin" = 2
      THEN "t13"."b2"
      WHEN "t4"."bin" = 3
      THEN "t13"."b3"
      WHEN "t4"."bin" = 4
      THEN "t13"."b4"
      WHEN "t4"."bin" = 5
      THEN "t13"."b5"
      WHEN "t4"."bin" = 6
      THEN "t13"."b6"
      WHEN "t4"."bin" = 7
      THEN "t13"."b7"
      WHEN "t4"."bin" = 8
      THEN "t13"."b8"
      ELSE NULL
    END - CASE
      WHEN "t4"."bin" = 1
      THEN "t13"."b0"
      WHEN "t4"."bin" = 2
      THEN "t13"."b1"
      WHEN "t4"."bin" = 3
      THEN "t13"."b2"
      WHEN "t4"."bin" = 4
      THEN "t13"."b3"
      WHEN "t4"."bin" = 5
      THEN "t13"."b4"
      WHEN "t4"."bin" = 6
      THEN "t13"."b5"
      WHEN "t4"."bin" = 7
      THEN "t13"."b6"
      WHEN "t4"."bin" = 8
      THEN "t13"."b7"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF("t13"."b8", 0) AS DOUBLE) AS "share",
    CAST(CASE
      WHEN "t4"."bin" = 1
      THEN "t13"."b1"
      WHEN "t4"."bin" = 2
      THEN "t13"."b2"
      WHEN "t4"."bin" = 3
      THEN "t13"."b3"
      WHEN "t4"."bin" = 4
      THEN "t13"."b4"
      WHEN "t4"."bin" = 5
      THEN "t13"."b5"
      WHEN "t4"."bin" = 6
      THEN "t13"."b6"
      WHEN "t4"."bin" = 7
      THEN "t13"."b7"
      WHEN "t4"."bin" = 8
      THEN "t13"."b8"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF("t13"."b8", 0) AS DOUBLE) AS "cumulative"
  FROM (
    SELECT
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 60000000) AS "b1",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 300000000) AS "b2",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 900000000) AS "b3",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 3600000000) AS "b4",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 21600000000) AS "b5",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 86400000000) AS "b6",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 259200000000) AS "b7",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" <= 604800000000) AS "b8",
      COUNT("t11"."took3") FILTER(WHERE
        "t11"."took3" < 0) AS "b0"
    FROM (
      SELECT
        "t10"."player_id",
        MIN("t10"."end" - "t10"."start") FILTER(WHERE
          "t10"."step" = 1) AS "took1",
        MIN("t10"."end" - "t10"."start") FILTER(WHERE
          "t10"."step" = 2) AS "took2",
        MIN("t10"."end" - "t10"."start") FILTER(WHERE
          "t10"."step" = 3) AS "took3",
        MIN("t10"."event_date") FILTER(WHERE
          "t10"."step" = 1) AS "event_date"
      FROM (
        SELECT
          "t9"."player_id",
          "t9"."step",
          "t9"."event_date",
          "t9"."start",
          "t9"."instant" AS "end"
        FROM (
          SELECT
            "t8"."player_id",
            "t8"."event_date",
            "t8"."instant",
            "t8"."step",
            CASE
              WHEN (
                "t8"."step" = 3
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
              "t7"."player_id",
              "t7"."event_date",
              "t7"."instant",
              "t7"."step",
              "t7"."start",
              COALESCE(
                LAST_VALUE(
                  CASE
                    WHEN (
                      "t7"."step" = 2
                    ) AND (
                      "t7"."start" > -1
                    )
                    THEN "t7"."start"
                    ELSE CAST(NULL AS BIGINT)
                  END
                 IGNORE NULLS) OVER (
                  PARTITION BY "t7"."player_id"
                  ORDER BY "t7"."instant" ASC, "t7"."step" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                ),
                -1
              ) AS "before"
            FROM (
              SELECT
                "t6"."player_id",
                "t6"."event_date",
                "t6"."instant",
                "t6"."step",
                CASE
                  WHEN (
                    "t6"."step" = 2
                  )
                  AND (
                    (
                      "t6"."before" > -1
                    )
                    AND (
                      (
                        "t6"."instant" - "t6"."before"
                      ) <= 604800000000
                    )
                  )
                  THEN "t6"."before"
                  ELSE "t6"."start"
                END AS "start",
                "t6"."before"
              FROM (
                SELECT
                  "t5"."player_id",
                  "t5"."event_date",
                  "t5"."instant",
                  "t5"."step",
                  "t5"."start",
                  COALESCE(
                    LAST_VALUE(
                      CASE
                        WHEN (
                          "t5"."step" = 1
                        ) AND (
                          "t5"."start" > -1
                        )
                        THEN "t5"."start"
                        ELSE CAST(NULL AS BIGINT)
                      END
                     IGNORE NULLS) OVER (
                      PARTITION BY "t5"."player_id"
                      ORDER BY "t5"."instant" ASC, "t5"."step" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                    ),
                    -1
                  ) AS "before"
                FROM (
                  SELECT
                    "t2"."player_id",
                    "t2"."event_date",
                    "t2"."instant",
                    "t2"."step",
                    CASE
                      WHEN "t2"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                      AND (
                        "t2"."event_date" >= MAKE_DATE(2026, 1, 1)
                      )
                      AND (
                        "t2"."instant" <= 1769212800000000
                      )
                      AND (
                        "t2"."step" = 1
                      )
                      THEN "t2"."instant"
                      ELSE -1
                    END AS "start"
                  FROM (
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
                  ) AS "t2"
                  WHERE
                    "t2"."step" IS NOT NULL
                ) AS "t5"
              ) AS "t6"
            ) AS "t7"
          ) AS "t8"
        ) AS "t9"
        WHERE
          "t9"."start" > -1
      ) AS "t10"
      GROUP BY
        1
    ) AS "t11"
  ) AS "t13"
  CROSS JOIN (
    SELECT
      *
    FROM (
      SELECT
        UNNEST(CAST(CAST([1, 2, 3, 4, 5, 6, 7, 8] AS TINYINT[]) AS BIGINT[])) AS "bin"
    ) AS "t1"
  ) AS "t4"
) AS "t14"
ORDER BY
  "t14"."bin" ASC
;
