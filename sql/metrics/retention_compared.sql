-- retention_compared: Players whom one definition of retention counts as returned and the other does not.
-- Example: `questline sql retention_compared` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t4" AS (
  SELECT
    "t0"."player_id",
    "t0"."acquisition_source",
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
  "t35"."day_number",
  "t35"."players",
  "t35"."both",
  "t35"."left_only",
  "t35"."right_only",
  "t35"."neither",
  "t35"."left_example",
  "t35"."right_example"
FROM (
  SELECT
    "t34".*
    EXCLUDE ("place")
  FROM (
    SELECT
      "t33"."place",
      "t33"."players",
      "t33"."both",
      "t33"."left_only",
      "t33"."right_only",
      "t33"."neither",
      "t33"."left_example",
      "t33"."right_example",
      "t13"."day_number"
    FROM (
      SELECT
        "t31"."place",
        COALESCE(SUM("t31"."known"), 0) AS "players",
        SUM("t31"."left" * "t31"."right") AS "both",
        SUM(CAST((
          "t31"."left" = 1
        ) AND (
          "t31"."right" = 0
        ) AS BIGINT)) AS "left_only",
        SUM(CAST((
          "t31"."left" = 0
        ) AND (
          "t31"."right" = 1
        ) AS BIGINT)) AS "right_only",
        SUM((
          1 - "t31"."left"
        ) * (
          1 - "t31"."right"
        )) AS "neither",
        MIN("t31"."player_id") FILTER(WHERE
          (
            "t31"."left" = 1
          ) AND (
            "t31"."right" = 0
          )) AS "left_example",
        MIN("t31"."player_id") FILTER(WHERE
          (
            "t31"."left" = 0
          ) AND (
            "t31"."right" = 1
          )) AS "right_example"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t29"."place",
            "t29"."player_id",
            "t29"."left",
            "t29"."right",
            "t29"."known"
          FROM (
            SELECT
              "t28"."player_id",
              "t28"."place",
              MAX("t28"."left") AS "left",
              MAX("t28"."right") AS "right",
              COALESCE(SUM("t28"."known"), 0) AS "known"
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
                    "t20"."player_id",
                    "t20"."cohort",
                    "t20"."place",
                    "t20"."needed",
                    COUNT(*) AS "days"
                  FROM (
                    SELECT
                      "t19"."player_id",
                      "t19"."event_date",
                      "t19"."acquisition_source",
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
                        "t16"."acquisition_source",
                        "t16"."cohort",
                        DATE_DIFF('DAY', "t16"."cohort", "t16"."event_date") AS "day"
                      FROM (
                        SELECT
                          "t5"."player_id",
                          "t5"."event_date",
                          "t9"."acquisition_source",
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
                  ) AS "t20"
                  GROUP BY
                    1,
                    2,
                    3,
                    4
                ) AS "t23"
                WHERE
                  "t23"."days" >= "t23"."needed"
              ) AS "t25"
              UNION ALL
              SELECT
                *
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t17"."player_id",
                    "t17"."place",
                    0 AS "left",
                    0 AS "right",
                    1 AS "known"
                  FROM (
                    SELECT
                      "t8"."player_id",
                      "t8"."acquisition_source",
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
                  WHERE
                    CAST(CAST("t17"."cohort" + TO_DAYS("t17"."first_day") AS TIMESTAMP) AS DATE) >= MAKE_DATE(2026, 1, 1)
                    AND CAST(CAST("t17"."cohort" + TO_DAYS("t17"."last_day") AS TIMESTAMP) AS DATE) <= MAKE_DATE(2026, 1, 30)
                ) AS "t22"
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
                      "t21"."player_id",
                      "t21"."cohort",
                      "t21"."place",
                      "t21"."needed",
                      COUNT(*) AS "days"
                    FROM (
                      SELECT
                        "t19"."player_id",
                        "t19"."event_date",
                        "t19"."acquisition_source",
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
                          "t16"."acquisition_source",
                          "t16"."cohort",
                          DATE_DIFF('DAY', "t16"."cohort", "t16"."event_date") AS "day"
                        FROM (
                          SELECT
                            "t5"."player_id",
                            "t5"."event_date",
                            "t9"."acquisition_source",
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
                    ) AS "t21"
                    GROUP BY
                      1,
                      2,
                      3,
                      4
                  ) AS "t24"
                  WHERE
                    "t24"."days" >= "t24"."needed"
                ) AS "t26"
              ) AS "t27"
            ) AS "t28"
            GROUP BY
              1,
              2
          ) AS "t29"
          WHERE
            "t29"."known" = 1
        ) AS "t30"
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
      ) AS "t31"
      GROUP BY
        1
    ) AS "t33"
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
      ON "t33"."place" = "t13"."place"
  ) AS "t34"
) AS "t35"
ORDER BY
  "t35"."day_number" ASC
;
