-- lifecycle: Active players of an interval as new, current and resurrected, and those who stayed away.
-- Example: `questline sql lifecycle` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t15"."interval_start",
  "t15"."interval_end",
  "t15"."active",
  "t15"."new",
  "t15"."current",
  "t15"."resurrected",
  "t15"."dormant",
  CASE
    WHEN "t15"."complete"
    THEN CAST("t15"."came" AS DOUBLE) / CAST(NULLIF("t15"."dormant", 0) AS DOUBLE)
    ELSE CAST(NULL AS DOUBLE)
  END AS "quick_ratio",
  "t15"."complete"
FROM (
  SELECT
    "t14"."block",
    "t14"."active",
    "t14"."new",
    CASE WHEN "t14"."told" THEN "t14"."current" ELSE CAST(NULL AS BIGINT) END AS "current",
    CASE
      WHEN "t14"."told" AND "t14"."complete"
      THEN "t14"."dormant"
      ELSE CAST(NULL AS BIGINT)
    END AS "dormant",
    "t14"."interval_start",
    "t14"."complete",
    "t14"."told",
    CAST(CAST("t14"."interval_start" + INTERVAL '6' DAY AS TIMESTAMP) AS DATE) AS "interval_end",
    CASE
      WHEN "t14"."told"
      THEN (
        "t14"."active" - "t14"."new"
      ) - "t14"."current"
      ELSE CAST(NULL AS BIGINT)
    END AS "resurrected",
    "t14"."new" + CASE
      WHEN "t14"."told"
      THEN (
        "t14"."active" - "t14"."new"
      ) - "t14"."current"
      ELSE CAST(NULL AS BIGINT)
    END AS "came"
  FROM (
    SELECT
      "t13"."block",
      "t13"."active",
      "t13"."new",
      "t13"."current",
      "t13"."dormant",
      CAST(CAST(MAKE_DATE(1900, 1, 1) + TO_DAYS("t13"."block" * 7) AS TIMESTAMP) AS DATE) AS "interval_start",
      "t13"."block" BETWEEN 6575 AND 6577 AS "complete",
      "t13"."block" - 1 BETWEEN 6575 AND 6577 AS "told"
    FROM (
      SELECT
        "t12"."block",
        "t12"."active",
        "t12"."new",
        "t12"."current",
        LAG("t12"."active") OVER (
          ORDER BY "t12"."block" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ) - "t12"."current" AS "dormant"
      FROM (
        SELECT
          "t11"."block",
          COUNT("t11"."player_id") AS "active",
          COALESCE(SUM("t11"."new"), 0) AS "new",
          COALESCE(SUM("t11"."current"), 0) AS "current"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t9"."block",
              "t9"."player_id",
              CAST((
                "t9"."before" IS NULL
              )
              AND (
                COALESCE("t9"."acquired", "t9"."block") >= "t9"."block"
              ) AS BIGINT) AS "new",
              CAST(COALESCE("t9"."before", 0) = (
                "t9"."block" - 1
              ) AS BIGINT) AS "current"
            FROM (
              SELECT
                "t8"."player_id",
                "t8"."block",
                "t8"."acquired_on",
                LAG("t8"."block") OVER (
                  PARTITION BY "t8"."player_id"
                  ORDER BY "t8"."block" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "before",
                CAST(FLOOR((
                  DATE_DIFF('DAY', MAKE_DATE(1900, 1, 1), "t8"."acquired_on")
                ) / (
                  7
                )) AS BIGINT) AS "acquired"
              FROM (
                SELECT
                  "t6"."player_id",
                  "t6"."block",
                  "t4"."acquired_on"
                FROM (
                  SELECT DISTINCT
                    "t0"."player_id",
                    CAST(FLOOR((
                      DATE_DIFF('DAY', MAKE_DATE(1900, 1, 1), "t0"."event_date")
                    ) / (
                      7
                    )) AS BIGINT) AS "block"
                  FROM "player_days" AS "t0"
                  WHERE
                    "t0"."active_events" > 0
                    AND (
                      "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                      OR "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                    )
                ) AS "t6"
                LEFT OUTER JOIN (
                  SELECT
                    "t1"."player_id",
                    "t1"."acquisition_date" AS "acquired_on"
                  FROM "players" AS "t1"
                ) AS "t4"
                  ON "t6"."player_id" = "t4"."player_id"
              ) AS "t8"
            ) AS "t9"
          ) AS "t10"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              CAST("t3"."n" AS BIGINT) + 6573 AS "block",
              CAST(NULL AS TEXT) AS "player_id",
              CAST(NULL AS BIGINT) AS "new",
              CAST(NULL AS BIGINT) AS "current"
            FROM (
              SELECT
                UNNEST(RANGE(0, 6, 1)) AS "n"
            ) AS "t3"
          ) AS "t7"
        ) AS "t11"
        GROUP BY
          1
      ) AS "t12"
    ) AS "t13"
    WHERE
      "t13"."block" BETWEEN 6574 AND 6578
  ) AS "t14"
) AS "t15"
ORDER BY
  "t15"."interval_start" ASC,
  "t15"."interval_end" ASC
;
