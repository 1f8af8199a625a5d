-- first_seen: One row a player, from these events alone; `merge_first_seen` joins several of them.
-- Reads events.
WITH "t2" AS (
  SELECT
    "t0"."player_id",
    "t0"."device" AS "value",
    "t0"."event_ts" AS "at"
  FROM "events" AS "t0"
  WHERE
    "t0"."device" IS NOT NULL
), "t3" AS (
  SELECT
    "t0"."player_id",
    "t0"."app_version" AS "value",
    "t0"."event_ts" AS "at"
  FROM "events" AS "t0"
  WHERE
    "t0"."app_version" IS NOT NULL
), "t4" AS (
  SELECT
    "t0"."player_id",
    "t0"."country" AS "value",
    "t0"."event_ts" AS "at"
  FROM "events" AS "t0"
  WHERE
    "t0"."country" IS NOT NULL
), "t5" AS (
  SELECT
    "t0"."player_id",
    "t0"."platform" AS "value",
    "t0"."event_ts" AS "at"
  FROM "events" AS "t0"
  WHERE
    "t0"."platform" IS NOT NULL
)
SELECT
  "t57"."player_id",
  "t57"."first_ts",
  STRFTIME("t57"."first_ts", '%Y-%m') AS "first_month",
  "t57"."first_active_at",
  "t57"."platform",
  "t57"."platform_at",
  "t57"."country",
  "t57"."country_at",
  "t57"."app_version",
  "t57"."app_version_at",
  "t57"."device",
  "t57"."device_at",
  "t57"."variants"
FROM (
  SELECT
    "t56".*
    EXCLUDE ("player_id_right")
  FROM (
    SELECT
      "t55"."player_id",
      "t55"."first_ts",
      "t55"."first_active_at",
      "t55"."platform",
      "t55"."platform_at",
      "t55"."country",
      "t55"."country_at",
      "t55"."app_version",
      "t55"."app_version_at",
      "t55"."device",
      "t55"."device_at",
      "t35"."player_id" AS "player_id_right",
      "t35"."variants"
    FROM (
      SELECT
        "t53".*
        EXCLUDE ("player_id_right")
      FROM (
        SELECT
          "t52"."player_id",
          "t52"."first_ts",
          "t52"."first_active_at",
          "t52"."platform",
          "t52"."platform_at",
          "t52"."country",
          "t52"."country_at",
          "t52"."app_version",
          "t52"."app_version_at",
          "t40"."player_id" AS "player_id_right",
          "t40"."device",
          "t40"."device_at"
        FROM (
          SELECT
            "t50".*
            EXCLUDE ("player_id_right")
          FROM (
            SELECT
              "t49"."player_id",
              "t49"."first_ts",
              "t49"."first_active_at",
              "t49"."platform",
              "t49"."platform_at",
              "t49"."country",
              "t49"."country_at",
              "t41"."player_id" AS "player_id_right",
              "t41"."app_version",
              "t41"."app_version_at"
            FROM (
              SELECT
                "t47".*
                EXCLUDE ("player_id_right")
              FROM (
                SELECT
                  "t46"."player_id",
                  "t46"."first_ts",
                  "t46"."first_active_at",
                  "t46"."platform",
                  "t46"."platform_at",
                  "t42"."player_id" AS "player_id_right",
                  "t42"."country",
                  "t42"."country_at"
                FROM (
                  SELECT
                    "t44".*
                    EXCLUDE ("player_id_right")
                  FROM (
                    SELECT
                      "t15"."player_id",
                      "t15"."first_ts",
                      "t15"."first_active_at",
                      "t43"."player_id" AS "player_id_right",
                      "t43"."platform",
                      "t43"."platform_at"
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
                    ) AS "t15"
                    LEFT OUTER JOIN (
                      SELECT
                        "t33"."player_id",
                        MIN("t33"."value") AS "platform",
                        MIN("t33"."at") AS "platform_at"
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            "t14"."player_id",
                            "t14"."value",
                            "t14"."at",
                            "t24"."first_at"
                          FROM "t5" AS "t14"
                          INNER JOIN (
                            SELECT
                              "t9"."player_id",
                              MIN("t9"."at") AS "first_at"
                            FROM "t5" AS "t9"
                            GROUP BY
                              1
                          ) AS "t24"
                            ON "t14"."player_id" = "t24"."player_id"
                        ) AS "t29"
                        WHERE
                          "t29"."at" = "t29"."first_at"
                      ) AS "t33"
                      GROUP BY
                        1
                    ) AS "t43"
                      ON "t15"."player_id" = "t43"."player_id"
                  ) AS "t44"
                ) AS "t46"
                LEFT OUTER JOIN (
                  SELECT
                    "t32"."player_id",
                    MIN("t32"."value") AS "country",
                    MIN("t32"."at") AS "country_at"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t13"."player_id",
                        "t13"."value",
                        "t13"."at",
                        "t23"."first_at"
                      FROM "t4" AS "t13"
                      INNER JOIN (
                        SELECT
                          "t8"."player_id",
                          MIN("t8"."at") AS "first_at"
                        FROM "t4" AS "t8"
                        GROUP BY
                          1
                      ) AS "t23"
                        ON "t13"."player_id" = "t23"."player_id"
                    ) AS "t28"
                    WHERE
                      "t28"."at" = "t28"."first_at"
                  ) AS "t32"
                  GROUP BY
                    1
                ) AS "t42"
                  ON "t46"."player_id" = "t42"."player_id"
              ) AS "t47"
            ) AS "t49"
            LEFT OUTER JOIN (
              SELECT
                "t31"."player_id",
                MIN("t31"."value") AS "app_version",
                MIN("t31"."at") AS "app_version_at"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t12"."player_id",
                    "t12"."value",
                    "t12"."at",
                    "t22"."first_at"
                  FROM "t3" AS "t12"
                  INNER JOIN (
                    SELECT
                      "t7"."player_id",
                      MIN("t7"."at") AS "first_at"
                    FROM "t3" AS "t7"
                    GROUP BY
                      1
                  ) AS "t22"
                    ON "t12"."player_id" = "t22"."player_id"
                ) AS "t27"
                WHERE
                  "t27"."at" = "t27"."first_at"
              ) AS "t31"
              GROUP BY
                1
            ) AS "t41"
              ON "t49"."player_id" = "t41"."player_id"
          ) AS "t50"
        ) AS "t52"
        LEFT OUTER JOIN (
          SELECT
            "t30"."player_id",
            MIN("t30"."value") AS "device",
            MIN("t30"."at") AS "device_at"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t11"."player_id",
                "t11"."value",
                "t11"."at",
                "t21"."first_at"
              FROM "t2" AS "t11"
              INNER JOIN (
                SELECT
                  "t6"."player_id",
                  MIN("t6"."at") AS "first_at"
                FROM "t2" AS "t6"
                GROUP BY
                  1
              ) AS "t21"
                ON "t11"."player_id" = "t21"."player_id"
            ) AS "t26"
            WHERE
              "t26"."at" = "t26"."first_at"
          ) AS "t30"
          GROUP BY
            1
        ) AS "t40"
          ON "t52"."player_id" = "t40"."player_id"
      ) AS "t53"
    ) AS "t55"
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
        ) AS "t20"
        WHERE
          "t20"."place" = 0
      ) AS "t25"
      GROUP BY
        1
    ) AS "t35"
      ON "t55"."player_id" = "t35"."player_id"
  ) AS "t56"
) AS "t57"
;
