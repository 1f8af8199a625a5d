-- sessions: One row a session, from events that `sessionised` has marked.
-- Reads sessionised.
SELECT
  "t1"."player_id",
  "t1"."session_key" AS "session_id",
  "t1"."session_date",
  "t1"."started_at",
  "t1"."ended_at",
  CAST(EPOCH_US("t1"."ended_at") - EPOCH_US("t1"."started_at") AS DOUBLE) / 1000000.0 AS "length_seconds",
  CASE
    WHEN "t1"."capped"
    THEN 'cap'
    WHEN "t1"."explicit"
    THEN 'explicit'
    ELSE 'timeout'
  END AS "closed_by",
  "t1"."start_missing",
  "t1"."events",
  "t1"."levels",
  "t1"."revenue_usd"
FROM (
  SELECT
    "t0"."player_id",
    "t0"."session_key",
    "t0"."session_start",
    MIN("t0"."event_date") AS "session_date",
    MIN("t0"."event_ts") AS "started_at",
    MAX("t0"."event_ts") AS "ended_at",
    BOOL_OR(CAST("t0"."cut_next" AS BOOLEAN)) AS "capped",
    BOOL_OR(CAST("t0"."event_type" = 'session_end' AS BOOLEAN)) AS "explicit",
    NOT (
      BOOL_OR(CAST("t0"."event_type" = 'session_start' AS BOOLEAN))
    ) AS "start_missing",
    COUNT(*) AS "events",
    SUM(
      CAST((
        "t0"."event_type" = 'level_complete'
      ) AND COALESCE("t0"."success", TRUE) AS BIGINT)
    ) AS "levels",
    COALESCE(
      SUM(
        CASE
          WHEN "t0"."event_type" IN ('purchase', 'ad_watched')
          THEN "t0"."amount_usd"
          ELSE CAST(NULL AS DECIMAL(18, 6))
        END
      ),
      CAST(0.000000 AS DECIMAL(18, 6))
    ) AS "revenue_usd"
  FROM "sessionised" AS "t0"
  GROUP BY
    1,
    2,
    3
) AS "t1"
;
