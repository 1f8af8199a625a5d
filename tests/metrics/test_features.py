"""Users of features, their retention, and the time players take to adopt."""

from __future__ import annotations

from typing import Any

import pytest

from literal import at, column, day, event, facts, lake, played, player, rows
from questline.api import Analytics
from questline.errors import UsageError
from questline.settings import Feature

DIG = {"it": Feature(event="dig")}
USES = [("a", 1), ("a", 1), ("a", 3), ("b", 2), ("c", 3), ("c", 4)]


def dug(uses: list[tuple[str, int]]) -> list[dict[str, Any]]:
    return [event(p, "dig", at(n)) for p, n in uses]


def game(last: int, uses: list[tuple[str, int]], **more: Any) -> Analytics:
    people = [player(p, 1, platform="ios" if p == "a" else "web") for p in "abc"]
    more = {"players": people, "features": DIG} | more
    return lake(facts(last), more.pop("features"), events=dug(uses), **more)


def test_feature_users_per_day() -> None:
    found = rows(game(3, USES), "feature_users", per="day", end=day(4))
    assert column(found, "users") == [1, 1, 2, 1]
    assert column(found, "new_users") == [1, 1, 1, 0]
    assert column(found, "repeat_users") == [0, 0, 1, 1]
    assert column(found, "adopters") == [1, 2, 3, 3]
    assert column(found, "uses") == [2, 1, 2, 1]
    assert column(found, "depth") == [2, 1, 1, None]
    assert column(found, "complete") == [True, True, True, False]


def test_feature_users_of_the_period_leave_unobserved_days_out() -> None:
    """Days 1 to 3: a used it on two days, three times."""
    (found,) = rows(game(3, USES), "feature_users", end=day(4))
    counts = ("users", "new_users", "repeat_users", "adopters", "uses")
    assert [found[c] for c in counts] == [3, 3, 1, 3, 5]
    assert found["depth"] == 1.25
    assert found["stickiness"] is None


def test_feature_users_first_use_before_the_period_is_not_new() -> None:
    (found,) = rows(game(4, USES), "feature_users", start=day(3))
    counts = ("users", "new_users", "repeat_users", "adopters", "uses")
    assert [found[c] for c in counts] == [2, 1, 2, 3, 3]


def test_feature_users_begin_with_the_launch_and_must_be_eligible() -> None:
    features = {"it": Feature(event="dig", launched=day(3), eligible={"platform": "web"})}
    found = rows(game(4, USES, features=features), "feature_users", per="day")
    assert column(found, "adopters") == [0, 0, 1, 1]


def test_feature_users_stickiness_needs_thirty_days_of_log_and_launch() -> None:
    """Day 30: a of the month's a and b; day 31: nobody of a and b."""
    uses = [("a", 2), ("a", 30), ("b", 2)]
    found = rows(game(31, uses), "feature_users", per="day", start=day(29))
    assert column(found, "monthly_users") == [None, 2, 2]
    assert column(found, "stickiness") == [None, 0.5, 0.0]
    assert rows(game(31, uses), "feature_users")[0]["stickiness"] == 0.25
    late = {"it": Feature(event="dig", launched=day(2))}
    found = rows(game(31, uses, features=late), "feature_users", per="day", start=day(29))
    assert column(found, "monthly_users") == [None, None, 2]


def test_feature_users_by_attribute_and_of_several_features() -> None:
    features = DIG | {"fly": Feature(event="fly")}
    found = rows(game(4, USES, features=features), "feature_users")
    assert [(r["feature"], r["users"]) for r in found] == [("fly", 0), ("it", 3)]
    found = rows(game(4, USES), "feature_users", by="platform")
    assert {r["platform"]: r["users"] for r in found} == {"ios": 1, "web": 2}


def test_feature_retention_is_classic_with_the_first_use_as_start() -> None:
    """First uses on days 1, 1 and 3; b uses it again on day 3, not on day 2."""
    uses = [("a", 1), ("a", 2), ("b", 1), ("b", 3), ("c", 3)]
    found = rows(game(4, uses), "feature_retention", days=[1, 2])
    assert column(found, "adopters") == [3, 2]
    assert column(found, "retained") == [1, 1]
    assert column(found, "retention") == [pytest.approx(1 / 3), 0.5]
    assert column(found, "repeated") == [1, 2]
    assert column(found, "repeat_rate") == [pytest.approx(1 / 3), 1.0]


def test_feature_retention_of_a_day_not_yet_observed_is_null() -> None:
    (found,) = rows(game(4, [("a", 1), ("a", 5)]), "feature_retention", days="4")
    assert (found["adopters"], found["retained"], found["retention"]) == (0, None, None)


def test_feature_retention_period_selects_first_uses() -> None:
    uses = [("a", 1), ("a", 2), ("b", 2), ("b", 3)]
    found = rows(game(4, uses), "feature_retention", days=[1], start=day(2))
    assert (found[0]["adopters"], found[0]["retained"]) == (1, 1)


def test_feature_retention_does_not_know_first_uses_before_the_log() -> None:
    analytics = lake(facts(4, first=2), DIG, events=dug([("a", 1), ("a", 2), ("b", 2)]))
    assert rows(analytics, "feature_retention", days=[1])[0]["adopters"] == 1


def test_feature_options_refuse_spans() -> None:
    with pytest.raises(UsageError, match="single numbers"):
        rows(game(4, []), "feature_retention", days="1-3")


