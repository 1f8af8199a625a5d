-- daily: Events, players and gross revenue by day, day of acquisition and event type.
-- Example: `questline sql daily` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t0"."event_date",
  "t0"."acquisition_date",
  "t0"."event_type",
  "t0"."events",
  "t0"."players",
  COALESCE("t0"."revenue_usd", 0) AS "revenue_usd",
  "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS "complete"
FROM "daily" AS "t0"
WHERE
  "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
ORDER BY
  "t0"."event_date" ASC,
  "t0"."acquisition_date" ASC,
  "t0"."event_type" ASC
;
