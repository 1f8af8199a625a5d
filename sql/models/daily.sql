-- daily: One row a day, acquisition day and event type; revenue is gross, refunds not taken off.
-- Reads events, players.
SELECT
  *
FROM (
  SELECT
    "t6"."event_date",
    "t6"."acquisition_date",
    "t6"."event_type",
    SUM("t6"."events") AS "events",
    COUNT(*) AS "players",
    CAST(COALESCE(SUM("t6"."revenue"), CAST(0.000000 AS DECIMAL(18, 6))) AS DECIMAL(18, 6)) AS "revenue_usd"
  FROM (
    SELECT
      "t5"."event_date",
      "t5"."event_type",
      "t5"."player_id",
      "t5"."events",
      "t5"."revenue",
      "t3"."player_id" AS "player_id_right",
      "t3"."acquisition_date"
    FROM (
      SELECT
        "t0"."event_date",
        "t0"."event_type",
        "t0"."player_id",
        COUNT(*) AS "events",
        CAST(SUM(
          CASE
            WHEN "t0"."event_type" IN ('purchase', 'ad_watched')
            THEN "t0"."amount_usd"
            ELSE CAST(NULL AS DECIMAL(18, 6))
          END
        ) AS DECIMAL(18, 6)) AS "revenue"
      FROM "events" AS "t0"
      GROUP BY
        1,
        2,
        3
    ) AS "t5"
    LEFT OUTER JOIN (
      SELECT
        "t1"."player_id",
        "t1"."acquisition_date"
      FROM "players" AS "t1"
    ) AS "t3"
      ON "t5"."player_id" = "t3"."player_id"
  ) AS "t6"
  GROUP BY
    1,
    2,
    3
) AS "t7"
;
