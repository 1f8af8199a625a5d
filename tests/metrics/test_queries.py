"""A metric compiled apart from whose rows count gives what it gives compiled at once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import ibis
import pytest

from literal import at, attempt, bought, event, facts, lake, played, player, session
from questline.api import Analytics
from questline.engines.base import Query
from questline.metrics import CATALOGUE, compiled
from questline.metrics.base import stacked
from questline.settings import Declared, SegmentSettings

PEOPLE = {"a": "ios", "b": "android", "c": "ios", "d": None}
KINDS = (
    *("session_start", "level_start", "purchase", "ad_watched"),
    *("currency_change", "achievement_unlocked"),
)
TOLD = {"format": "rewarded", "achievement_id": "first", "level": 1} | {
    "currency_name": "gold",
    "balance": Decimal(5),
    "amount": Decimal(3),
    "change_reason": "found",
}
ASKED: list[dict[str, Any]] = [
    {"where": "platform="},
    {"segment": "buyers"},
    {"exclude": "buyers"},
    {"where": "platform=ios", "segment": "listed", "exclude": ("d2", "nobody"), "by": "device"},
]
QUESTIONS = [(name, {"where": "platform=ios", "by": "device"}) for name in CATALOGUE]
QUESTIONS += [(name, asked) for name in ("daily", "retention", "event_trend") for asked in ASKED]
QUESTIONS += [
    ("funnel", {"order": "any"}),
    ("funnel", {"entry": "first", "by": "platform"}),
    ("funnel", {"count": "entries", "segment": "buyers"}),
    ("funnel", {"hold": "level", "exclude": "buyers"}),
    ("funnel", {"order": "strict", "by": "event.level"}),
    ("funnel_times", {"window": "1d", "by": "platform"}),
]


@pytest.fixture(scope="module")
def game() -> Analytics:
    """Four players of whom all do everything, on different days."""
    declared = Declared(
        features=compiled.EXAMPLE_DECLARED.features,
        segments={
            "buyers": SegmentSettings(event="purchase[price>1]"),
            "d2": SegmentSettings(where=("device=d2",)),
            "nobody": SegmentSettings(players=("x",)),
            "listed": SegmentSettings(players=("a", "b", "c")),
        },
    )
    ages = {who: 1 + number for number, who in enumerate(PEOPLE)}
    return lake(
        facts(50),
        declared=declared,
        players=[
            player(who, ages[who], platform=platform, device=f"d{ages[who] % 3}")
            for who, platform in PEOPLE.items()
        ],
        player_days=[
            played(who, day, ads=1, ad_revenue_usd=Decimal("0.5"))
            for who, age in ages.items()
            for day in range(age, 51, age)
        ],
        sessions=[session(who, age + 1, 60.0 * age, 2) for who, age in ages.items()],
        purchases=[bought(who, age + 2, f"{age}.99") for who, age in ages.items()],
        level_attempts=[
            attempt(who, level, outcome, age + level, started_at=at(age + level), seconds=9.0)
            for who, age in ages.items()
            for level in range(1, 5 - age)
            for outcome in ("fail", "complete")
        ],
        events=[
            event(who, kind, at(age + more), price=age, amount_usd=Decimal(age), **TOLD)
            for who, age in ages.items()
            for kind in KINDS
            for more in range(0, 9, age)
        ],
    )


@pytest.mark.parametrize(("name", "asked"), QUESTIONS)
def test_rows_are_those_of_the_metric_over_chosen_players(
    game: Analytics, name: str, asked: dict[str, Any]
) -> None:
    question = {**CATALOGUE[name].example, **asked}
    found = game.result(name, **question).table
    assert found.num_rows
    assert found.equals(game.read(game.metric(name, **question)))
    kept = replace(game, keeps=True)
    assert kept.result(name, **question).table.equals(found)


def test_numbers_of_players_are_not_stacked_with_their_texts(game: Analytics) -> None:
    days = game.tables.player_days.select("player_id")
    tables = game.tables.numbering(game.engine.numbers)
    with pytest.raises(TypeError, match="player_id is string in one part and uint64 in another"):
        stacked(tables.numbered(days), days)


@pytest.mark.parametrize("name", ["funnel", "level_funnel", "economy"])
def test_what_runs_numbers_players_and_what_a_caller_builds_on_does_not(
    game: Analytics, name: str
) -> None:
    options: dict[str, Any] = dict(CATALOGUE[name].example)
    query = game._queries.of(CATALOGUE[name], game.scope(), options)
    assert "HASH(" in query.text
    assert "HASH(" not in game.engine.sql(game.metric(name, **options))


def test_another_value_compiles_only_whose_rows_count(
    game: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[tuple[str, ...]] = []
    prepare = game.engine.prepare

    def counted(expr: ibis.Expr) -> Query:
        query = prepare(expr)
        made.append(query.reads)
        return query

    monkeypatch.setattr(game.engine, "prepare", counted)
    asked = {"days": [2, 5], "start": date(2026, 1, 2)}
    found = [game.result("retention", **asked, where=f"country={c}") for c in ("DE", "FR")]  # type: ignore[arg-type]
    assert {"player_days", "players"} <= set(made[0])
    assert all(name.startswith("whole_") for reads in made[1:] for name in reads)
    assert len(made) == 1 + 2 * len(made[0])
    assert [one.where for one in found] == [("country=DE",), ("country=FR",)]


def test_a_funnel_and_its_times_share_one_part_whoever_is_asked_about(
    game: Analytics, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = replace(game, keeps=True)
    asked = {"steps": "session_start,level_start", "window": "1d"}
    whole = kept.result("funnel", **asked).rows()
    assert [row["players"] for row in whole] == [4, 4]

    def refuse(name: str, _: Query) -> None:
        raise AssertionError(name)

    monkeypatch.setattr(game.engine, "_parts", replace(game.engine._parts, make=refuse))  # type: ignore[attr-defined]
    ios = kept.result("funnel", **asked, where="platform=ios")
    assert [row["players"] for row in ios.rows()] == [2, 2]
    by = kept.result("funnel", **asked, by="platform")
    assert sum(row["players"] for row in by.rows()) == 8
    times = kept.result("funnel_times", **asked).rows()
    assert sum(row["players"] for row in times) == 4


@pytest.mark.parametrize("count", ["players", "entries"])
def test_times_of_a_funnel_leave_out_groups_of_whom_none_is_done(
    game: Analytics, count: str
) -> None:
    asked: dict[str, Any] = {"steps": "session_start,level_start", "count": count}
    asked["by"] = "platform"
    for window, groups in (("1d", 3), ("100d", 0)):
        plain = game.result("funnel_times", **asked, window=window)
        kept = replace(game, keeps=True).result("funnel_times", **asked, window=window)
        assert len({row["platform"] for row in plain.rows()}) == groups
        assert kept.table.equals(plain.table)
