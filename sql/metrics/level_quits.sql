-- level_quits: Share of the fails of a level after which the player did not try anything again in time.
-- Example: `questline sql level_quits` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t16"."level",
  "t16"."players",
  "t16"."fails",
  "t16"."pending",
  "t16"."quits",
  "t16"."quit_after_fail",
  CASE
    WHEN (
      (
        (
          (
            "t16"."quit_after_fail" * "t16"."effective"
          ) + 1.9207294103470627
        ) / (
          "t16"."effective" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t16"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."quit_after_fail" * (
              1 - "t16"."quit_after_fail"
            ) * "t16"."effective"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t16"."quit_after_fail" * "t16"."effective"
        ) + 1.9207294103470627
      ) / (
        "t16"."effective" + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          "t16"."effective" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t16"."quit_after_fail" * (
            1 - "t16"."quit_after_fail"
          ) * "t16"."effective"
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t16"."quit_after_fail" * "t16"."effective"
          ) + 1.9207294103470627
        ) / (
          "t16"."effective" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t16"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."quit_after_fail" * (
              1 - "t16"."quit_after_fail"
            ) * "t16"."effective"
          ) + 0.9603647051735313
        )
      )
    )
  END AS "low",
  CASE
    WHEN (
      (
        (
          (
            "t16"."quit_after_fail" * "t16"."effective"
          ) + 1.9207294103470627
        ) / (
          "t16"."effective" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t16"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."quit_after_fail" * (
              1 - "t16"."quit_after_fail"
            ) * "t16"."effective"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t16"."quit_after_fail" * "t16"."effective"
        ) + 1.9207294103470627
      ) / (
        "t16"."effective" + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          "t16"."effective" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t16"."quit_after_fail" * (
            1 - "t16"."quit_after_fail"
          ) * "t16"."effective"
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t16"."quit_after_fail" * "t16"."effective"
          ) + 1.9207294103470627
        ) / (
          "t16"."effective" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t16"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t16"."quit_after_fail" * (
              1 - "t16"."quit_after_fail"
            ) * "t16"."effective"
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high"
FROM (
  SELECT DISTINCT
    "t15"."level",
    "t15"."fails",
    "t15"."pending",
    "t15"."quits",
    "t15"."clusters",
    "t15"."trials",
    "t15"."trials_squared",
    "t15"."hits_squared",
    "t15"."crossed",
    "t15"."quit_after_fail",
    "t15"."players",
    CASE
      WHEN (
        (
          "t15"."quit_after_fail" * (
            1 - "t15"."quit_after_fail"
          )
        ) > 0
      )
      AND (
        CAST("t15"."clusters" AS DOUBLE) > 1
      )
      THEN "t15"."trials" / GREATEST(
        (
          (
            (
              (
                CAST("t15"."clusters" AS DOUBLE) / NULLIF(CAST("t15"."clusters" AS DOUBLE) - 1, 0)
              ) * (
                "t15"."trials" - 1
              )
            ) / NULLIF("t15"."trials", 0)
          ) * (
            (
              "t15"."hits_squared" - (
                "t15"."quit_after_fail" * 2 * "t15"."crossed"
              )
            ) + (
              "t15"."quit_after_fail" * "t15"."quit_after_fail" * "t15"."trials_squared"
            )
          )
        ) / NULLIF(
          "t15"."trials" * (
            "t15"."quit_after_fail" * (
              1 - "t15"."quit_after_fail"
            )
          ),
          0
        ),
        1.0
      )
      ELSE CAST("t15"."clusters" AS DOUBLE)
    END AS "effective"
  FROM (
    SELECT DISTINCT
      "t14"."level",
      "t14"."fails",
      "t14"."pending",
      "t14"."quits",
      "t14"."clusters",
      "t14"."trials",
      "t14"."trials_squared",
      "t14"."hits_squared",
      "t14"."crossed",
      CAST("t14"."quits" AS DOUBLE) / CAST(NULLIF("t14"."fails", 0) AS DOUBLE) AS "quit_after_fail",
      "t14"."clusters" AS "players"
    FROM (
      SELECT
        "t13"."level",
        SUM("t13"."fails") AS "fails",
        SUM("t13"."pending") AS "pending",
        SUM("t13"."quits") AS "quits",
        COUNT(*) FILTER(WHERE
          "t13"."fails" > 0) AS "clusters",
        SUM(CAST("t13"."fails" AS DOUBLE)) AS "trials",
        SUM(CAST("t13"."fails" AS DOUBLE) * CAST("t13"."fails" AS DOUBLE)) AS "trials_squared",
        SUM(CAST("t13"."quits" AS DOUBLE) * CAST("t13"."quits" AS DOUBLE)) AS "hits_squared",
        SUM(CAST("t13"."fails" AS DOUBLE) * CAST("t13"."quits" AS DOUBLE)) AS "crossed"
      FROM (
        SELECT
          "t12"."player_id",
          "t12"."level",
          COUNT(*) FILTER(WHERE
            "t12"."closed" AND NOT (
              "t12"."quit"
            )) AS "fails",
          COUNT(*) FILTER(WHERE
            NOT (
              "t12"."closed"
            ) AND NOT (
              "t12"."quit"
            )) AS "pending",
          COUNT(*) FILTER(WHERE
            "t12"."closed" AND "t12"."quit") AS "quits"
        FROM (
          SELECT
            *
          FROM (
            SELECT
              "t0"."player_id",
              "t0"."level",
              EPOCH_US("t0"."started_at") <= 1769731200000000 AS "closed",
              FALSE AS "quit"
            FROM "level_attempts" AS "t0"
            WHERE
              "t0"."event_date" >= MAKE_DATE(2026, 1, 1)
              AND "t0"."outcome" = 'fail'
              AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
          ) AS "t2"
          UNION ALL
          SELECT
            *
          FROM (
            SELECT
              "t10"."player_id",
              "t10"."level",
              "t10"."instant" <= 1769731200000000 AS "closed",
              TRUE AS "quit"
            FROM (
              SELECT
                "t9"."player_id",
                "t9"."instant",
                COUNT(*) AS "together",
                MAX("t9"."event_date") AS "event_date",
                MAX("t9"."level") AS "level",
                MAX("t9"."mode") AS "mode",
                MAX("t9"."outcome") AS "outcome",
                MAX("t9"."app_version") AS "app_version"
              FROM (
                SELECT
                  "t3"."player_id",
                  "t3"."event_date",
                  "t3"."level",
                  "t3"."mode",
                  "t3"."attempt",
                  "t3"."started_at",
                  "t3"."outcome",
                  "t3"."seconds",
                  "t3"."start_missing",
                  "t3"."app_version",
                  "t3"."instant"
                FROM (
                  SELECT
                    "t0"."player_id",
                    "t0"."event_date",
                    "t0"."level",
                    "t0"."mode",
                    "t0"."attempt",
                    "t0"."started_at",
                    "t0"."outcome",
                    "t0"."seconds",
                    "t0"."start_missing",
                    "t0"."app_version",
                    EPOCH_US("t0"."started_at") AS "instant"
                  FROM "level_attempts" AS "t0"
                  WHERE
                    "t0"."event_date" >= MAKE_DATE(2026, 1, 1)
                ) AS "t3"
                INNER JOIN (
                  SELECT
                    "t6"."player_id",
                    "t6"."last" AS "instant"
                  FROM (
                    SELECT
                      "t5"."player_id",
                      "t5"."span",
                      "t5"."first",
                      "t5"."last",
                      LEAD("t5"."first") OVER (
                        PARTITION BY "t5"."player_id"
                        ORDER BY "t5"."span" ASC
                        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                      ) - "t5"."last" AS "pause"
                    FROM (
                      SELECT
                        "t4"."player_id",
                        "t4"."span",
                        MIN("t4"."instant") AS "first",
                        MAX("t4"."instant") AS "last"
                      FROM (
                        SELECT
                          "t0"."player_id",
                          EPOCH_US("t0"."started_at") AS "instant",
                          CAST(FLOOR((
                            EPOCH_US("t0"."started_at")
                          ) / (
                            86400000000
                          )) AS BIGINT) AS "span"
                        FROM "level_attempts" AS "t0"
                        WHERE
                          "t0"."event_date" >= MAKE_DATE(2026, 1, 1)
                      ) AS "t4"
                      GROUP BY
                        1,
                        2
                    ) AS "t5"
                  ) AS "t6"
                  WHERE
                    (
                      "t6"."pause" IS NULL
                    ) OR (
                      "t6"."pause" > 86400000000
                    )
                ) AS "t8"
                  ON "t3"."player_id" = "t8"."player_id" AND "t3"."instant" = "t8"."instant"
              ) AS "t9"
              GROUP BY
                1,
                2
            ) AS "t10"
            WHERE
              "t10"."together" = 1
              AND "t10"."outcome" = 'fail'
              AND "t10"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
          ) AS "t11"
        ) AS "t12"
        GROUP BY
          1,
          2
      ) AS "t13"
      GROUP BY
        1
    ) AS "t14"
  ) AS "t15"
) AS "t16"
ORDER BY
  "t16"."level" ASC
;
