-- level_attempts: One row an attempt, from all events and those that `sessionised` has marked.
-- Reads events, sessionised.
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
        "t3"."event_type" = 'level_complete'
      ) AND COALESCE("t3"."success", TRUE)
      THEN 'complete'
      ELSE 'fail'
    END
    WHEN "t3"."resolved"
    THEN CASE
      WHEN (
        "t3"."next_type" = 'level_complete'
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
    "t2"."is_start",
    "t2"."next",
    "t2"."last",
    "t2"."next"."ts" AS "next_ts",
    "t2"."next"."is_start" AS "next_start",
    "t2"."next"."type" AS "next_type",
    "t2"."next"."success" AS "next_success",
    "t2"."next"."seconds" AS "next_seconds",
    "t2"."next"."attempt" AS "next_attempt",
    "t2"."next"."version" AS "next_version",
    COALESCE("t2"."last"."is_start", FALSE) AS "last_start",
    "t2"."last"."ts" AS "last_ts",
    "t2"."last"."attempt" AS "last_attempt",
    COALESCE(
      "t2"."is_start"
      AND NOT (
        "t2"."next"."is_start"
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
      "t2"."is_start"
    )
    AND NOT (
      COALESCE(
        COALESCE("t2"."last"."is_start", FALSE)
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
      "t1"."is_start",
      LEAD(
        {'ts': "t1"."event_ts", 'is_start': "t1"."is_start", 'type': "t1"."event_type", 'success': "t1"."success", 'seconds': "t1"."time_spent", 'attempt': "t1"."attempt", 'version': "t1"."app_version"}
      ) OVER (
        PARTITION BY "t1"."player_id", "t1"."level", "t1"."mode", "t1"."session_key", "t1"."session_start"
        ORDER BY "t1"."event_ts" ASC, "t1"."rank" ASC, "t1"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "next",
      LAG(
        {'ts': "t1"."event_ts", 'is_start': "t1"."is_start", 'type': "t1"."event_type", 'success': "t1"."success", 'seconds': "t1"."time_spent", 'attempt': "t1"."attempt", 'version': "t1"."app_version"}
      ) OVER (
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
          ELSE 3
        END AS "rank",
        "t0"."event_type" = 'level_start' AS "is_start"
      FROM "sessionised" AS "t0"
      WHERE
        "t0"."event_type" IN ('level_start', 'level_complete', 'level_fail')
        AND "t0"."level" IS NOT NULL
    ) AS "t1"
  ) AS "t2"
  WHERE
    "t2"."is_start"
    OR (
      NOT (
        "t2"."is_start"
      )
      AND NOT (
        COALESCE(
          COALESCE("t2"."last"."is_start", FALSE)
          AND (
            (
              EPOCH_US("t2"."event_ts") - EPOCH_US("t2"."last"."ts")
            ) <= 259200000000
          )
          AND COALESCE("t2"."attempt" = "t2"."last"."attempt", TRUE),
          FALSE
        )
      )
    )
) AS "t3"
;
