-- concentration: How much of the purchases comes from few payers: share of the top ones and Gini coefficient.
-- Example: `questline sql concentration` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t9"."payers",
  COALESCE("t9"."net_usd", 0) AS "net_usd",
  CASE
    WHEN "t9"."payers" >= 100
    THEN CAST("t9"."top_1" AS DOUBLE) / CAST(NULLIF("t9"."net_usd", 0) AS DOUBLE)
    ELSE CAST(NULL AS DOUBLE)
  END AS "top_1_share",
  CASE
    WHEN "t9"."payers" >= 100
    THEN CAST("t9"."top_10" AS DOUBLE) / CAST(NULLIF("t9"."net_usd", 0) AS DOUBLE)
    ELSE CAST(NULL AS DOUBLE)
  END AS "top_10_share",
  CASE
    WHEN "t9"."payers" >= 100
    THEN (
      (
        (
          "t9"."weighed" + (
            (
              CAST(NULLIF("t9"."payers", 0) AS DOUBLE) - "t9"."payers"
            ) * CAST("t9"."net_usd" AS DOUBLE)
          )
        ) * 2
      ) / (
        CAST(NULLIF("t9"."payers", 0) AS DOUBLE) * NULLIF(CAST("t9"."net_usd" AS DOUBLE), 0)
      )
    ) - (
      (
        CAST(NULLIF("t9"."payers", 0) AS DOUBLE) + 1
      ) / CAST(NULLIF("t9"."payers", 0) AS DOUBLE)
    )
    ELSE CAST(NULL AS DOUBLE)
  END AS "gini",
  "t9"."players",
  CASE
    WHEN "t9"."payers" >= 100
    THEN (
      (
        (
          "t9"."weighed" + (
            (
              CAST(NULLIF("t9"."people", 0) AS DOUBLE) - "t9"."payers"
            ) * CAST("t9"."net_usd" AS DOUBLE)
          )
        ) * 2
      ) / (
        CAST(NULLIF("t9"."people", 0) AS DOUBLE) * NULLIF(CAST("t9"."net_usd" AS DOUBLE), 0)
      )
    ) - (
      (
        CAST(NULLIF("t9"."people", 0) AS DOUBLE) + 1
      ) / CAST(NULLIF("t9"."people", 0) AS DOUBLE)
    )
    ELSE CAST(NULL AS DOUBLE)
  END AS "gini_players",
  "t9"."payers" >= 100 AS "enough"
FROM (
  SELECT
    COUNT("t8"."usd") AS "payers",
    SUM("t8"."usd") AS "net_usd",
    SUM("t8"."place" * CAST("t8"."usd" AS DOUBLE)) AS "weighed",
    SUM("t8"."usd") FILTER(WHERE
      (
        "t8"."above" * 100
      ) < "t8"."payers") AS "top_1",
    SUM("t8"."usd") FILTER(WHERE
      (
        "t8"."above" * 10
      ) < "t8"."payers") AS "top_10",
    COUNT(DISTINCT "t8"."active_id") AS "players",
    COUNT(DISTINCT "t8"."player_id") AS "people"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t6"."player_id",
        CAST(NULL AS TEXT) AS "active_id",
        "t6"."usd",
        "t6"."place",
        "t6"."payers",
        "t6"."payers" - "t6"."place" AS "above"
      FROM (
        SELECT
          "t5"."player_id",
          "t5"."usd",
          (
            ROW_NUMBER() OVER (ORDER BY "t5"."usd" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) - 1
          ) + 1 AS "place",
          COUNT("t5"."player_id") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "payers"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t3"."player_id",
              SUM("t3"."net_usd") AS "usd"
            FROM (
              SELECT
                *
              FROM "purchases" AS "t1"
              WHERE
                "t1"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                AND "t1"."purchased_at" IS NOT NULL
                AND (
                  (
                    "t1"."net_usd" > 0
                  )
                  OR (
                    (
                      "t1"."gross_usd" IS NULL
                    ) AND (
                      COALESCE("t1"."refunds", 0) = 0
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
      ) AS "t6"
    ) AS "t7"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t0"."player_id",
        "t0"."player_id" AS "active_id",
        CAST(NULL AS DECIMAL(38, 6)) AS "usd",
        CAST(NULL AS BIGINT) AS "place",
        CAST(NULL AS BIGINT) AS "payers",
        CAST(NULL AS BIGINT) AS "above"
      FROM "player_days" AS "t0"
      WHERE
        "t0"."active_events" > 0
        AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
    ) AS "t2"
  ) AS "t8"
) AS "t9"
;
