-- merged_first_seen: One row a player, from several rows of `first_seen` about disjoint events.
-- Reads first_seen.
WITH "t9" AS (
  SELECT
    "t2"."player_id",
    "t2"."value",
    MIN("t2"."at") AS "at"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."device" AS "value",
      "t0"."device_at" AS "at"
    FROM "first_seen" AS "t0"
    WHERE
      "t0"."device" IS NOT NULL
  ) AS "t2"
  GROUP BY
    1,
    2
), "t10" AS (
  SELECT
    "t4"."player_id",
    "t4"."value",
    MIN("t4"."at") AS "at"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."app_version" AS "value",
      "t0"."app_version_at" AS "at"
    FROM "first_seen" AS "t0"
    WHERE
      "t0"."app_version" IS NOT NULL
  ) AS "t4"
  GROUP BY
    1,
    2
), "t11" AS (
  SELECT
    "t5"."player_id",
    "t5"."value",
    MIN("t5"."at") AS "at"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."country" AS "value",
      "t0"."country_at" AS "at"
    FROM "first_seen" AS "t0"
    WHERE
      "t0"."country" IS NOT NULL
  ) AS "t5"
  GROUP BY
    1,
    2
), "t12" AS (
  SELECT
    "t6"."player_id",
    "t6"."value",
    MIN("t6"."at") AS "at"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."platform" AS "value",
      "t0"."platform_at" AS "at"
    FROM "first_seen" AS "t0"
    WHERE
      "t0"."platform" IS NOT NULL
  ) AS "t6"
  GROUP BY
    1,
    2
)
SELECT
  "t62"."player_id",
  "t62"."first_ts",
  STRFTIME("t62"."first_ts", '%Y-%m') AS "first_month",
  "t62"."first_active_at",
  "t62"."platform",
  "t62"."platform_at",
  "t62"."country",
  "t62"."country_at",
  "t62"."app_version",
  "t62"."app_version_at",
  "t62"."device",
  "t62"."device_at",
  "t62"."variants"
