-- player_days: One row a player and day with any event, session time or purchase.
-- Reads events, sessions, purchases, days.
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
WITH "t11" AS (
  SELECT
    "t7"."player_id",
    "t7"."session_date",
    "t7"."started_at",
    "t7"."ended_at",
    "t4"."event_date",
    "t4"."starts_at",
    "t4"."ends_at"
  FROM (
    SELECT
      "t1"."player_id",
      "t1"."session_date",
      "t1"."started_at",
      "t1"."ended_at"
    FROM "sessions" AS "t1"
  ) AS "t7"
  INNER JOIN "days" AS "t4"
    ON "t7"."session_date" = "t4"."event_date"
)
SELECT
  "t25"."player_id",
  "t25"."event_date",
  "t25"."events",
  "t25"."active_events",
  "t25"."sessions",
  "t25"."playtime_seconds",
  "t25"."level_starts",
  "t25"."level_completes",
  "t25"."level_fails",
  "t25"."purchases",
  CASE
    WHEN "t25"."purchases" = 0
    THEN CAST(0.000000 AS DECIMAL(18, 6))
    ELSE "t25"."gross_usd"
  END AS "gross_usd",
  "t25"."refunded_usd",
  "t25"."ads",
  "t25"."ad_revenue_usd",
  "t25"."achievements"