def adopting(
    known: Any, people: dict[str, int], uses: list[tuple[str, int]], **question: Any
) -> list[dict[str, Any]]:
    """Time to adopt of players by day of acquisition, each active on that day alone."""
    analytics = lake(
        known,
        question.pop("features", DIG),
        players=[player(p, n, platform="ios") for p, n in people.items()],
        player_days=question.pop("days_played", [played(p, n) for p, n in people.items()]),
        events=dug(uses),
    )
    return rows(analytics, "time_to_adopt", **question)


FIVE = {"a": 1, "b": 1, "c": 8, "d": 1, "e": 6}
THREE_USES = [("a", 2), ("b", 3), ("d", 4)]


def test_time_to_adopt_with_censored_players() -> None:
    """Waits 1, 2, 3 and, not yet, 2 and 4: 4/5, then 3/4 and 1/2 of what is left."""
    found = adopting(facts(10), FIVE, THREE_USES, days="0,1,2,3,4,5")
    assert column(found, "at_risk") == [5, 5, 4, 2, 1, 0]
    assert column(found, "adopters") == [0, 1, 2, 3, 3, 3]
    assert column(found, "adopted")[:5] == pytest.approx([0, 0.2, 0.4, 0.7, 0.7])
    assert column(found, "adopted")[5] is None
    assert set(column(found, "median_days")) == {3}
    assert set(column(found, "players")) == {5}


def test_time_to_adopt_interval_is_on_the_scale_of_log_log() -> None:
    """S = 0.8, Greenwood's sum 1/20: 0.8 to the power of exp(-+1.96 * sqrt(0.05) / 0.22314)."""
    found = adopting(facts(10), FIVE, THREE_USES, days="0,1")
    assert (found[0]["low"], found[0]["high"]) == (None, None)
    assert found[1]["low"] == pytest.approx(0.030820, abs=1e-5)
    assert found[1]["high"] == pytest.approx(0.796193, abs=1e-5)


def test_time_to_adopt_when_everybody_adopted_stays_at_one() -> None:
    found = adopting(facts(10), {"a": 1, "b": 1}, [("a", 1), ("b", 3)], days=[0, 2, 30])
    assert column(found, "adopted") == [0.5, 1.0, 1.0]
    assert column(found, "high")[1:] == [None, None]
    assert found[0]["median_days"] == 0


def test_time_to_adopt_counts_from_the_first_active_day_since_the_launch() -> None:
    """Launched on day 5: a comes back on day 6, b never; c is acquired on day 7."""
    days = [played("a", n) for n in (1, 6)] + [played("b", 1), played("c", 7)]
    found = adopting(
        facts(10),
        {"a": 1, "b": 1, "c": 7},
        [("a", 1), ("a", 8), ("c", 7)],
        days=[0, 2],
        days_played=days,
        features={"it": Feature(event="dig", launched=day(5))},
    )
    assert column(found, "players") == [2, 2]
    assert column(found, "adopters") == [1, 2]


def test_time_to_adopt_leaves_out_who_may_have_adopted_before_the_log() -> None:
    people, days = {"a": 1, "b": 3}, [played("a", 3), played("b", 3)]
    known = facts(10, first=2)
    assert adopting(known, people, [], days_played=days)[0]["players"] == 1
    launched = {"it": Feature(event="dig", launched=day(3))}
    found = adopting(known, people, [], days_played=days, features=launched)
    assert found[0]["players"] == 2


def test_time_to_adopt_period_selects_who_became_eligible_in_it() -> None:
    found = adopting(facts(10), FIVE, THREE_USES, days=[0], start=day(2), end=day(7))
    assert found[0]["players"] == 1


def test_time_to_adopt_asks_for_the_eligible_attributes() -> None:
    features = {"it": Feature(event="dig", eligible={"platform": "web"})}
    assert adopting(facts(10), FIVE, THREE_USES, days=[0], features=features)[0]["players"] == 0


def test_time_to_adopt_use_after_observation_is_not_known_yet() -> None:
    found = adopting(facts(3), {"a": 1}, [("a", 4)], days=[2])
    assert (found[0]["adopters"], found[0]["adopted"]) == (0, 0.0)


def test_time_to_adopt_median_is_reached_at_exactly_half() -> None:
    """Three of six in steps: 5/6, 4/5 and 3/4 multiply to one half, by logarithms nearly."""
    people = dict.fromkeys("abcdef", 1)
    uses = [("a", 2), ("b", 3), ("c", 4)]
    assert adopting(facts(10), people, uses, days=[0])[0]["median_days"] == 3


def test_feature_breadth_counts_each_feature_of_a_player_once() -> None:
    """Of four active players a used two features, b one, c and d none; e was not active."""
    features = DIG | {"fly": Feature(event="fly")}
    uses = [*dug([("a", 1), ("a", 2), ("b", 1), ("e", 1)]), event("a", "fly", at(2))]
    days = [played(p, 1) for p in "abcd"]
    analytics = lake(facts(2), features, player_days=days, events=uses)
    (found,) = rows(analytics, "feature_breadth")
    assert found == {"players": 4, "features_used": 3, "feature_breadth": 0.75}


def test_feature_breadth_of_eligible_players_in_the_period() -> None:
    features = {"it": Feature(event="dig", eligible={"platform": "web"})}
    days = [played(p, n) for p in "abc" for n in (1, 2)]
    analytics = game(2, [("a", 2), ("b", 1), ("c", 2)], features=features, player_days=days)
    (found,) = rows(analytics, "feature_breadth", start=day(2))
    assert (found["players"], found["features_used"]) == (3, 1)