FROM (
  SELECT
    "t61".*
    EXCLUDE ("player_id_right")
  FROM (
    SELECT
      "t60"."player_id",
      "t60"."first_ts",
      "t60"."first_active_at",
      "t60"."platform",
      "t60"."platform_at",
      "t60"."country",
      "t60"."country_at",
      "t60"."app_version",
      "t60"."app_version_at",
      "t60"."device",
      "t60"."device_at",
      "t40"."player_id" AS "player_id_right",
      "t40"."variants"
    FROM (
      SELECT
        "t58".*
        EXCLUDE ("player_id_right")
      FROM (
        SELECT
          "t57"."player_id",
          "t57"."first_ts",
          "t57"."first_active_at",
          "t57"."platform",
          "t57"."platform_at",
          "t57"."country",
          "t57"."country_at",
          "t57"."app_version",
          "t57"."app_version_at",
          "t45"."player_id" AS "player_id_right",
          "t45"."device",
          "t45"."device_at"
        FROM (
          SELECT
            "t55".*
            EXCLUDE ("player_id_right")
          FROM (
            SELECT
              "t54"."player_id",
              "t54"."first_ts",
              "t54"."first_active_at",
              "t54"."platform",
              "t54"."platform_at",
              "t54"."country",
              "t54"."country_at",
              "t46"."player_id" AS "player_id_right",
              "t46"."app_version",
              "t46"."app_version_at"
            FROM (
              SELECT
                "t52".*
                EXCLUDE ("player_id_right")
              FROM (
                SELECT
                  "t51"."player_id",
                  "t51"."first_ts",
                  "t51"."first_active_at",
                  "t51"."platform",
                  "t51"."platform_at",
                  "t47"."player_id" AS "player_id_right",
                  "t47"."country",
                  "t47"."country_at"
                FROM (
                  SELECT
                    "t49".*
                    EXCLUDE ("player_id_right")
                  FROM (
                    SELECT
                      "t7"."player_id",
                      "t7"."first_ts",
                      "t7"."first_active_at",
                      "t48"."player_id" AS "player_id_right",
                      "t48"."platform",
                      "t48"."platform_at"
                    FROM (
                      SELECT
                        "t0"."player_id",
                        MIN("t0"."first_ts") AS "first_ts",
                        MIN("t0"."first_active_at") AS "first_active_at"
                      FROM "first_seen" AS "t0"
                      GROUP BY
                        1
                    ) AS "t7"
                    LEFT OUTER JOIN (
                      SELECT
                        "t38"."player_id",
                        MIN("t38"."value") AS "platform",
                        MIN("t38"."at") AS "platform_at"
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            "t20"."player_id",
                            "t20"."value",
                            "t20"."at",
                            "t29"."first_at"
                          FROM "t12" AS "t20"
                          INNER JOIN (
                            SELECT
                              "t16"."player_id",
                              MIN("t16"."at") AS "first_at"
                            FROM "t12" AS "t16"
                            GROUP BY
                              1
                          ) AS "t29"
                            ON "t20"."player_id" = "t29"."player_id"
                        ) AS "t34"
                        WHERE
                          "t34"."at" = "t34"."first_at"
                      ) AS "t38"
                      GROUP BY
                        1
                    ) AS "t48"
                      ON "t7"."player_id" = "t48"."player_id"
                  ) AS "t49"
                ) AS "t51"
                LEFT OUTER JOIN (
                  SELECT
                    "t37"."player_id",
                    MIN("t37"."value") AS "country",
                    MIN("t37"."at") AS "country_at"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t19"."player_id",
                        "t19"."value",
                        "t19"."at",
                        "t28"."first_at"
                      FROM "t11" AS "t19"
                      INNER JOIN (
                        SELECT
                          "t15"."player_id",
                          MIN("t15"."at") AS "first_at"
                        FROM "t11" AS "t15"
                        GROUP BY
                          1
                      ) AS "t28"
                        ON "t19"."player_id" = "t28"."player_id"
                    ) AS "t33"
                    WHERE
                      "t33"."at" = "t33"."first_at"
                  ) AS "t37"
                  GROUP BY
                    1
                ) AS "t47"
                  ON "t51"."player_id" = "t47"."player_id"
              ) AS "t52"
            ) AS "t54"
            LEFT OUTER JOIN (
              SELECT
                "t36"."player_id",
                MIN("t36"."value") AS "app_version",
                MIN("t36"."at") AS "app_version_at"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t18"."player_id",
                    "t18"."value",
                    "t18"."at",
                    "t27"."first_at"
                  FROM "t10" AS "t18"
                  INNER JOIN (
                    SELECT
                      "t14"."player_id",
                      MIN("t14"."at") AS "first_at"
                    FROM "t10" AS "t14"
                    GROUP BY
                      1
                  ) AS "t27"
                    ON "t18"."player_id" = "t27"."player_id"
                ) AS "t32"
                WHERE
                  "t32"."at" = "t32"."first_at"
              ) AS "t36"
              GROUP BY
                1
            ) AS "t46"
              ON "t54"."player_id" = "t46"."player_id"
          ) AS "t55"
        ) AS "t57"
        LEFT OUTER JOIN (
          SELECT
            "t35"."player_id",
            MIN("t35"."value") AS "device",
            MIN("t35"."at") AS "device_at"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t17"."player_id",
                "t17"."value",
                "t17"."at",
                "t26"."first_at"
              FROM "t9" AS "t17"
              INNER JOIN (
                SELECT
                  "t13"."player_id",
                  MIN("t13"."at") AS "first_at"
                FROM "t9" AS "t13"
                GROUP BY
                  1
              ) AS "t26"
                ON "t17"."player_id" = "t26"."player_id"
            ) AS "t31"
            WHERE
              "t31"."at" = "t31"."first_at"
          ) AS "t35"
          GROUP BY
            1
        ) AS "t45"
          ON "t57"."player_id" = "t45"."player_id"
      ) AS "t58"
    ) AS "t60"
    LEFT OUTER JOIN (
      SELECT
        "t30"."player_id",
        LIST_SORT(
          ARRAY_AGG(
            {'experiment': "t30"."experiment", 'variant': "t30"."variant", 'exposed_at': "t30"."exposed_at"}
          ) FILTER(WHERE
            {'experiment': "t30"."experiment", 'variant': "t30"."variant", 'exposed_at': "t30"."exposed_at"} IS NOT NULL)
        ) AS "variants"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t8"."player_id",
            "t8"."experiment",
            "t8"."variant",
            "t8"."exposed_at",
            ROW_NUMBER() OVER (
              PARTITION BY "t8"."player_id", "t8"."experiment"
              ORDER BY "t8"."exposed_at" ASC, "t8"."variant" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1 AS "place"
          FROM (
            SELECT
              "t1"."player_id",
              "t1"."exposure"."experiment" AS "experiment",
              "t1"."exposure"."variant" AS "variant",
              "t1"."exposure"."exposed_at" AS "exposed_at"
            FROM (
              SELECT
                "t0"."player_id",
                UNNEST("t0"."variants") AS "exposure"
              FROM "first_seen" AS "t0"
            ) AS "t1"
          ) AS "t8"
        ) AS "t25"
        WHERE
          "t25"."place" = 0
      ) AS "t30"
      GROUP BY
        1
    ) AS "t40"
      ON "t60"."player_id" = "t40"."player_id"
  ) AS "t61"
) AS "t62"
;
