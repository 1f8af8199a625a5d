-- repeat_rate: Share of the payers of the period who bought at least twice in it.
-- Example: `questline sql repeat_rate` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t3"."payers",
  "t3"."repeat_payers",
  CAST("t3"."repeat_payers" AS DOUBLE) / CAST(NULLIF("t3"."payers", 0) AS DOUBLE) AS "repeat_rate",
  "t3"."purchases",
  CAST("t3"."purchases" AS DOUBLE) / CAST(NULLIF("t3"."payers", 0) AS DOUBLE) AS "purchases_per_payer"
FROM (
  SELECT
    COUNT(*) AS "payers",
    COUNT(*) FILTER(WHERE
      "t2"."purchases" > 1) AS "repeat_payers",
    COALESCE(SUM("t2"."purchases"), 0) AS "purchases"
  FROM (
    SELECT
      "t1"."player_id",
      COUNT(*) AS "purchases"
    FROM (
      SELECT
        *
      FROM "purchases" AS "t0"
      WHERE
        "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        AND "t0"."purchased_at" IS NOT NULL
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
    ) AS "t1"
    GROUP BY
      1
  ) AS "t2"
) AS "t3"
;
