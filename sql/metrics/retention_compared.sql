-- retention_compared: Players whom one definition of retention counts as returned and the other does not.
-- Example: `questline sql retention_compared` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t4" AS (
  SELECT
    "t0"."player_id",
    "t0"."acquisition_date" AS "cohort"
  FROM "players" AS "t0"
  WHERE
    (
      "t0"."acquisition_date" >= MAKE_DATE(2026, 1, 1)
    )
    OR (
      "t0"."acquisition_source" = 'metadata'
    )
)
SELECT
  "t36"."day_number",
  "t36"."players",
  "t36"."both",
  "t36"."left_only",
  "t36"."right_only",
  "t36"."neither",
  "t36"."left_example",
  "t36"."right_example"
FROM (
  SELECT
    "t35".*
    EXCLUDE ("place")
  FROM (
    SELECT
      "t34"."place",
      "t34"."players",
      "t34"."both",
      "t34"."left_only",
      "t34"."right_only",
      "t34"."neither",
      "t34"."left_example",
      "t34"."right_example",
      "t13"."day_number"
    FROM (
      SELECT
        "t32"."place",
        COALESCE(SUM("t32"."known"), 0) AS "players",
        SUM("t32"."left" * "t32"."right") AS "both",
        SUM(CAST((
          "t32"."left" = 1
        ) AND (
          "t32"."right" = 0
        ) AS BIGINT)) AS "left_only",
        SUM(CAST((
          "t32"."left" = 0
        ) AND (
          "t32"."right" = 1
        ) AS BIGINT)) AS "right_only",
        SUM((
          1 - "t32"."left"
        ) * (
          1 - "t32"."right"
        )) AS "neither",
        MIN("t32"."player_id") FILTER(WHERE
          (
            "t32"."left" = 1
          ) AND (
            "t32"."right" = 0
          )) AS "left_example",
        MIN("t32"."player_id") FILTER(WHERE
          (
            "t32"."left" = 0
          ) AND (
            "t32"."right" = 1
          )) AS "right_example"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t30"."place",
            "t30"."player_id",
            "t30"."left",
            "t30"."right",
            "t30"."known"
          FROM (
            SELECT
              "t29"."player_id",
              "t29"."place",
              MAX("t29"."left") AS "left",
              MAX("t29"."right") AS "right",
              COALESCE(SUM("t29"."known"), 0) AS "known"
            FROM (
              SELECT
                *
              FROM (
                SELECT
                  "t23"."player_id",
                  "t23"."place",
                  0 AS "left",
                  1 AS "right",
                  CAST(NULL AS BIGINT) AS "known"
                FROM (
                  SELECT
                    "t21"."player_id",
                    "t21"."cohort",
                    "t21"."place",
                    "t21"."needed",
                    COUNT(*) AS "days"
                  FROM (
                    SELECT
                      "t19"."player_id",
                      "t19"."event_date",
                      "t19"."cohort",
                      "t19"."day",
                      "t14"."place",
                      "t14"."day_number",
                      "t14"."first_day",
                      "t14"."last_day",
                      "t14"."needed"
                    FROM (
                      SELECT
                        "t16"."player_id",
                        "t16"."event_date",
                        "t16"."cohort",
                        DATE_DIFF('DAY', "t16"."cohort", "t16"."event_date") AS "day"
                      FROM (
                        SELECT
                          "t5"."player_id",
                          "t5"."event_date",
                          "t9"."cohort"
                        FROM (
                          SELECT
                            "t1"."player_id",
                            "t1"."event_date"
                          FROM "player_days" AS "t1"
                          WHERE
                            "t1"."active_events" > 0
                        ) AS "t5"
                        INNER JOIN "t4" AS "t9"
                          ON "t5"."player_id" = "t9"."player_id"
                      ) AS "t16"
                    ) AS "t19"
                    INNER JOIN (
                      SELECT
                        "t3"."place",
                        CAST(CASE
                          WHEN "t3"."place" = 0
                          THEN 1
                          WHEN "t3"."place" = 1
                          THEN 7
                          WHEN "t3"."place" = 2
                          THEN 30
                          ELSE NULL
                        END AS BIGINT) AS "day_number",
                        CAST(CASE
                          WHEN "t3"."place" = 0
                          THEN 1
                          WHEN "t3"."place" = 1
                          THEN 7
                          WHEN "t3"."place" = 2
                          THEN 30
                          ELSE NULL
                        END AS BIGINT) AS "first_day",
                        CAST(CASE
                          WHEN "t3"."place" = 0
                          THEN 31
                          WHEN "t3"."place" = 1
                          THEN 37
                          WHEN "t3"."place" = 2
                          THEN 60
                          ELSE NULL
                        END AS BIGINT) AS "last_day",
                        CAST(CASE
                          WHEN "t3"."place" = 0
                          THEN 1
                          WHEN "t3"."place" = 1
                          THEN 1
                          WHEN "t3"."place" = 2
                          THEN 1
                          ELSE NULL
                        END AS BIGINT) AS "needed"
                      FROM (
                        SELECT
                          UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
                      ) AS "t3"
                    ) AS "t14"
                      ON "t19"."day" >= "t14"."first_day" AND "t19"."day" <= "t14"."last_day"
                  ) AS "t21"
                  GROUP BY
                    1,
                    2,
                    3,
                    4
                ) AS "t23"
                WHERE
                  "t23"."days" >= "t23"."needed"
              ) AS "t26"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t20"."player_id",
                    "t20"."place",
                    0 AS "left",
                    0 AS "right",
                    1 AS "known"
                  FROM (
                    SELECT
                      "t17"."player_id",
                      "t17"."cohort",
                      "t17"."place",
                      "t17"."day_number",
                      "t17"."first_day",
                      "t17"."last_day",
                      "t17"."needed",
                      CAST(CAST("t17"."cohort" + TO_DAYS("t17"."first_day") AS TIMESTAMP) AS DATE) AS "begins",
                      CAST(CAST("t17"."cohort" + TO_DAYS("t17"."last_day") AS TIMESTAMP) AS DATE) AS "ends"
                    FROM (
                      SELECT
                        "t8"."player_id",
                        "t8"."cohort",
                        "t14"."place",
                        "t14"."day_number",
                        "t14"."first_day",
                        "t14"."last_day",
                        "t14"."needed"
                      FROM "t4" AS "t8"
                      CROSS JOIN (
                        SELECT
                          "t3"."place",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 1
                            WHEN "t3"."place" = 1
                            THEN 7
                            WHEN "t3"."place" = 2
                            THEN 30
                            ELSE NULL
                          END AS BIGINT) AS "day_number",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 1
                            WHEN "t3"."place" = 1
                            THEN 7
                            WHEN "t3"."place" = 2
                            THEN 30
                            ELSE NULL
                          END AS BIGINT) AS "first_day",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 31
                            WHEN "t3"."place" = 1
                            THEN 37
                            WHEN "t3"."place" = 2
                            THEN 60
                            ELSE NULL
                          END AS BIGINT) AS "last_day",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 1
                            WHEN "t3"."place" = 1
                            THEN 1
                            WHEN "t3"."place" = 2
                            THEN 1
                            ELSE NULL
                          END AS BIGINT) AS "needed"
                        FROM (
                          SELECT
                            UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
                        ) AS "t3"
                      ) AS "t14"
                    ) AS "t17"
                  ) AS "t20"
                  WHERE
                    (
                      "t20"."begins" >= MAKE_DATE(2026, 1, 1)
                    )
                    AND (
                      "t20"."ends" <= MAKE_DATE(2026, 1, 30)
                    )
                ) AS "t25"
                UNION ALL
                SELECT
                  *
                FROM (
                  SELECT
                    "t24"."player_id",
                    "t24"."place",
                    1 AS "left",
                    0 AS "right",
                    CAST(NULL AS BIGINT) AS "known"
                  FROM (
                    SELECT
                      "t22"."player_id",
                      "t22"."cohort",
                      "t22"."place",
                      "t22"."needed",
                      COUNT(*) AS "days"
                    FROM (
                      SELECT
                        "t19"."player_id",
                        "t19"."event_date",
                        "t19"."cohort",
                        "t19"."day",
                        "t15"."place",
                        "t15"."day_number",
                        "t15"."first_day",
                        "t15"."last_day",
                        "t15"."needed"
                      FROM (
                        SELECT
                          "t16"."player_id",
                          "t16"."event_date",
                          "t16"."cohort",
                          DATE_DIFF('DAY', "t16"."cohort", "t16"."event_date") AS "day"
                        FROM (
                          SELECT
                            "t5"."player_id",
                            "t5"."event_date",
                            "t9"."cohort"
                          FROM (
                            SELECT
                              "t1"."player_id",
                              "t1"."event_date"
                            FROM "player_days" AS "t1"
                            WHERE
                              "t1"."active_events" > 0
                          ) AS "t5"
                          INNER JOIN "t4" AS "t9"
                            ON "t5"."player_id" = "t9"."player_id"
                        ) AS "t16"
                      ) AS "t19"
                      INNER JOIN (
                        SELECT
                          "t3"."place",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 1
                            WHEN "t3"."place" = 1
                            THEN 7
                            WHEN "t3"."place" = 2
                            THEN 30
                            ELSE NULL
                          END AS BIGINT) AS "day_number",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 1
                            WHEN "t3"."place" = 1
                            THEN 7
                            WHEN "t3"."place" = 2
                            THEN 30
                            ELSE NULL
                          END AS BIGINT) AS "first_day",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 1
                            WHEN "t3"."place" = 1
                            THEN 7
                            WHEN "t3"."place" = 2
                            THEN 30
                            ELSE NULL
                          END AS BIGINT) AS "last_day",
                          CAST(CASE
                            WHEN "t3"."place" = 0
                            THEN 1
                            WHEN "t3"."place" = 1
                            THEN 1
                            WHEN "t3"."place" = 2
                            THEN 1
                            ELSE NULL
                          END AS BIGINT) AS "needed"
                        FROM (
                          SELECT
                            UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
                        ) AS "t3"
                      ) AS "t15"
                        ON "t19"."day" >= "t15"."first_day" AND "t19"."day" <= "t15"."last_day"
                    ) AS "t22"
                    GROUP BY
                      1,
                      2,
                      3,
                      4
                  ) AS "t24"
                  WHERE
                    "t24"."days" >= "t24"."needed"
                ) AS "t27"
              ) AS "t28"
            ) AS "t29"
            GROUP BY
              1,
              2
          ) AS "t30"
          WHERE
            "t30"."known" = 1
        ) AS "t31"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t3"."place",
            CAST(NULL AS TEXT) AS "player_id",
            CAST(NULL AS BIGINT) AS "left",
            CAST(NULL AS BIGINT) AS "right",
            CAST(NULL AS BIGINT) AS "known"
          FROM (
            SELECT
              UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
          ) AS "t3"
        ) AS "t7"
      ) AS "t32"
      GROUP BY
        1
    ) AS "t34"
    INNER JOIN (
      SELECT
        "t3"."place",
        CAST(CASE
          WHEN "t3"."place" = 0
          THEN 1
          WHEN "t3"."place" = 1
          THEN 7
          WHEN "t3"."place" = 2
          THEN 30
          ELSE NULL
        END AS BIGINT) AS "day_number"
      FROM (
        SELECT
          UNNEST(CAST(CAST([0, 1, 2] AS TINYINT[]) AS BIGINT[])) AS "place"
      ) AS "t3"
    ) AS "t13"
      ON "t34"."place" = "t13"."place"
  ) AS "t35"
) AS "t36"
ORDER BY
  "t36"."day_number" ASC
;
