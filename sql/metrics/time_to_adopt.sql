-- time_to_adopt: Share of the eligible players who first use a feature within N days of becoming eligible.
-- Example: `questline sql time_to_adopt` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t27"."feature",
  "t27"."day_number",
  "t27"."players",
  "t27"."at_risk",
  "t27"."adopters",
  "t27"."adopted",
  "t27"."low",
  "t27"."high",
  "t27"."median_days"
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
    "t26"."log",
    "t26"."variance",
    "t26"."last",
    "t26"."all_adopted",
    "t26"."adopted",
    "t26"."wide",
    "t26"."half",
    1.0 - EXP(
      NULLIF(CASE WHEN "t26"."wide" THEN "t26"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0) / EXP(
        (
          SQRT("t26"."variance") * 1.959963984540054
        ) / -(
          NULLIF(CASE WHEN "t26"."wide" THEN "t26"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0)
        )
      )
    ) AS "low",
    1.0 - EXP(
      NULLIF(CASE WHEN "t26"."wide" THEN "t26"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0) * EXP(
        (
          SQRT("t26"."variance") * 1.959963984540054
        ) / -(
          NULLIF(CASE WHEN "t26"."wide" THEN "t26"."log" ELSE CAST(NULL AS DOUBLE) END, 0.0)
        )
      )
    ) AS "high",
    MIN("t26"."half") OVER (
      PARTITION BY "t26"."feature"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "median_days"
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
      "t25"."log",
      "t25"."variance",
      "t25"."last",
      "t25"."all_adopted",
      CASE
        WHEN "t25"."all_adopted" OR (
          "t25"."at_risk" > 0
        )
        THEN 1.0 - CASE WHEN "t25"."all_adopted" THEN 0.0 ELSE EXP("t25"."log") END
        ELSE CAST(NULL AS DOUBLE)
      END AS "adopted",
      (
        "t25"."all_adopted" OR (
          "t25"."at_risk" > 0
        )
      )
      AND NOT (
        "t25"."all_adopted"
      )
      AND (
        "t25"."log" < 0
      ) AS "wide",
      CASE
        WHEN (
          "t25"."all_adopted" OR (
            "t25"."at_risk" > 0
          )
        )
        AND (
          CASE WHEN "t25"."all_adopted" THEN 0.0 ELSE EXP("t25"."log") END <= 0.500000001
        )
        THEN "t25"."day_number"
        ELSE CAST(NULL AS BIGINT)
      END AS "half"
    FROM (
      SELECT
        "t24"."feature",
        "t24"."day_number",
        "t24"."leaving",
        "t24"."adopting",
        "t24"."asked",
        "t24"."players",
        "t24"."at_risk",
        "t24"."adopters",
        SUM("t24"."log") OVER (
          PARTITION BY "t24"."feature"
          ORDER BY "t24"."day_number" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "log",
        SUM("t24"."variance") OVER (
          PARTITION BY "t24"."feature"
          ORDER BY "t24"."day_number" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) AS "variance",
        "t24"."last",
        MAX("t24"."last") OVER (
          PARTITION BY "t24"."feature"
          ORDER BY "t24"."day_number" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
        ) > 0 AS "all_adopted"
      FROM (
        SELECT
          "t23"."feature",
          "t23"."day_number",
          "t23"."leaving",
          "t23"."adopting",
          "t23"."asked",
          "t23"."players",
          "t23"."at_risk",
          "t23"."adopters",
          CASE
            WHEN (
              "t23"."adopting" > 0
            ) AND (
              "t23"."at_risk" > "t23"."adopting"
            )
            THEN LN(
              NULLIF(
                CAST("t23"."at_risk" - "t23"."adopting" AS DOUBLE) / NULLIF(CAST("t23"."at_risk" AS DOUBLE), 0),
                0
              )
            )
            ELSE 0.0
          END AS "log",
          CASE
            WHEN (
              "t23"."adopting" > 0
            ) AND (
              "t23"."at_risk" > "t23"."adopting"
            )
            THEN "t23"."adopting" / NULLIF(
              CAST("t23"."at_risk" AS DOUBLE) * CAST("t23"."at_risk" - "t23"."adopting" AS DOUBLE),
              0
            )
            ELSE 0.0
          END AS "variance",
          CAST((
            "t23"."adopting" > 0
          ) AND (
            "t23"."at_risk" = "t23"."adopting"
          ) AS BIGINT) AS "last"
        FROM (
          SELECT
            "t22"."feature",
            "t22"."day_number",
            "t22"."leaving",
            "t22"."adopting",
            "t22"."asked",
            SUM("t22"."leaving") OVER (
              PARTITION BY "t22"."feature"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) AS "players",
            (
              SUM("t22"."leaving") OVER (
                PARTITION BY "t22"."feature"
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) - SUM("t22"."leaving") OVER (
                PARTITION BY "t22"."feature"
                ORDER BY "t22"."day_number" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
              )
            ) + "t22"."leaving" AS "at_risk",
            SUM("t22"."adopting") OVER (
              PARTITION BY "t22"."feature"
              ORDER BY "t22"."day_number" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "adopters"
          FROM (
            SELECT
              "t21"."feature",
              "t21"."day_number",
              COUNT("t21"."one") AS "leaving",
              COALESCE(SUM("t21"."adopts"), 0) AS "adopting",
              COALESCE(SUM("t21"."asked"), 0) AS "asked"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  'rewarded_ads' AS "feature",
                  GREATEST(
                    DATE_DIFF(
                      'DAY',
                      GREATEST(COALESCE("t19"."acquired_on", "t19"."active_on"), "t19"."active_on"),
                      COALESCE("t19"."used_on", MAKE_DATE(2026, 1, 30))
                    ),
                    0
                  ) AS "day_number",
                  CAST(NULL AS TINYINT) AS "asked",
                  CAST("t19"."used_on" IS NOT NULL AS BIGINT) AS "adopts",
                  1 AS "one"
                FROM (
                  SELECT
                    "t18"."active_on",
                    "t18"."used_on",
                    "t5"."acquired_on"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t10"."player_id",
                        MIN("t10"."active_on") AS "active_on",
                        MIN("t10"."used_on") AS "used_on"
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
                            "t2"."player_id",
                            "t2"."event_date" AS "used_on",
                            CAST(NULL AS DATE) AS "active_on"
                          FROM "events" AS "t2"
                          WHERE
                            "t2"."event_type" = 'ad_watched'
                            AND COALESCE("t2"."format" = 'rewarded', FALSE)
                            AND "t2"."event_date" <= MAKE_DATE(2026, 1, 30)
                        ) AS "t7"
                      ) AS "t10"
                      GROUP BY
                        1
                    ) AS "t14"
                    WHERE
                      "t14"."active_on" IS NOT NULL
                  ) AS "t18"
                  INNER JOIN (
                    SELECT
                      "t0"."player_id",
                      "t0"."acquisition_date" AS "acquired_on"
                    FROM "players" AS "t0"
                  ) AS "t5"
                    ON "t18"."player_id" = "t5"."player_id"
                ) AS "t19"
                WHERE
                  "t19"."acquired_on" >= MAKE_DATE(2026, 1, 1)
                  AND GREATEST(COALESCE("t19"."acquired_on", "t19"."active_on"), "t19"."active_on") BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
              ) AS "t20"
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
                    "t11"."feature",
                    "t13"."day_number"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        UNNEST(CAST(['rewarded_ads'] AS TEXT[])) AS "feature"
                    ) AS "t4"
                  ) AS "t11"
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
            ) AS "t21"
            GROUP BY
              1,
              2
          ) AS "t22"
        ) AS "t23"
      ) AS "t24"
    ) AS "t25"
  ) AS "t26"
) AS "t27"
WHERE
  "t27"."asked" > 0
ORDER BY
  "t27"."feature" ASC,
  "t27"."day_number" ASC
;
