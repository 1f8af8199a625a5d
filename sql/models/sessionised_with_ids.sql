-- sessionised_with_ids: What `sessionised` gives where every active event has a session_id; a fifth of the work.
-- Reads events, days.
WITH "t4" AS (
  SELECT
    "t0"."player_id",
    "t0"."session_id",
    "t0"."event_id",
    "t0"."event_ts",
    "t0"."event_date",
    "t0"."event_type",
    "t0"."amount_usd",
    "t0"."app_version",
    "t0"."level",
    "t0"."mode",
    "t0"."attempt",
    "t0"."success",
    "t0"."time_spent",
    "t0"."session_id" AS "session_key"
  FROM "events" AS "t0"
  WHERE
    NOT (
      "t0"."event_type" IN ('refund', 'experiment_exposure')
    )
)
SELECT
  *
FROM (
  SELECT
    "t6"."player_id",
    "t6"."session_id",
    "t6"."event_id",
    "t6"."event_ts",
    "t6"."event_date",
    "t6"."event_type",
    "t6"."amount_usd",
    "t6"."app_version",
    "t6"."level",
    "t6"."mode",
    "t6"."attempt",
    "t6"."success",
    "t6"."time_spent",
    "t6"."session_key",
    "t9"."began" AS "session_start",
    FALSE AS "cut_next"
  FROM "t4" AS "t6"
  INNER JOIN (
    SELECT
      *
    FROM (
      SELECT
        "t5"."player_id",
        "t5"."session_id",
        MIN("t5"."event_ts") AS "began",
        MAX("t5"."event_ts") AS "until"
      FROM "t4" AS "t5"
      GROUP BY
        1,
        2
    ) AS "t7"
    WHERE
      DATE_DIFF('MICROSECOND', "t7"."began", "t7"."until") <= 1800000000
  ) AS "t9"
    ON "t6"."player_id" = "t9"."player_id" AND "t6"."session_id" = "t9"."session_id"
) AS "t10"
UNION ALL
SELECT
  *
