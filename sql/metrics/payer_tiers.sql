-- payer_tiers: Payers by what they spent in the ninety days up to the end of the period.
-- Example: `questline sql payer_tiers` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  *
FROM (
  SELECT
    CASE
      WHEN "t8"."place" = 0
      THEN 'minnow'
      WHEN "t8"."place" = 1
      THEN 'dolphin'
      WHEN "t8"."place" = 2
      THEN 'whale'
      ELSE NULL
    END AS "tier",
    CASE
      WHEN "t8"."place" = 0
      THEN CAST(0.000000 AS DECIMAL(38, 6))
      WHEN "t8"."place" = 1
      THEN CAST(10.000000 AS DECIMAL(38, 6))
      WHEN "t8"."place" = 2
      THEN CAST(100.000000 AS DECIMAL(38, 6))
      ELSE NULL
    END AS "from_usd",
    CASE
      WHEN "t8"."place" = 0
      THEN CAST(10.000000 AS DECIMAL(38, 6))
      WHEN "t8"."place" = 1
      THEN CAST(100.000000 AS DECIMAL(38, 6))
      ELSE NULL
    END AS "below_usd",
    "t8"."players",
    CASE
      WHEN "t8"."complete"
      THEN CAST("t8"."players" AS DOUBLE) / CAST(NULLIF("t8"."payers", 0) AS DOUBLE)
      ELSE CAST(NULL AS DOUBLE)
    END AS "player_share",
    "t8"."net_usd",
    CASE
      WHEN "t8"."complete"
      THEN CAST("t8"."net_usd" AS DOUBLE) / CAST(NULLIF("t8"."spent", 0) AS DOUBLE)
      ELSE CAST(NULL AS DOUBLE)
    END AS "revenue_share",
    MAKE_DATE(2025, 11, 2) AS "first_day",
    MAKE_DATE(2026, 1, 30) AS "last_day",
    "t8"."complete"
  FROM (
    SELECT
      "t7"."place",
      "t7"."players",
      "t7"."net_usd",
      SUM("t7"."players") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "payers",
      SUM("t7"."net_usd") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "spent",
      FALSE AS "complete"
    FROM (
      SELECT
        "t6"."place",
        COUNT("t6"."player_id") AS "players",
        COALESCE(SUM("t6"."usd"), 0) AS "net_usd"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            CAST("t4"."usd" >= CAST(10.000000 AS DECIMAL(38, 6)) AS BIGINT) + 0 + CAST("t4"."usd" >= CAST(100.000000 AS DECIMAL(38, 6)) AS BIGINT) AS "place",
            "t4"."player_id",
            "t4"."usd"
          FROM (
            SELECT
              "t3"."player_id",
              SUM("t3"."net_usd") AS "usd"
            FROM (
              SELECT
                *
              FROM "purchases" AS "t0"
              WHERE
                "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                AND TRUE
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
            ) AS "t3"
            GROUP BY
              1
          ) AS "t4"
          WHERE
            "t4"."usd" IS NOT NULL
        ) AS "t5"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t1"."place",
            CAST(NULL AS TEXT) AS "player_id",
            CAST(NULL AS DECIMAL(38, 6)) AS "usd"
          FROM (
            SELECT
              UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
          ) AS "t1"
        ) AS "t2"
      ) AS "t6"
      GROUP BY
        1
    ) AS "t7"
  ) AS "t8"
) AS "t9"
ORDER BY
  "t9"."from_usd" ASC
;
