-- session_spans: What grouping alone tells of sessions, where every active event has a session_id.
-- Reads events.
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
