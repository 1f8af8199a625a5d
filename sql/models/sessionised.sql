-- sessionised: Active events, each with the session it belongs to.
-- Reads events, days.
SELECT
  "t19"."player_id",
  "t19"."session_id",
  "t19"."event_id",
  "t19"."event_ts",
  "t19"."event_date",
  "t19"."event_type",
  "t19"."amount_usd",
  "t19"."app_version",
  "t19"."level",
  "t19"."mode",
  "t19"."attempt",
  "t19"."success",
  "t19"."time_spent",
  "t19"."session_key",
  "t19"."piece",
  "t19"."session_start",
  "t19"."capped"
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
    "t18"."before",
    "t18"."new_chain",
    "t18"."chain",
    "t18"."session_key",
    "t18"."previous",
    "t18"."previous_day",
    "t18"."new_run",
    "t18"."run",
    "t18"."run_start",
    "t18"."starts_at",
    "t18"."cut",
    "t18"."piece",
    "t18"."cut_next",
    MIN("t18"."event_ts") OVER (
      PARTITION BY "t18"."player_id", "t18"."session_key", "t18"."piece"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "session_start",
    BOOL_OR(CAST("t18"."cut_next" AS BOOLEAN)) OVER (
      PARTITION BY "t18"."player_id", "t18"."session_key", "t18"."piece"
      ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
    ) AS "capped"
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
      "t17"."before",
      "t17"."new_chain",
      "t17"."chain",
      "t17"."session_key",
      "t17"."previous",
      "t17"."previous_day",
      "t17"."new_run",
      "t17"."run",
      "t17"."run_start",
      "t17"."starts_at",
      "t17"."cut",
      SUM(CAST("t17"."new_run" OR "t17"."cut" AS BIGINT)) OVER (
        PARTITION BY "t17"."player_id", "t17"."session_key"
        ORDER BY "t17"."event_ts" ASC, "t17"."event_id" ASC
        ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
      ) AS "piece",
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
        "t16"."before",
        "t16"."new_chain",
        "t16"."chain",
        "t16"."session_key",
        "t16"."previous",
        "t16"."previous_day",
        "t16"."new_run",
        "t16"."run",
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
          "t15"."before",
          "t15"."new_chain",
          "t15"."chain",
          "t15"."session_key",
          "t15"."previous",
          "t15"."previous_day",
          "t15"."new_run",
          "t15"."run",
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
            "t13"."before",
            "t13"."new_chain",
            "t13"."chain",
            "t13"."session_key",
            "t13"."previous",
            "t13"."previous_day",
            "t13"."new_run",
            "t13"."run",
            MIN("t13"."event_ts") OVER (
              PARTITION BY "t13"."player_id", "t13"."session_key", "t13"."run"
              ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
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
              "t12"."before",
              "t12"."new_chain",
              "t12"."chain",
              "t12"."session_key",
              "t12"."previous",
              "t12"."previous_day",
              "t12"."new_run",
              SUM(CAST("t12"."new_run" AS BIGINT)) OVER (
                PARTITION BY "t12"."player_id", "t12"."session_key"
                ORDER BY "t12"."event_ts" ASC, "t12"."event_id" ASC
                ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
              ) AS "run"
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
                "t11"."before",
                "t11"."new_chain",
                "t11"."chain",
                "t11"."session_key",
                "t11"."previous",
                "t11"."previous_day",
                (
                  "t11"."previous" IS NULL
                )
                OR (
                  DATE_DIFF('MICROSECOND', "t11"."previous", "t11"."event_ts") > 1800000000
                ) AS "new_run"
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
                  "t10"."before",
                  "t10"."new_chain",
                  "t10"."chain",
                  "t10"."session_key",
                  LAG("t10"."event_ts") OVER (
                    PARTITION BY "t10"."player_id", "t10"."session_key"
                    ORDER BY "t10"."event_ts" ASC, "t10"."event_id" ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) AS "previous",
                  LAG("t10"."event_date") OVER (
                    PARTITION BY "t10"."player_id", "t10"."session_key"
                    ORDER BY "t10"."event_ts" ASC, "t10"."event_id" ASC
                    ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                  ) AS "previous_day"
                FROM (
                  SELECT
                    "t9".*
                    EXCLUDE ("known")
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
                      "t8"."before",
                      "t8"."new_chain",
                      "t8"."chain",
                      "t8"."known",
                      COALESCE(
                        MAX("t8"."session_id") OVER (
                          PARTITION BY "t8"."player_id", "t8"."chain", "t8"."known"
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                        ),
                        MAX(CASE WHEN "t8"."known" = 1 THEN "t8"."session_id" ELSE CAST(NULL AS TEXT) END) OVER (
                          PARTITION BY "t8"."player_id", "t8"."chain"
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                        )
                      ) AS "session_key"
                    FROM (
                      SELECT
                        "t7"."player_id",
                        "t7"."session_id",
                        "t7"."event_id",
                        "t7"."event_ts",
                        "t7"."event_date",
                        "t7"."event_type",
                        "t7"."amount_usd",
                        "t7"."app_version",
                        "t7"."level",
                        "t7"."mode",
                        "t7"."attempt",
                        "t7"."success",
                        "t7"."time_spent",
                        "t7"."before",
                        "t7"."new_chain",
                        "t7"."chain",
                        COUNT("t7"."session_id") OVER (
                          PARTITION BY "t7"."player_id", "t7"."chain"
                          ORDER BY "t7"."event_ts" ASC, "t7"."event_id" ASC
                          ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                        ) AS "known"
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
                          "t6"."before",
                          "t6"."new_chain",
                          SUM(CAST("t6"."new_chain" AS BIGINT)) OVER (
                            PARTITION BY "t6"."player_id"
                            ORDER BY "t6"."event_ts" ASC, "t6"."event_id" ASC
                            ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
                          ) AS "chain"
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
                            "t5"."before",
                            (
                              "t5"."before" IS NULL
                            )
                            OR (
                              DATE_DIFF('MICROSECOND', "t5"."before", "t5"."event_ts") > 1800000000
                            ) AS "new_chain"
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
                              LAG("t4"."event_ts") OVER (
                                PARTITION BY "t4"."player_id"
                                ORDER BY "t4"."event_ts" ASC, "t4"."event_id" ASC
                                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING
                              ) AS "before"
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
                                "t1"."time_spent"
                              FROM "events" AS "t1"
                              WHERE
                                NOT (
                                  "t1"."event_type" IN ('refund', 'experiment_exposure')
                                )
                            ) AS "t4"
                          ) AS "t5"
                        ) AS "t6"
                      ) AS "t7"
                    ) AS "t8"
                  ) AS "t9"
                ) AS "t10"
              ) AS "t11"
            ) AS "t12"
          ) AS "t13"
        ) AS "t15"
        INNER JOIN (
          SELECT
            "t0"."event_date",
            "t0"."starts_at"
          FROM "days" AS "t0"
        ) AS "t3"
          ON "t15"."event_date" = "t3"."event_date"
      ) AS "t16"
    ) AS "t17"
  ) AS "t18"
) AS "t19"
;
