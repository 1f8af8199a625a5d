-- funnel_times: How long those who came to the last step of a funnel needed from the first.
-- Example: `questline sql funnel_times --steps session_start,level_start,level_complete` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t9" AS (
  SELECT
    "t6"."player_id",
    "t6"."step",
    "t6"."event_date",
    "t6"."instant",
    LAG("t6"."start") OVER (
      PARTITION BY "t6"."player_id"
      ORDER BY "t6"."instant" ASC, "t6"."step" ASC
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
  ) AS "t6"
)
SELECT
  *
FROM (
  SELECT
    "t8"."bin",
    CASE
      WHEN "t8"."bin" = 1
      THEN 0.0
      WHEN "t8"."bin" = 2
      THEN 60.0
      WHEN "t8"."bin" = 3
      THEN 300.0
      WHEN "t8"."bin" = 4
      THEN 900.0
      WHEN "t8"."bin" = 5
      THEN 3600.0
      WHEN "t8"."bin" = 6
      THEN 21600.0
      WHEN "t8"."bin" = 7
      THEN 86400.0
      WHEN "t8"."bin" = 8
      THEN 259200.0
      ELSE NULL
    END AS "from_seconds",
    CASE
      WHEN "t8"."bin" = 1
      THEN 60.0
      WHEN "t8"."bin" = 2
      THEN 300.0
      WHEN "t8"."bin" = 3
      THEN 900.0
      WHEN "t8"."bin" = 4
      THEN 3600.0
      WHEN "t8"."bin" = 5
      THEN 21600.0
      WHEN "t8"."bin" = 6
      THEN 86400.0
      WHEN "t8"."bin" = 7
      THEN 259200.0
      WHEN "t8"."bin" = 8
      THEN 604800.0
      ELSE NULL
    END AS "to_seconds",
    CASE
      WHEN "t8"."bin" = 1
      THEN "t21"."b1"
      WHEN "t8"."bin" = 2
      THEN "t21"."b2"
      WHEN "t8"."bin" = 3
      THEN "t21"."b3"
      WHEN "t8"."bin" = 4
      THEN "t21"."b4"
      WHEN "t8"."bin" = 5
      THEN "t21"."b5"
      WHEN "t8"."bin" = 6
      THEN "t21"."b6"
      WHEN "t8"."bin" = 7
      THEN "t21"."b7"
      WHEN "t8"."bin" = 8
      THEN "t21"."b8"
      ELSE NULL
    END - CASE
      WHEN "t8"."bin" = 1
      THEN "t21"."b0"
      WHEN "t8"."bin" = 2
      THEN "t21"."b1"
      WHEN "t8"."bin" = 3
      THEN "t21"."b2"
      WHEN "t8"."bin" = 4
      THEN "t21"."b3"
      WHEN "t8"."bin" = 5
      THEN "t21"."b4"
      WHEN "t8"."bin" = 6
      THEN "t21"."b5"
      WHEN "t8"."bin" = 7
      THEN "t21"."b6"
      WHEN "t8"."bin" = 8
      THEN "t21"."b7"
      ELSE NULL
    END AS "players",
    CAST(CASE
      WHEN "t8"."bin" = 1
      THEN "t21"."b1"
      WHEN "t8"."bin" = 2
      THEN "t21"."b2"
      WHEN "t8"."bin" = 3
      THEN "t21"."b3"
      WHEN "t8"."bin" = 4
      THEN "t21"."b4"
      WHEN "t8"."bin" = 5
      THEN "t21"."b5"
      WHEN "t8"."bin" = 6
      THEN "t21"."b6"
      WHEN "t8"."bin" = 7
      THEN "t21"."b7"
      WHEN "t8"."bin" = 8
      THEN "t21"."b8"
      ELSE NULL
    END - CASE
      WHEN "t8"."bin" = 1
      THEN "t21"."b0"
      WHEN "t8"."bin" = 2
      THEN "t21"."b1"
      WHEN "t8"."bin" = 3
      THEN "t21"."b2"
      WHEN "t8"."bin" = 4
      THEN "t21"."b3"
      WHEN "t8"."bin" = 5
      THEN "t21"."b4"
      WHEN "t8"."bin" = 6
      THEN "t21"."b5"
      WHEN "t8"."bin" = 7
      THEN "t21"."b6"
      WHEN "t8"."bin" = 8
      THEN "t21"."b7"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF("t21"."b8", 0) AS DOUBLE) AS "share",
    CAST(CASE
      WHEN "t8"."bin" = 1
      THEN "t21"."b1"
      WHEN "t8"."bin" = 2
      THEN "t21"."b2"
      WHEN "t8"."bin" = 3
      THEN "t21"."b3"
      WHEN "t8"."bin" = 4
      THEN "t21"."b4"
      WHEN "t8"."bin" = 5
      THEN "t21"."b5"
      WHEN "t8"."bin" = 6
      THEN "t21"."b6"
      WHEN "t8"."bin" = 7
      THEN "t21"."b7"
      WHEN "t8"."bin" = 8
      THEN "t21"."b8"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF("t21"."b8", 0) AS DOUBLE) AS "cumulative"
  FROM (
    SELECT
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 60000000) AS "b1",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 300000000) AS "b2",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 900000000) AS "b3",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 3600000000) AS "b4",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 21600000000) AS "b5",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 86400000000) AS "b6",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 259200000000) AS "b7",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" <= 604800000000) AS "b8",
      COUNT("t19"."took3") FILTER(WHERE
        "t19"."took3" < 0) AS "b0"
    FROM (
      SELECT
        *
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
            *
          FROM (
            SELECT
              "t15"."player_id",
              "t15"."step",
              "t15"."event_date",
              "t15"."instant" AS "end",
              "t15"."start"
            FROM (
              SELECT
                "t14"."player_id",
                "t14"."step",
                "t14"."event_date",
                "t14"."instant",
                LAG("t14"."start") OVER (
                  PARTITION BY "t14"."player_id"
                  ORDER BY "t14"."instant" ASC, "t14"."step" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "start"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    *
                  FROM "t9" AS "t10"
                  WHERE
                    "t10"."step" = 2
                    AND "t10"."start" IS NOT NULL
                    AND (
                      "t10"."instant" - "t10"."start"
                    ) <= 604800000000
                ) AS "t12"
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
              ) AS "t14"
            ) AS "t15"
            WHERE
              "t15"."step" = 3
              AND "t15"."start" IS NOT NULL
              AND (
                "t15"."instant" - "t15"."start"
              ) <= 604800000000
          ) AS "t16"
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
                "t10"."player_id",
                "t10"."step",
                "t10"."event_date",
                "t10"."instant" AS "end",
                "t10"."start"
              FROM "t9" AS "t10"
              WHERE
                "t10"."step" = 2
                AND "t10"."start" IS NOT NULL
                AND (
                  "t10"."instant" - "t10"."start"
                ) <= 604800000000
            ) AS "t11"
          ) AS "t13"
        ) AS "t17"
        GROUP BY
          1
      ) AS "t18"
      WHERE
        "t18"."took1" IS NOT NULL
    ) AS "t19"
  ) AS "t21"
  CROSS JOIN (
    SELECT
      *
    FROM (
      SELECT
        UNNEST(CAST(CAST([1, 2, 3, 4, 5, 6, 7, 8] AS TINYINT[]) AS BIGINT[])) AS "bin"
    ) AS "t3"
  ) AS "t8"
) AS "t22"
ORDER BY
  "t22"."bin" ASC
;
