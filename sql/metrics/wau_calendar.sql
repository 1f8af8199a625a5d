-- wau_calendar: Distinct players active in a week from Monday to Sunday.
-- Example: `questline sql wau_calendar` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t7"."interval_start",
  "t7"."interval_end",
  "t7"."players",
  "t7"."interval_start" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  AND "t7"."interval_end" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS "complete"
FROM (
  SELECT
    "t6"."interval_start",
    "t6"."players",
    CAST(CAST(CAST(CAST(DATE_TRUNC('WEEK', CAST(CAST("t6"."interval_start" + INTERVAL '7' DAY AS TIMESTAMP) AS DATE)) AS TIMESTAMP) AS DATE) + INTERVAL '-1' DAY AS TIMESTAMP) AS DATE) AS "interval_end"
  FROM (
    SELECT
      "t5"."interval_start",
      COUNT(DISTINCT "t5"."player_id") AS "players"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          CAST(CAST(DATE_TRUNC('WEEK', "t0"."event_date") AS TIMESTAMP) AS DATE) AS "interval_start",
          "t0"."player_id"
        FROM "player_days" AS "t0"
        WHERE
          "t0"."active_events" > 0
          AND (
            "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
            OR "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
          )
          AND CAST(CAST(DATE_TRUNC('WEEK', "t0"."event_date") AS TIMESTAMP) AS DATE) BETWEEN CAST(CAST(DATE_TRUNC('WEEK', MAKE_DATE(2026, 1, 1)) AS TIMESTAMP) AS DATE) AND MAKE_DATE(2026, 1, 30)
      ) AS "t2"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t3"."interval_start",
          CAST(NULL AS TEXT) AS "player_id"
        FROM (
          SELECT DISTINCT
            CAST(CAST(DATE_TRUNC(
              'WEEK',
              CAST(CAST(MAKE_DATE(2026, 1, 1) + TO_DAYS(CAST("t1"."n" AS BIGINT)) AS TIMESTAMP) AS DATE)
            ) AS TIMESTAMP) AS DATE) AS "interval_start"
          FROM (
            SELECT
              UNNEST(RANGE(0, 30, 1)) AS "n"
          ) AS "t1"
        ) AS "t3"
      ) AS "t4"
    ) AS "t5"
    GROUP BY
      1
  ) AS "t6"
) AS "t7"
ORDER BY
  "t7"."interval_start" ASC,
  "t7"."interval_end" ASC
;
