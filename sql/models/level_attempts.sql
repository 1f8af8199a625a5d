-- level_attempts: One row an attempt, from all events and those that `sessionised` has marked.
-- Reads events, sessionised.
-- What no lake holds comes first:
-- days are those of UTC; write your reporting zone for it if you have another.
CREATE OR REPLACE TEMP VIEW days AS
SELECT
  CAST(midnight AS DATE) AS event_date,
  timezone('UTC', midnight) AS starts_at,
  timezone('UTC', midnight + INTERVAL 1 DAY) AS ends_at
FROM (
  SELECT unnest(generate_series(MIN(event_date) - 9, MAX(event_date) + 9, INTERVAL 1 DAY))
    AS midnight
  FROM events
)
;
CREATE OR REPLACE TEMP VIEW sessionised AS
SELECT
  "t15"."player_id",
  "t15"."session_id",
  "t15"."event_id",
  "t15"."event_ts",
  "t15"."event_date",
  "t15"."event_type",
  "t15"."amount_usd",
  "t15"."app_version",
  "t15"."level",
  "t15"."mode",
  "t15"."attempt",
  "t15"."success",
  "t15"."time_spent",
  "t15"."session_key",
  "t15"."session_start",
  "t15"."cut_next"
FROM (
  SELECT
    "t14"."player_id",
    "t14"."session_id",
    "t14"."event_id",
    "t14"."event_ts",
    "t14"."event_date",
    "t14"."event_type",
    "t14"."amount_usd",
    "t14"."app_version",
    "t14"."level",
    "t14"."mode",
    "t14"."attempt",
    "t14"."success",
    "t14"."time_spent",
    "t14"."session_key",
    "t14"."previous",
    "t14"."previous_day",
    "t14"."new_run",
    "t14"."run_start",
    "t14"."starts_at",
    "t14"."cut",
    MAX(
      CASE
        WHEN "t14"."new_run" OR "t14"."cut"
        THEN "t14"."event_ts"
        ELSE CAST(NULL AS TIMESTAMPTZ)
      END
    ) OVER (
      PARTITION BY "t14"."player_id", "t14"."session_key"
      ORDER BY "t14"."event_ts" ASC, "t14"."event_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "session_start",
    COALESCE(
      LEAD("t14"."cut") OVER (
        PARTITION BY "t14"."player_id", "t14"."session_key"
        ORDER BY "t14"."event_ts" ASC, "t14"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ),
      FALSE
    ) AS "cut_next"
  FROM (
    SELECT
      "t13"."player_id",
      "t13"."session_id",
      "t13"."event_id",
      "t13"."event_ts",
      "t13"."event_date",
      "t13"."event_type",
      "t13"."amount_usd",
      "t13"."app_version",
      "t13"."level",
      "t13"."mode",
      "t13"."attempt",
      "t13"."success",
      "t13"."time_spent",
      "t13"."session_key",
      "t13"."previous",
      "t13"."previous_day",
      "t13"."new_run",
      "t13"."run_start",
      "t13"."starts_at",
      NOT (
        "t13"."new_run"
      )
      AND (
        "t13"."event_date" <> "t13"."previous_day"
      )
      AND (
        (
          EPOCH_US("t13"."starts_at") - EPOCH_US("t13"."run_start")
        ) > 259200000000
      ) AS "cut"
    FROM (
      SELECT
        "t12"."player_id",
        "t12"."session_id",
        "t12"."event_id",
        "t12"."event_ts",
        "t12"."event_date",
        "t12"."event_type",
        "t12"."amount_usd",
        "t12"."app_version",
        "t12"."level",
        "t12"."mode",
        "t12"."attempt",
        "t12"."success",
        "t12"."time_spent",
        "t12"."session_key",
        "t12"."previous",
        "t12"."previous_day",
        "t12"."new_run",
        "t12"."run_start",
        "t3"."starts_at"
      FROM (
        SELECT
          "t10"."player_id",
          "t10"."session_id",
          "t10"."event_id",
          "t10"."event_ts",
          "t10"."event_date",
          "t10"."event_type",
          "t10"."amount_usd",
          "t10"."app_version",
          "t10"."level",
          "t10"."mode",
          "t10"."attempt",
          "t10"."success",
          "t10"."time_spent",
          "t10"."session_key",
          "t10"."previous",
          "t10"."previous_day",
          "t10"."new_run",
          MAX(
            CASE WHEN "t10"."new_run" THEN "t10"."event_ts" ELSE CAST(NULL AS TIMESTAMPTZ) END
          ) OVER (
            PARTITION BY "t10"."player_id", "t10"."session_key"
            ORDER BY "t10"."event_ts" ASC, "t10"."event_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS "run_start"
        FROM (
          SELECT
            "t9"."player_id",
            "t9"."session_id",
            "t9"."event_id",
            "t9"."event_ts",
            "t9"."event_date",
            "t9"."event_type",
            "t9"."amount_usd",
            "t9"."app_version",
            "t9"."level",
            "t9"."mode",
            "t9"."attempt",
            "t9"."success",
            "t9"."time_spent",
            "t9"."session_key",
            "t9"."previous",
            "t9"."previous_day",
            (
              "t9"."previous" IS NULL
            )
            OR (
              (
                EPOCH_US("t9"."event_ts") - EPOCH_US("t9"."previous")
              ) > 1800000000
            ) AS "new_run"
          FROM (
            SELECT
              "t8"."player_id",
              "t8"."session_id",
              "t8"."event_id",
              "t8"."event_ts",
              "t8"."event_date",
              "t8"."event_type",
              "t8"."amount_usd",
              "t8"."app_version",
              "t8"."level",
              "t8"."mode",
              "t8"."attempt",
              "t8"."success",
              "t8"."time_spent",
              "t8"."session_key",
              LAG("t8"."event_ts") OVER (
                PARTITION BY "t8"."player_id", "t8"."session_key"
                ORDER BY "t8"."event_ts" ASC, "t8"."event_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "previous",
              LAG("t8"."event_date") OVER (
                PARTITION BY "t8"."player_id", "t8"."session_key"
                ORDER BY "t8"."event_ts" ASC, "t8"."event_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "previous_day"
            FROM (
              SELECT
                "t7"."player_id",
                "t7"."session_id",
                "t7"."event_id",
                "t7"."event_ts",
                "t7"."event_date",
                "t7"."event_type",
                "t7"."amount_usd",
                "t7"."app_version",
                "t7"."level",
                "t7"."mode",
                "t7"."attempt",
                "t7"."success",
                "t7"."time_spent",
                COALESCE(
                  MAX("t7"."session_id") OVER (
                    PARTITION BY "t7"."player_id", "t7"."chain", "t7"."known"
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ),
                  MAX(CASE WHEN "t7"."known" = 1 THEN "t7"."session_id" ELSE CAST(NULL AS TEXT) END) OVER (
                    PARTITION BY "t7"."player_id", "t7"."chain"
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  )
                ) AS "session_key"
              FROM (
                SELECT
                  "t6"."player_id",
                  "t6"."session_id",
                  "t6"."event_id",
                  "t6"."event_ts",
                  "t6"."event_date",
                  "t6"."event_type",
                  "t6"."amount_usd",
                  "t6"."app_version",
                  "t6"."level",
                  "t6"."mode",
                  "t6"."attempt",
                  "t6"."success",
                  "t6"."time_spent",
                  "t6"."before",
                  "t6"."chain",
                  COUNT("t6"."session_id") OVER (
                    PARTITION BY "t6"."player_id", "t6"."chain"
                    ORDER BY "t6"."event_ts" ASC, "t6"."event_id" ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                  ) AS "known"
                FROM (
                  SELECT
                    "t5"."player_id",
                    "t5"."session_id",
                    "t5"."event_id",
                    "t5"."event_ts",
                    "t5"."event_date",
                    "t5"."event_type",
                    "t5"."amount_usd",
                    "t5"."app_version",
                    "t5"."level",
                    "t5"."mode",
                    "t5"."attempt",
                    "t5"."success",
                    "t5"."time_spent",
                    "t5"."before",
                    MAX(
                      CASE
                        WHEN (
                          "t5"."before" IS NULL
                        )
                        OR (
                          (
                            EPOCH_US("t5"."event_ts") - EPOCH_US("t5"."before")
                          ) > 1800000000
                        )
                        THEN "t5"."event_ts"
                        ELSE CAST(NULL AS TIMESTAMPTZ)
                      END
                    ) OVER (
                      PARTITION BY "t5"."player_id"
                      ORDER BY "t5"."event_ts" ASC, "t5"."event_id" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                    ) AS "chain"
                  FROM (
                    SELECT
                      "t4"."player_id",
                      "t4"."session_id",
                      "t4"."event_id",
                      "t4"."event_ts",
                      "t4"."event_date",
                      "t4"."event_type",
                      "t4"."amount_usd",
                      "t4"."app_version",
                      "t4"."level",
                      "t4"."mode",
                      "t4"."attempt",
                      "t4"."success",
                      "t4"."time_spent",
                      LAG("t4"."event_ts") OVER (
                        PARTITION BY "t4"."player_id"
                        ORDER BY "t4"."event_ts" ASC, "t4"."event_id" ASC
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) AS "before"
                    FROM (
                      SELECT
                        "t1"."player_id",
                        "t1"."session_id",
                        "t1"."event_id",
                        "t1"."event_ts",
                        "t1"."event_date",
                        "t1"."event_type",
                        "t1"."amount_usd",
                        "t1"."app_version",
                        "t1"."level",
                        "t1"."mode",
                        "t1"."attempt",
                        "t1"."success",
                        "t1"."time_spent"
                      FROM "events" AS "t1"
                      WHERE
                        NOT (
                          "t1"."event_type" IN ('refund', 'experiment_exposure')
                        )
                    ) AS "t4"
                  ) AS "t5"
                ) AS "t6"
              ) AS "t7"
            ) AS "t8"
          ) AS "t9"
        ) AS "t10"
      ) AS "t12"
      INNER JOIN (
        SELECT
          "t0"."event_date",
          "t0"."starts_at"
        FROM "days" AS "t0"
      ) AS "t3"
        ON "t12"."event_date" = "t3"."event_date"
    ) AS "t13"
  ) AS "t14"
) AS "t15"
;
SELECT
  "t3"."player_id",
  "t3"."event_date",
  "t3"."level",
  "t3"."mode",
  COALESCE(
    "t3"."attempt",
    CASE WHEN "t3"."resolved" THEN "t3"."next_attempt" ELSE CAST(NULL AS INT) END
  ) AS "attempt",
  "t3"."event_ts" AS "started_at",
  CASE
    WHEN "t3"."orphan"
    THEN CASE
      WHEN (
        "t3"."rank" = 1
      ) AND COALESCE("t3"."success", TRUE)
      THEN 'complete'
      ELSE 'fail'
    END
    WHEN "t3"."resolved"
    THEN CASE
      WHEN (
        "t3"."next_rank" = 1
      ) AND COALESCE("t3"."next_success", TRUE)
      THEN 'complete'
      ELSE 'fail'
    END
    ELSE 'abandon'
  END AS "outcome",
  CASE
    WHEN "t3"."orphan"
    THEN "t3"."time_spent"
    WHEN "t3"."resolved"
    THEN COALESCE(
      "t3"."next_seconds",
      CAST(EPOCH_US("t3"."next_ts") - EPOCH_US("t3"."event_ts") AS DOUBLE) / 1000000.0
    )
    ELSE NULL
  END AS "seconds",
  "t3"."orphan" AS "start_missing",
  COALESCE(
    "t3"."app_version",
    CASE WHEN "t3"."resolved" THEN "t3"."next_version" ELSE CAST(NULL AS TEXT) END
  ) AS "app_version"
FROM (
  SELECT
    "t2"."player_id",
    "t2"."event_date",
    "t2"."event_ts",
    "t2"."event_id",
    "t2"."event_type",
    "t2"."level",
    "t2"."mode",
    "t2"."attempt",
    "t2"."success",
    "t2"."time_spent",
    "t2"."app_version",
    "t2"."session_key",
    "t2"."session_start",
    "t2"."rank",
    "t2"."next",
    "t2"."last",
    "t2"."rank" = 0 AS "is_start",
    "t2"."next"."ts" AS "next_ts",
    "t2"."next"."rank" = 0 AS "next_start",
    "t2"."next"."rank" AS "next_rank",
    "t2"."next"."success" AS "next_success",
    "t2"."next"."seconds" AS "next_seconds",
    "t2"."next"."attempt" AS "next_attempt",
    "t2"."next"."version" AS "next_version",
    COALESCE("t2"."last"."rank" = 0, FALSE) AS "last_start",
    "t2"."last"."ts" AS "last_ts",
    "t2"."last"."attempt" AS "last_attempt",
    COALESCE(
      (
        "t2"."rank" = 0
      )
      AND NOT (
        "t2"."next"."rank" = 0
      )
      AND (
        (
          EPOCH_US("t2"."next"."ts") - EPOCH_US("t2"."event_ts")
        ) <= 259200000000
      )
      AND COALESCE("t2"."attempt" = "t2"."next"."attempt", TRUE),
      FALSE
    ) AS "resolved",
    NOT (
      "t2"."rank" = 0
    )
    AND NOT (
      COALESCE(
        COALESCE("t2"."last"."rank" = 0, FALSE)
        AND (
          (
            EPOCH_US("t2"."event_ts") - EPOCH_US("t2"."last"."ts")
          ) <= 259200000000
        )
        AND COALESCE("t2"."attempt" = "t2"."last"."attempt", TRUE),
        FALSE
      )
    ) AS "orphan"
  FROM (
    SELECT
      "t1"."player_id",
      "t1"."event_date",
      "t1"."event_ts",
      "t1"."event_id",
      "t1"."event_type",
      "t1"."level",
      "t1"."mode",
      "t1"."attempt",
      "t1"."success",
      "t1"."time_spent",
      "t1"."app_version",
      "t1"."session_key",
      "t1"."session_start",
      "t1"."rank",
      LEAD(
        {'ts': "t1"."event_ts", 'rank': "t1"."rank", 'attempt': "t1"."attempt", 'success': "t1"."success", 'seconds': "t1"."time_spent", 'version': "t1"."app_version"}
      ) OVER (
        PARTITION BY "t1"."player_id", "t1"."level", "t1"."mode", "t1"."session_key", "t1"."session_start"
        ORDER BY "t1"."event_ts" ASC, "t1"."rank" ASC, "t1"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "next",
      LAG({'ts': "t1"."event_ts", 'rank': "t1"."rank", 'attempt': "t1"."attempt"}) OVER (
        PARTITION BY "t1"."player_id", "t1"."level", "t1"."mode", "t1"."session_key", "t1"."session_start"
        ORDER BY "t1"."event_ts" ASC, "t1"."rank" ASC, "t1"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "last"
    FROM (
      SELECT
        "t0"."player_id",
        "t0"."event_date",
        "t0"."event_ts",
        "t0"."event_id",
        "t0"."event_type",
        "t0"."level",
        "t0"."mode",
        "t0"."attempt",
        "t0"."success",
        "t0"."time_spent",
        "t0"."app_version",
        "t0"."session_key",
        "t0"."session_start",
        CASE "t0"."event_type"
          WHEN 'level_start'
          THEN 0
          WHEN 'level_complete'
          THEN 1
          WHEN 'level_fail'
          THEN 2
          ELSE NULL
        END AS "rank"
      FROM "sessionised" AS "t0"
      WHERE
        "t0"."event_type" IN ('level_start', 'level_complete', 'level_fail')
        AND "t0"."level" IS NOT NULL
    ) AS "t1"
  ) AS "t2"
) AS "t3"
WHERE
  "t3"."is_start" OR "t3"."orphan"
;
