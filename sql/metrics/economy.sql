-- economy: How much of the game's own money players were given and spent in the period.
-- Example: `questline sql economy` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."currency_name",
  "t2"."changes",
  "t2"."players",
  "t2"."sources",
  "t2"."sinks",
  "t2"."sources" - "t2"."sinks" AS "net",
  CAST("t2"."sinks" AS DOUBLE) / CAST(NULLIF("t2"."sources", 0) AS DOUBLE) AS "sink_ratio"
FROM (
  SELECT
    "t1"."currency_name",
    COUNT(*) AS "changes",
    COUNT(DISTINCT "t1"."player_id") AS "players",
    COALESCE(SUM("t1"."amount") FILTER(WHERE
      "t1"."amount" > 0), 0) AS "sources",
    COALESCE(SUM(-(
      "t1"."amount"
    )) FILTER(WHERE
      "t1"."amount" < 0), 0) AS "sinks"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."currency_name",
      "t0"."amount"
    FROM "events" AS "t0"
    WHERE
      "t0"."event_type" = 'currency_change'
      AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t1"
  GROUP BY
    1
) AS "t2"
ORDER BY
  "t2"."currency_name" ASC
;
