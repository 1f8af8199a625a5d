-- economy: How much of the game's own money players were given and spent in the period.
-- Example: `questline sql economy` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t4"."currency_name",
  "t4"."changes",
  "t4"."players",
  "t4"."sources",
  "t4"."sinks",
  "t4"."sources" - "t4"."sinks" AS "net",
  CAST("t4"."sinks" AS DOUBLE) / CAST(NULLIF("t4"."sources", 0) AS DOUBLE) AS "sink_ratio"
FROM (
  SELECT
    "t3"."currency_name",
    SUM("t3"."changes") AS "changes",
    COUNT(DISTINCT "t3"."player_id") AS "players",
    COALESCE(SUM("t3"."sources"), 0) AS "sources",
    COALESCE(SUM("t3"."sinks"), 0) AS "sinks"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t1"."player_id",
        "t1"."event_date",
        "t1"."currency_name",
        "t1"."change_reason",
        COUNT(*) AS "changes",
        SUM("t1"."amount") FILTER(WHERE
          "t1"."amount" > 0) AS "sources",
        SUM(-(
          "t1"."amount"
        )) FILTER(WHERE
          "t1"."amount" < 0) AS "sinks"
      FROM (
        SELECT
          *
        FROM "events" AS "t0"
        WHERE
          "t0"."event_type" = 'currency_change'
      ) AS "t1"
      GROUP BY
        1,
        2,
        3,
        4
    ) AS "t2"
    WHERE
      "t2"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t3"
  GROUP BY
    1
) AS "t4"
ORDER BY
  "t4"."currency_name" ASC
;
