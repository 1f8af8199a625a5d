-- power_users: Players by the number of days on which they were active: L7, L28 or L30.
-- Example: `questline sql power_users` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t8"."active_days",
  "t8"."players",
  CAST("t8"."players" AS DOUBLE) / CAST(NULLIF("t8"."all_players", 0) AS DOUBLE) AS "share",
  "t8"."players_at_least",
  CAST("t8"."players_at_least" AS DOUBLE) / CAST(NULLIF("t8"."all_players", 0) AS DOUBLE) AS "share_at_least"
FROM (
  SELECT
    "t7"."active_days",
    "t7"."players",
    SUM("t7"."players") OVER (ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) AS "all_players",
    SUM("t7"."players") OVER (ORDER BY "t7"."active_days" DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS "players_at_least"
  FROM (
    SELECT
      "t6"."active_days",
      COUNT("t6"."player_id") AS "players"
    FROM (
      SELECT
        *
      FROM (
        SELECT
          "t3"."active_days",
          "t3"."player_id"
        FROM (
          SELECT
            "t1"."player_id",
            COUNT("t1"."event_date") AS "active_days"
          FROM (
            SELECT
              "t0"."player_id",
              "t0"."event_date"
            FROM "player_days" AS "t0"
            WHERE
              "t0"."active_events" > 0
              AND "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 3) AND MAKE_DATE(2026, 1, 30)
          ) AS "t1"
          GROUP BY
            1
        ) AS "t3"
      ) AS "t5"
      UNION ALL
      SELECT
        *
      FROM (
        SELECT
          "t2"."active_days",
          CAST(NULL AS TEXT) AS "player_id"
        FROM (
          SELECT
            UNNEST(
              CAST(CAST([
                1,
                2,
                3,
                4,
                5,
                6,
                7,
                8,
                9,
                10,
                11,
                12,
                13,
                14,
                15,
                16,
                17,
                18,
                19,
                20,
                21,
                22,
                23,
                24,
                25,
                26,
                27,
                28
              ] AS TINYINT[]) AS BIGINT[])
            ) AS "active_days"
        ) AS "t2"
      ) AS "t4"
    ) AS "t6"
    GROUP BY
      1
  ) AS "t7"
) AS "t8"
ORDER BY
  "t8"."active_days" ASC
;
