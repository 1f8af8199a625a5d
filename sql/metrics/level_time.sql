-- level_time: How long an attempt of each level takes, and how long it takes to win the level.
-- Example: `questline sql level_time` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t5" AS (
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
      *
    FROM "level_attempts" AS "t0"
    WHERE
      "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
  ) AS "t2"
  GROUP BY
    1,
    2
)
SELECT
  "t17"."level",
  "t17"."attempts",
  "t17"."timed",
  "t17"."median_seconds",
  "t17"."players",
  "t17"."completers",
  "t17"."players" - "t17"."completers" AS "censored",
  "t17"."median_seconds_to_completion",
  "t17"."attempts_completers_median"
FROM (
  SELECT
    "t16"."level",
    COALESCE(SUM("t16"."attempt"), 0) AS "attempts",
    COUNT("t16"."length") AS "timed",
    QUANTILE_CONT("t16"."length", 0.5) AS "median_seconds",
    COALESCE(SUM("t16"."entered"), 0) AS "players",
    COALESCE(SUM("t16"."winner"), 0) AS "completers",
    QUANTILE_CONT("t16"."needed", 0.5) AS "median_seconds_to_completion",
    QUANTILE_CONT(CAST("t16"."tries" AS DOUBLE), 0.5) AS "attempts_completers_median"
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
        "t14"."player_id",
        "t14"."level",
        1 AS "entered",
        CAST("t14"."won" AS BIGINT) AS "winner",
        CASE WHEN "t14"."won" THEN "t14"."seconds" ELSE CAST(NULL AS DOUBLE) END AS "needed",
        CASE WHEN "t14"."won" THEN "t14"."tries" ELSE CAST(NULL AS BIGINT) END AS "tries",
        CAST(NULL AS DOUBLE) AS "length",
        CAST(NULL AS TINYINT) AS "attempt"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t6"."player_id",
            "t6"."level",
            "t6"."first_day",
            "t6"."won_at" IS NOT NULL AS "won",
            "t6"."tries",
            "t6"."seconds"
          FROM "t5" AS "t6"
          WHERE
            NOT (
              COALESCE("t6"."latest" > "t6"."won_at", FALSE)
            )
        ) AS "t8"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t11"."player_id",
              "t11"."level",
              "t11"."first_day",
              TRUE AS "won",
              COUNT(*) AS "tries",
              SUM("t11"."seconds") AS "seconds"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t4"."player_id",
                  "t4"."level",
                  "t4"."started_at",
                  "t4"."seconds",
                  "t9"."first_day",
                  "t9"."won_at"
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
                    "t6"."player_id",
                    "t6"."level",
                    "t6"."first_day",
                    "t6"."won_at"
                  FROM "t5" AS "t6"
                  WHERE
                    COALESCE("t6"."latest" > "t6"."won_at", FALSE)
                ) AS "t9"
                  ON "t4"."player_id" = "t9"."player_id" AND "t4"."level" = "t9"."level"
              ) AS "t10"
              WHERE
                "t10"."started_at" <= "t10"."won_at"
            ) AS "t11"
            GROUP BY
              1,
              2,
              3
          ) AS "t12"
        ) AS "t13"
      ) AS "t14"
      WHERE
        "t14"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
    ) AS "t15"
  ) AS "t16"
  GROUP BY
    1
) AS "t17"
ORDER BY
  "t17"."level" ASC
;
