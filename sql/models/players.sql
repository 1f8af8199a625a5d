-- players: One row a player known from events or from metadata.
-- Reads first_seen, registrations, days.
-- What no lake holds comes first:
-- days are those of UTC; write your reporting zone for it if you have another.
CREATE OR REPLACE TEMP VIEW days AS
SELECT
  CAST(midnight AS DATE) AS event_date,
  timezone('UTC', midnight) AS starts_at,
  timezone('UTC', midnight + INTERVAL 1 DAY) AS ends_at
FROM (
  SELECT unnest(generate_series(MIN(event_date) - 9, MAX(event_date) + 9, INTERVAL 1 DAY))
    AS midnight
  FROM events
)
;
SELECT
  "t10"."player_id",
  "t10"."acquired_at",
  "t10"."acquisition_date",
  "t10"."acquisition_month",
  "t10"."acquisition_source",
  "t10"."cohort_week",
  "t10"."registered",
  "t10"."first_active_at",
  "t10"."platform",
  "t10"."country",
  "t10"."channel",
  "t10"."first_version",
  "t10"."device",
  "t10"."variants"
FROM (
  SELECT
    "t9"."player_id",
    "t9"."acquired_at",
    "t9"."first_active_at",
    "t9"."channel",
    "t9"."device",
    "t9"."variants",
    "t3"."event_date" AS "acquisition_date",
    CASE
      WHEN "t3"."event_date" IS NOT NULL
      THEN STRFTIME("t3"."event_date", '%Y-%m')
      ELSE CAST(NULL AS TEXT)
    END AS "acquisition_month",
    CASE
      WHEN "t9"."registered_at" IS NOT NULL
      THEN 'metadata'
      WHEN "t9"."acquired_at" IS NOT NULL
      THEN 'first_event'
      ELSE NULL
    END AS "acquisition_source",
    CAST(CAST(DATE_TRUNC('WEEK', "t3"."event_date") AS TIMESTAMP) AS DATE) AS "cohort_week",
    COALESCE("t9"."registered", FALSE) AS "registered",
    COALESCE("t9"."meta_platform", "t9"."platform") AS "platform",
    COALESCE("t9"."meta_country", "t9"."country") AS "country",
    COALESCE("t9"."meta_version", "t9"."app_version") AS "first_version"
  FROM (
    SELECT
      COALESCE("t7"."player_id", "t7"."player_id_right") AS "player_id",
      "t7"."first_ts",
      "t7"."first_month",
      "t7"."first_active_at",
      "t7"."platform",
      "t7"."platform_at",
      "t7"."country",
      "t7"."country_at",
      "t7"."app_version",
      "t7"."app_version_at",
      "t7"."device",
      "t7"."device_at",
      "t7"."variants",
      "t7"."player_id_right",
      "t7"."registered_at",
      "t7"."meta_platform",
      "t7"."meta_country",
      "t7"."meta_version",
      "t7"."channel",
      "t7"."registered",
      COALESCE("t7"."registered_at", "t7"."first_active_at") AS "acquired_at"
    FROM (
      SELECT
        "t4"."player_id",
        "t4"."first_ts",
        "t4"."first_month",
        "t4"."first_active_at",
        "t4"."platform",
        "t4"."platform_at",
        "t4"."country",
        "t4"."country_at",
        "t4"."app_version",
        "t4"."app_version_at",
        "t4"."device",
        "t4"."device_at",
        "t4"."variants",
        "t6"."player_id" AS "player_id_right",
        "t6"."registered_at",
        "t6"."meta_platform",
        "t6"."meta_country",
        "t6"."meta_version",
        "t6"."channel",
        "t6"."registered"
      FROM "first_seen" AS "t4"
      FULL OUTER JOIN (
        SELECT
          "t2"."player_id",
          "t2"."acquired_at" AS "registered_at",
          "t2"."platform" AS "meta_platform",
          "t2"."country" AS "meta_country",
          "t2"."app_version" AS "meta_version",
          "t2"."channel",
          TRUE AS "registered"
        FROM "registrations" AS "t2"
      ) AS "t6"
        ON "t4"."player_id" = "t6"."player_id"
    ) AS "t7"
  ) AS "t9"
  LEFT OUTER JOIN "days" AS "t3"
    ON "t9"."acquired_at" >= "t3"."starts_at" AND "t9"."acquired_at" < "t3"."ends_at"
) AS "t10"
;
