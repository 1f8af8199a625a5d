-- level_attempts_with_ids: What `level_attempts` gives where `sessionised` holds only the events of spans not whole.
-- Reads events, session_spans, sessionised.
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
        "t12"."event_type" = 'level_complete'
      ) AND COALESCE("t12"."success", TRUE)
      THEN 'complete'
      ELSE 'fail'
    END
    WHEN "t12"."resolved"
    THEN CASE
      WHEN (
        "t12"."next_type" = 'level_complete'
      )
      AND COALESCE("t12"."next_success", TRUE)
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
    "t11"."is_start",
    "t11"."next",
    "t11"."last",
    "t11"."next"."ts" AS "next_ts",
    "t11"."next"."is_start" AS "next_start",
    "t11"."next"."type" AS "next_type",
    "t11"."next"."success" AS "next_success",
    "t11"."next"."seconds" AS "next_seconds",
    "t11"."next"."attempt" AS "next_attempt",
    "t11"."next"."version" AS "next_version",
    COALESCE("t11"."last"."is_start", FALSE) AS "last_start",
    "t11"."last"."ts" AS "last_ts",
    "t11"."last"."attempt" AS "last_attempt",
    COALESCE(
      "t11"."is_start"
      AND NOT (
        "t11"."next"."is_start"
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
      "t11"."is_start"
    )
    AND NOT (
      COALESCE(
        COALESCE("t11"."last"."is_start", FALSE)
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
      "t10"."is_start",
      LEAD(
        {'ts': "t10"."event_ts", 'is_start': "t10"."is_start", 'type': "t10"."event_type", 'success': "t10"."success", 'seconds': "t10"."time_spent", 'attempt': "t10"."attempt", 'version': "t10"."app_version"}
      ) OVER (
        PARTITION BY "t10"."player_id", "t10"."level", "t10"."mode", "t10"."session_key", "t10"."session_start"
        ORDER BY "t10"."event_ts" ASC, "t10"."rank" ASC, "t10"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "next",
      LAG(
        {'ts': "t10"."event_ts", 'is_start': "t10"."is_start", 'type': "t10"."event_type", 'success': "t10"."success", 'seconds': "t10"."time_spent", 'attempt': "t10"."attempt", 'version': "t10"."app_version"}
      ) OVER (
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
          ELSE 3
        END AS "rank",
        "t9"."event_type" = 'level_start' AS "is_start"
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
  WHERE
    "t11"."is_start"
    OR (
      NOT (
        "t11"."is_start"
      )
      AND NOT (
        COALESCE(
          COALESCE("t11"."last"."is_start", FALSE)
          AND (
            (
              EPOCH_US("t11"."event_ts") - EPOCH_US("t11"."last"."ts")
            ) <= 259200000000
          )
          AND COALESCE("t11"."attempt" = "t11"."last"."attempt", TRUE),
          FALSE
        )
      )
    )
) AS "t12"
;
