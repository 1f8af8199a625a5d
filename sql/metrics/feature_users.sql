-- feature_users: Players who use a feature: daily, for the first time, again, and ever.
-- Example: `questline sql feature_users` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t12" AS (
  SELECT
    "t8"."player_id",
    "t8"."event_date",
    "t8"."uses",
    "t8"."feature",
    CAST(LAG("t8"."event_date") OVER (
      PARTITION BY "t8"."feature", "t8"."player_id"
      ORDER BY "t8"."event_date" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) IS NULL AS BIGINT) AS "new_users"
  FROM (
    SELECT
      "t7"."player_id",
      "t7"."event_date",
      "t7"."uses",
      'rewarded_ads' AS "feature"
    FROM (
      SELECT
        "t3"."player_id",
        "t3"."event_date",
        COUNT(*) AS "uses"
      FROM (
        SELECT
          "t0"."player_id",
          "t0"."event_date"
        FROM "events" AS "t0"
        WHERE
          "t0"."event_type" = 'ad_watched' AND COALESCE("t0"."format" = 'rewarded', FALSE)
      ) AS "t3"
      GROUP BY
        1,
        2
    ) AS "t7"
  ) AS "t8"
), "t15" AS (
  SELECT
    "t13"."player_id",
    "t13"."event_date",
    "t13"."uses",
    "t13"."feature",
    "t13"."new_users",
    LEAST(
      COALESCE(
        LEAD("t13"."event_date") OVER (
          PARTITION BY "t13"."player_id", "t13"."feature"
          ORDER BY "t13"."event_date" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ),
        CAST(CAST("t13"."event_date" + INTERVAL '30' DAY AS TIMESTAMP) AS DATE)
      ),
      CAST(CAST("t13"."event_date" + INTERVAL '30' DAY AS TIMESTAMP) AS DATE)
    ) AS "leaves"
  FROM "t12" AS "t13"
)
SELECT
  "t30"."feature",
  "t30"."users",
  "t30"."new_users",
  "t30"."repeat_users",
  "t30"."adopters",
  "t30"."uses",
  CAST("t30"."uses" AS DOUBLE) / CAST(NULLIF("t30"."days_here", 0) AS DOUBLE) AS "depth",
  CAST("t30"."daily_users" AS DOUBLE) / CAST(NULLIF("t30"."monthly_users", 0) AS DOUBLE) AS "stickiness"
