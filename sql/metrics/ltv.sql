-- ltv: Revenue per player from the day of acquisition to day N, added up day number by day number.
-- Example: `questline sql ltv` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t37"."age" AS "day_number",
  "t37"."players",
  CASE
    WHEN (
      "t37"."players" > 0
    )
    AND (
      (
        "t37"."bought" = 0
      ) OR (
        "t37"."priced" > 0
      )
    )
    THEN "t37"."usd"
    ELSE CAST(NULL AS DECIMAL(38, 6))
  END AS "revenue_usd",
  CASE
    WHEN (
      "t37"."players" > 0
    )
    AND (
      (
        "t37"."bought" = 0
      ) OR (
        "t37"."priced" > 0
      )
    )
    THEN "t37"."value"
    ELSE CAST(NULL AS DOUBLE)
  END AS "ltv",
  CASE
    WHEN (
      "t37"."players" > 0
    )
    AND (
      (
        "t37"."bought" = 0
      ) OR (
        "t37"."priced" > 0
      )
    )
    THEN CAST(ROUND(
      "t37"."value" - (
        SQRT(
          (
            CASE
              WHEN "t37"."spread" > (
                "t37"."squares" * 1e-12
              )
              THEN "t37"."spread"
              ELSE 0.0
            END * CAST("t37"."players" AS DOUBLE)
          ) / NULLIF(CAST("t37"."players" AS DOUBLE) - 1, 0)
        ) * 1.959963984540054
      ),
      6
    ) AS DOUBLE)
    ELSE CAST(NULL AS DOUBLE)
  END AS "low",
  CASE
    WHEN (
      "t37"."players" > 0
    )
    AND (
      (
        "t37"."bought" = 0
      ) OR (
        "t37"."priced" > 0
      )
    )
    THEN CAST(ROUND(
      "t37"."value" + (
        SQRT(
          (
            CASE
              WHEN "t37"."spread" > (
                "t37"."squares" * 1e-12
              )
              THEN "t37"."spread"
              ELSE 0.0
            END * CAST("t37"."players" AS DOUBLE)
          ) / NULLIF(CAST("t37"."players" AS DOUBLE) - 1, 0)
        ) * 1.959963984540054
      ),
      6
    ) AS DOUBLE)
    ELSE CAST(NULL AS DOUBLE)
  END AS "high",
  "t37"."players" > 0 AS "observable",
  CAST(CAST("t37"."first_cohort" + TO_DAYS("t37"."age") AS TIMESTAMP) AS DATE) AS "observable_on"
