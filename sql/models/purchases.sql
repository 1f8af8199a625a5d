-- purchases: One row a transaction, from all purchase and refund events of these transactions.
-- Reads events.
SELECT
  "t14"."transaction_id",
  "t14"."player_id",
  "t14"."event_date",
  "t14"."purchased_at",
  "t14"."product_id",
  "t14"."gross_usd",
  "t14"."refunded_usd",
  "t14"."net_usd",
  "t14"."refunds",
  "t14"."refund_dates",
  "t14"."refunds_by_day"
FROM (
  SELECT
    "t3"."purchased_at",
    "t3"."product_id",
    "t3"."gross_usd",
    "t13"."refund_dates",
    "t13"."refunds_by_day",
    COALESCE("t3"."key", "t13"."refund_key") AS "transaction_id",
    COALESCE("t3"."player_id", "t13"."refund_player") AS "player_id",
    COALESCE("t3"."event_date", "t13"."refund_date") AS "event_date",
    COALESCE("t13"."refunded", CAST(0.000000 AS DECIMAL(18, 6))) AS "refunded_usd",
    "t3"."gross_usd" - COALESCE("t13"."refunded", CAST(0.000000 AS DECIMAL(18, 6))) AS "net_usd",
    COALESCE("t13"."refunds", 0) AS "refunds"
  FROM (
    SELECT
      COALESCE("t0"."transaction_id", "t0"."event_id") AS "key",
      "t0"."player_id",
      "t0"."event_date",
      "t0"."product_id",
      "t0"."currency",
      "t0"."fx_rate",
      "t0"."event_ts" AS "purchased_at",
      "t0"."amount_usd" AS "gross_usd"
    FROM "events" AS "t0"
    WHERE
      "t0"."event_type" IN ('purchase', 'refund') AND "t0"."event_type" = 'purchase'
  ) AS "t3"
  FULL OUTER JOIN (
    SELECT
      "t11"."key" AS "refund_key",
      "t11"."refund_player",
      "t11"."refund_date",
      "t11"."refunded",
      "t11"."refunds",
      "t11"."refund_dates",
      "t11"."refunds_by_day"
    FROM (
      SELECT
        "t10"."key",
        MAX("t10"."refund_player") AS "refund_player",
        MIN("t10"."event_date") AS "refund_date",
        CAST(SUM("t10"."usd") AS DECIMAL(18, 6)) AS "refunded",
        SUM("t10"."refunds") AS "refunds",
        LIST_SORT(ARRAY_AGG("t10"."event_date") FILTER(WHERE
          "t10"."event_date" IS NOT NULL)) AS "refund_dates",
        LIST_SORT(
          ARRAY_AGG({'event_date': "t10"."event_date", 'usd': "t10"."usd"}) FILTER(WHERE
            {'event_date': "t10"."event_date", 'usd': "t10"."usd"} IS NOT NULL)
        ) AS "refunds_by_day"
      FROM (
        SELECT
          "t9"."key",
          "t9"."event_date",
          MAX("t9"."player_id") FILTER(WHERE
            "t9"."nth" = 0) AS "refund_player",
          CAST(SUM("t9"."usd") AS DECIMAL(18, 6)) AS "usd",
          COUNT(*) AS "refunds"
        FROM (
          SELECT
            "t8"."key",
            "t8"."player_id",
            "t8"."event_date",
            "t8"."currency",
            "t8"."amount",
            "t8"."amount_usd",
            "t8"."nth",
            "t8"."bought_key",
            "t8"."rate",
            "t8"."paid_in",
            CASE
              WHEN (
                "t8"."rate" IS NOT NULL
              ) AND (
                "t8"."paid_in" = "t8"."currency"
              )
              THEN CAST(CAST("t8"."amount" AS DECIMAL(27, 9)) * "t8"."rate" AS DECIMAL(38, 6))
              ELSE "t8"."amount_usd"
            END AS "usd"
          FROM (
            SELECT
              "t7"."key",
              "t7"."player_id",
              "t7"."event_date",
              "t7"."currency",
              "t7"."amount",
              "t7"."amount_usd",
              "t7"."nth",
              "t4"."bought_key",
              "t4"."rate",
              "t4"."paid_in"
            FROM (
              SELECT
                "t5"."key",
                "t5"."player_id",
                "t5"."event_date",
                "t5"."currency",
                "t5"."amount",
                "t5"."amount_usd",
                ROW_NUMBER() OVER (
                  PARTITION BY "t5"."key"
                  ORDER BY "t5"."event_ts" ASC, "t5"."event_id" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) - 1 AS "nth"
              FROM (
                SELECT
                  "t0"."event_id",
                  "t0"."player_id",
                  "t0"."event_type",
                  "t0"."session_id",
                  "t0"."event_ts",
                  "t0"."event_date",
                  "t0"."client_ts",
                  "t0"."client_date",
                  "t0"."sent_at",
                  "t0"."received_at",
                  "t0"."time_quality",
                  "t0"."app_version",
                  "t0"."platform",
                  "t0"."country",
                  "t0"."device",
                  "t0"."level",
                  "t0"."attempt",
                  "t0"."mode",
                  "t0"."time_spent",
                  "t0"."success",
                  "t0"."duration",
                  "t0"."product_id",
                  "t0"."transaction_id",
                  "t0"."price",
                  "t0"."amount",
                  "t0"."currency",
                  "t0"."fx_rate",
                  "t0"."amount_usd",
                  "t0"."placement",
                  "t0"."format",
                  "t0"."completed",
                  "t0"."achievement_id",
                  "t0"."currency_name",
                  "t0"."balance",
                  "t0"."change_reason",
                  "t0"."experiment",
                  "t0"."variant",
                  "t0"."properties",
                  "t0"."batch",
                  "t0"."line",
                  COALESCE("t0"."transaction_id", "t0"."event_id") AS "key",
                  "t0"."event_type" = 'purchase' AS "bought"
                FROM "events" AS "t0"
                WHERE
                  "t0"."event_type" IN ('purchase', 'refund')
                  AND NOT (
                    "t0"."event_type" = 'purchase'
                  )
              ) AS "t5"
            ) AS "t7"
            LEFT OUTER JOIN (
              SELECT
                COALESCE("t0"."transaction_id", "t0"."event_id") AS "bought_key",
                "t0"."fx_rate" AS "rate",
                "t0"."currency" AS "paid_in"
              FROM "events" AS "t0"
              WHERE
                "t0"."event_type" IN ('purchase', 'refund') AND "t0"."event_type" = 'purchase'
            ) AS "t4"
              ON "t7"."key" = "t4"."bought_key"
          ) AS "t8"
        ) AS "t9"
        GROUP BY
          1,
          2
      ) AS "t10"
      GROUP BY
        1
    ) AS "t11"
  ) AS "t13"
    ON "t3"."key" = "t13"."refund_key"
) AS "t14"
;
