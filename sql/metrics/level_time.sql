-- level_time: How long an attempt of each level takes, and how long it takes to win the level.
-- Example: `questline sql level_time` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t12"."level",
  "t12"."attempts",
  "t12"."timed",
  "t12"."median_seconds",
  "t12"."players",
  "t12"."completers",
  "t12"."players" - "t12"."completers" AS "censored",
  "t12"."median_seconds_to_completion",
  "t12"."attempts_completers_median"
FROM (
  SELECT
    "t11"."level",
    COALESCE(SUM("t11"."attempt"), 0) AS "attempts",
    COUNT("t11"."length") AS "timed",
    QUANTILE_CONT("t11"."length", 0.5) AS "median_seconds",
    COALESCE(SUM("t11"."entered"), 0) AS "players",
    COALESCE(SUM("t11"."winner"), 0) AS "completers",
    QUANTILE_CONT("t11"."needed", 0.5) AS "median_seconds_to_completion",
    QUANTILE_CONT(CAST("t11"."tries" AS DOUBLE), 0.5) AS "attempts_completers_median"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t0"."player_id",
        "t0"."level",
        CAST(NULL AS TINYINT) AS "entered",
        CAST(NULL AS BIGINT) AS "winner",
        CAST(NULL AS DOUBLE) AS "needed",
        CAST(NULL AS BIGINT) AS "tries",
        "t0"."seconds" AS "length",
        1 AS "attempt"
      FROM "level_attempts" AS "t0"
      WHERE
        "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
    ) AS "t1"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t9"."player_id",
        "t9"."level",
        1 AS "entered",
        CAST("t9"."won" AS BIGINT) AS "winner",
        CASE WHEN "t9"."won" THEN "t9"."seconds" ELSE CAST(NULL AS DOUBLE) END AS "needed",
        CASE WHEN "t9"."won" THEN "t9"."tries" ELSE CAST(NULL AS BIGINT) END AS "tries",
        CAST(NULL AS DOUBLE) AS "length",
        CAST(NULL AS TINYINT) AS "attempt"
      FROM (
        SELECT
          "t8"."player_id",
          "t8"."level",
          "t8"."first_day",
          COUNT("t8"."won_at") > 0 AS "won",
          COUNT(*) AS "tries",
          SUM("t8"."seconds") AS "seconds"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t4"."player_id",
              "t4"."level",
              "t4"."started_at",
              "t4"."seconds",
              "t6"."first_day",
              "t6"."won_at"
            FROM (
              SELECT
                "t0"."player_id",
                "t0"."level",
                "t0"."started_at",
                "t0"."seconds"
              FROM "level_attempts" AS "t0"
              WHERE
                "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
            ) AS "t4"
            INNER JOIN (
              SELECT
                "t3"."player_id",
                "t3"."level",
                MIN("t3"."event_date") AS "first_day",
                MIN("t3"."started_at") FILTER(WHERE
                  "t3"."outcome" = 'complete') AS "won_at"
              FROM (
                SELECT
                  *
                FROM "level_attempts" AS "t0"
                WHERE
                  "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
              ) AS "t3"
              GROUP BY
                1,
                2
            ) AS "t6"
              ON "t4"."player_id" = "t6"."player_id" AND "t4"."level" = "t6"."level"
          ) AS "t7"
          WHERE
            (
              "t7"."won_at" IS NULL
            ) OR (
              "t7"."started_at" <= "t7"."won_at"
            )
        ) AS "t8"
        GROUP BY
          1,
          2,
          3
      ) AS "t9"
      WHERE
        "t9"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
    ) AS "t10"
  ) AS "t11"
  GROUP BY
    1
) AS "t12"
ORDER BY
  "t12"."level" ASC
;
