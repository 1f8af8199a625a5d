-- session_hours: Sessions by the weekday and hour in which they started, in the reporting zone.
-- Example: `questline sql session_hours` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t11"."weekday",
  "t11"."hour",
  "t11"."sessions",
  "t11"."players",
  CAST("t11"."sessions" AS DOUBLE) / CAST(NULLIF("t11"."all_sessions", 0) AS DOUBLE) AS "share"
FROM (
  SELECT
    "t10"."weekday",
    "t10"."hour",
    "t10"."sessions",
    "t10"."players",
    SUM("t10"."sessions") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "all_sessions"
  FROM (
    SELECT
      "t9"."weekday",
      "t9"."hour",
      COUNT("t9"."player_id") AS "sessions",
      COUNT(DISTINCT "t9"."player_id") AS "players"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          (
            DATE_DIFF('DAY', MAKE_DATE(1900, 1, 1), "t0"."session_date") % 7
          ) + 1 AS "weekday",
          CAST(FLOOR((
            EPOCH_US("t0"."started_at") + 0
          ) / (
            3600000000
          )) AS BIGINT) % 24 AS "hour",
          "t0"."player_id"
        FROM "sessions" AS "t0"
        WHERE
          "t0"."session_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
      ) AS "t3"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t6"."weekday",
          "t7"."hour",
          CAST(NULL AS TEXT) AS "player_id"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              UNNEST(CAST(CAST([1, 2, 3, 4, 5, 6, 7] AS TINYINT[]) AS BIGINT[])) AS "weekday"
          ) AS "t1"
        ) AS "t6"
        CROSS JOIN (
          SELECT
            *
          FROM (
            SELECT
              UNNEST(
                CAST(CAST([
                  0,
                  1,
                  2,
                  3,
                  4,
                  5,
                  6,
                  7,
                  8,
                  9,
                  10,
                  11,
                  12,
                  13,
                  14,
                  15,
                  16,
                  17,
                  18,
                  19,
                  20,
                  21,
                  22,
                  23
                ] AS TINYINT[]) AS BIGINT[])
              ) AS "hour"
          ) AS "t2"
        ) AS "t7"
      ) AS "t8"
    ) AS "t9"
    GROUP BY
      1,
      2
  ) AS "t10"
) AS "t11"
ORDER BY
  "t11"."weekday" ASC,
  "t11"."hour" ASC
;
