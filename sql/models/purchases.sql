-- purchases: One row a transaction, from all purchase and refund events of these transactions.
-- Reads events.
SELECT
  "t12"."transaction_id",
  "t12"."player_id",
  "t12"."event_date",
  "t12"."purchased_at",
  "t12"."product_id",
  "t12"."gross_usd",
  "t12"."refunded_usd",
  "t12"."net_usd",
  "t12"."refunds",
  "t12"."refund_dates"
FROM (
  SELECT
    "t3"."purchased_at",
    "t3"."product_id",
    "t3"."gross_usd",
    "t11"."refund_dates",
    COALESCE("t3"."key", "t11"."refund_key") AS "transaction_id",
    COALESCE("t3"."player_id", "t11"."refund_player") AS "player_id",
    COALESCE("t3"."event_date", "t11"."refund_date") AS "event_date",
    COALESCE("t11"."refunded", CAST(0.000000 AS DECIMAL(18, 6))) AS "refunded_usd",
    "t3"."gross_usd" - COALESCE("t11"."refunded", CAST(0.000000 AS DECIMAL(18, 6))) AS "net_usd",
    COALESCE("t11"."refunds", 0) AS "refunds"
  FROM (
    SELECT
      COALESCE("t0"."transaction_id", "t0"."event_id") AS "key",
      "t0"."player_id",
      "t0"."event_date",
      "t0"."product_id",
      "t0"."fx_rate",
      "t0"."event_ts" AS "purchased_at",
      "t0"."amount_usd" AS "gross_usd"
    FROM "events" AS "t0"
    WHERE
      "t0"."event_type" IN ('purchase', 'refund') AND "t0"."event_type" = 'purchase'
  ) AS "t3"
  FULL OUTER JOIN (
    SELECT
      "t9"."key" AS "refund_key",
      "t9"."refund_player",
      "t9"."refund_date",
      "t9"."refunded",
      "t9"."refunds",
      "t9"."refund_dates"
    FROM (
      SELECT
        "t8"."key",
        MIN("t8"."player_id") AS "refund_player",
        MIN("t8"."event_date") AS "refund_date",
        CAST(SUM("t8"."usd") AS DECIMAL(18, 6)) AS "refunded",
        COUNT(*) AS "refunds",
        LIST_SORT(
          ARRAY_AGG(DISTINCT "t8"."event_date") FILTER(WHERE
            "t8"."event_date" IS NOT NULL)
        ) AS "refund_dates"
      FROM (
        SELECT
          "t7"."key",
          "t7"."player_id",
          "t7"."event_date",
          "t7"."amount",
          "t7"."amount_usd",
          "t7"."bought_key",
          "t7"."rate",
          CASE
            WHEN "t7"."rate" IS NOT NULL
            THEN CAST("t7"."amount" * "t7"."rate" AS DECIMAL(38, 6))
            ELSE "t7"."amount_usd"
          END AS "usd"
        FROM (
          SELECT
            "t6"."key",
            "t6"."player_id",
            "t6"."event_date",
            "t6"."amount",
            "t6"."amount_usd",
            "t5"."bought_key",
            "t5"."rate"
          FROM (
            SELECT
              COALESCE("t0"."transaction_id", "t0"."event_id") AS "key",
              "t0"."player_id",
              "t0"."event_date",
              "t0"."amount",
              "t0"."amount_usd"
            FROM "events" AS "t0"
            WHERE
              "t0"."event_type" IN ('purchase', 'refund')
              AND NOT (
                "t0"."event_type" = 'purchase'
              )
          ) AS "t6"
          LEFT OUTER JOIN (
            SELECT
              COALESCE("t0"."transaction_id", "t0"."event_id") AS "bought_key",
              "t0"."fx_rate" AS "rate"
            FROM "events" AS "t0"
            WHERE
              "t0"."event_type" IN ('purchase', 'refund') AND "t0"."event_type" = 'purchase'
          ) AS "t5"
            ON "t6"."key" = "t5"."bought_key"
        ) AS "t7"
      ) AS "t8"
      GROUP BY
        1
    ) AS "t9"
  ) AS "t11"
    ON "t3"."key" = "t11"."refund_key"
) AS "t12"
;
