-- stickiness: Share of the monthly active players who play on the day.
-- Example: `questline sql stickiness` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t9" AS (
  SELECT
    "t7"."player_id",
    "t7"."event_date",
    "t7"."acquired_on",
    LEAST(
      COALESCE(
        LEAD("t7"."event_date") OVER (
          PARTITION BY "t7"."player_id"
          ORDER BY "t7"."event_date" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ),
        CAST(CAST("t7"."event_date" + INTERVAL '30' DAY AS TIMESTAMP) AS DATE)
      ),
      CAST(CAST("t7"."event_date" + INTERVAL '30' DAY AS TIMESTAMP) AS DATE)
    ) AS "leaves"
  FROM (
    SELECT
      "t6"."player_id",
      "t6"."event_date",
      "t5"."acquired_on"
    FROM (
      SELECT
        "t0"."player_id",
        "t0"."event_date"
      FROM "player_days" AS "t0"
      WHERE
        "t0"."active_events" > 0
    ) AS "t6"
    LEFT OUTER JOIN (
      SELECT
        "t1"."player_id",
        "t1"."acquisition_date" AS "acquired_on"
      FROM "players" AS "t1"
    ) AS "t5"
      ON "t6"."player_id" = "t5"."player_id"
  ) AS "t7"
)
SELECT
  "t17"."event_date",
  "t17"."dau",
  "t17"."mau",
  CASE
    WHEN "t17"."complete"
    THEN CAST("t17"."dau" AS DOUBLE) / CAST(NULLIF("t17"."mau", 0) AS DOUBLE)
    ELSE CAST(NULL AS DOUBLE)
  END AS "stickiness",
  "t17"."complete"
FROM (
  SELECT
    "t16"."event_date",
    "t16"."change",
    "t16"."dau",
    CASE
      WHEN "t16"."event_date" >= MAKE_DATE(2026, 1, 30)
      THEN "t16"."players"
      ELSE CAST(NULL AS BIGINT)
    END AS "mau",
    "t16"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS "complete"
  FROM (
    SELECT
      "t15"."event_date",
      "t15"."change",
      "t15"."dau",
      SUM("t15"."change") OVER (ORDER BY "t15"."event_date" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "players"
    FROM (
      SELECT
        "t14"."event_date",
        COALESCE(SUM("t14"."change"), 0) AS "change",
        COALESCE(SUM("t14"."active"), 0) AS "dau"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            CAST(CAST(MAKE_DATE(2026, 1, 1) + TO_DAYS(CAST("t3"."n" AS BIGINT)) AS TIMESTAMP) AS DATE) AS "event_date",
            CAST(NULL AS TINYINT) AS "change",
            CAST(NULL AS TINYINT) AS "active"
          FROM (
            SELECT
              UNNEST(RANGE(0, 30, 1)) AS "n"
          ) AS "t3"
        ) AS "t8"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t10"."event_date",
              1 AS "change",
              1 AS "active"
            FROM "t9" AS "t10"
          ) AS "t11"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t10"."leaves" AS "event_date",
              -1 AS "change",
              0 AS "active"
            FROM "t9" AS "t10"
          ) AS "t12"
        ) AS "t13"
      ) AS "t14"
      GROUP BY
        1
    ) AS "t15"
  ) AS "t16"
  WHERE
    "t16"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
) AS "t17"
ORDER BY
  "t17"."event_date" ASC
;
