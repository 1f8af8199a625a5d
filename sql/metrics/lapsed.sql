-- lapsed: Players who have not been active for N days at the end of the period, and who came back.
-- Example: `questline sql lapsed` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t12"."days",
  "t12"."players",
  CASE WHEN "t12"."days" <= 29 THEN "t12"."lapsed" ELSE CAST(NULL AS BIGINT) END AS "lapsed",
  CAST(CASE WHEN "t12"."days" <= 29 THEN "t12"."lapsed" ELSE CAST(NULL AS BIGINT) END AS DOUBLE) / CAST(NULLIF("t12"."players", 0) AS DOUBLE) AS "lapsed_share",
  CASE WHEN "t12"."days" < 29 THEN "t12"."won_back" ELSE CAST(NULL AS BIGINT) END AS "won_back"
FROM (
  SELECT
    "t11"."days",
    COUNT("t11"."one") AS "players",
    COALESCE(SUM(CAST("t11"."idle" >= "t11"."days" AS BIGINT)), 0) AS "lapsed",
    COALESCE(SUM(CAST("t11"."away" > "t11"."days" AS BIGINT)), 0) AS "won_back"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t5"."days",
        "t9"."away",
        "t9"."idle",
        "t9"."one"
      FROM (
        SELECT
          "t7"."away",
          DATE_DIFF('DAY', "t7"."latest", MAKE_DATE(2026, 1, 30)) AS "idle",
          1 AS "one"
        FROM (
          SELECT
            "t6"."player_id",
            MAX("t6"."event_date") AS "latest",
            MAX("t6"."away") AS "away"
          FROM (
            SELECT
              "t1"."player_id",
              "t1"."event_date",
              CASE
                WHEN "t1"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                THEN DATE_DIFF(
                  'DAY',
                  LAG("t1"."event_date") OVER (
                    PARTITION BY "t1"."player_id"
                    ORDER BY "t1"."event_date" ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ),
                  "t1"."event_date"
                )
                ELSE CAST(NULL AS BIGINT)
              END AS "away"
            FROM (
              SELECT
                "t0"."player_id",
                "t0"."event_date"
              FROM "player_days" AS "t0"
              WHERE
                "t0"."active_events" > 0
                AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
            ) AS "t1"
          ) AS "t6"
          GROUP BY
            1
        ) AS "t7"
      ) AS "t9"
      CROSS JOIN (
        SELECT
          *
        FROM (
          SELECT
            UNNEST(CAST(CAST([14, 30] AS TINYINT[]) AS BIGINT[])) AS "days"
        ) AS "t2"
      ) AS "t5"
    ) AS "t10"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        "t2"."days",
        CAST(NULL AS BIGINT) AS "away",
        CAST(NULL AS BIGINT) AS "idle",
        CAST(NULL AS TINYINT) AS "one"
      FROM (
        SELECT
          UNNEST(CAST(CAST([14, 30] AS TINYINT[]) AS BIGINT[])) AS "days"
      ) AS "t2"
    ) AS "t3"
  ) AS "t11"
  GROUP BY
    1
) AS "t12"
ORDER BY
  "t12"."days" ASC
;
