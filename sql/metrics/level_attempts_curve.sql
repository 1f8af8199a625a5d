-- level_attempts_curve: Share of the players who win each level within n attempts, by Kaplan and Meier.
-- Example: `questline sql level_attempts_curve` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t12"."level",
  "t12"."attempt",
  "t12"."at_risk",
  "t12"."completed",
  "t12"."stopped",
  CASE
    WHEN "t12"."completed" = "t12"."at_risk"
    THEN 1.0
    ELSE 1 - EXP("t12"."log_left")
  END AS "completed_share",
  1 - EXP(
    CASE
      WHEN (
        "t12"."won_so_far" > 0
      ) AND NOT (
        "t12"."completed" = "t12"."at_risk"
      )
      THEN "t12"."log_left"
      ELSE CAST(NULL AS DOUBLE)
    END / EXP(
      (
        SQRT("t12"."variance") * 1.959963984540054
      ) / -(
        CASE
          WHEN (
            "t12"."won_so_far" > 0
          ) AND NOT (
            "t12"."completed" = "t12"."at_risk"
          )
          THEN "t12"."log_left"
          ELSE CAST(NULL AS DOUBLE)
        END
      )
    )
  ) AS "low",
  1 - EXP(
    CASE
      WHEN (
        "t12"."won_so_far" > 0
      ) AND NOT (
        "t12"."completed" = "t12"."at_risk"
      )
      THEN "t12"."log_left"
      ELSE CAST(NULL AS DOUBLE)
    END * EXP(
      (
        SQRT("t12"."variance") * 1.959963984540054
      ) / -(
        CASE
          WHEN (
            "t12"."won_so_far" > 0
          ) AND NOT (
            "t12"."completed" = "t12"."at_risk"
          )
          THEN "t12"."log_left"
          ELSE CAST(NULL AS DOUBLE)
        END
      )
    )
  ) AS "high",
  "t12"."completers_share"
FROM (
  SELECT
    "t11"."level",
    "t11"."attempt",
    "t11"."completed",
    "t11"."stopped",
    "t11"."at_risk",
    "t11"."won_so_far",
    "t11"."winners",
    SUM(
      LN(
        CAST(NULLIF("t11"."at_risk" - "t11"."completed", 0) AS DOUBLE) / CAST("t11"."at_risk" AS DOUBLE)
      )
    ) OVER (
      PARTITION BY "t11"."level"
      ORDER BY "t11"."attempt" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "log_left",
    SUM(
      "t11"."completed" / (
        CAST("t11"."at_risk" AS DOUBLE) * CAST(NULLIF("t11"."at_risk" - "t11"."completed", 0) AS DOUBLE)
      )
    ) OVER (
      PARTITION BY "t11"."level"
      ORDER BY "t11"."attempt" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "variance",
    CAST("t11"."won_so_far" AS DOUBLE) / CAST(NULLIF("t11"."winners", 0) AS DOUBLE) AS "completers_share"
  FROM (
    SELECT
      "t10"."level",
      "t10"."attempt",
      "t10"."completed",
      "t10"."stopped",
      SUM("t10"."completed" + "t10"."stopped") OVER (
        PARTITION BY "t10"."level"
        ORDER BY "t10"."attempt" ASC
        ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
      ) AS "at_risk",
      SUM("t10"."completed") OVER (
        PARTITION BY "t10"."level"
        ORDER BY "t10"."attempt" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS "won_so_far",
      SUM("t10"."completed") OVER (
        PARTITION BY "t10"."level"
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ) AS "winners"
    FROM (
      SELECT
        "t9"."level",
        "t9"."attempt",
        COUNT(*) FILTER(WHERE
          "t9"."won") AS "completed",
        COUNT(*) FILTER(WHERE
          NOT (
            "t9"."won"
          )) AS "stopped"
      FROM (
        SELECT
          "t8"."player_id",
          "t8"."level",
          "t8"."won",
          "t8"."tries" AS "attempt"
        FROM (
          SELECT
            "t7"."player_id",
            "t7"."level",
            "t7"."first_day",
            COUNT("t7"."won_at") > 0 AS "won",
            COUNT(*) AS "tries",
            SUM("t7"."seconds") AS "seconds"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t3"."player_id",
                "t3"."level",
                "t3"."started_at",
                "t3"."seconds",
                "t5"."first_day",
                "t5"."won_at"
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
                  "t2"."player_id",
                  "t2"."level",
                  MIN("t2"."event_date") AS "first_day",
                  MIN("t2"."started_at") FILTER(WHERE
                    "t2"."outcome" = 'complete') AS "won_at"
                FROM (
                  SELECT
                    *
                  FROM "level_attempts" AS "t0"
                  WHERE
                    "t0"."event_date" <= MAKE_DATE(2026, 1, 30)
                ) AS "t2"
                GROUP BY
                  1,
                  2
              ) AS "t5"
                ON "t3"."player_id" = "t5"."player_id" AND "t3"."level" = "t5"."level"
            ) AS "t6"
            WHERE
              (
                "t6"."won_at" IS NULL
              ) OR (
                "t6"."started_at" <= "t6"."won_at"
              )
          ) AS "t7"
          GROUP BY
            1,
            2,
            3
        ) AS "t8"
        WHERE
          "t8"."first_day" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
      ) AS "t9"
      GROUP BY
        1,
        2
    ) AS "t10"
  ) AS "t11"
) AS "t12"
ORDER BY
  "t12"."level" ASC,
  "t12"."attempt" ASC
;
