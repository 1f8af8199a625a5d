-- merged_first_seen: One row a player, from several rows of `first_seen` about disjoint events.
-- Reads first_seen.
WITH "t2" AS (
  SELECT
    "t0"."player_id",
    "t0"."device" AS "value",
    "t0"."device_at" AS "at"
  FROM "first_seen" AS "t0"
  WHERE
    "t0"."device" IS NOT NULL
), "t3" AS (
  SELECT
    "t0"."player_id",
    "t0"."app_version" AS "value",
    "t0"."app_version_at" AS "at"
  FROM "first_seen" AS "t0"
  WHERE
    "t0"."app_version" IS NOT NULL
), "t5" AS (
  SELECT
    "t0"."player_id",
    "t0"."country" AS "value",
    "t0"."country_at" AS "at"
  FROM "first_seen" AS "t0"
  WHERE
    "t0"."country" IS NOT NULL
), "t6" AS (
  SELECT
    "t0"."player_id",
    "t0"."platform" AS "value",
    "t0"."platform_at" AS "at"
  FROM "first_seen" AS "t0"
  WHERE
    "t0"."platform" IS NOT NULL
)
SELECT
  "t58"."player_id",
  "t58"."first_ts",
  STRFTIME("t58"."first_ts", '%Y-%m') AS "first_month",
  "t58"."first_active_at",
  "t58"."platform",
  "t58"."platform_at",
  "t58"."country",
  "t58"."country_at",
  "t58"."app_version",
  "t58"."app_version_at",
  "t58"."device",
  "t58"."device_at",
  "t58"."variants"
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
      "t56"."device",
      "t56"."device_at",
      "t44"."player_id" AS "player_id_right",
      "t44"."variants"
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
          "t53"."app_version",
          "t53"."app_version_at",
          "t40"."player_id" AS "player_id_right",
          "t40"."device",
          "t40"."device_at"
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
              "t50"."country",
              "t50"."country_at",
              "t41"."player_id" AS "player_id_right",
              "t41"."app_version",
              "t41"."app_version_at"
            FROM (
              SELECT
                "t48".*
                EXCLUDE ("player_id_right")
              FROM (
                SELECT
                  "t47"."player_id",
                  "t47"."first_ts",
                  "t47"."first_active_at",
                  "t47"."platform",
                  "t47"."platform_at",
                  "t42"."player_id" AS "player_id_right",
                  "t42"."country",
                  "t42"."country_at"
                FROM (
                  SELECT
                    "t45".*
                    EXCLUDE ("player_id_right")
                  FROM (
                    SELECT
                      "t9"."player_id",
                      "t9"."first_ts",
                      "t9"."first_active_at",
                      "t43"."player_id" AS "player_id_right",
                      "t43"."platform",
                      "t43"."platform_at"
                    FROM (
                      SELECT
                        "t0"."player_id",
                        MIN("t0"."first_ts") AS "first_ts",
                        MIN("t0"."first_active_at") AS "first_active_at"
                      FROM "first_seen" AS "t0"
                      GROUP BY
                        1
                    ) AS "t9"
                    LEFT OUTER JOIN (
                      SELECT
                        "t34"."player_id",
                        MIN("t34"."value") AS "platform",
                        MIN("t34"."at") AS "platform_at"
                      FROM (
                        SELECT
                          *
                        FROM (
                          SELECT
                            "t15"."player_id",
                            "t15"."value",
                            "t15"."at",
                            "t24"."first_at"
                          FROM "t6" AS "t15"
                          INNER JOIN (
                            SELECT
                              "t11"."player_id",
                              MIN("t11"."at") AS "first_at"
                            FROM "t6" AS "t11"
                            GROUP BY
                              1
                          ) AS "t24"
                            ON "t15"."player_id" = "t24"."player_id"
                        ) AS "t29"
                        WHERE
                          "t29"."at" = "t29"."first_at"
                      ) AS "t34"
                      GROUP BY
                        1
                    ) AS "t43"
                      ON "t9"."player_id" = "t43"."player_id"
                  ) AS "t45"
                ) AS "t47"
                LEFT OUTER JOIN (
                  SELECT
                    "t33"."player_id",
                    MIN("t33"."value") AS "country",
                    MIN("t33"."at") AS "country_at"
                  FROM (
                    SELECT
                      *
                    FROM (
                      SELECT
                        "t14"."player_id",
                        "t14"."value",
                        "t14"."at",
                        "t23"."first_at"
                      FROM "t5" AS "t14"
                      INNER JOIN (
                        SELECT
                          "t10"."player_id",
                          MIN("t10"."at") AS "first_at"
                        FROM "t5" AS "t10"
                        GROUP BY
                          1
                      ) AS "t23"
                        ON "t14"."player_id" = "t23"."player_id"
                    ) AS "t28"
                    WHERE
                      "t28"."at" = "t28"."first_at"
                  ) AS "t33"
                  GROUP BY
                    1
                ) AS "t42"
                  ON "t47"."player_id" = "t42"."player_id"
              ) AS "t48"
            ) AS "t50"
            LEFT OUTER JOIN (
              SELECT
                "t32"."player_id",
                MIN("t32"."value") AS "app_version",
                MIN("t32"."at") AS "app_version_at"
              FROM (
                SELECT
                  *
                FROM (
                  SELECT
                    "t13"."player_id",
                    "t13"."value",
                    "t13"."at",
                    "t22"."first_at"
                  FROM "t3" AS "t13"
                  INNER JOIN (
                    SELECT
                      "t8"."player_id",
                      MIN("t8"."at") AS "first_at"
                    FROM "t3" AS "t8"
                    GROUP BY
                      1
                  ) AS "t22"
                    ON "t13"."player_id" = "t22"."player_id"
                ) AS "t27"
                WHERE
                  "t27"."at" = "t27"."first_at"
              ) AS "t32"
              GROUP BY
                1
            ) AS "t41"
              ON "t50"."player_id" = "t41"."player_id"
          ) AS "t51"
        ) AS "t53"
        LEFT OUTER JOIN (
          SELECT
            "t31"."player_id",
            MIN("t31"."value") AS "device",
            MIN("t31"."at") AS "device_at"
          FROM (
            SELECT
              *
            FROM (
              SELECT
                "t12"."player_id",
                "t12"."value",
                "t12"."at",
                "t21"."first_at"
              FROM "t2" AS "t12"
              INNER JOIN (
                SELECT
                  "t7"."player_id",
                  MIN("t7"."at") AS "first_at"
                FROM "t2" AS "t7"
                GROUP BY
                  1
              ) AS "t21"
                ON "t12"."player_id" = "t21"."player_id"
            ) AS "t26"
            WHERE
              "t26"."at" = "t26"."first_at"
          ) AS "t31"
          GROUP BY
            1
        ) AS "t40"
          ON "t53"."player_id" = "t40"."player_id"
      ) AS "t54"
    ) AS "t56"
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
            "t16"."player_id",
            "t16"."experiment",
            "t16"."variant",
            "t16"."exposed_at",
            ROW_NUMBER() OVER (
              PARTITION BY "t16"."player_id", "t16"."experiment"
              ORDER BY "t16"."exposed_at" ASC, "t16"."variant" ASC
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
          ) AS "t16"
        ) AS "t25"
        WHERE
          "t25"."place" = 0
      ) AS "t30"
      GROUP BY
        1
    ) AS "t44"
      ON "t56"."player_id" = "t44"."player_id"
  ) AS "t57"
) AS "t58"
;