FROM (
  SELECT
    "t24"."player_id",
    "t24"."event_date",
    SUM("t24"."events") AS "events",
    SUM("t24"."active_events") AS "active_events",
    SUM("t24"."sessions") AS "sessions",
    SUM("t24"."level_starts") AS "level_starts",
    SUM("t24"."level_completes") AS "level_completes",
    SUM("t24"."level_fails") AS "level_fails",
    SUM("t24"."purchases") AS "purchases",
    SUM("t24"."ads") AS "ads",
    SUM("t24"."achievements") AS "achievements",
    CAST(SUM("t24"."gross_usd") AS DECIMAL(18, 6)) AS "gross_usd",
    CAST(SUM("t24"."refunded_usd") AS DECIMAL(18, 6)) AS "refunded_usd",
    CAST(SUM("t24"."ad_revenue_usd") AS DECIMAL(18, 6)) AS "ad_revenue_usd",
    SUM("t24"."playtime_seconds") AS "playtime_seconds"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t12"."player_id",
          "t12"."event_date",
          "t12"."events",
          "t12"."active_events",
          CAST(0 AS BIGINT) AS "sessions",
          "t12"."level_starts",
          "t12"."level_completes",
          "t12"."level_fails",
          CAST(0 AS BIGINT) AS "purchases",
          "t12"."ads",
          "t12"."achievements",
          CAST(NULL AS DECIMAL(18, 6)) AS "gross_usd",
          CAST(0 AS DECIMAL(18, 6)) AS "refunded_usd",
          "t12"."ad_revenue_usd",
          0.0 AS "playtime_seconds"
        FROM (
          SELECT
            "t0"."player_id",
            "t0"."event_date",
            COUNT(*) AS "events",
            SUM(CAST(NOT (
              "t0"."event_type" IN ('refund', 'experiment_exposure')
            ) AS BIGINT)) AS "active_events",
            SUM(CAST("t0"."event_type" = 'level_start' AS BIGINT)) AS "level_starts",
            SUM(
              CAST((
                "t0"."event_type" = 'level_complete'
              ) AND COALESCE("t0"."success", TRUE) AS BIGINT)
            ) AS "level_completes",
            SUM(
              CAST((
                "t0"."event_type" = 'level_fail'
              )
              OR (
                (
                  "t0"."event_type" = 'level_complete'
                )
                AND NOT (
                  COALESCE("t0"."success", TRUE)
                )
              ) AS BIGINT)
            ) AS "level_fails",
            SUM(CAST("t0"."event_type" = 'ad_watched' AS BIGINT)) AS "ads",
            CAST(COALESCE(
              SUM(
                CASE
                  WHEN "t0"."event_type" = 'ad_watched'
                  THEN "t0"."amount_usd"
                  ELSE CAST(NULL AS DECIMAL(18, 6))
                END
              ),
              CAST(0.000000 AS DECIMAL(18, 6))
            ) AS DECIMAL(18, 6)) AS "ad_revenue_usd",
            SUM(CAST("t0"."event_type" = 'achievement_unlocked' AS BIGINT)) AS "achievements"
          FROM "events" AS "t0"
          GROUP BY
            1,
            2
        ) AS "t12"
      ) AS "t14"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t5"."player_id",
          "t5"."event_date",
          CAST(0 AS BIGINT) AS "events",
          CAST(0 AS BIGINT) AS "active_events",
          "t5"."sessions",
          CAST(0 AS BIGINT) AS "level_starts",
          CAST(0 AS BIGINT) AS "level_completes",
          CAST(0 AS BIGINT) AS "level_fails",
          CAST(0 AS BIGINT) AS "purchases",
          CAST(0 AS BIGINT) AS "ads",
          CAST(0 AS BIGINT) AS "achievements",
          CAST(NULL AS DECIMAL(18, 6)) AS "gross_usd",
          CAST(0 AS DECIMAL(18, 6)) AS "refunded_usd",
          CAST(0 AS DECIMAL(18, 6)) AS "ad_revenue_usd",
          0.0 AS "playtime_seconds"
        FROM (
          SELECT
            "t1"."player_id",
            "t1"."session_date" AS "event_date",
            COUNT(*) AS "sessions"
          FROM "sessions" AS "t1"
          GROUP BY
            1,
            2
        ) AS "t5"
      ) AS "t8"
    ) AS "t15"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t21"."player_id",
          "t21"."event_date",
          CAST(0 AS BIGINT) AS "events",
          CAST(0 AS BIGINT) AS "active_events",
          CAST(0 AS BIGINT) AS "sessions",
          CAST(0 AS BIGINT) AS "level_starts",
          CAST(0 AS BIGINT) AS "level_completes",
          CAST(0 AS BIGINT) AS "level_fails",
          CAST(0 AS BIGINT) AS "purchases",
          CAST(0 AS BIGINT) AS "ads",
          CAST(0 AS BIGINT) AS "achievements",
          CAST(NULL AS DECIMAL(18, 6)) AS "gross_usd",
          CAST(0 AS DECIMAL(18, 6)) AS "refunded_usd",
          CAST(0 AS DECIMAL(18, 6)) AS "ad_revenue_usd",
          "t21"."seconds" AS "playtime_seconds"
        FROM (
          SELECT
            "t20"."player_id",
            "t20"."event_date",
            CAST(SUM("t20"."length") AS DOUBLE) / 1000000.0 AS "seconds"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t13"."player_id",
                "t13"."session_date" AS "event_date",
                EPOCH_US("t13"."ended_at") - EPOCH_US("t13"."started_at") AS "length"
              FROM "t11" AS "t13"
              WHERE
                "t13"."ended_at" <= "t13"."ends_at"
            ) AS "t18"
            UNION ALL
            SELECT
              *
            FROM (
              SELECT
                "t17"."player_id",
                "t4"."event_date",
                EPOCH_US(LEAST("t17"."ended_at", "t4"."ends_at")) - EPOCH_US(GREATEST("t17"."started_at", "t4"."starts_at")) AS "length"
              FROM (
                SELECT
                  "t13"."player_id",
                  "t13"."started_at",
                  "t13"."ended_at"
                FROM "t11" AS "t13"
                WHERE
                  "t13"."ended_at" > "t13"."ends_at"
              ) AS "t17"
              INNER JOIN "days" AS "t4"
                ON "t17"."started_at" < "t4"."ends_at" AND "t17"."ended_at" > "t4"."starts_at"
            ) AS "t19"
          ) AS "t20"
          GROUP BY
            1,
            2
        ) AS "t21"
      ) AS "t22"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t9"."player_id",
          "t9"."event_date",
          CAST(0 AS BIGINT) AS "events",
          CAST(0 AS BIGINT) AS "active_events",
          CAST(0 AS BIGINT) AS "sessions",
          CAST(0 AS BIGINT) AS "level_starts",
          CAST(0 AS BIGINT) AS "level_completes",
          CAST(0 AS BIGINT) AS "level_fails",
          "t9"."purchases",
          CAST(0 AS BIGINT) AS "ads",
          CAST(0 AS BIGINT) AS "achievements",
          "t9"."gross_usd",
          "t9"."refunded_usd",
          CAST(0 AS DECIMAL(18, 6)) AS "ad_revenue_usd",
          0.0 AS "playtime_seconds"
        FROM (
          SELECT
            "t2"."player_id",
            "t2"."event_date",
            COUNT("t2"."purchased_at") AS "purchases",
            CAST(SUM("t2"."gross_usd") AS DECIMAL(18, 6)) AS "gross_usd",
            CAST(SUM("t2"."refunded_usd") AS DECIMAL(18, 6)) AS "refunded_usd"
          FROM "purchases" AS "t2"
          GROUP BY
            1,
            2
        ) AS "t9"
      ) AS "t10"
    ) AS "t23"
  ) AS "t24"
  GROUP BY
    1,
    2
) AS "t25"
;