FROM (
  SELECT
    "t29"."feature",
    COALESCE(SUM("t29"."users"), 0) AS "users",
    COALESCE(SUM("t29"."new_users"), 0) AS "new_users",
    COALESCE(SUM("t29"."repeat_users"), 0) AS "repeat_users",
    COALESCE(SUM("t29"."adopters"), 0) AS "adopters",
    COALESCE(SUM("t29"."uses"), 0) AS "uses",
    COALESCE(SUM("t29"."days_here"), 0) AS "days_here",
    COALESCE(SUM("t29"."daily_users"), 0) AS "daily_users",
    COALESCE(SUM("t29"."monthly_users"), 0) AS "monthly_users"
  FROM (
    SELECT
      *
    FROM (
      SELECT
        "t1"."feature",
        CAST(NULL AS BIGINT) AS "monthly_users",
        CAST(NULL AS BIGINT) AS "daily_users",
        CAST(NULL AS TEXT) AS "player_id",
        CAST(NULL AS BIGINT) AS "days",
        CAST(NULL AS BIGINT) AS "days_here",
        CAST(NULL AS BIGINT) AS "new_users",
        CAST(NULL AS BIGINT) AS "uses",
        CAST(NULL AS BIGINT) AS "users",
        CAST(NULL AS BIGINT) AS "repeat_users",
        CAST(NULL AS TINYINT) AS "adopters"
      FROM (
        SELECT
          UNNEST(CAST(['rewarded_ads'] AS TEXT[])) AS "feature"
      ) AS "t1"
    ) AS "t4"
    UNION ALL
    SELECT
      *
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t17"."feature",
          CAST(NULL AS BIGINT) AS "monthly_users",
          CAST(NULL AS BIGINT) AS "daily_users",
          "t17"."player_id",
          "t17"."days",
          "t17"."days_here",
          "t17"."new_users",
          "t17"."uses",
          CAST("t17"."days_here" > 0 AS BIGINT) AS "users",
          CASE WHEN "t17"."days" >= 2 THEN CAST("t17"."days_here" > 0 AS BIGINT) ELSE 0 END AS "repeat_users",
          1 AS "adopters"
        FROM (
          SELECT
            "t14"."player_id",
            "t14"."feature",
            COUNT(*) AS "days",
            COALESCE(
              SUM(
                CAST("t14"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30) AS BIGINT)
              ),
              0
            ) AS "days_here",
            COALESCE(
              SUM(
                CASE
                  WHEN "t14"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                  THEN "t14"."new_users"
                  ELSE 0
                END
              ),
              0
            ) AS "new_users",
            COALESCE(
              SUM(
                CASE
                  WHEN "t14"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                  THEN "t14"."uses"
                  ELSE 0
                END
              ),
              0
            ) AS "uses"
          FROM (
            SELECT
              *
            FROM "t12" AS "t13"
            WHERE
              "t13"."event_date" <= MAKE_DATE(2026, 1, 30)
          ) AS "t14"
          GROUP BY
            1,
            2
        ) AS "t17"
      ) AS "t22"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t26"."feature",
          CASE
            WHEN "t26"."event_date" >= MAKE_DATE(2026, 1, 30)
            THEN "t26"."players"
            ELSE CAST(NULL AS BIGINT)
          END AS "monthly_users",
          "t26"."dau" AS "daily_users",
          CAST(NULL AS TEXT) AS "player_id",
          CAST(NULL AS BIGINT) AS "days",
          CAST(NULL AS BIGINT) AS "days_here",
          CAST(NULL AS BIGINT) AS "new_users",
          CAST(NULL AS BIGINT) AS "uses",
          CAST(NULL AS BIGINT) AS "users",
          CAST(NULL AS BIGINT) AS "repeat_users",
          CAST(NULL AS TINYINT) AS "adopters"
        FROM (
          SELECT
            "t25"."event_date",
            "t25"."feature",
            "t25"."dau",
            "t25"."new_users",
            "t25"."uses",
            "t25"."players",
            SUM("t25"."new_users") OVER (
              PARTITION BY "t25"."feature"
              ORDER BY "t25"."event_date" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "adopters"
          FROM (
            SELECT
              "t24".*
              EXCLUDE ("change")
            FROM (
              SELECT
                "t23"."event_date",
                "t23"."feature",
                "t23"."change",
                "t23"."dau",
                "t23"."new_users",
                "t23"."uses",
                SUM("t23"."change") OVER (
                  PARTITION BY "t23"."feature"
                  ORDER BY "t23"."event_date" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                ) AS "players"
              FROM (
                SELECT
                  "t21"."event_date",
                  "t21"."feature",
                  COALESCE(SUM("t21"."change"), 0) AS "change",
                  COALESCE(SUM("t21"."active"), 0) AS "dau",
                  COALESCE(SUM("t21"."new_users"), 0) AS "new_users",
                  COALESCE(SUM("t21"."uses"), 0) AS "uses"
                FROM (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t10"."event_date",
                      "t6"."feature",
                      CAST(NULL AS TINYINT) AS "change",
                      CAST(NULL AS TINYINT) AS "active",
                      CAST(NULL AS BIGINT) AS "new_users",
                      CAST(NULL AS BIGINT) AS "uses"
                    FROM (
                      SELECT
                        CAST(CAST(MAKE_DATE(2026, 1, 1) + TO_DAYS(CAST("t2"."n" AS BIGINT)) AS TIMESTAMP) AS DATE) AS "event_date"
                      FROM (
                        SELECT
                          UNNEST(RANGE(0, 30, 1)) AS "n"
                      ) AS "t2"
                    ) AS "t10"
                    CROSS JOIN (
                      SELECT
                        *
                      FROM (
                        SELECT
                          UNNEST(CAST(['rewarded_ads'] AS TEXT[])) AS "feature"
                      ) AS "t1"
                    ) AS "t6"
                  ) AS "t11"
                  UNION ALL
                  SELECT
                    *
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t16"."event_date",
                        "t16"."feature",
                        1 AS "change",
                        1 AS "active",
                        "t16"."new_users",
                        "t16"."uses"
                      FROM "t15" AS "t16"
                    ) AS "t18"
                    UNION ALL
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t16"."leaves" AS "event_date",
                        "t16"."feature",
                        -1 AS "change",
                        0 AS "active",
                        CAST(NULL AS BIGINT) AS "new_users",
                        CAST(NULL AS BIGINT) AS "uses"
                      FROM "t15" AS "t16"
                    ) AS "t19"
                  ) AS "t20"
                ) AS "t21"
                GROUP BY
                  1,
                  2
              ) AS "t23"
            ) AS "t24"
          ) AS "t25"
        ) AS "t26"
        WHERE
          "t26"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
          AND CASE
            WHEN "t26"."event_date" >= MAKE_DATE(2026, 1, 30)
            THEN "t26"."players"
            ELSE CAST(NULL AS BIGINT)
          END IS NOT NULL
      ) AS "t27"
    ) AS "t28"
  ) AS "t29"
  GROUP BY
    1
) AS "t30"
ORDER BY
  "t30"."feature" ASC
;
