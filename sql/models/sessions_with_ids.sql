-- sessions_with_ids: What `sessions` gives, from whole spans and the events of the others.
-- Reads session_spans, sessionised.
SELECT
  "t5"."player_id",
  "t5"."session_id",
  "t5"."session_date",
  "t5"."started_at",
  "t5"."ended_at",
  "t5"."length_seconds",
  "t5"."closed_by",
  "t5"."start_missing",
  "t5"."events",
  "t5"."levels",
  "t5"."revenue_usd"
FROM (
  SELECT
    *
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."session_date",
      "t0"."started_at",
      "t0"."ended_at",
      "t0"."start_missing",
      "t0"."events",
      "t0"."levels",
      "t0"."revenue_usd",
      "t0"."session_key" AS "session_id",
      CAST(EPOCH_US("t0"."ended_at") - EPOCH_US("t0"."started_at") AS DOUBLE) / 1000000.0 AS "length_seconds",
      CASE
        WHEN "t0"."capped"
        THEN 'cap'
        WHEN "t0"."explicit"
        THEN 'explicit'
        ELSE 'timeout'
      END AS "closed_by"
    FROM "session_spans" AS "t0"
    WHERE
      "t0"."whole"
  ) AS "t2"
  UNION ALL
  SELECT
    *
  FROM (
    SELECT
      "t3"."player_id",
      "t3"."session_date",
      "t3"."started_at",
      "t3"."ended_at",
      "t3"."start_missing",
      "t3"."events",
      "t3"."levels",
      "t3"."revenue_usd",
      "t3"."session_key" AS "session_id",
      CAST(EPOCH_US("t3"."ended_at") - EPOCH_US("t3"."started_at") AS DOUBLE) / 1000000.0 AS "length_seconds",
      CASE
        WHEN "t3"."capped"
        THEN 'cap'
        WHEN "t3"."explicit"
        THEN 'explicit'
        ELSE 'timeout'
      END AS "closed_by"
    FROM (
      SELECT
        "t1"."player_id",
        "t1"."session_key",
        "t1"."session_start",
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
      FROM "sessionised" AS "t1"
      GROUP BY
        1,
        2,
        3
    ) AS "t3"
  ) AS "t4"
) AS "t5"
;
