from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from literal import at, column, day, event, facts, lake, played, player, rows
from questline.errors import UsageError
from questline.settings import Feature

PEOPLE = [player(p, 1, platform="ios" if p in "ab" else "android") for p in "abcd"]
DAYS = [played(p, n) for p in "abc" for n in (1, 3)] + [played("d", 1)]


def adoption(feature: Feature, *events: Any, **question: Any) -> tuple[int, int]:
    """Eligible players and adopters."""
    analytics = lake(
        facts(3), {"it": feature}, players=PEOPLE, player_days=DAYS, events=list(events)
    )
    (found,) = rows(analytics, "feature_adoption", **question)
    return found["eligible"], found["adopters"]


def test_feature_adoption_counts_distinct_players() -> None:
    used = [event("a", "dig", at(1)), event("a", "dig", at(2)), event("b", "dig", at(3))]
    assert adoption(Feature(event="dig"), *used) == (4, 2)


def test_feature_adoption_starts_with_the_launch() -> None:
    used = [event("a", "dig", at(1)), event("b", "dig", at(3)), event("d", "dig", at(1))]
    assert adoption(Feature(event="dig", launched=day(2)), *used) == (3, 1)


def test_feature_adoption_eligible_attributes_limit_both_sides() -> None:
    used = [event("a", "dig", at(1)), event("c", "dig", at(1))]
    assert adoption(Feature(event="dig", eligible={"platform": "ios"}), *used) == (2, 1)


def test_feature_adoption_needs_an_active_player() -> None:
    used = [event("ghost", "dig", at(1))]
    assert adoption(Feature(event="dig"), *used) == (4, 0)


@pytest.mark.parametrize(
    ("where", "properties"),
    [
        ({"tool": "spade"}, {"properties": '{"tool": "spade"}'}),
        ({"tool": 'é"ß'}, {"properties": '{"tool": "é\\"ß"}'}),
        ({"depth": "3"}, {"properties": '{"depth": 3}'}),
        ({"deep": "true"}, {"properties": '{"deep": true}'}),
        ({"level": "3"}, {"level": 3}),
        ({"price": "4.99"}, {"price": Decimal("4.990000")}),
        ({"completed": "true"}, {"completed": True}),
        ({"duration": "1.5"}, {"duration": 1.5}),
        ({"format": "rewarded"}, {"format": "rewarded"}),
    ],
)
def test_feature_adoption_compares_properties(
    where: dict[str, str], properties: dict[str, Any]
) -> None:
    used = [event("a", "dig", at(1), **properties), event("b", "dig", at(1))]
    assert adoption(Feature(event="dig", where=where), *used) == (4, 1)


@pytest.mark.parametrize("where", [{"level": "three"}, {"completed": "maybe"}, {"price": "much"}])
def test_feature_adoption_refuses_a_value_of_the_wrong_type(where: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="must be"):
        adoption(Feature(event="dig", where=where))


def test_feature_adoption_over_nobody_is_null() -> None:
    analytics = lake(facts(3), {"it": Feature(event="dig")})
    (found,) = rows(analytics, "feature_adoption")
    assert found == {"feature": "it", "eligible": 0, "adopters": 0, "adoption": None}


def test_feature_adoption_by_attribute_and_by_name() -> None:
    features = {"one": Feature(event="dig"), "two": Feature(event="fly")}
    used = [event("a", "dig", at(1))]
    analytics = lake(facts(3), features, players=PEOPLE, player_days=DAYS, events=used)
    found = rows(analytics, "feature_adoption", by="platform", feature="one")
    assert {r["platform"]: r["adoption"] for r in found} == {"ios": 0.5, "android": 0.0}
    assert column(rows(analytics, "feature_adoption"), "feature") == ["one", "two"]
    with pytest.raises(UsageError, match="Declared: one, two"):
        rows(analytics, "feature_adoption", feature="three")


def test_feature_adoption_without_features_says_how_to_declare_one() -> None:
    with pytest.raises(UsageError, match=r"\[features\.NAME\]"):
        rows(lake(facts(3)), "feature_adoption")


def test_achievements_divide_by_all_active_players() -> None:
    earned = [
        event("a", "achievement_unlocked", at(1), achievement_id="gold"),
        event("a", "achievement_unlocked", at(2), achievement_id="gold"),
        event("b", "achievement_unlocked", at(1), achievement_id="iron"),
        event("c", "achievement_unlocked", at(1), achievement_id="iron"),
    ]
    analytics = lake(facts(3), players=PEOPLE, player_days=DAYS, events=earned)
    found = rows(analytics, "achievements")
    assert column(found, "achievement_id") == ["gold", "iron"]
    assert column(found, "unlock_rate") == [0.25, 0.5]
    found = rows(analytics, "achievements", by="platform")
    answers = {(r["achievement_id"], r["platform"]): r["unlock_rate"] for r in found}
    assert answers == {("gold", "ios"): 0.5, ("iron", "ios"): 0.5, ("iron", "android"): 0.5}
