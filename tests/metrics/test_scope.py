from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest

from literal import column, day, facts, lake, played, player, rows
from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.metrics import Scope, parse_where

PEOPLE = [
    player("a", 1, platform="ios", country="DE"),
    player("b", 2, platform="android", country="DE"),
    player("c", 3, country="FR"),
]


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ((), 3),
        ("platform=ios", 1),
        ("platform = ios", 1),
        ("platform!=ios", 2),
        ("platform=", 1),
        ("platform!=", 2),
        (["platform=ios", "platform=android"], 2),
        (["platform=ios", "country=FR"], 0),
        (["platform!=ios", "platform!=android"], 1),
        ({"platform": ["ios", None], "country": "DE"}, 1),
        ("acquisition_date=2026-01-02", 1),
        ("acquisition_date>=2026-01-02", 2),
        (["acquisition_date>2026-01-01", "acquisition_date<2026-01-03"], 1),
        ("acquisition_date<=2026-01-02", 2),
        ("platform=it's", 0),
        ("acquisition_source=first_event", 3),
        ("experiment.gate=", 3),
    ],
)
def test_where_keeps_matching_players(where: Any, expected: int) -> None:
    analytics = lake(facts(1), players=PEOPLE, player_days=[played(p, 1) for p in "abc"])
    assert column(rows(analytics, "dau", where=where), "players") == [expected]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("platform", "must look like platform=ios"),
        ("colour=red", "no attribute of a player"),
        ("experiment.=red", "no attribute of a player"),
        ("platform>ios", "has no order"),
        ("acquisition_date=soon", "must be a day"),
        ("acquisition_date>", "needs a date"),
    ],
)
def test_where_refuses(where: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_where(where)


def test_where_says_what_it_means() -> None:
    found = parse_where(["platform=ios", "platform=", "acquisition_date<2026-01-02"])
    assert [str(c) for c in found] == ["platform=ios or unknown", "acquisition_date<2026-01-02"]


def test_scope_default_period_is_the_observed_one() -> None:
    scope = Scope(facts(9, first=2))
    assert (scope.first, scope.last) == (day(2), day(9))


def test_scope_pools_only_observed_days() -> None:
    scope = Scope(facts(9, first=2), asked_from=day(1), asked_to=day(12))
    assert (scope.first, scope.last) == (day(1), day(12))
    assert scope.pooled == (day(2), day(9))


def test_scope_refuses_a_reversed_or_endless_period() -> None:
    with pytest.raises(UsageError, match="ends before it begins"):
        Scope(facts(9), asked_from=day(5), asked_to=day(4))
    with pytest.raises(UsageError, match="longer than a century"):
        Scope(facts(9), asked_to=date(9999, 1, 1))


def test_scope_of_an_empty_lake_shows_no_day_unless_asked() -> None:
    empty = LakeFacts(0, None, None)
    assert Scope(empty).last < Scope(empty).first
    assert Scope(empty).end_of_observation is None
    scope = Scope(empty, asked_to=day(3))
    assert (scope.first, scope.last) == (day(3), day(3))


def test_scope_end_of_observation_is_midnight_in_the_reporting_zone() -> None:
    scope = Scope(facts(1, reporting_zone="America/New_York"))
    assert scope.end_of_observation == datetime(2026, 1, 2, 5, tzinfo=UTC)
