-- first_seen: One row a player, from these events alone; `merge_first_seen` joins several of them.
-- Reads events.
WITH "t8" AS (
  SELECT
    "t2"."player_id",
    "t2"."value",
    MIN("t2"."at") AS "at"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."device" AS "value",
      "t0"."event_ts" AS "at"
    FROM "events" AS "t0"
    WHERE
      "t0"."device" IS NOT NULL
  ) AS "t2"
  GROUP BY
    1,
    2
), "t9" AS (
  SELECT
    "t3"."player_id",
    "t3"."value",
    MIN("t3"."at") AS "at"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."app_version" AS "value",
      "t0"."event_ts" AS "at"
    FROM "events" AS "t0"
    WHERE
      "t0"."app_version" IS NOT NULL
  ) AS "t3"
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
      "t0"."country" AS "value",
      "t0"."event_ts" AS "at"
    FROM "events" AS "t0"
    WHERE
      "t0"."country" IS NOT NULL
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
      "t0"."platform" AS "value",
      "t0"."event_ts" AS "at"
    FROM "events" AS "t0"
    WHERE
      "t0"."platform" IS NOT NULL
  ) AS "t5"
  GROUP BY
    1,
    2
)
SELECT
  "t61"."player_id",
  "t61"."first_ts",
  STRFTIME("t61"."first_ts", '%Y-%m') AS "first_month",
  "t61"."first_active_at",
  "t61"."platform",
  "t61"."platform_at",
  "t61"."country",
  "t61"."country_at",
  "t61"."app_version",
  "t61"."app_version_at",
  "t61"."device",
  "t61"."device_at",
  "t61"."variants"
