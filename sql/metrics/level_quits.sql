-- level_quits: Share of the fails of a level after which the player did not try anything again in time.
-- Example: `questline sql level_quits` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t7"."level",
  "t7"."players",
  "t7"."fails",
  "t7"."pending",
  "t7"."quits",
  "t7"."quit_after_fail",
  CASE
    WHEN (
      (
        (
          (
            "t7"."quit_after_fail" * "t7"."effective"
          ) + 1.9207294103470627
        ) / (
          "t7"."effective" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t7"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t7"."quit_after_fail" * (
              1 - "t7"."quit_after_fail"
            ) * "t7"."effective"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t7"."quit_after_fail" * "t7"."effective"
        ) + 1.9207294103470627
      ) / (
        "t7"."effective" + 3.8414588206941254
      )
    ) - (
      (
        1.959963984540054 / (
          "t7"."effective" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t7"."quit_after_fail" * (
            1 - "t7"."quit_after_fail"
          ) * "t7"."effective"
        ) + 0.9603647051735313
      )
    )
    ELSE GREATEST(
      0.0,
      (
        (
          (
            "t7"."quit_after_fail" * "t7"."effective"
          ) + 1.9207294103470627
        ) / (
          "t7"."effective" + 3.8414588206941254
        )
      ) - (
        (
          1.959963984540054 / (
            "t7"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t7"."quit_after_fail" * (
              1 - "t7"."quit_after_fail"
            ) * "t7"."effective"
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
            "t7"."quit_after_fail" * "t7"."effective"
          ) + 1.9207294103470627
        ) / (
          "t7"."effective" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t7"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t7"."quit_after_fail" * (
              1 - "t7"."quit_after_fail"
            ) * "t7"."effective"
          ) + 0.9603647051735313
        )
      )
    ) IS NULL
    THEN (
      (
        (
          "t7"."quit_after_fail" * "t7"."effective"
        ) + 1.9207294103470627
      ) / (
        "t7"."effective" + 3.8414588206941254
      )
    ) + (
      (
        1.959963984540054 / (
          "t7"."effective" + 3.8414588206941254
        )
      ) * SQRT(
        (
          "t7"."quit_after_fail" * (
            1 - "t7"."quit_after_fail"
          ) * "t7"."effective"
        ) + 0.9603647051735313
      )
    )
    ELSE LEAST(
      1.0,
      (
        (
          (
            "t7"."quit_after_fail" * "t7"."effective"
          ) + 1.9207294103470627
        ) / (
          "t7"."effective" + 3.8414588206941254
        )
      ) + (
        (
          1.959963984540054 / (
            "t7"."effective" + 3.8414588206941254
          )
        ) * SQRT(
          (
            "t7"."quit_after_fail" * (
              1 - "t7"."quit_after_fail"
            ) * "t7"."effective"
          ) + 0.9603647051735313
        )
      )
    )
  END AS "high"
FROM (
  SELECT DISTINCT
    "t6"."level",
    "t6"."fails",
    "t6"."pending",
    "t6"."quits",
    "t6"."clusters",
    "t6"."trials",
    "t6"."trials_squared",
    "t6"."hits_squared",
    "t6"."crossed",
    "t6"."quit_after_fail",
    "t6"."players",
    CASE
      WHEN (
        (
          "t6"."quit_after_fail" * (
            1 - "t6"."quit_after_fail"
          )
        ) > 0
      )
      AND (
        CAST("t6"."clusters" AS DOUBLE) > 1
      )
      THEN "t6"."trials" / GREATEST(
        (
          (
            (
              (
                CAST("t6"."clusters" AS DOUBLE) / NULLIF(CAST("t6"."clusters" AS DOUBLE) - 1, 0)
              ) * (
                "t6"."trials" - 1
              )
            ) / NULLIF("t6"."trials", 0)
          ) * (
            (
              "t6"."hits_squared" - (
                "t6"."quit_after_fail" * 2 * "t6"."crossed"
              )
            ) + (
              "t6"."quit_after_fail" * "t6"."quit_after_fail" * "t6"."trials_squared"
            )
          )
        ) / NULLIF(
          "t6"."trials" * (
            "t6"."quit_after_fail" * (
              1 - "t6"."quit_after_fail"
            )
          ),
          0
        ),
        1.0
      )
      ELSE CAST("t6"."clusters" AS DOUBLE)
    END AS "effective"
  FROM (
    SELECT DISTINCT
      "t5"."level",
      "t5"."fails",
      "t5"."pending",
      "t5"."quits",
      "t5"."clusters",
      "t5"."trials",
      "t5"."trials_squared",
      "t5"."hits_squared",
      "t5"."crossed",
      CAST("t5"."quits" AS DOUBLE) / CAST(NULLIF("t5"."fails", 0) AS DOUBLE) AS "quit_after_fail",
      "t5"."clusters" AS "players"
    FROM (
      SELECT
        "t4"."level",
        SUM("t4"."fails") AS "fails",
        SUM("t4"."pending") AS "pending",
        SUM("t4"."quits") AS "quits",
        COUNT(*) FILTER(WHERE
          "t4"."fails" > 0) AS "clusters",
        SUM(CAST("t4"."fails" AS DOUBLE)) AS "trials",
        SUM(CAST("t4"."fails" AS DOUBLE) * CAST("t4"."fails" AS DOUBLE)) AS "trials_squared",
        SUM(CAST("t4"."quits" AS DOUBLE) * CAST("t4"."quits" AS DOUBLE)) AS "hits_squared",
        SUM(CAST("t4"."fails" AS DOUBLE) * CAST("t4"."quits" AS DOUBLE)) AS "crossed"
      FROM (
        SELECT
          "t3"."player_id",
          "t3"."level",
          COUNT(*) FILTER(WHERE
            "t3"."closed") AS "fails",
          COUNT(*) FILTER(WHERE
            NOT (
              "t3"."closed"
            )) AS "pending",
          COUNT(*) FILTER(WHERE
            "t3"."closed" AND "t3"."quit") AS "quits"
        FROM (
          SELECT
            "t2"."player_id",
            "t2"."level",
            EPOCH_US("t2"."started_at") <= 1769731200000000 AS "closed",
            NOT (
              COALESCE(
                (
                  (
                    EPOCH_US("t2"."following") - EPOCH_US("t2"."started_at")
                  ) <= 86400000000
                )
                OR (
                  "t2"."before" = "t2"."started_at"
                ),
                FALSE
              )
            ) AS "quit"
          FROM (
            SELECT
              "t1"."player_id",
              "t1"."event_date",
              "t1"."level",
              "t1"."mode",
              "t1"."attempt",
              "t1"."started_at",
              "t1"."outcome",
              "t1"."seconds",
              "t1"."start_missing",
              "t1"."app_version",
              LEAD("t1"."started_at") OVER (
                PARTITION BY "t1"."player_id"
                ORDER BY "t1"."started_at" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "following",
              LAG("t1"."started_at") OVER (
                PARTITION BY "t1"."player_id"
                ORDER BY "t1"."started_at" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "before"
            FROM (
              SELECT
                *
              FROM "level_attempts" AS "t0"
              WHERE
                "t0"."event_date" >= MAKE_DATE(2026, 1, 1)
            ) AS "t1"
          ) AS "t2"
          WHERE
            "t2"."outcome" = 'fail'
            AND "t2"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
        ) AS "t3"
        GROUP BY
          1,
          2
      ) AS "t4"
      GROUP BY
        1
    ) AS "t5"
  ) AS "t6"
) AS "t7"
ORDER BY
  "t7"."level" ASC
;
