-- level_time: How long an attempt of each level takes, and how long it takes to win the level.
-- Example: `questline sql level_time` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t6" AS (
  SELECT
    "t2"."player_id",
    "t2"."level",
    MIN("t2"."event_date") AS "first_day",
    MIN("t2"."started_at") FILTER(WHERE
      "t2"."outcome" = 'complete') AS "won_at",
    MAX("t2"."started_at") AS "latest",
    COUNT(*) AS "tries",
    SUM("t2"."seconds") AS "seconds"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."level",
      "t0"."event_date",
      "t0"."started_at",
      "t0"."outcome",
      "t0"."seconds"
    FROM "level_attempts" AS "t0"
    WHERE
      "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
  ) AS "t2"
  GROUP BY
    1,
    2
)
SELECT
  "t21"."level",
  "t21"."attempts",
  "t21"."timed",
  "t21"."median_seconds",
  "t21"."players",
  "t21"."completers",
  "t21"."players" - "t21"."completers" AS "censored",
  "t21"."median_seconds_to_completion",
  "t21"."attempts_completers_median"
FROM (
  SELECT
    "t20"."level",
    COALESCE(SUM("t20"."attempts"), 0) AS "attempts",
    COALESCE(SUM("t20"."timed"), 0) AS "timed",
    COALESCE(SUM("t20"."players"), 0) AS "players",
    COALESCE(SUM("t20"."completers"), 0) AS "completers",
    MAX("t20"."median_seconds") AS "median_seconds",
    MAX("t20"."median_seconds_to_completion") AS "median_seconds_to_completion",
    MAX("t20"."attempts_completers_median") AS "attempts_completers_median"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t5"."level",
        CAST(NULL AS BIGINT) AS "players",
        CAST(NULL AS BIGINT) AS "completers",
        CAST(NULL AS DOUBLE) AS "median_seconds_to_completion",
        CAST(NULL AS DOUBLE) AS "attempts_completers_median",
        "t5"."attempts",
        "t5"."timed",
        "t5"."median_seconds"
      FROM (
        SELECT
          "t1"."level",
          COUNT(*) AS "attempts",
          COUNT("t1"."seconds") AS "timed",
          QUANTILE_CONT("t1"."seconds", 0.5) AS "median_seconds"
        FROM (
          SELECT
            "t0"."player_id",
            "t0"."level",
            "t0"."seconds"
          FROM "level_attempts" AS "t0"
          WHERE
            "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        ) AS "t1"
        GROUP BY
          1
      ) AS "t5"
    ) AS "t7"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t18"."level",
        "t18"."players",
        "t18"."completers",
        "t18"."median_seconds_to_completion",
        "t18"."attempts_completers_median",
        CAST(NULL AS BIGINT) AS "attempts",
        CAST(NULL AS BIGINT) AS "timed",
        CAST(NULL AS DOUBLE) AS "median_seconds"
      FROM (
        SELECT
          "t17"."level",
          COUNT(*) AS "players",
          COUNT(*) FILTER(WHERE
            "t17"."won") AS "completers",
          QUANTILE_CONT("t17"."seconds", 0.5) FILTER(WHERE
            "t17"."won") AS "median_seconds_to_completion",
          QUANTILE_CONT(CAST("t17"."tries" AS DOUBLE), 0.5) FILTER(WHERE
            "t17"."won") AS "attempts_completers_median"
        FROM (
          SELECT
            "t16"."player_id",
            "t16"."level",
            "t16"."won",
            "t16"."tries",
            "t16"."seconds"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t8"."player_id",
                "t8"."level",
                "t8"."first_day",
                "t8"."won_at" IS NOT NULL AS "won",
                "t8"."tries",
                "t8"."seconds"
              FROM "t6" AS "t8"
              WHERE
                NOT (
                  COALESCE("t8"."latest" > "t8"."won_at", FALSE)
                )
            ) AS "t10"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t13"."player_id",
                  "t13"."level",
                  "t13"."first_day",
                  TRUE AS "won",
                  COUNT(*) AS "tries",
                  SUM("t13"."seconds") AS "seconds"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t4"."player_id",
                      "t4"."level",
                      "t4"."started_at",
                      "t4"."seconds",
                      "t11"."first_day",
                      "t11"."won_at"
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
                        "t8"."player_id",
                        "t8"."level",
                        "t8"."first_day",
                        "t8"."won_at"
                      FROM "t6" AS "t8"
                      WHERE
                        COALESCE("t8"."latest" > "t8"."won_at", FALSE)
                    ) AS "t11"
                      ON "t4"."player_id" = "t11"."player_id" AND "t4"."level" = "t11"."level"
                  ) AS "t12"
                  WHERE
                    "t12"."started_at" <= "t12"."won_at"
                ) AS "t13"
                GROUP BY
                  1,
                  2,
                  3
              ) AS "t14"
            ) AS "t15"
          ) AS "t16"
          WHERE
            "t16"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        ) AS "t17"
        GROUP BY
          1
      ) AS "t18"
    ) AS "t19"
  ) AS "t20"
  GROUP BY
    1
) AS "t21"
ORDER BY
  "t21"."level" ASC
;