FROM (
  SELECT
    "t18"."player_id",
    "t18"."session_id",
    "t18"."event_id",
    "t18"."event_ts",
    "t18"."event_date",
    "t18"."event_type",
    "t18"."amount_usd",
    "t18"."app_version",
    "t18"."level",
    "t18"."mode",
    "t18"."attempt",
    "t18"."success",
    "t18"."time_spent",
    "t18"."session_key",
    "t18"."session_start",
    "t18"."cut_next"
  FROM (
    SELECT
      "t17"."player_id",
      "t17"."session_id",
      "t17"."event_id",
      "t17"."event_ts",
      "t17"."event_date",
      "t17"."event_type",
      "t17"."amount_usd",
      "t17"."app_version",
      "t17"."level",
      "t17"."mode",
      "t17"."attempt",
      "t17"."success",
      "t17"."time_spent",
      "t17"."session_key",
      "t17"."previous",
      "t17"."previous_day",
      "t17"."new_run",
      "t17"."run_start",
      "t17"."starts_at",
      "t17"."cut",
      MAX(
        CASE
          WHEN "t17"."new_run" OR "t17"."cut"
          THEN "t17"."event_ts"
          ELSE CAST(NULL AS TIMESTAMPTZ)
        END
      ) OVER (
        PARTITION BY "t17"."player_id", "t17"."session_key"
        ORDER BY "t17"."event_ts" ASC, "t17"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS "session_start",
      COALESCE(
        LEAD("t17"."cut") OVER (
          PARTITION BY "t17"."player_id", "t17"."session_key"
          ORDER BY "t17"."event_ts" ASC, "t17"."event_id" ASC
          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
        ),
        FALSE
      ) AS "cut_next"
    FROM (
      SELECT
        "t16"."player_id",
        "t16"."session_id",
        "t16"."event_id",
        "t16"."event_ts",
        "t16"."event_date",
        "t16"."event_type",
        "t16"."amount_usd",
        "t16"."app_version",
        "t16"."level",
        "t16"."mode",
        "t16"."attempt",
        "t16"."success",
        "t16"."time_spent",
        "t16"."session_key",
        "t16"."previous",
        "t16"."previous_day",
        "t16"."new_run",
        "t16"."run_start",
        "t16"."starts_at",
        NOT (
          "t16"."new_run"
        )
        AND (
          "t16"."event_date" <> "t16"."previous_day"
        )
        AND (
          DATE_DIFF('MICROSECOND', "t16"."run_start", "t16"."starts_at") > 259200000000
        ) AS "cut"
      FROM (
        SELECT
          "t15"."player_id",
          "t15"."session_id",
          "t15"."event_id",
          "t15"."event_ts",
          "t15"."event_date",
          "t15"."event_type",
          "t15"."amount_usd",
          "t15"."app_version",
          "t15"."level",
          "t15"."mode",
          "t15"."attempt",
          "t15"."success",
          "t15"."time_spent",
          "t15"."session_key",
          "t15"."previous",
          "t15"."previous_day",
          "t15"."new_run",
          "t15"."run_start",
          "t3"."starts_at"
        FROM (
          SELECT
            "t13"."player_id",
            "t13"."session_id",
            "t13"."event_id",
            "t13"."event_ts",
            "t13"."event_date",
            "t13"."event_type",
            "t13"."amount_usd",
            "t13"."app_version",
            "t13"."level",
            "t13"."mode",
            "t13"."attempt",
            "t13"."success",
            "t13"."time_spent",
            "t13"."session_key",
            "t13"."previous",
            "t13"."previous_day",
            "t13"."new_run",
            MAX(
              CASE WHEN "t13"."new_run" THEN "t13"."event_ts" ELSE CAST(NULL AS TIMESTAMPTZ) END
            ) OVER (
              PARTITION BY "t13"."player_id", "t13"."session_key"
              ORDER BY "t13"."event_ts" ASC, "t13"."event_id" ASC
              ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
            ) AS "run_start"
          FROM (
            SELECT
              "t12"."player_id",
              "t12"."session_id",
              "t12"."event_id",
              "t12"."event_ts",
              "t12"."event_date",
              "t12"."event_type",
              "t12"."amount_usd",
              "t12"."app_version",
              "t12"."level",
              "t12"."mode",
              "t12"."attempt",
              "t12"."success",
              "t12"."time_spent",
              "t12"."session_key",
              "t12"."previous",
              "t12"."previous_day",
              (
                "t12"."previous" IS NULL
              )
              OR (
                DATE_DIFF('MICROSECOND', "t12"."previous", "t12"."event_ts") > 1800000000
              ) AS "new_run"
            FROM (
              SELECT
                "t11"."player_id",
                "t11"."session_id",
                "t11"."event_id",
                "t11"."event_ts",
                "t11"."event_date",
                "t11"."event_type",
                "t11"."amount_usd",
                "t11"."app_version",
                "t11"."level",
                "t11"."mode",
                "t11"."attempt",
                "t11"."success",
                "t11"."time_spent",
                "t11"."session_key",
                LAG("t11"."event_ts") OVER (
                  PARTITION BY "t11"."player_id", "t11"."session_key"
                  ORDER BY "t11"."event_ts" ASC, "t11"."event_id" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "previous",
                LAG("t11"."event_date") OVER (
                  PARTITION BY "t11"."player_id", "t11"."session_key"
                  ORDER BY "t11"."event_ts" ASC, "t11"."event_id" ASC
                  ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                ) AS "previous_day"
              FROM (
                SELECT
                  "t6"."player_id",
                  "t6"."session_id",
                  "t6"."event_id",
                  "t6"."event_ts",
                  "t6"."event_date",
                  "t6"."event_type",
                  "t6"."amount_usd",
                  "t6"."app_version",
                  "t6"."level",
                  "t6"."mode",
                  "t6"."attempt",
                  "t6"."success",
                  "t6"."time_spent",
                  "t6"."session_key"
                FROM "t4" AS "t6"
                ANTI JOIN (
                  SELECT
                    *
                  FROM (
                    SELECT
                      "t5"."player_id",
                      "t5"."session_id",
                      MIN("t5"."event_ts") AS "began",
                      MAX("t5"."event_ts") AS "until"
                    FROM "t4" AS "t5"
                    GROUP BY
                      1,
                      2
                  ) AS "t7"
                  WHERE
                    DATE_DIFF('MICROSECOND', "t7"."began", "t7"."until") <= 1800000000
                ) AS "t9"
                  ON "t6"."player_id" = "t9"."player_id" AND "t6"."session_id" = "t9"."session_id"
              ) AS "t11"
            ) AS "t12"
          ) AS "t13"
        ) AS "t15"
        INNER JOIN (
          SELECT
            "t1"."event_date",
            "t1"."starts_at"
          FROM "days" AS "t1"
        ) AS "t3"
          ON "t15"."event_date" = "t3"."event_date"
      ) AS "t16"
    ) AS "t17"
  ) AS "t18"
) AS "t19"
;
