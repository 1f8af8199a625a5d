-- first_purchase_curve: Share of players who have paid by day N, from young and old cohorts: the Kaplan-Meier curve.
-- Example: `questline sql first_purchase_curve` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t21"."day_number",
  "t21"."at_risk",
  "t21"."converted",
  CASE WHEN "t21"."observable" THEN "t21"."paid_share" ELSE CAST(NULL AS DOUBLE) END AS "paid_share",
  CASE WHEN "t21"."observable" THEN "t21"."low" ELSE CAST(NULL AS DOUBLE) END AS "low",
  CASE WHEN "t21"."observable" THEN "t21"."high" ELSE CAST(NULL AS DOUBLE) END AS "high",
  "t21"."observable",
  "t21"."observable_on"
FROM (
  SELECT
    "t20"."day_number",
    "t20"."at_risk",
    "t20"."converted",
    "t20"."longest",
    "t20"."first_cohort",
    "t20"."log_left",
    "t20"."spread",
    "t20"."all_paid",
    CASE WHEN "t20"."all_paid" THEN 1.0 ELSE 1 - EXP("t20"."log_left") END AS "paid_share",
    1.0 - EXP(
      NULLIF(
        CASE
          WHEN (
            "t20"."log_left" < 0
          ) AND NOT (
            "t20"."all_paid"
          )
          THEN "t20"."log_left"
          ELSE CAST(NULL AS DOUBLE)
        END,
        0.0
      ) / EXP(
        (
          SQRT("t20"."spread") * 1.959963984540054
        ) / -(
          NULLIF(
            CASE
              WHEN (
                "t20"."log_left" < 0
              ) AND NOT (
                "t20"."all_paid"
              )
              THEN "t20"."log_left"
              ELSE CAST(NULL AS DOUBLE)
            END,
            0.0
          )
        )
      )
    ) AS "low",
    1.0 - EXP(
      NULLIF(
        CASE
          WHEN (
            "t20"."log_left" < 0
          ) AND NOT (
            "t20"."all_paid"
          )
          THEN "t20"."log_left"
          ELSE CAST(NULL AS DOUBLE)
        END,
        0.0
      ) * EXP(
        (
          SQRT("t20"."spread") * 1.959963984540054
        ) / -(
          NULLIF(
            CASE
              WHEN (
                "t20"."log_left" < 0
              ) AND NOT (
                "t20"."all_paid"
              )
              THEN "t20"."log_left"
              ELSE CAST(NULL AS DOUBLE)
            END,
            0.0
          )
        )
      )
    ) AS "high",
    COALESCE(
      (
        (
          "t20"."at_risk" > 0
        ) OR "t20"."all_paid"
      )
      AND (
        "t20"."longest" >= "t20"."day_number"
      ),
      FALSE
    ) AS "observable",
    CAST(CAST("t20"."first_cohort" + TO_DAYS("t20"."day_number") AS TIMESTAMP) AS DATE) AS "observable_on"
  FROM (
    SELECT
      "t19"."day_number",
      "t19"."at_risk",
      "t19"."converted",
      "t19"."longest",
      "t19"."first_cohort",
      SUM(
        COALESCE(
          LN(
            NULLIF(CAST("t19"."at_risk" AS DOUBLE) - CAST("t19"."converted" AS DOUBLE), 0) / NULLIF(CAST("t19"."at_risk" AS DOUBLE), 0)
          ),
          0
        )
      ) OVER (ORDER BY "t19"."day_number" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "log_left",
      SUM(
        COALESCE(
          CAST("t19"."converted" AS DOUBLE) / (
            NULLIF(CAST("t19"."at_risk" AS DOUBLE), 0) * NULLIF(CAST("t19"."at_risk" AS DOUBLE) - CAST("t19"."converted" AS DOUBLE), 0)
          ),
          0
        )
      ) OVER (ORDER BY "t19"."day_number" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "spread",
      MAX(
        CAST((
          "t19"."at_risk" > 0
        ) AND (
          "t19"."converted" = "t19"."at_risk"
        ) AS BIGINT)
      ) OVER (ORDER BY "t19"."day_number" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) > 0 AS "all_paid"
    FROM (
      SELECT
        "t18"."day_number",
        COALESCE(SUM("t18"."players") FILTER(WHERE
          "t18"."until" >= "t18"."day_number"), 0) AS "at_risk",
        COALESCE(
          SUM("t18"."players") FILTER(WHERE
            (
              "t18"."until" = "t18"."day_number"
            ) AND "t18"."bought"),
          0
        ) AS "converted",
        MAX("t18"."longest") AS "longest",
        MIN("t18"."cohort") AS "first_cohort"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t8"."day_number",
            "t16"."until",
            "t16"."bought",
            "t16"."players",
            "t16"."longest",
            "t16"."cohort"
          FROM (
            SELECT
              "t14"."until",
              "t14"."bought",
              SUM("t14"."players") AS "players",
              MAX("t14"."followed") AS "longest",
              MIN("t14"."cohort") AS "cohort"
            FROM (
              SELECT
                "t13"."cohort",
                "t13"."day",
                "t13"."players",
                DATE_DIFF('DAY', "t13"."cohort", MAKE_DATE(2026, 1, 30)) AS "followed",
                "t13"."day" IS NOT NULL AS "bought",
                COALESCE("t13"."day", DATE_DIFF('DAY', "t13"."cohort", MAKE_DATE(2026, 1, 30))) AS "until"
              FROM (
                SELECT
                  "t12"."cohort",
                  "t12"."day",
                  COUNT(*) AS "players"
                FROM (
                  SELECT
                    "t11"."player_id",
                    "t11"."cohort",
                    "t11"."first_on",
                    DATE_DIFF('DAY', "t11"."cohort", "t11"."first_on") AS "day"
                  FROM (
                    SELECT
                      "t10"."player_id",
                      "t10"."cohort",
                      MIN("t10"."event_date") AS "first_on"
                    FROM (
                      SELECT
                        "t4"."player_id",
                        "t4"."cohort",
                        "t9"."player_id" AS "player_id_right",
                        "t9"."event_date"
                      FROM (
                        SELECT
                          "t0"."player_id",
                          "t0"."acquisition_date" AS "cohort"
                        FROM "players" AS "t0"
                        WHERE
                          (
                            (
                              "t0"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
                            )
                            OR (
                              "t0"."acquisition_source" = 'metadata'
                            )
                          )
                          AND "t0"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
                      ) AS "t4"
                      LEFT OUTER JOIN (
                        SELECT
                          "t1"."player_id",
                          "t1"."event_date"
                        FROM "purchases" AS "t1"
                        WHERE
                          "t1"."purchased_at" IS NOT NULL
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
                          AND "t1"."event_date" <= MAKE_DATE(2026, 1, 30)
                      ) AS "t9"
                        ON "t4"."player_id" = "t9"."player_id" AND "t9"."event_date" >= "t4"."cohort"
                    ) AS "t10"
                    GROUP BY
                      1,
                      2
                  ) AS "t11"
                ) AS "t12"
                GROUP BY
                  1,
                  2
              ) AS "t13"
            ) AS "t14"
            GROUP BY
              1,
              2
          ) AS "t16"
          CROSS JOIN (
            SELECT
              *
            FROM (
              SELECT
                UNNEST(
                  CAST(CAST([
                    0,
                    1,
                    2,
                    3,
                    4,
                    5,
                    6,
                    7,
                    8,
                    9,
                    10,
                    11,
                    12,
                    13,
                    14,
                    15,
                    16,
                    17,
                    18,
                    19,
                    20,
                    21,
                    22,
                    23,
                    24,
                    25,
                    26,
                    27,
                    28,
                    29,
                    30
                  ] AS TINYINT[]) AS BIGINT[])
                ) AS "day_number"
            ) AS "t2"
          ) AS "t8"
        ) AS "t17"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t2"."day_number",
            CAST(NULL AS BIGINT) AS "until",
            CAST(NULL AS BOOLEAN) AS "bought",
            CAST(NULL AS BIGINT) AS "players",
            CAST(NULL AS BIGINT) AS "longest",
            CAST(NULL AS DATE) AS "cohort"
          FROM (
            SELECT
              UNNEST(
                CAST(CAST([
                  0,
                  1,
                  2,
                  3,
                  4,
                  5,
                  6,
                  7,
                  8,
                  9,
                  10,
                  11,
                  12,
                  13,
                  14,
                  15,
                  16,
                  17,
                  18,
                  19,
                  20,
                  21,
                  22,
                  23,
                  24,
                  25,
                  26,
                  27,
                  28,
                  29,
                  30
                ] AS TINYINT[]) AS BIGINT[])
              ) AS "day_number"
          ) AS "t2"
        ) AS "t5"
      ) AS "t18"
      GROUP BY
        1
    ) AS "t19"
  ) AS "t20"
  WHERE
    "t20"."day_number" IN (0, 1, 3, 7, 14, 30)
) AS "t21"
ORDER BY
  "t21"."day_number" ASC
;
