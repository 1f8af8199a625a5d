-- time_to_adopt: Share of the eligible players who first use a feature within N days of becoming eligible.
-- Example: `questline sql time_to_adopt` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t29"."feature",
  "t29"."day_number",
  "t29"."players",
  "t29"."at_risk",
  "t29"."adopters",
  "t29"."adopted",
  "t29"."low",
  "t29"."high",
  "t29"."median_days"
FROM (
  SELECT
    "t28"."feature",
    "t28"."day_number",
    "t28"."leaving",
    "t28"."adopting",
    "t28"."asked",
    "t28"."players",
    "t28"."at_risk",
    "t28"."adopters",
    "t28"."log",
    "t28"."variance",
    "t28"."last",
    "t28"."all_adopted",
    "t28"."adopted",
    "t28"."wide",
    "t28"."half",
    1.0 - EXP(
      NULLIF(CASE WHEN "t28"."wide" THEN "t28"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0) / EXP(
        (
          SQRT("t28"."variance") * 1.959963984540054
        ) / -(
          NULLIF(CASE WHEN "t28"."wide" THEN "t28"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0)
        )
      )
    ) AS "low",
    1.0 - EXP(
      NULLIF(CASE WHEN "t28"."wide" THEN "t28"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0) * EXP(
        (
          SQRT("t28"."variance") * 1.959963984540054
        ) / -(
          NULLIF(CASE WHEN "t28"."wide" THEN "t28"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0)
        )
      )
    ) AS "high",
    MIN("t28"."half") OVER (
      PARTITION BY "t28"."feature"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "median_days"
  FROM (
    SELECT
      "t27"."feature",
      "t27"."day_number",
      "t27"."leaving",
      "t27"."adopting",
      "t27"."asked",
      "t27"."players",
      "t27"."at_risk",
      "t27"."adopters",
      "t27"."log",
      "t27"."variance",
      "t27"."last",
      "t27"."all_adopted",
      CASE
        WHEN "t27"."all_adopted" OR (
          "t27"."at_risk" > 0
        )
        THEN 1.0 - CASE WHEN "t27"."all_adopted" THEN 0.0 ELSE EXP("t27"."log") END
        ELSE CAST(NULL AS DOUBLE)
      END AS "adopted",
      (
        "t27"."all_adopted" OR (
          "t27"."at_risk" > 0
        )
      )
      AND NOT (
        "t27"."all_adopted"
      )
      AND (
        "t27"."log" < 0
      ) AS "wide",
      CASE
        WHEN (
          "t27"."all_adopted" OR (
            "t27"."at_risk" > 0
          )
        )
        AND (
          CASE WHEN "t27"."all_adopted" THEN 0.0 ELSE EXP("t27"."log") END <= 0.500000001
        )
        THEN "t27"."day_number"
        ELSE CAST(NULL AS BIGINT)
      END AS "half"
    FROM (
      SELECT
        "t26"."feature",
        "t26"."day_number",
        "t26"."leaving",
        "t26"."adopting",
        "t26"."asked",
        "t26"."players",
        "t26"."at_risk",
        "t26"."adopters",
        SUM("t26"."log") OVER (
          PARTITION BY "t26"."feature"
          ORDER BY "t26"."day_number" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "log",
        SUM("t26"."variance") OVER (
          PARTITION BY "t26"."feature"
          ORDER BY "t26"."day_number" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "variance",
        "t26"."last",
        MAX("t26"."last") OVER (
          PARTITION BY "t26"."feature"
          ORDER BY "t26"."day_number" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) > 0 AS "all_adopted"
      FROM (
        SELECT
          "t25"."feature",
          "t25"."day_number",
          "t25"."leaving",
          "t25"."adopting",
          "t25"."asked",
          "t25"."players",
          "t25"."at_risk",
          "t25"."adopters",
          CASE
            WHEN (
              "t25"."adopting" > 0
            ) AND (
              "t25"."at_risk" > "t25"."adopting"
            )
            THEN LN(
              NULLIF(
                CAST("t25"."at_risk" - "t25"."adopting" AS DOUBLE) / NULLIF(CAST("t25"."at_risk" AS DOUBLE), 0),
                0
              )
            )
            ELSE 0.0
          END AS "log",
          CASE
            WHEN (
              "t25"."adopting" > 0
            ) AND (
              "t25"."at_risk" > "t25"."adopting"
            )
            THEN "t25"."adopting" / NULLIF(
              CAST("t25"."at_risk" AS DOUBLE) * CAST("t25"."at_risk" - "t25"."adopting" AS DOUBLE),
              0
            )
            ELSE 0.0
          END AS "variance",
          CAST((
            "t25"."adopting" > 0
          ) AND (
            "t25"."at_risk" = "t25"."adopting"
          ) AS BIGINT) AS "last"
        FROM (
          SELECT
            "t24"."feature",
            "t24"."day_number",
            "t24"."leaving",
            "t24"."adopting",
            "t24"."asked",
            SUM("t24"."leaving") OVER (
              PARTITION BY "t24"."feature"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "players",
            (
              SUM("t24"."leaving") OVER (
                PARTITION BY "t24"."feature"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - SUM("t24"."leaving") OVER (
                PARTITION BY "t24"."feature"
                ORDER BY "t24"."day_number" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
              )
            ) + "t24"."leaving" AS "at_risk",
            SUM("t24"."adopting") OVER (
              PARTITION BY "t24"."feature"
              ORDER BY "t24"."day_number" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "adopters"
          FROM (
            SELECT
              "t23"."feature",
              "t23"."day_number",
              COUNT("t23"."one") AS "leaving",
              COALESCE(SUM("t23"."adopts"), 0) AS "adopting",
              COALESCE(SUM("t23"."asked"), 0) AS "asked"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  'rewarded_ads' AS "feature",
                  GREATEST(
                    DATE_DIFF(
                      'DAY',
                      GREATEST(COALESCE("t21"."acquired_on", "t21"."active_on"), "t21"."active_on"),
                      COALESCE("t21"."used_on", MAKE_DATE(2026, 1, 30))
                    ),
                    0
                  ) AS "day_number",
                  CAST(NULL AS TINYINT) AS "asked",
                  CAST("t21"."used_on" IS NOT NULL AS BIGINT) AS "adopts",
                  1 AS "one"
                FROM (
                  SELECT
                    "t20"."active_on",
                    "t20"."used_on",
                    "t5"."acquired_on"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t16"."player_id",
                        MIN("t16"."active_on") AS "active_on",
                        MIN("t16"."used_on") AS "used_on"
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            "t1"."player_id",
                            CAST(NULL AS DATE) AS "used_on",
                            "t1"."event_date" AS "active_on"
                          FROM "player_days" AS "t1"
                          WHERE
                            "t1"."active_events" > 0 AND "t1"."event_date" <= MAKE_DATE(2026, 1, 30)
                        ) AS "t6"
                        UNION ALL
                        SELECT
                          *
                        FROM (
                          SELECT
                            "t11"."player_id",
                            "t11"."event_date" AS "used_on",
                            CAST(NULL AS DATE) AS "active_on"
                          FROM (
                            SELECT
                              "t7"."player_id",
                              "t7"."event_date",
                              COUNT(*) AS "uses"
                            FROM (
                              SELECT
                                "t2"."player_id",
                                "t2"."event_date"
                              FROM "events" AS "t2"
                              WHERE
                                "t2"."event_type" = 'ad_watched' AND COALESCE("t2"."format" = 'rewarded', FALSE)
                            ) AS "t7"
                            GROUP BY
                              1,
                              2
                          ) AS "t11"
                          WHERE
                            "t11"."event_date" <= MAKE_DATE(2026, 1, 30)
                        ) AS "t14"
                      ) AS "t16"
                      GROUP BY
                        1
                    ) AS "t18"
                    WHERE
                      "t18"."active_on" IS NOT NULL
                  ) AS "t20"
                  INNER JOIN (
                    SELECT
                      "t0"."player_id",
                      "t0"."acquisition_date" AS "acquired_on"
                    FROM "players" AS "t0"
                  ) AS "t5"
                    ON "t20"."player_id" = "t5"."player_id"
                ) AS "t21"
                WHERE
                  "t21"."acquired_on" >= MAKE_DATE(2026, 1, 1)
                  AND GREATEST(COALESCE("t21"."acquired_on", "t21"."active_on"), "t21"."active_on") BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
              ) AS "t22"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  "t15"."feature",
                  "t15"."day_number",
                  1 AS "asked",
                  CAST(NULL AS BIGINT) AS "adopts",
                  CAST(NULL AS TINYINT) AS "one"
                FROM (
                  SELECT
                    "t10"."feature",
                    "t13"."day_number"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        UNNEST(CAST(['rewarded_ads'] AS TEXT[])) AS "feature"
                    ) AS "t4"
                  ) AS "t10"
                  CROSS JOIN (
                    SELECT
                      *
                    FROM (
                      SELECT
                        UNNEST(CAST(CAST([0, 1, 3, 7, 14, 30] AS TINYINT[]) AS BIGINT[])) AS "day_number"
                    ) AS "t8"
                  ) AS "t13"
                ) AS "t15"
              ) AS "t17"
            ) AS "t23"
            GROUP BY
              1,
              2
          ) AS "t24"
        ) AS "t25"
      ) AS "t26"
    ) AS "t27"
  ) AS "t28"
) AS "t29"
WHERE
  "t29"."asked" > 0
ORDER BY
  "t29"."feature" ASC,
  "t29"."day_number" ASC
;
