-- ad_performance: What the ads of each placement and format earn, and how many are watched to the end.
-- Example: `questline sql ad_performance` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."placement",
  "t2"."format",
  "t2"."ads",
  "t2"."ad_viewers",
  "t2"."ad_revenue_usd",
  CAST("t2"."ad_revenue_usd" * 1000 AS DOUBLE) / CAST(NULLIF("t2"."ads", 0) AS DOUBLE) AS "ecpm_usd",
  "t2"."completed",
  CAST("t2"."completed" AS DOUBLE) / CAST(NULLIF("t2"."told", 0) AS DOUBLE) AS "completion_share"
FROM (
  SELECT
    "t1"."placement",
    "t1"."format",
    COUNT(*) AS "ads",
    COUNT(DISTINCT "t1"."player_id") AS "ad_viewers",
    COALESCE(SUM("t1"."amount_usd"), 0) AS "ad_revenue_usd",
    COUNT(*) FILTER(WHERE
      "t1"."completed") AS "completed",
    COUNT("t1"."completed") AS "told"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."placement",
      "t0"."format",
      "t0"."completed",
      "t0"."amount_usd"
    FROM "events" AS "t0"
    WHERE
      "t0"."event_type" = 'ad_watched'
      AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t1"
  GROUP BY
    1,
    2
) AS "t2"
ORDER BY
  "t2"."placement" ASC,
  "t2"."format" ASC
;
