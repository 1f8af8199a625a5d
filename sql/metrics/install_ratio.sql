-- install_ratio: Share of the daily active players whose first day it is.
-- Example: `questline sql install_ratio` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t8"."new_players",
  "t8"."player_days",
  CAST("t8"."new_players" AS DOUBLE) / CAST(NULLIF("t8"."player_days", 0) AS DOUBLE) AS "install_ratio"
FROM (
  SELECT
    COALESCE(SUM("t7"."new"), 0) AS "new_players",
    COUNT("t7"."player_id") AS "player_days"
  FROM (
    SELECT
      "t6"."player_id",
      "t6"."event_date",
      "t6"."acquired_on",
      CAST(COALESCE("t6"."acquired_on" = "t6"."event_date", FALSE) AS BIGINT) AS "new"
    FROM (
      SELECT
        "t5"."player_id",
        "t5"."event_date",
        "t4"."acquired_on"
      FROM (
        SELECT
          "t0"."player_id",
          "t0"."event_date"
        FROM "player_days" AS "t0"
        WHERE
          "t0"."active_events" > 0
      ) AS "t5"
      LEFT OUTER JOIN (
        SELECT
          "t1"."player_id",
          "t1"."acquisition_date" AS "acquired_on"
        FROM "players" AS "t1"
      ) AS "t4"
        ON "t5"."player_id" = "t4"."player_id"
    ) AS "t6"
    WHERE
      "t6"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t7"
) AS "t8"
;
