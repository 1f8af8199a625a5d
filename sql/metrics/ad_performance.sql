-- ad_performance: What the ads of each placement and format earn, and how many are watched to the end.
-- Example: `questline sql ad_performance` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t4"."placement",
  "t4"."format",
  "t4"."ads",
  "t4"."ad_viewers",
  "t4"."ad_revenue_usd",
  CAST("t4"."ad_revenue_usd" * 1000 AS DOUBLE) / CAST(NULLIF("t4"."ads", 0) AS DOUBLE) AS "ecpm_usd",
  "t4"."completed",
  CAST("t4"."completed" AS DOUBLE) / CAST(NULLIF("t4"."told", 0) AS DOUBLE) AS "completion_share"
FROM (
  SELECT
    "t3"."placement",
    "t3"."format",
    SUM("t3"."ads") AS "ads",
    COUNT(DISTINCT "t3"."player_id") AS "ad_viewers",
    COALESCE(SUM("t3"."ad_revenue_usd"), 0) AS "ad_revenue_usd",
    SUM("t3"."completed") AS "completed",
    SUM("t3"."told") AS "told"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t1"."player_id",
        "t1"."event_date",
        "t1"."placement",
        "t1"."format",
        COUNT(*) AS "ads",
        COALESCE(SUM("t1"."amount_usd"), 0) AS "ad_revenue_usd",
        COUNT(*) FILTER(WHERE
          "t1"."completed") AS "completed",
        COUNT("t1"."completed") AS "told"
      FROM (
        SELECT
          "t0"."player_id",
          "t0"."event_date",
          "t0"."placement",
          "t0"."format",
          "t0"."amount_usd",
          "t0"."completed"
        FROM "events" AS "t0"
        WHERE
          "t0"."event_type" = 'ad_watched'
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
    1,
    2
) AS "t4"
ORDER BY
  "t4"."placement" ASC,
  "t4"."format" ASC
;
