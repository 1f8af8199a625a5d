-- level_attempts_curve: Share of the players who win each level within n attempts, by Kaplan and Meier.
-- Example: `questline sql level_attempts_curve` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t4" AS (
  SELECT
    "t1"."player_id",
    "t1"."level",
    MIN("t1"."event_date") AS "first_day",
    MIN("t1"."started_at") FILTER(WHERE
      "t1"."outcome" = 'complete') AS "won_at",
    MAX("t1"."started_at") AS "latest",
    COUNT(*) AS "tries",
    SUM("t1"."seconds") AS "seconds"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."level",
      "t0"."event_date",
      "t0"."started_at",
      "t0"."outcome",
      "t0"."seconds"
    FROM "level_attempts" AS "t0"
    WHERE
      "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
  ) AS "t1"
  GROUP BY
    1,
    2
)
SELECT
  "t17"."level",
  "t17"."attempt",
  "t17"."at_risk",
  "t17"."completed",
  "t17"."stopped",
  CASE
    WHEN "t17"."completed" = "t17"."at_risk"
    THEN 1.0
    ELSE 1 - EXP("t17"."log_left")
  END AS "completed_share",
  1.0 - EXP(
    NULLIF(
      CASE
        WHEN (
          "t17"."won_so_far" > 0
        ) AND NOT (
          "t17"."completed" = "t17"."at_risk"
        )
        THEN "t17"."log_left"
        ELSE CAST(NULL AS DOUBLE)
      END,
      0.0
    ) / EXP(
      (
        SQRT("t17"."variance") * 1.959963984540054
      ) / -(
        NULLIF(
          CASE
            WHEN (
              "t17"."won_so_far" > 0
            ) AND NOT (
              "t17"."completed" = "t17"."at_risk"
            )
            THEN "t17"."log_left"
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
          "t17"."won_so_far" > 0
        ) AND NOT (
          "t17"."completed" = "t17"."at_risk"
        )
        THEN "t17"."log_left"
        ELSE CAST(NULL AS DOUBLE)
      END,
      0.0
    ) * EXP(
      (
        SQRT("t17"."variance") * 1.959963984540054
      ) / -(
        NULLIF(
          CASE
            WHEN (
              "t17"."won_so_far" > 0
            ) AND NOT (
              "t17"."completed" = "t17"."at_risk"
            )
            THEN "t17"."log_left"
            ELSE CAST(NULL AS DOUBLE)
          END,
          0.0
        )
      )
    )
  ) AS "high",
  "t17"."completers_share"
FROM (
  SELECT
    "t16"."level",
    "t16"."attempt",
    "t16"."completed",
    "t16"."stopped",
    "t16"."at_risk",
    "t16"."won_so_far",
    "t16"."winners",
    SUM(
      LN(
        CAST(NULLIF("t16"."at_risk" - "t16"."completed", 0) AS DOUBLE) / CAST("t16"."at_risk" AS DOUBLE)
      )
    ) OVER (
      PARTITION BY "t16"."level"
      ORDER BY "t16"."attempt" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "log_left",
    SUM(
      "t16"."completed" / (
        CAST("t16"."at_risk" AS DOUBLE) * CAST(NULLIF("t16"."at_risk" - "t16"."completed", 0) AS DOUBLE)
      )
    ) OVER (
      PARTITION BY "t16"."level"
      ORDER BY "t16"."attempt" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "variance",
    CAST("t16"."won_so_far" AS DOUBLE) / CAST(NULLIF("t16"."winners", 0) AS DOUBLE) AS "completers_share"
  FROM (
    SELECT
      "t15"."level",
      "t15"."attempt",
      "t15"."completed",
      "t15"."stopped",
      SUM("t15"."completed" + "t15"."stopped") OVER (
        PARTITION BY "t15"."level"
        ORDER BY "t15"."attempt" ASC
        ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS "at_risk",
      SUM("t15"."completed") OVER (
        PARTITION BY "t15"."level"
        ORDER BY "t15"."attempt" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS "won_so_far",
      SUM("t15"."completed") OVER (
        PARTITION BY "t15"."level"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "winners"
    FROM (
      SELECT
        "t14"."level",
        "t14"."attempt",
        COUNT(*) FILTER(WHERE
          "t14"."won") AS "completed",
        COUNT(*) FILTER(WHERE
          NOT (
            "t14"."won"
          )) AS "stopped"
      FROM (
        SELECT
          "t13"."player_id",
          "t13"."level",
          "t13"."won",
          "t13"."tries" AS "attempt"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t5"."player_id",
              "t5"."level",
              "t5"."first_day",
              "t5"."won_at" IS NOT NULL AS "won",
              "t5"."tries",
              "t5"."seconds"
            FROM "t4" AS "t5"
            WHERE
              NOT (
                COALESCE("t5"."latest" > "t5"."won_at", FALSE)
              )
          ) AS "t7"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t10"."player_id",
                "t10"."level",
                "t10"."first_day",
                TRUE AS "won",
                COUNT(*) AS "tries",
                SUM("t10"."seconds") AS "seconds"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t3"."player_id",
                    "t3"."level",
                    "t3"."started_at",
                    "t3"."seconds",
                    "t8"."first_day",
                    "t8"."won_at"
                  FROM (
                    SELECT
                      "t0"."player_id",
                      "t0"."level",
                      "t0"."started_at",
                      "t0"."seconds"
                    FROM "level_attempts" AS "t0"
                    WHERE
                      "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
                  ) AS "t3"
                  INNER JOIN (
                    SELECT
                      "t5"."player_id",
                      "t5"."level",
                      "t5"."first_day",
                      "t5"."won_at"
                    FROM "t4" AS "t5"
                    WHERE
                      COALESCE("t5"."latest" > "t5"."won_at", FALSE)
                  ) AS "t8"
                    ON "t3"."player_id" = "t8"."player_id" AND "t3"."level" = "t8"."level"
                ) AS "t9"
                WHERE
                  "t9"."started_at" <= "t9"."won_at"
              ) AS "t10"
              GROUP BY
                1,
                2,
                3
            ) AS "t11"
          ) AS "t12"
        ) AS "t13"
        WHERE
          "t13"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
      ) AS "t14"
      GROUP BY
        1,
        2
    ) AS "t15"
  ) AS "t16"
) AS "t17"
ORDER BY
  "t17"."level" ASC,
  "t17"."attempt" ASC
;
