-- level_attempts_with_ids: What `level_attempts` gives where `sessionised` holds only the events of spans not whole.
-- Reads events, session_spans, sessionised.
-- What no lake holds comes first:
-- days are those of UTC; write your reporting zone for it if you have another.
CREATE OR REPLACE TEMP VIEW session_spans AS
SELECT
  "t2"."player_id",
  "t2"."session_key",
  "t2"."session_date",
  "t2"."started_at",
  "t2"."ended_at",
  "t2"."capped",
  "t2"."explicit",
  "t2"."start_missing",
  "t2"."events",
  "t2"."levels",
  "t2"."revenue_usd",
  (
    EPOCH_US("t2"."ended_at") - EPOCH_US("t2"."started_at")
  ) <= 1800000000 AS "whole"
FROM (
  SELECT
    "t1"."player_id",
    "t1"."session_key",
    MIN("t1"."event_date") AS "session_date",
    MIN("t1"."event_ts") AS "started_at",
    MAX("t1"."event_ts") AS "ended_at",
    BOOL_OR(CAST("t1"."cut_next" AS BOOLEAN)) AS "capped",
    BOOL_OR(CAST("t1"."event_type" = 'session_end' AS BOOLEAN)) AS "explicit",
    NOT (
      BOOL_OR(CAST("t1"."event_type" = 'session_start' AS BOOLEAN))
    ) AS "start_missing",
    COUNT(*) AS "events",
    SUM(
      CAST((
        "t1"."event_type" = 'level_complete'
      ) AND COALESCE("t1"."success", TRUE) AS BIGINT)
    ) AS "levels",
    COALESCE(
      SUM(
        CASE
          WHEN "t1"."event_type" IN ('purchase', 'ad_watched')
          THEN "t1"."amount_usd"
          ELSE CAST(NULL AS DECIMAL(18, 6))
        END
      ),
      CAST(0.000000 AS DECIMAL(18, 6))
    ) AS "revenue_usd"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."session_id",
      "t0"."event_id",
      "t0"."event_ts",
      "t0"."event_date",
      "t0"."event_type",
      "t0"."amount_usd",
      "t0"."app_version",
      "t0"."level",
      "t0"."mode",
      "t0"."attempt",
      "t0"."success",
      "t0"."time_spent",
      "t0"."session_id" AS "session_key",
      FALSE AS "cut_next"
    FROM "events" AS "t0"
    WHERE
      NOT (
        "t0"."event_type" IN ('refund', 'experiment_exposure')
      )
  ) AS "t1"
  GROUP BY
    1,
    2
) AS "t2"
;
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
  "t17"."player_id",
  "t17"."session_id",
  "t17"."event_id",
  "t17"."event_ts",
  "t17"."event_date",
  "t17"."event_type",
  "t17"."amount_usd",
  "t17"."app_version",
  "t17"."level",
  "t17"."mode",
  "t17"."attempt",
  "t17"."success",
  "t17"."time_spent",
  "t17"."session_key",
  "t17"."session_start",
  "t17"."cut_next"
