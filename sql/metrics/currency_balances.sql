-- currency_balances: What players hold of the game's own money at the end of the period.
-- Example: `questline sql currency_balances` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t4"."currency_name",
  "t4"."holders",
  "t4"."balance",
  CAST("t4"."balance" AS DOUBLE) / CAST(NULLIF("t4"."holders", 0) AS DOUBLE) AS "mean_balance",
  "t4"."median_balance"
FROM (
  SELECT
    "t3"."currency_name",
    COUNT(*) AS "holders",
    QUANTILE_CONT(CAST("t3"."balance" AS DOUBLE), 0.5) AS "median_balance",
    SUM("t3"."balance") AS "balance"
  FROM (
    SELECT
      "t2"."player_id",
      "t2"."currency_name",
      "t2"."state"."balance" AS "balance"
    FROM (
      SELECT
        "t1"."player_id",
        "t1"."currency_name",
        MAX("t1"."state") AS "state"
      FROM (
        SELECT
          "t0"."player_id",
          "t0"."currency_name",
          {'at': "t0"."event_ts", 'balance': "t0"."balance"} AS "state"
        FROM "events" AS "t0"
        WHERE
          "t0"."event_type" = 'currency_change'
          AND "t0"."balance" IS NOT NULL
          AND "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
          AND TRUE
      ) AS "t1"
      GROUP BY
        1,
        2
    ) AS "t2"
  ) AS "t3"
  GROUP BY
    1
) AS "t4"
ORDER BY
  "t4"."currency_name" ASC
;