FROM (
  SELECT
    "t36"."age",
    "t36"."everyone",
    "t36"."players",
    "t36"."first_cohort",
    SUM("t36"."usd") OVER (ORDER BY "t36"."age" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "usd",
    SUM("t36"."squares") OVER (ORDER BY "t36"."age" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "squares",
    SUM("t36"."spread") OVER (ORDER BY "t36"."age" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "spread",
    SUM("t36"."bought") OVER (ORDER BY "t36"."age" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "bought",
    SUM("t36"."priced") OVER (ORDER BY "t36"."age" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "priced",
    SUM(CAST("t36"."usd" AS DOUBLE) / CAST(NULLIF("t36"."players", 0) AS DOUBLE)) OVER (ORDER BY "t36"."age" ASC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "value"
  FROM (
    SELECT
      "t35"."age",
      COALESCE(SUM("t35"."size"), 0) AS "everyone",
      COALESCE(SUM("t35"."watched"), 0) AS "players",
      MIN("t35"."cohort") AS "first_cohort",
      COALESCE(SUM("t35"."usd"), 0) AS "usd",
      SUM("t35"."squares") AS "squares",
      SUM("t35"."spread") AS "spread",
      COALESCE(SUM("t35"."bought"), 0) AS "bought",
      COALESCE(SUM("t35"."priced"), 0) AS "priced"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t33"."age",
          "t33"."cohort",
          "t33"."size",
          "t33"."watched",
          "t33"."usd",
          "t33"."part",
          "t33"."squares",
          "t33"."bought",
          "t33"."priced",
          "t33"."among",
          "t33"."earned",
          "t33"."mean",
          "t33"."own",
          "t33"."usual",
          (
            "t33"."squares" + (
              CAST("t33"."size" AS DOUBLE) * (
                (
                  "t33"."usual" * "t33"."usual"
                ) - (
                  (
                    "t33"."usual" - "t33"."mean"
                  ) * (
                    "t33"."usual" - "t33"."mean"
                  )
                )
              )
            )
          ) - (
            (
              (
                "t33"."own" * "t33"."usual"
              ) - (
                (
                  "t33"."own" - "t33"."part"
                ) * (
                  "t33"."usual" - "t33"."mean"
                )
              )
            ) * 2
          ) AS "spread"
        FROM (
          SELECT
            "t32"."cohort",
            "t32"."age",
            "t32"."size",
            "t32"."watched",
            "t32"."usd",
            "t32"."part",
            "t32"."squares",
            "t32"."bought",
            "t32"."priced",
            "t32"."among",
            "t32"."earned",
            "t32"."mean",
            SUM("t32"."part") OVER (
              PARTITION BY "t32"."cohort"
              ORDER BY "t32"."age" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "own",
            SUM("t32"."mean") OVER (
              PARTITION BY "t32"."cohort"
              ORDER BY "t32"."age" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "usual"
          FROM (
            SELECT
              "t31"."cohort",
              "t31"."age",
              "t31"."size",
              "t31"."watched",
              "t31"."usd",
              "t31"."part",
              "t31"."squares",
              "t31"."bought",
              "t31"."priced",
              "t31"."among",
              "t31"."earned",
              CASE
                WHEN "t31"."watched" > 0
                THEN COALESCE(
                  (
                    CAST("t31"."earned" AS DOUBLE) / CAST(NULLIF("t31"."among", 0) AS DOUBLE)
                  ) / CAST(NULLIF("t31"."among", 0) AS DOUBLE),
                  0.0
                )
                ELSE 0.0
              END AS "mean"
            FROM (
              SELECT
                "t30"."cohort",
                "t30"."age",
                "t30"."size",
                "t30"."watched",
                "t30"."usd",
                "t30"."part",
                "t30"."squares",
                "t30"."bought",
                "t30"."priced",
                SUM("t30"."watched") OVER (PARTITION BY "t30"."age" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "among",
                SUM("t30"."usd") OVER (PARTITION BY "t30"."age" ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "earned"
              FROM (
                SELECT
                  "t29"."cohort",
                  "t29"."age",
                  COALESCE(SUM("t29"."size"), 0) AS "size",
                  COALESCE(SUM("t29"."watched"), 0) AS "watched",
                  SUM("t29"."usd") AS "usd",
                  COALESCE(SUM("t29"."part"), 0.0) AS "part",
                  COALESCE(SUM("t29"."squares"), 0.0) AS "squares",
                  COALESCE(SUM("t29"."bought"), 0) AS "bought",
                  COALESCE(SUM("t29"."priced"), 0) AS "priced"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t18"."cohort",
                      "t18"."age",
                      CAST(NULL AS DECIMAL(38, 6)) AS "usd",
                      CAST(NULL AS DOUBLE) AS "part",
                      CAST(NULL AS DOUBLE) AS "squares",
                      CAST(NULL AS BIGINT) AS "bought",
                      CAST(NULL AS BIGINT) AS "priced",
                      "t18"."size",
                      "t18"."watched"
                    FROM (
                      SELECT
                        "t17".*
                        EXCLUDE ("followed")
                      FROM (
                        SELECT
                          "t15"."cohort",
                          "t15"."size",
                          "t15"."followed",
                          "t15"."age",
                          CASE WHEN "t15"."followed" >= "t15"."age" THEN "t15"."size" ELSE 0 END AS "watched"
                        FROM (
                          SELECT
                            "t12"."cohort",
                            "t12"."size",
                            "t12"."followed",
                            "t10"."age"
                          FROM (
                            SELECT
                              "t8"."cohort",
                              "t8"."size",
                              DATE_DIFF('DAY', "t8"."cohort", MAKE_DATE(2026, 1, 30)) AS "followed"
                            FROM (
                              SELECT
                                "t3"."cohort",
                                COUNT(*) AS "size"
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
                              ) AS "t3"
                              GROUP BY
                                1
                            ) AS "t8"
                          ) AS "t12"
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
                                ) AS "age"
                            ) AS "t2"
                          ) AS "t10"
                        ) AS "t15"
                      ) AS "t17"
                    ) AS "t18"
                  ) AS "t19"
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t27"."cohort",
                      "t27"."age",
                      "t27"."usd",
                      "t27"."part",
                      "t27"."squares",
                      "t27"."bought",
                      "t27"."priced",
                      CAST(NULL AS BIGINT) AS "size",
                      CAST(NULL AS BIGINT) AS "watched"
                    FROM (
                      SELECT
                        "t26"."cohort",
                        "t26"."age",
                        SUM("t26"."usd") AS "usd",
                        SUM("t26"."part") AS "part",
                        SUM("t26"."part" * (
                          (
                            "t26"."run" * 2
                          ) - "t26"."part"
                        )) AS "squares",
                        SUM("t26"."bought") AS "bought",
                        SUM("t26"."priced") AS "priced"
                      FROM (
                        SELECT
                          "t25"."player_id",
                          "t25"."cohort",
                          "t25"."age",
                          "t25"."usd",
                          "t25"."bought",
                          "t25"."priced",
                          "t25"."among",
                          "t25"."part",
                          SUM("t25"."part") OVER (
                            PARTITION BY "t25"."player_id"
                            ORDER BY "t25"."age" ASC
                            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                          ) AS "run"
                        FROM (
                          SELECT
                            "t24"."player_id",
                            "t24"."cohort",
                            "t24"."age",
                            "t24"."usd",
                            "t24"."bought",
                            "t24"."priced",
                            "t24"."among",
                            CAST("t24"."usd" AS DOUBLE) / CAST("t24"."among" AS DOUBLE) AS "part"
                          FROM (
                            SELECT
                              "t22"."player_id",
                              "t22"."cohort",
                              "t22"."age",
                              "t22"."usd",
                              "t22"."bought",
                              "t22"."priced",
                              "t23"."among"
                            FROM (
                              SELECT
                                "t16"."player_id",
                                "t16"."cohort",
                                DATE_DIFF('DAY', "t16"."cohort", "t16"."event_date") AS "age",
                                "t16"."usd",
                                "t16"."bought",
                                "t16"."priced"
                              FROM (
                                SELECT
                                  "t14"."player_id",
                                  "t14"."event_date",
                                  "t14"."usd",
                                  "t14"."bought",
                                  "t14"."priced",
                                  "t5"."cohort"
                                FROM (
                                  SELECT
                                    *
                                  FROM (
                                    SELECT
                                      "t1"."player_id",
                                      "t1"."event_date",
                                      CAST((
                                        COALESCE("t1"."gross_usd", 0) - COALESCE("t1"."refunded_usd", 0)
                                      ) + COALESCE("t1"."ad_revenue_usd", 0) AS DECIMAL(38, 6)) AS "usd",
                                      COALESCE("t1"."purchases", 0) AS "bought",
                                      CASE WHEN "t1"."gross_usd" IS NOT NULL THEN COALESCE("t1"."purchases", 0) ELSE 0 END AS "priced"
                                    FROM "player_days" AS "t1"
                                  ) AS "t9"
                                  WHERE
                                    (
                                      (
                                        "t9"."usd" <> 0
                                      ) OR (
                                        "t9"."bought" > 0
                                      )
                                    )
                                    AND "t9"."event_date" <= MAKE_DATE(2026, 1, 30)
                                ) AS "t14"
                                INNER JOIN (
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
                                    AND "t0"."acquisition_date" <= MAKE_DATE(2026, 1, 30)
                                ) AS "t5"
                                  ON "t14"."player_id" = "t5"."player_id"
                              ) AS "t16"
                              WHERE
                                DATE_DIFF('DAY', "t16"."cohort", "t16"."event_date") BETWEEN 0 AND 30
                            ) AS "t22"
                            INNER JOIN (
                              SELECT
                                "t18"."age",
                                SUM("t18"."watched") AS "among"
                              FROM (
                                SELECT
                                  "t17".*
                                  EXCLUDE ("followed")
                                FROM (
                                  SELECT
                                    "t15"."cohort",
                                    "t15"."size",
                                    "t15"."followed",
                                    "t15"."age",
                                    CASE WHEN "t15"."followed" >= "t15"."age" THEN "t15"."size" ELSE 0 END AS "watched"
                                  FROM (
                                    SELECT
                                      "t12"."cohort",
                                      "t12"."size",
                                      "t12"."followed",
                                      "t10"."age"
                                    FROM (
                                      SELECT
                                        "t8"."cohort",
                                        "t8"."size",
                                        DATE_DIFF('DAY', "t8"."cohort", MAKE_DATE(2026, 1, 30)) AS "followed"
                                      FROM (
                                        SELECT
                                          "t3"."cohort",
                                          COUNT(*) AS "size"
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
                                        ) AS "t3"
                                        GROUP BY
                                          1
                                      ) AS "t8"
                                    ) AS "t12"
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
                                          ) AS "age"
                                      ) AS "t2"
                                    ) AS "t10"
                                  ) AS "t15"
                                ) AS "t17"
                              ) AS "t18"
                              GROUP BY
                                1
                            ) AS "t23"
                              ON "t22"."age" = "t23"."age"
                          ) AS "t24"
                        ) AS "t25"
                      ) AS "t26"
                      GROUP BY
                        1,
                        2
                    ) AS "t27"
                  ) AS "t28"
                ) AS "t29"
                GROUP BY
                  1,
                  2
              ) AS "t30"
            ) AS "t31"
          ) AS "t32"
        ) AS "t33"
      ) AS "t34"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t2"."age",
          CAST(NULL AS DATE) AS "cohort",
          CAST(NULL AS BIGINT) AS "size",
          CAST(NULL AS BIGINT) AS "watched",
          CAST(NULL AS DECIMAL(38, 6)) AS "usd",
          CAST(NULL AS DOUBLE) AS "part",
          CAST(NULL AS DOUBLE) AS "squares",
          CAST(NULL AS BIGINT) AS "bought",
          CAST(NULL AS BIGINT) AS "priced",
          CAST(NULL AS BIGINT) AS "among",
          CAST(NULL AS DECIMAL(38, 6)) AS "earned",
          CAST(NULL AS DOUBLE) AS "mean",
          CAST(NULL AS DOUBLE) AS "own",
          CAST(NULL AS DOUBLE) AS "usual",
          CAST(NULL AS DOUBLE) AS "spread"
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
            ) AS "age"
        ) AS "t2"
      ) AS "t6"
    ) AS "t35"
    GROUP BY
      1
  ) AS "t36"
) AS "t37"
WHERE
  "t37"."age" IN (0, 1, 3, 7, 14, 30)
ORDER BY
  "t37"."age" ASC
;
