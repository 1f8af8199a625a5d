-- level_funnel: How many players reach each level and win it, and how hard it is.
-- Example: `questline sql level_funnel` for an observed period of 2026-01-01 to 2026-01-30.
SELECT
  "t2"."level",
  "t2"."reached",
  "t2"."completed",
  CAST("t2"."completed" AS DOUBLE) / CAST(NULLIF("t2"."reached", 0) AS DOUBLE) AS "completion_rate",
  "t2"."attempts",
  "t2"."wins",
  "t2"."fails",
  "t2"."abandons",
  CAST("t2"."wins" AS DOUBLE) / CAST(NULLIF("t2"."attempts", 0) AS DOUBLE) AS "win_rate",
  CAST("t2"."attempts" AS DOUBLE) / CAST(NULLIF("t2"."wins", 0) AS DOUBLE) AS "attempts_per_success"
FROM (
  SELECT
    "t1"."level",
    COUNT(DISTINCT "t1"."player_id") AS "reached",
    COUNT(DISTINCT "t1"."player_id") FILTER(WHERE
      "t1"."outcome" = 'complete') AS "completed",
    COUNT(*) AS "attempts",
    COUNT(*) FILTER(WHERE
      "t1"."outcome" = 'complete') AS "wins",
    COUNT(*) FILTER(WHERE
      "t1"."outcome" = 'fail') AS "fails",
    COUNT(*) FILTER(WHERE
      "t1"."outcome" = 'abandon') AS "abandons"
  FROM (
    SELECT
      "t0"."player_id",
      "t0"."level",
      "t0"."outcome"
    FROM "level_attempts" AS "t0"
    WHERE
      "t0"."event_date" BETWEEN MAKE_DATE(2026, 1, 1) AND MAKE_DATE(2026, 1, 30)
  ) AS "t1"
  GROUP BY
    1
) AS "t2"
ORDER BY
  "t2"."level" ASC
;
