-- funnel: Players who did the steps in their order, the last within the window of the first.
-- Example: `questline sql funnel --steps session_start,level_start,level_complete` for an observed period of 2026-01-01 to 2026-01-30.
WITH "t5" AS (
  SELECT
    "t1"."player_id",
    "t1"."event_ts",
    MIN("t1"."event_date") AS "event_date",
    COUNT(*) FILTER(WHERE
      "t1"."event_type" = 'session_start') AS "n0",
    COUNT(*) FILTER(WHERE
      "t1"."event_type" = 'level_start') AS "n1",
    COUNT(*) FILTER(WHERE
      "t1"."event_type" = 'level_complete') AS "n2"
  FROM (
    SELECT
      *
    FROM "events" AS "t0"
    WHERE
      "t0"."event_type" IN ('session_start', 'level_start', 'level_complete')
      AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 2, 7)
  ) AS "t1"
  GROUP BY
    1,
    2
)
SELECT
  *
FROM (
  SELECT
    "t4"."step",
    CASE
      WHEN "t4"."step" = 1
      THEN 'session_start'
      WHEN "t4"."step" = 2
      THEN 'level_start'
      WHEN "t4"."step" = 3
      THEN 'level_complete'
      ELSE NULL
    END AS "event_type",
    CASE
      WHEN "t4"."step" = 1
      THEN "t35"."c1"
      WHEN "t4"."step" = 2
      THEN "t35"."c2"
      WHEN "t4"."step" = 3
      THEN "t35"."c3"
      ELSE NULL
    END AS "players",
    CASE
      WHEN "t4"."step" = 1
      THEN "t35"."o1"
      WHEN "t4"."step" = 2
      THEN "t35"."o2"
      WHEN "t4"."step" = 3
      THEN "t35"."o3"
      ELSE NULL
    END AS "pending",
    CAST(CASE
      WHEN "t4"."step" = 1
      THEN "t35"."c1"
      WHEN "t4"."step" = 2
      THEN "t35"."c2"
      WHEN "t4"."step" = 3
      THEN "t35"."c3"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF(
      CASE
        WHEN "t4"."step" = 1
        THEN "t35"."c1"
        WHEN "t4"."step" = 2
        THEN "t35"."c1"
        WHEN "t4"."step" = 3
        THEN "t35"."c2"
        ELSE NULL
      END,
      0
    ) AS DOUBLE) AS "step_conversion",
    CAST(CASE
      WHEN "t4"."step" = 1
      THEN "t35"."c1"
      WHEN "t4"."step" = 2
      THEN "t35"."c2"
      WHEN "t4"."step" = 3
      THEN "t35"."c3"
      ELSE NULL
    END AS DOUBLE) / CAST(NULLIF("t35"."c1", 0) AS DOUBLE) AS "conversion"
  FROM (
    SELECT
      COUNT(*) FILTER(WHERE
        "t33"."closed" >= 1) AS "c1",
      COUNT(*) FILTER(WHERE
        "t33"."closed" >= 2) AS "c2",
      COUNT(*) FILTER(WHERE
        "t33"."closed" >= 3) AS "c3",
      COUNT(*) FILTER(WHERE
        (
          "t33"."closed" = 0
        ) AND (
          "t33"."open" >= 1
        )) AS "o1",
      COUNT(*) FILTER(WHERE
        (
          "t33"."closed" = 0
        ) AND (
          "t33"."open" >= 2
        )) AS "o2",
      COUNT(*) FILTER(WHERE
        (
          "t33"."closed" = 0
        ) AND (
          "t33"."open" >= 3
        )) AS "o3"
    FROM (
      SELECT
        "t32"."player_id",
        COALESCE(MAX("t32"."closed"), 0) AS "closed",
        COALESCE(MAX("t32"."open"), 0) AS "open"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t30"."player_id",
            CAST(NULL AS BIGINT) AS "open",
            "t30"."depth" AS "closed"
          FROM (
            SELECT
              "t28"."player_id",
              MAX("t28"."depth") AS "depth"
            FROM (
              SELECT
                "t25"."player_id",
                GREATEST(
                  CAST(CASE WHEN "t25"."start1" > -1 THEN 1 ELSE 0 END AS BIGINT),
                  CAST(CASE WHEN "t25"."start2" > -1 THEN 2 ELSE 0 END AS BIGINT),
                  CAST(CASE WHEN "t25"."start3" > -1 THEN 3 ELSE 0 END AS BIGINT)
                ) AS "depth"
              FROM (
                SELECT
                  "t23"."player_id",
                  "t23"."event_ts",
                  "t23"."event_date",
                  "t23"."n0",
                  "t23"."n1",
                  "t23"."n2",
                  "t23"."instant",
                  "t23"."before0",
                  "t23"."best",
                  "t23"."start1",
                  "t23"."before1",
                  "t23"."start2",
                  "t23"."before2",
                  "t23"."start3",
                  COALESCE(
                    MAX("t23"."start3") OVER (
                      PARTITION BY "t23"."player_id"
                      ORDER BY "t23"."instant" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                    ),
                    -1
                  ) AS "before3"
                FROM (
                  SELECT
                    "t21"."player_id",
                    "t21"."event_ts",
                    "t21"."event_date",
                    "t21"."n0",
                    "t21"."n1",
                    "t21"."n2",
                    "t21"."instant",
                    "t21"."before0",
                    "t21"."best",
                    "t21"."start1",
                    "t21"."before1",
                    "t21"."start2",
                    "t21"."before2",
                    CASE
                      WHEN (
                        "t21"."best" > -1
                      )
                      AND (
                        (
                          "t21"."instant" - "t21"."best"
                        ) <= 604800000000
                      )
                      THEN "t21"."best"
                      ELSE -1
                    END AS "start3"
                  FROM (
                    SELECT
                      "t19"."player_id",
                      "t19"."event_ts",
                      "t19"."event_date",
                      "t19"."n0",
                      "t19"."n1",
                      "t19"."n2",
                      "t19"."instant",
                      "t19"."before0",
                      GREATEST(
                        CASE
                          WHEN (
                            "t19"."n0" >= 1
                          ) AND (
                            "t19"."n1" >= 1
                          ) AND (
                            "t19"."n2" >= 1
                          )
                          THEN "t19"."before0"
                          ELSE -1
                        END,
                        CASE
                          WHEN (
                            "t19"."n1" >= 1
                          ) AND (
                            "t19"."n2" >= 1
                          )
                          THEN "t19"."before1"
                          ELSE -1
                        END,
                        CASE WHEN "t19"."n2" >= 1 THEN "t19"."before2" ELSE -1 END
                      ) AS "best",
                      "t19"."start1",
                      "t19"."before1",
                      "t19"."start2",
                      "t19"."before2"
                    FROM (
                      SELECT
                        "t17"."player_id",
                        "t17"."event_ts",
                        "t17"."event_date",
                        "t17"."n0",
                        "t17"."n1",
                        "t17"."n2",
                        "t17"."instant",
                        "t17"."before0",
                        "t17"."best",
                        "t17"."start1",
                        "t17"."before1",
                        "t17"."start2",
                        COALESCE(
                          MAX("t17"."start2") OVER (
                            PARTITION BY "t17"."player_id"
                            ORDER BY "t17"."instant" ASC
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                          ),
                          -1
                        ) AS "before2"
                      FROM (
                        SELECT
                          "t15"."player_id",
                          "t15"."event_ts",
                          "t15"."event_date",
                          "t15"."n0",
                          "t15"."n1",
                          "t15"."n2",
                          "t15"."instant",
                          "t15"."before0",
                          "t15"."best",
                          "t15"."start1",
                          "t15"."before1",
                          CASE
                            WHEN (
                              "t15"."best" > -1
                            )
                            AND (
                              (
                                "t15"."instant" - "t15"."best"
                              ) <= 604800000000
                            )
                            THEN "t15"."best"
                            ELSE -1
                          END AS "start2"
                        FROM (
                          SELECT
                            "t13"."player_id",
                            "t13"."event_ts",
                            "t13"."event_date",
                            "t13"."n0",
                            "t13"."n1",
                            "t13"."n2",
                            "t13"."instant",
                            "t13"."before0",
                            GREATEST(
                              CASE
                                WHEN (
                                  "t13"."n0" >= 1
                                ) AND (
                                  "t13"."n1" >= 1
                                )
                                THEN "t13"."before0"
                                ELSE -1
                              END,
                              CASE WHEN "t13"."n1" >= 1 THEN "t13"."before1" ELSE -1 END
                            ) AS "best",
                            "t13"."start1",
                            "t13"."before1"
                          FROM (
                            SELECT
                              "t11"."player_id",
                              "t11"."event_ts",
                              "t11"."event_date",
                              "t11"."n0",
                              "t11"."n1",
                              "t11"."n2",
                              "t11"."instant",
                              "t11"."before0",
                              "t11"."best",
                              "t11"."start1",
                              COALESCE(
                                MAX("t11"."start1") OVER (
                                  PARTITION BY "t11"."player_id"
                                  ORDER BY "t11"."instant" ASC
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                                ),
                                -1
                              ) AS "before1"
                            FROM (
                              SELECT
                                "t9"."player_id",
                                "t9"."event_ts",
                                "t9"."event_date",
                                "t9"."n0",
                                "t9"."n1",
                                "t9"."n2",
                                "t9"."instant",
                                "t9"."before0",
                                "t9"."best",
                                CASE
                                  WHEN (
                                    "t9"."best" > -1
                                  )
                                  AND (
                                    (
                                      "t9"."instant" - "t9"."best"
                                    ) <= 604800000000
                                  )
                                  THEN "t9"."best"
                                  ELSE -1
                                END AS "start1"
                              FROM (
                                SELECT
                                  "t8"."player_id",
                                  "t8"."event_ts",
                                  "t8"."event_date",
                                  "t8"."n0",
                                  "t8"."n1",
                                  "t8"."n2",
                                  "t8"."instant",
                                  "t8"."before0",
                                  CASE WHEN "t8"."n0" >= 1 THEN "t8"."before0" ELSE -1 END AS "best"
                                FROM (
                                  SELECT
                                    "t6"."player_id",
                                    "t6"."event_ts",
                                    "t6"."event_date",
                                    "t6"."n0",
                                    "t6"."n1",
                                    "t6"."n2",
                                    DATE_DIFF('MICROSECOND', MAKE_TIMESTAMPTZ(1970, 1, 1, 0, 0, 0.0, 'UTC'), "t6"."event_ts") AS "instant",
                                    CASE
                                      WHEN (
                                        DATE_DIFF('MICROSECOND', MAKE_TIMESTAMPTZ(1970, 1, 1, 0, 0, 0.0, 'UTC'), "t6"."event_ts") <= 1769212800000000
                                      )
                                      AND "t6"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                      THEN DATE_DIFF('MICROSECOND', MAKE_TIMESTAMPTZ(1970, 1, 1, 0, 0, 0.0, 'UTC'), "t6"."event_ts")
                                      ELSE -1
                                    END AS "before0"
                                  FROM "t5" AS "t6"
                                ) AS "t8"
                              ) AS "t9"
                            ) AS "t11"
                          ) AS "t13"
                        ) AS "t15"
                      ) AS "t17"
                    ) AS "t19"
                  ) AS "t21"
                ) AS "t23"
              ) AS "t25"
            ) AS "t28"
            GROUP BY
              1
          ) AS "t30"
        ) AS "t31"
        UNION ALL
        SELECT
          *
        FROM (
          SELECT
            "t27"."player_id",
            "t27"."depth" AS "open",
            CAST(NULL AS BIGINT) AS "closed"
          FROM (
            SELECT
              "t26"."player_id",
              MAX("t26"."depth") AS "depth"
            FROM (
              SELECT
                "t24"."player_id",
                GREATEST(
                  CAST(CASE WHEN "t24"."start1" > -1 THEN 1 ELSE 0 END AS BIGINT),
                  CAST(CASE WHEN "t24"."start2" > -1 THEN 2 ELSE 0 END AS BIGINT),
                  CAST(CASE WHEN "t24"."start3" > -1 THEN 3 ELSE 0 END AS BIGINT)
                ) AS "depth"
              FROM (
                SELECT
                  "t22"."player_id",
                  "t22"."event_ts",
                  "t22"."event_date",
                  "t22"."n0",
                  "t22"."n1",
                  "t22"."n2",
                  "t22"."instant",
                  "t22"."before0",
                  "t22"."best",
                  "t22"."start1",
                  "t22"."before1",
                  "t22"."start2",
                  "t22"."before2",
                  "t22"."start3",
                  COALESCE(
                    MAX("t22"."start3") OVER (
                      PARTITION BY "t22"."player_id"
                      ORDER BY "t22"."instant" ASC
                      ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                    ),
                    -1
                  ) AS "before3"
                FROM (
                  SELECT
                    "t20"."player_id",
                    "t20"."event_ts",
                    "t20"."event_date",
                    "t20"."n0",
                    "t20"."n1",
                    "t20"."n2",
                    "t20"."instant",
                    "t20"."before0",
                    "t20"."best",
                    "t20"."start1",
                    "t20"."before1",
                    "t20"."start2",
                    "t20"."before2",
                    CASE
                      WHEN (
                        "t20"."best" > -1
                      )
                      AND (
                        (
                          "t20"."instant" - "t20"."best"
                        ) <= 604800000000
                      )
                      THEN "t20"."best"
                      ELSE -1
                    END AS "start3"
                  FROM (
                    SELECT
                      "t18"."player_id",
                      "t18"."event_ts",
                      "t18"."event_date",
                      "t18"."n0",
                      "t18"."n1",
                      "t18"."n2",
                      "t18"."instant",
                      "t18"."before0",
                      GREATEST(
                        CASE
                          WHEN (
                            "t18"."n0" >= 1
                          ) AND (
                            "t18"."n1" >= 1
                          ) AND (
                            "t18"."n2" >= 1
                          )
                          THEN "t18"."before0"
                          ELSE -1
                        END,
                        CASE
                          WHEN (
                            "t18"."n1" >= 1
                          ) AND (
                            "t18"."n2" >= 1
                          )
                          THEN "t18"."before1"
                          ELSE -1
                        END,
                        CASE WHEN "t18"."n2" >= 1 THEN "t18"."before2" ELSE -1 END
                      ) AS "best",
                      "t18"."start1",
                      "t18"."before1",
                      "t18"."start2",
                      "t18"."before2"
                    FROM (
                      SELECT
                        "t16"."player_id",
                        "t16"."event_ts",
                        "t16"."event_date",
                        "t16"."n0",
                        "t16"."n1",
                        "t16"."n2",
                        "t16"."instant",
                        "t16"."before0",
                        "t16"."best",
                        "t16"."start1",
                        "t16"."before1",
                        "t16"."start2",
                        COALESCE(
                          MAX("t16"."start2") OVER (
                            PARTITION BY "t16"."player_id"
                            ORDER BY "t16"."instant" ASC
                            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                          ),
                          -1
                        ) AS "before2"
                      FROM (
                        SELECT
                          "t14"."player_id",
                          "t14"."event_ts",
                          "t14"."event_date",
                          "t14"."n0",
                          "t14"."n1",
                          "t14"."n2",
                          "t14"."instant",
                          "t14"."before0",
                          "t14"."best",
                          "t14"."start1",
                          "t14"."before1",
                          CASE
                            WHEN (
                              "t14"."best" > -1
                            )
                            AND (
                              (
                                "t14"."instant" - "t14"."best"
                              ) <= 604800000000
                            )
                            THEN "t14"."best"
                            ELSE -1
                          END AS "start2"
                        FROM (
                          SELECT
                            "t12"."player_id",
                            "t12"."event_ts",
                            "t12"."event_date",
                            "t12"."n0",
                            "t12"."n1",
                            "t12"."n2",
                            "t12"."instant",
                            "t12"."before0",
                            GREATEST(
                              CASE
                                WHEN (
                                  "t12"."n0" >= 1
                                ) AND (
                                  "t12"."n1" >= 1
                                )
                                THEN "t12"."before0"
                                ELSE -1
                              END,
                              CASE WHEN "t12"."n1" >= 1 THEN "t12"."before1" ELSE -1 END
                            ) AS "best",
                            "t12"."start1",
                            "t12"."before1"
                          FROM (
                            SELECT
                              "t10"."player_id",
                              "t10"."event_ts",
                              "t10"."event_date",
                              "t10"."n0",
                              "t10"."n1",
                              "t10"."n2",
                              "t10"."instant",
                              "t10"."before0",
                              "t10"."best",
                              "t10"."start1",
                              COALESCE(
                                MAX("t10"."start1") OVER (
                                  PARTITION BY "t10"."player_id"
                                  ORDER BY "t10"."instant" ASC
                                  ROWS BETWEEN UNBOUNDED PRECEDING AND 1 preceding
                                ),
                                -1
                              ) AS "before1"
                            FROM (
                              SELECT
                                "t7"."player_id",
                                "t7"."event_ts",
                                "t7"."event_date",
                                "t7"."n0",
                                "t7"."n1",
                                "t7"."n2",
                                "t7"."instant",
                                "t7"."before0",
                                "t7"."best",
                                CASE
                                  WHEN (
                                    "t7"."best" > -1
                                  )
                                  AND (
                                    (
                                      "t7"."instant" - "t7"."best"
                                    ) <= 604800000000
                                  )
                                  THEN "t7"."best"
                                  ELSE -1
                                END AS "start1"
                              FROM (
                                SELECT
                                  "t6"."player_id",
                                  "t6"."event_ts",
                                  "t6"."event_date",
                                  "t6"."n0",
                                  "t6"."n1",
                                  "t6"."n2",
                                  DATE_DIFF('MICROSECOND', MAKE_TIMESTAMPTZ(1970, 1, 1, 0, 0, 0.0, 'UTC'), "t6"."event_ts") AS "instant",
                                  CASE
                                    WHEN "t6"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                    THEN DATE_DIFF('MICROSECOND', MAKE_TIMESTAMPTZ(1970, 1, 1, 0, 0, 0.0, 'UTC'), "t6"."event_ts")
                                    ELSE -1
                                  END AS "before0",
                                  CASE
                                    WHEN "t6"."n0" >= 1
                                    THEN CASE
                                      WHEN "t6"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
                                      THEN DATE_DIFF('MICROSECOND', MAKE_TIMESTAMPTZ(1970, 1, 1, 0, 0, 0.0, 'UTC'), "t6"."event_ts")
                                      ELSE -1
                                    END
                                    ELSE -1
                                  END AS "best"
                                FROM "t5" AS "t6"
                                WHERE
                                  NOT (
                                    DATE_DIFF('MICROSECOND', MAKE_TIMESTAMPTZ(1970, 1, 1, 0, 0, 0.0, 'UTC'), "t6"."event_ts") <= 1769212800000000
                                  )
                              ) AS "t7"
                            ) AS "t10"
                          ) AS "t12"
                        ) AS "t14"
                      ) AS "t16"
                    ) AS "t18"
                  ) AS "t20"
                ) AS "t22"
              ) AS "t24"
            ) AS "t26"
            GROUP BY
              1
          ) AS "t27"
        ) AS "t29"
      ) AS "t32"
      GROUP BY
        1
    ) AS "t33"
  ) AS "t35"
  CROSS JOIN (
    SELECT
      *
    FROM (
      SELECT
        UNNEST(CAST(CAST([1, 2, 3] AS TINYINT[]) AS BIGINT[])) AS "step"
    ) AS "t2"
  ) AS "t4"
) AS "t36"
ORDER BY
  "t36"."step" ASC
;
