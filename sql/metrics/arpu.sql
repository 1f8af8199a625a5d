-- arpu: Net purchases and ad revenue of the period, divided by the players of the period.
-- Example: `questline sql arpu` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  (
    "t6"."gross_usd" - "t6"."refunded_usd"
  ) + "t6"."ad_revenue_usd" AS "revenue_usd",
  "t6"."players",
  CAST((
    "t6"."gross_usd" - "t6"."refunded_usd"
  ) + "t6"."ad_revenue_usd" AS DOUBLE) / CAST(NULLIF("t6"."players", 0) AS DOUBLE) AS "arpu"
FROM (
  SELECT
    COUNT(DISTINCT "t5"."active_id") AS "players",
    COUNT("t5"."bought") AS "purchases",
    COUNT(DISTINCT "t5"."payer_id") AS "payers",
    COUNT("t5"."active_id") AS "player_days",
    COALESCE(SUM("t5"."ads"), 0) AS "ads",
    COUNT(DISTINCT "t5"."viewer_id") AS "ad_viewers",
    COUNT("t5"."viewer_id") FILTER(WHERE
      "t5"."active_id" IS NOT NULL) AS "viewer_days",
    CASE
      WHEN (
        COUNT("t5"."bought") > 0
      ) AND (
        COUNT("t5"."gross_usd") = 0
      )
      THEN CAST(NULL AS DECIMAL(38, 6))
      ELSE COALESCE(SUM("t5"."gross_usd"), 0)
    END AS "gross_usd",
    COALESCE(SUM("t5"."refunded_usd"), 0) AS "refunded_usd",
    COALESCE(SUM("t5"."ad_revenue_usd"), 0) AS "ad_revenue_usd"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t0"."player_id",
          "t0"."event_date",
          CAST(NULL AS BIGINT) AS "ads",
          CAST(NULL AS DECIMAL(18, 6)) AS "ad_revenue_usd",
          CAST(NULL AS TEXT) AS "active_id",
          CAST(NULL AS TEXT) AS "viewer_id",
          "t0"."gross_usd",
          "t0"."refunded_usd",
          CASE
            WHEN "t0"."purchased_at" IS NOT NULL
            THEN "t0"."transaction_id"
            ELSE CAST(NULL AS TEXT)
          END AS "bought",
          CASE
            WHEN (
              "t0"."purchased_at" IS NOT NULL
            )
            AND (
              (
                "t0"."net_usd" > 0
              )
              OR (
                (
                  "t0"."gross_usd" IS NULL
                ) AND (
                  COALESCE("t0"."refunds", 0) = 0
                )
              )
            )
            THEN "t0"."player_id"
            ELSE CAST(NULL AS TEXT)
          END AS "payer_id"
        FROM "purchases" AS "t0"
      ) AS "t3"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t1"."player_id",
          "t1"."event_date",
          "t1"."ads",
          "t1"."ad_revenue_usd",
          CASE WHEN "t1"."active_events" > 0 THEN "t1"."player_id" ELSE CAST(NULL AS TEXT) END AS "active_id",
          CASE WHEN "t1"."ads" > 0 THEN "t1"."player_id" ELSE CAST(NULL AS TEXT) END AS "viewer_id",
          CAST(NULL AS DECIMAL(18, 6)) AS "gross_usd",
          CAST(NULL AS DECIMAL(18, 6)) AS "refunded_usd",
          CAST(NULL AS TEXT) AS "bought",
          CAST(NULL AS TEXT) AS "payer_id"
        FROM "player_days" AS "t1"
      ) AS "t2"
    ) AS "t4"
    WHERE
      "t4"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t5"
) AS "t6"
;
