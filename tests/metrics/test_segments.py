from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from literal import at, column, event, facts, lake, played, player, rows
from questline.api import Analytics
from questline.errors import UsageError
from questline.settings import Declared, load_settings

SEGMENTS = {
    "testers": {"where": ("device=rig", "device=lab")},
    "listed": {"players": ("b", "x")},
    "payers": {"event": "purchase[price>1]"},
    "regulars": {"event": "purchase", "at_least": 2},
    "ios_payers": {"where": ("platform=ios",), "event": "purchase"},
}


def game(exclude: tuple[str, ...] = (), **more: Any) -> Analytics:
    """Players a to d, active on day 1; a and b bought."""
    people = [
        player("a", 1, platform="ios", device="rig"),
        player("b", 1, platform="android", device="phone"),
        player("c", 1, platform="ios", device="lab"),
        player("d", 1),
    ]
    events = [
        event("a", "purchase", at(1), price=5),
        event("b", "purchase", at(1), price=1),
        event("b", "purchase", at(1, "13:00:00"), price=1),
    ]
    declared = Declared(**{"segments": SEGMENTS, "exclude": exclude, **more})
    days = [played(p, 1) for p in "abcd"]
    return lake(facts(2), declared=declared, players=people, player_days=days, events=events)


def present(analytics: Analytics, **question: Any) -> int:
    return int(rows(analytics, "dau", end="2026-01-01", **question)[0]["players"])


@pytest.mark.parametrize(
    ("segment", "players"),
    [
        ("testers", 2),
        ("listed", 1),
        ("payers", 1),
        ("regulars", 1),
        ("ios_payers", 1),
        (["testers", "payers"], 1),
        (["listed", "testers"], 0),
    ],
)
def test_segment_keeps_players_who_match_everything(segment: Any, players: int) -> None:
    assert present(game(), segment=segment) == players


def test_exclude_leaves_out_players_of_any_of_the_segments() -> None:
    assert present(game(), exclude=["testers", "regulars"]) == 1


def test_settings_exclude_everywhere_until_told_otherwise() -> None:
    switched = game(exclude=("testers",))
    assert present(switched) == 2
    assert present(switched, exclude="none") == 4
    assert present(switched, exclude="payers") == 3
    assert column(rows(switched, "new_players", end="2026-01-01"), "acquired") == [2]


def test_result_says_who_is_left_out() -> None:
    result = game(exclude=("regulars",)).result("dau", segment="testers")
    assert result.excluded[0] == "Left out: players of regulars (purchase at least 2 times)."
    assert result.segments == ("testers (device=rig or lab)",)


def test_daily_is_counted_again_without_the_excluded() -> None:
    found = rows(game(), "daily", exclude="payers")
    assert [(r["event_type"], r["events"], r["players"]) for r in found] == [("purchase", 2, 1)]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"segment": "whales"}, "Declared: testers, listed"),
        ({"exclude": ["whales"]}, "no such segment"),
    ],
)
def test_unknown_segment_names_those_declared(question: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        game().result("dau", **question)


def test_segment_that_is_wrong_says_which() -> None:
    wrong = {"odd": {"where": ("colour=red",)}}
    with pytest.raises(UsageError, match=r"segments\.odd: 'colour' is no attribute"):
        game(segments=wrong).result("dau", segment="odd")


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"where": ("event.level=1",)}, "where is about players"),
        ({"event": "level_start[mode>2]"}, "segments.odd: mode is no number"),
    ],
)
def test_segment_with_a_wrong_condition_says_which(declared: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        game(segments={"odd": declared}).result("dau", segment="odd")


def test_exclude_none_stands_alone() -> None:
    with pytest.raises(UsageError, match="give it alone"):
        game().result("dau", exclude=["none", "testers"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[segments.a]\nplayers = ["p"]\nat_least = 2', "say which with event"),
        ('[segments.a]\nevent = "x"\nat_least = 99999999999999999999', "less than or equal"),
        ('[funnels.f]\nsteps = "a,b"', "should be a list such as"),
        ('exclude = ["bots"]', "which no \\[segments.bots\\] declares"),
        ("[segments.bots]", "needs where, players or event"),
        ('[segments.bots]\nevnt = "x"', "evnt"),
        ('[segments.none]\nevent = "x"', "cannot be called none"),
    ],
)
def test_settings_of_segments_are_checked(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "questline.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=said):
        load_settings(file)


def test_property_of_events_is_refused_where_players_are_counted() -> None:
    with pytest.raises(UsageError, match="dau has one row a day, which has no property placement"):
        game().result("dau", by="event.placement")
    with pytest.raises(UsageError, match="no property format"):
        game().result("dau", where="event.format=rewarded")
