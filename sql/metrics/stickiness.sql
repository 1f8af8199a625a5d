-- stickiness: Share of the monthly active players who play on the day.
-- Example: `questline sql stickiness` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t4" AS (
  SELECT
    "t2"."player_id",
    "t2"."event_date",
    LEAST(
      COALESCE(
        LEAD("t2"."event_date") OVER (
          PARTITION BY "t2"."player_id"
          ORDER BY "t2"."event_date" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ),
        CAST(CAST("t2"."event_date" + INTERVAL '30' DAY AS TIMESTAMP) AS DATE)
      ),
      CAST(CAST("t2"."event_date" + INTERVAL '30' DAY AS TIMESTAMP) AS DATE)
    ) AS "leaves"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."event_date"
    FROM "player_days" AS "t0"
    WHERE
      "t0"."active_events" > 0
  ) AS "t2"
)
SELECT
  "t12"."event_date",
  "t12"."dau",
  "t12"."mau",
  CASE
    WHEN "t12"."complete"
    THEN CAST("t12"."dau" AS DOUBLE) / CAST(NULLIF("t12"."mau", 0) AS DOUBLE)
    ELSE CAST(NULL AS DOUBLE)
  END AS "stickiness",
  "t12"."complete"
FROM (
  SELECT
    "t11"."event_date",
    "t11"."dau",
    CASE
      WHEN "t11"."event_date" >= MAKE_DATE(2026, 1, 30)
      THEN "t11"."players"
      ELSE CAST(NULL AS BIGINT)
    END AS "mau",
    "t11"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS "complete"
  FROM (
    SELECT
      "t10"."event_date",
      "t10"."change",
      "t10"."dau",
      SUM("t10"."change") OVER (ORDER BY "t10"."event_date" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "players"
    FROM (
      SELECT
        "t9"."event_date",
        COALESCE(SUM("t9"."change"), 0) AS "change",
        COALESCE(SUM("t9"."active"), 0) AS "dau"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            CAST(CAST(MAKE_DATE(2026, 1, 1) + TO_DAYS(CAST("t1"."n" AS BIGINT)) AS TIMESTAMP) AS DATE) AS "event_date",
            CAST(NULL AS TINYINT) AS "change",
            CAST(NULL AS TINYINT) AS "active"
          FROM (
            SELECT
              UNNEST(RANGE(0, 30, 1)) AS "n"
          ) AS "t1"
        ) AS "t3"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t5"."event_date",
              1 AS "change",
              1 AS "active"
            FROM "t4" AS "t5"
          ) AS "t6"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t5"."leaves" AS "event_date",
              -1 AS "change",
              0 AS "active"
            FROM "t4" AS "t5"
          ) AS "t7"
        ) AS "t8"
      ) AS "t9"
      GROUP BY
        1
    ) AS "t10"
  ) AS "t11"
  WHERE
    "t11"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
) AS "t12"
ORDER BY
  "t12"."event_date" ASC
;