FROM (
  SELECT
    "t16"."player_id",
    "t16"."session_id",
    "t16"."event_id",
    "t16"."event_ts",
    "t16"."event_date",
    "t16"."event_type",
    "t16"."amount_usd",
    "t16"."app_version",
    "t16"."level",
    "t16"."mode",
    "t16"."attempt",
    "t16"."success",
    "t16"."time_spent",
    "t16"."session_key",
    "t16"."previous",
    "t16"."previous_day",
    "t16"."new_run",
    "t16"."run_start",
    "t16"."starts_at",
    "t16"."cut",
    MAX(
      CASE
        WHEN "t16"."new_run" OR "t16"."cut"
        THEN "t16"."event_ts"
        ELSE CAST(NULL AS TIMESTAMPTZ)
      END
    ) OVER (
      PARTITION BY "t16"."player_id", "t16"."session_key"
      ORDER BY "t16"."event_ts" ASC, "t16"."event_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "session_start",
    COALESCE(
      LEAD("t16"."cut") OVER (
        PARTITION BY "t16"."player_id", "t16"."session_key"
        ORDER BY "t16"."event_ts" ASC, "t16"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ),
      FALSE
    ) AS "cut_next"
  FROM (
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
      "t15"."previous",
      "t15"."previous_day",
      "t15"."new_run",
      "t15"."run_start",
      "t15"."starts_at",
      NOT (
        "t15"."new_run"
      )
      AND (
        "t15"."event_date" <> "t15"."previous_day"
      )
      AND (
        (
          EPOCH_US("t15"."starts_at") - EPOCH_US("t15"."run_start")
        ) > 259200000000
      ) AS "cut"
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
        "t4"."starts_at"
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
          MAX(
            CASE WHEN "t12"."new_run" THEN "t12"."event_ts" ELSE CAST(NULL AS TIMESTAMPTZ) END
          ) OVER (
            PARTITION BY "t12"."player_id", "t12"."session_key"
            ORDER BY "t12"."event_ts" ASC, "t12"."event_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS "run_start"
        FROM (
          SELECT
            "t11"."player_id",
            "t11"."session_id",
            "t11"."event_id",
            "t11"."event_ts",
            "t11"."event_date",
            "t11"."event_type",
            "t11"."amount_usd",
            "t11"."app_version",
            "t11"."level",
            "t11"."mode",
            "t11"."attempt",
            "t11"."success",
            "t11"."time_spent",
            "t11"."session_key",
            "t11"."previous",
            "t11"."previous_day",
            (
              "t11"."previous" IS NULL
            )
            OR (
              (
                EPOCH_US("t11"."event_ts") - EPOCH_US("t11"."previous")
              ) > 1800000000
            ) AS "new_run"
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
              LAG("t10"."event_ts") OVER (
                PARTITION BY "t10"."player_id", "t10"."session_key"
                ORDER BY "t10"."event_ts" ASC, "t10"."event_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "previous",
              LAG("t10"."event_date") OVER (
                PARTITION BY "t10"."player_id", "t10"."session_key"
                ORDER BY "t10"."event_ts" ASC, "t10"."event_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "previous_day"
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
                "t9"."session_id" AS "session_key"
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
                  "t8"."time_spent"
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
                ) AS "t8"
                SEMI JOIN (
                  SELECT
                    "t2"."player_id",
                    "t2"."session_key" AS "session_id"
                  FROM "session_spans" AS "t2"
                  WHERE
                    NOT (
                      "t2"."whole"
                    )
                ) AS "t7"
                  ON "t8"."player_id" = "t7"."player_id" AND "t8"."session_id" = "t7"."session_id"
              ) AS "t9"
            ) AS "t10"
          ) AS "t11"
        ) AS "t12"
      ) AS "t14"
      INNER JOIN (
        SELECT
          "t0"."event_date",
          "t0"."starts_at"
        FROM "days" AS "t0"
      ) AS "t4"
        ON "t14"."event_date" = "t4"."event_date"
    ) AS "t15"
  ) AS "t16"
) AS "t17"
;
SELECT
  "t12"."player_id",
  "t12"."event_date",
  "t12"."level",
  "t12"."mode",
  COALESCE(
    "t12"."attempt",
    CASE WHEN "t12"."resolved" THEN "t12"."next_attempt" ELSE CAST(NULL AS INT) END
  ) AS "attempt",
  "t12"."event_ts" AS "started_at",
  CASE
    WHEN "t12"."orphan"
    THEN CASE
      WHEN (
        "t12"."rank" = 1
      ) AND COALESCE("t12"."success", TRUE)
      THEN 'complete'
      ELSE 'fail'
    END
    WHEN "t12"."resolved"
    THEN CASE
      WHEN (
        "t12"."next_rank" = 1
      ) AND COALESCE("t12"."next_success", TRUE)
      THEN 'complete'
      ELSE 'fail'
    END
    ELSE 'abandon'
  END AS "outcome",
  CASE
    WHEN "t12"."orphan"
    THEN "t12"."time_spent"
    WHEN "t12"."resolved"
    THEN COALESCE(
      "t12"."next_seconds",
      CAST(EPOCH_US("t12"."next_ts") - EPOCH_US("t12"."event_ts") AS DOUBLE) / 1000000.0
    )
    ELSE NULL
  END AS "seconds",
  "t12"."orphan" AS "start_missing",
  COALESCE(
    "t12"."app_version",
    CASE WHEN "t12"."resolved" THEN "t12"."next_version" ELSE CAST(NULL AS TEXT) END
  ) AS "app_version"
