-- sessionised_with_ids: What `sessionised` gives where every active event has a session_id; a third of the work.
-- Reads events, days.
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
  "t11"."session_start",
  "t11"."cut_next"
FROM (
  SELECT
    "t10"."player_id",
    "t10"."session_id",
    "t10"."event_id",
    "t10"."event_ts",
    "t10"."event_date",
    "t10"."event_type",
    "t10"."amount_usd",
    "t10"."app_version",
    "t10"."level",
    "t10"."mode",
    "t10"."attempt",
    "t10"."success",
    "t10"."time_spent",
    "t10"."session_key",
    "t10"."previous",
    "t10"."previous_day",
    "t10"."new_run",
    "t10"."run_start",
    "t10"."starts_at",
    "t10"."cut",
    MAX(
      CASE
        WHEN "t10"."new_run" OR "t10"."cut"
        THEN "t10"."event_ts"
        ELSE CAST(NULL AS TIMESTAMPTZ)
      END
    ) OVER (
      PARTITION BY "t10"."player_id", "t10"."session_key"
      ORDER BY "t10"."event_ts" ASC, "t10"."event_id" ASC
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS "session_start",
    COALESCE(
      LEAD("t10"."cut") OVER (
        PARTITION BY "t10"."player_id", "t10"."session_key"
        ORDER BY "t10"."event_ts" ASC, "t10"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
      ),
      FALSE
    ) AS "cut_next"
  FROM (
    SELECT
      "t9"."player_id",
      "t9"."session_id",
      "t9"."event_id",
      "t9"."event_ts",
      "t9"."event_date",
      "t9"."event_type",
      "t9"."amount_usd",
      "t9"."app_version",
      "t9"."level",
      "t9"."mode",
      "t9"."attempt",
      "t9"."success",
      "t9"."time_spent",
      "t9"."session_key",
      "t9"."previous",
      "t9"."previous_day",
      "t9"."new_run",
      "t9"."run_start",
      "t9"."starts_at",
      NOT (
        "t9"."new_run"
      )
      AND (
        "t9"."event_date" <> "t9"."previous_day"
      )
      AND (
        DATE_DIFF('MICROSECOND', "t9"."run_start", "t9"."starts_at") > 259200000000
      ) AS "cut"
    FROM (
      SELECT
        "t8"."player_id",
        "t8"."session_id",
        "t8"."event_id",
        "t8"."event_ts",
        "t8"."event_date",
        "t8"."event_type",
        "t8"."amount_usd",
        "t8"."app_version",
        "t8"."level",
        "t8"."mode",
        "t8"."attempt",
        "t8"."success",
        "t8"."time_spent",
        "t8"."session_key",
        "t8"."previous",
        "t8"."previous_day",
        "t8"."new_run",
        "t8"."run_start",
        "t3"."starts_at"
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
          "t6"."previous",
          "t6"."previous_day",
          "t6"."new_run",
          MAX(CASE WHEN "t6"."new_run" THEN "t6"."event_ts" ELSE CAST(NULL AS TIMESTAMPTZ) END) OVER (
            PARTITION BY "t6"."player_id", "t6"."session_key"
            ORDER BY "t6"."event_ts" ASC, "t6"."event_id" ASC
            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
          ) AS "run_start"
        FROM (
          SELECT
            "t5"."player_id",
            "t5"."session_id",
            "t5"."event_id",
            "t5"."event_ts",
            "t5"."event_date",
            "t5"."event_type",
            "t5"."amount_usd",
            "t5"."app_version",
            "t5"."level",
            "t5"."mode",
            "t5"."attempt",
            "t5"."success",
            "t5"."time_spent",
            "t5"."session_key",
            "t5"."previous",
            "t5"."previous_day",
            (
              "t5"."previous" IS NULL
            )
            OR (
              DATE_DIFF('MICROSECOND', "t5"."previous", "t5"."event_ts") > 1800000000
            ) AS "new_run"
          FROM (
            SELECT
              "t4"."player_id",
              "t4"."session_id",
              "t4"."event_id",
              "t4"."event_ts",
              "t4"."event_date",
              "t4"."event_type",
              "t4"."amount_usd",
              "t4"."app_version",
              "t4"."level",
              "t4"."mode",
              "t4"."attempt",
              "t4"."success",
              "t4"."time_spent",
              "t4"."session_key",
              LAG("t4"."event_ts") OVER (
                PARTITION BY "t4"."player_id", "t4"."session_key"
                ORDER BY "t4"."event_ts" ASC, "t4"."event_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "previous",
              LAG("t4"."event_date") OVER (
                PARTITION BY "t4"."player_id", "t4"."session_key"
                ORDER BY "t4"."event_ts" ASC, "t4"."event_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
              ) AS "previous_day"
            FROM (
              SELECT
                "t1"."player_id",
                "t1"."session_id",
                "t1"."event_id",
                "t1"."event_ts",
                "t1"."event_date",
                "t1"."event_type",
                "t1"."amount_usd",
                "t1"."app_version",
                "t1"."level",
                "t1"."mode",
                "t1"."attempt",
                "t1"."success",
                "t1"."time_spent",
                "t1"."session_id" AS "session_key"
              FROM "events" AS "t1"
              WHERE
                NOT (
                  "t1"."event_type" IN ('refund', 'experiment_exposure')
                )
            ) AS "t4"
          ) AS "t5"
        ) AS "t6"
      ) AS "t8"
      INNER JOIN (
        SELECT
          "t0"."event_date",
          "t0"."starts_at"
        FROM "days" AS "t0"
      ) AS "t3"
        ON "t8"."event_date" = "t3"."event_date"
    ) AS "t9"
  ) AS "t10"
) AS "t11"
;