FROM (
  SELECT
    "t60".*
    EXCLUDE ("player_id_right")
  FROM (
    SELECT
      "t59"."player_id",
      "t59"."first_ts",
      "t59"."first_active_at",
      "t59"."platform",
      "t59"."platform_at",
      "t59"."country",
      "t59"."country_at",
      "t59"."app_version",
      "t59"."app_version_at",
      "t59"."device",
      "t59"."device_at",
      "t35"."player_id" AS "player_id_right",
      "t35"."variants"
    FROM (
      SELECT
        "t57".*
        EXCLUDE ("player_id_right")
      FROM (
        SELECT
          "t56"."player_id",
          "t56"."first_ts",
          "t56"."first_active_at",
          "t56"."platform",
          "t56"."platform_at",
          "t56"."country",
          "t56"."country_at",
          "t56"."app_version",
          "t56"."app_version_at",
          "t44"."player_id" AS "player_id_right",
          "t44"."device",
          "t44"."device_at"
        FROM (
          SELECT
            "t54".*
            EXCLUDE ("player_id_right")
          FROM (
            SELECT
              "t53"."player_id",
              "t53"."first_ts",
              "t53"."first_active_at",
              "t53"."platform",
              "t53"."platform_at",
              "t53"."country",
              "t53"."country_at",
              "t45"."player_id" AS "player_id_right",
              "t45"."app_version",
              "t45"."app_version_at"
            FROM (
              SELECT
                "t51".*
                EXCLUDE ("player_id_right")
              FROM (
                SELECT
                  "t50"."player_id",
                  "t50"."first_ts",
                  "t50"."first_active_at",
                  "t50"."platform",
                  "t50"."platform_at",
                  "t46"."player_id" AS "player_id_right",
                  "t46"."country",
                  "t46"."country_at"
                FROM (
                  SELECT
                    "t48".*
                    EXCLUDE ("player_id_right")
                  FROM (
                    SELECT
                      "t7"."player_id",
                      "t7"."first_ts",
                      "t7"."first_active_at",
                      "t47"."player_id" AS "player_id_right",
                      "t47"."platform",
                      "t47"."platform_at"
                    FROM (
                      SELECT
                        "t0"."player_id",
                        MIN("t0"."event_ts") AS "first_ts",
                        MIN("t0"."event_ts") FILTER(WHERE
                          NOT (
                            "t0"."event_type" IN ('refund', 'experiment_exposure')
                          )) AS "first_active_at"
                      FROM "events" AS "t0"
                      GROUP BY
                        1
                    ) AS "t7"
                    LEFT OUTER JOIN (
                      SELECT
                        "t39"."player_id",
                        MIN("t39"."value") AS "platform",
                        MIN("t39"."at") AS "platform_at"
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            "t20"."player_id",
                            "t20"."value",
                            "t20"."at",
                            "t29"."first_at"
                          FROM "t11" AS "t20"
                          INNER JOIN (
                            SELECT
                              "t15"."player_id",
                              MIN("t15"."at") AS "first_at"
                            FROM "t11" AS "t15"
                            GROUP BY
                              1
                          ) AS "t29"
                            ON "t20"."player_id" = "t29"."player_id"
                        ) AS "t33"
                        WHERE
                          "t33"."at" = "t33"."first_at"
                      ) AS "t39"
                      GROUP BY
                        1
                    ) AS "t47"
                      ON "t7"."player_id" = "t47"."player_id"
                  ) AS "t48"
                ) AS "t50"
                LEFT OUTER JOIN (
                  SELECT
                    "t38"."player_id",
                    MIN("t38"."value") AS "country",
                    MIN("t38"."at") AS "country_at"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t19"."player_id",
                        "t19"."value",
                        "t19"."at",
                        "t28"."first_at"
                      FROM "t10" AS "t19"
                      INNER JOIN (
                        SELECT
                          "t14"."player_id",
                          MIN("t14"."at") AS "first_at"
                        FROM "t10" AS "t14"
                        GROUP BY
                          1
                      ) AS "t28"
                        ON "t19"."player_id" = "t28"."player_id"
                    ) AS "t32"
                    WHERE
                      "t32"."at" = "t32"."first_at"
                  ) AS "t38"
                  GROUP BY
                    1
                ) AS "t46"
                  ON "t50"."player_id" = "t46"."player_id"
              ) AS "t51"
            ) AS "t53"
            LEFT OUTER JOIN (
              SELECT
                "t37"."player_id",
                MIN("t37"."value") AS "app_version",
                MIN("t37"."at") AS "app_version_at"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t18"."player_id",
                    "t18"."value",
                    "t18"."at",
                    "t27"."first_at"
                  FROM "t9" AS "t18"
                  INNER JOIN (
                    SELECT
                      "t13"."player_id",
                      MIN("t13"."at") AS "first_at"
                    FROM "t9" AS "t13"
                    GROUP BY
                      1
                  ) AS "t27"
                    ON "t18"."player_id" = "t27"."player_id"
                ) AS "t31"
                WHERE
                  "t31"."at" = "t31"."first_at"
              ) AS "t37"
              GROUP BY
                1
            ) AS "t45"
              ON "t53"."player_id" = "t45"."player_id"
          ) AS "t54"
        ) AS "t56"
        LEFT OUTER JOIN (
          SELECT
            "t36"."player_id",
            MIN("t36"."value") AS "device",
            MIN("t36"."at") AS "device_at"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t17"."player_id",
                "t17"."value",
                "t17"."at",
                "t26"."first_at"
              FROM "t8" AS "t17"
              INNER JOIN (
                SELECT
                  "t12"."player_id",
                  MIN("t12"."at") AS "first_at"
                FROM "t8" AS "t12"
                GROUP BY
                  1
              ) AS "t26"
                ON "t17"."player_id" = "t26"."player_id"
            ) AS "t30"
            WHERE
              "t30"."at" = "t30"."first_at"
          ) AS "t36"
          GROUP BY
            1
        ) AS "t44"
          ON "t56"."player_id" = "t44"."player_id"
      ) AS "t57"
    ) AS "t59"
    LEFT OUTER JOIN (
      SELECT
        "t25"."player_id",
        LIST_SORT(
          ARRAY_AGG(
            {'experiment': "t25"."experiment", 'variant': "t25"."variant", 'exposed_at': "t25"."exposed_at"}
          ) FILTER(WHERE
            {'experiment': "t25"."experiment", 'variant': "t25"."variant", 'exposed_at': "t25"."exposed_at"} IS NOT NULL)
        ) AS "variants"
      FROM (
        SELECT
          *
        FROM (
          SELECT
            "t1"."player_id",
            "t1"."experiment",
            "t1"."variant",
            "t1"."exposed_at",
            ROW_NUMBER() OVER (
              PARTITION BY "t1"."player_id", "t1"."experiment"
              ORDER BY "t1"."exposed_at" ASC, "t1"."variant" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
            ) - 1 AS "place"
          FROM (
            SELECT
              "t0"."player_id",
              "t0"."experiment",
              "t0"."variant",
              "t0"."event_ts" AS "exposed_at"
            FROM "events" AS "t0"
            WHERE
              "t0"."event_type" = 'experiment_exposure'
          ) AS "t1"
        ) AS "t16"
        WHERE
          "t16"."place" = 0
      ) AS "t25"
      GROUP BY
        1
    ) AS "t35"
      ON "t59"."player_id" = "t35"."player_id"
  ) AS "t60"
) AS "t61"
;