FROM (
  SELECT
    "t11"."player_id",
    "t11"."event_date",
    "t11"."event_ts",
    "t11"."event_id",
    "t11"."event_type",
    "t11"."level",
    "t11"."mode",
    "t11"."attempt",
    "t11"."success",
    "t11"."time_spent",
    "t11"."app_version",
    "t11"."session_key",
    "t11"."session_start",
    "t11"."rank",
    "t11"."next",
    "t11"."last",
    "t11"."rank" = 0 AS "is_start",
    "t11"."next"."ts" AS "next_ts",
    "t11"."next"."rank" = 0 AS "next_start",
    "t11"."next"."rank" AS "next_rank",
    "t11"."next"."success" AS "next_success",
    "t11"."next"."seconds" AS "next_seconds",
    "t11"."next"."attempt" AS "next_attempt",
    "t11"."next"."version" AS "next_version",
    COALESCE("t11"."last"."rank" = 0, FALSE) AS "last_start",
    "t11"."last"."ts" AS "last_ts",
    "t11"."last"."attempt" AS "last_attempt",
    COALESCE(
      (
        "t11"."rank" = 0
      )
      AND NOT (
        "t11"."next"."rank" = 0
      )
      AND (
        (
          EPOCH_US("t11"."next"."ts") - EPOCH_US("t11"."event_ts")
        ) <= 259200000000
      )
      AND COALESCE("t11"."attempt" = "t11"."next"."attempt", TRUE),
      FALSE
    ) AS "resolved",
    NOT (
      "t11"."rank" = 0
    )
    AND NOT (
      COALESCE(
        COALESCE("t11"."last"."rank" = 0, FALSE)
        AND (
          (
            EPOCH_US("t11"."event_ts") - EPOCH_US("t11"."last"."ts")
          ) <= 259200000000
        )
        AND COALESCE("t11"."attempt" = "t11"."last"."attempt", TRUE),
        FALSE
      )
    ) AS "orphan"
  FROM (
    SELECT
      "t10"."player_id",
      "t10"."event_date",
      "t10"."event_ts",
      "t10"."event_id",
      "t10"."event_type",
      "t10"."level",
      "t10"."mode",
      "t10"."attempt",
      "t10"."success",
      "t10"."time_spent",
      "t10"."app_version",
      "t10"."session_key",
      "t10"."session_start",
      "t10"."rank",
      LEAD(
        {'ts': "t10"."event_ts", 'rank': "t10"."rank", 'attempt': "t10"."attempt", 'success': "t10"."success", 'seconds': "t10"."time_spent", 'version': "t10"."app_version"}
      ) OVER (
        PARTITION BY "t10"."player_id", "t10"."level", "t10"."mode", "t10"."session_key", "t10"."session_start"
        ORDER BY "t10"."event_ts" ASC, "t10"."rank" ASC, "t10"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "next",
      LAG({'ts': "t10"."event_ts", 'rank': "t10"."rank", 'attempt': "t10"."attempt"}) OVER (
        PARTITION BY "t10"."player_id", "t10"."level", "t10"."mode", "t10"."session_key", "t10"."session_start"
        ORDER BY "t10"."event_ts" ASC, "t10"."rank" ASC, "t10"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "last"
    FROM (
      SELECT
        "t9"."player_id",
        "t9"."event_date",
        "t9"."event_ts",
        "t9"."event_id",
        "t9"."event_type",
        "t9"."level",
        "t9"."mode",
        "t9"."attempt",
        "t9"."success",
        "t9"."time_spent",
        "t9"."app_version",
        "t9"."session_key",
        "t9"."session_start",
        CASE "t9"."event_type"
          WHEN 'level_start'
          THEN 0
          WHEN 'level_complete'
          THEN 1
          WHEN 'level_fail'
          THEN 2
          ELSE NULL
        END AS "rank"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t7"."player_id",
            "t7"."event_date",
            "t7"."event_ts",
            "t7"."event_id",
            "t7"."event_type",
            "t7"."level",
            "t7"."mode",
            "t7"."attempt",
            "t7"."success",
            "t7"."time_spent",
            "t7"."app_version",
            "t7"."session_id" AS "session_key",
            CAST(NULL AS TIMESTAMPTZ) AS "session_start"
          FROM (
            SELECT
              *
            FROM "events" AS "t1"
            WHERE
              "t1"."event_type" IN ('level_start', 'level_complete', 'level_fail')
              AND "t1"."level" IS NOT NULL
              AND NOT (
                "t1"."event_type" IN ('refund', 'experiment_exposure')
              )
          ) AS "t7"
          ANTI JOIN (
            SELECT
              "t2"."player_id",
              "t2"."session_key" AS "session_id"
            FROM "session_spans" AS "t2"
            WHERE
              NOT (
                "t2"."whole"
              )
          ) AS "t6"
            ON "t7"."player_id" = "t6"."player_id" AND "t7"."session_id" = "t6"."session_id"
        ) AS "t8"
        UNION ALL
        SELECT
          *
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
            "t0"."session_start"
          FROM "sessionised" AS "t0"
          WHERE
            "t0"."event_type" IN ('level_start', 'level_complete', 'level_fail')
            AND "t0"."level" IS NOT NULL
        ) AS "t3"
      ) AS "t9"
    ) AS "t10"
  ) AS "t11"
) AS "t12"
WHERE
  "t12"."is_start" OR "t12"."orphan"
;
