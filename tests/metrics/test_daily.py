from __future__ import annotations

from decimal import Decimal

import pytest

from literal import at, day, event, facts, lake, player, rows
from questline.errors import UsageError

EVENTS = [
    event("a", "purchase", at(1), amount_usd=Decimal("2.50")),
    event("b", "purchase", at(1), amount_usd=Decimal("1.00")),
    event("a", "refund", at(2), amount_usd=Decimal("2.50")),
    event("a", "login", at(2)),
    event("a", "login", at(2, "13:00:00")),
]
PEOPLE = [player("a", 1, platform="ios"), player("b", 1)]


def test_daily_reads_the_table() -> None:
    known = {"event_date": day(1), "acquisition_date": day(1), "event_type": "login"}
    table = [known | {"events": 3, "players": 2}, known | {"event_date": day(3), "events": 1}]
    assert rows(lake(facts(2), daily=table), "daily") == [
        known | {"events": 3, "players": 2, "revenue_usd": Decimal(0), "complete": True}
    ]


def test_daily_with_where_counts_again_from_the_events() -> None:
    analytics = lake(facts(2), events=EVENTS, players=PEOPLE)
    found = rows(analytics, "daily", where="platform=ios")
    answers = {r["event_type"]: (r["events"], r["players"], r["revenue_usd"]) for r in found}
    assert answers == {
        "purchase": (1, 1, Decimal("2.5")),
        "refund": (1, 1, Decimal(0)),
        "login": (2, 1, Decimal(0)),
    }


def test_daily_by_attribute_counts_again_from_the_events() -> None:
    found = rows(lake(facts(1), events=EVENTS, players=PEOPLE), "daily", by="platform")
    assert {r["platform"]: r["revenue_usd"] for r in found} == {
        "ios": Decimal("2.5"),
        None: Decimal(1),
    }


def test_daily_by_its_own_column_is_refused() -> None:
    with pytest.raises(UsageError, match="leave --by out"):
        rows(lake(facts(1)), "daily", by="acquisition_date")
