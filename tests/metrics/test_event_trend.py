from __future__ import annotations

from decimal import Decimal

import pytest

from literal import at, column, day, event, facts, lake, player, rows
from questline.api import Analytics
from questline.errors import UsageError


@pytest.fixture(scope="module")
def shop() -> Analytics:
    events = [
        event("a", "purchase", at(1), amount_usd=Decimal("0.10"), product_id="gems"),
        event("a", "purchase", at(1), amount_usd=Decimal("0.20"), product_id="pass"),
        event("b", "purchase", at(2), amount_usd=Decimal("5.00"), product_id="gems"),
        event("b", "purchase", at(2)),
        event("b", "refund", at(2), amount_usd=Decimal("5.00")),
        event("c", "purchase", at(4), amount_usd=Decimal("9.00"), product_id="gems"),
    ]
    people = [player("a", 1, country="DE"), player("b", 1, country="FR"), player("c", 1)]
    return lake(facts(3), events=events, players=people)


def test_event_trend_pools_observed_days(shop: Analytics) -> None:
    (row,) = rows(shop, "event_trend", event="purchase", property="amount_usd")
    assert (row["events"], row["players"], row["events_per_player"]) == (4, 2, 2.0)
    assert (row["with_property"], row["total"]) == (3, Decimal("5.30"))
    assert row["mean"] == pytest.approx(5.3 / 3)


def test_event_trend_without_an_event_counts_all_types(shop: Analytics) -> None:
    (row,) = rows(shop, "event_trend")
    assert row["events"] == 5
    assert "total" not in row


def test_event_trend_per_day_shows_days_of_nothing_and_unfinished_ones(shop: Analytics) -> None:
    found = rows(shop, "event_trend", event="purchase", per="day", end=day(4))
    assert column(found, "events") == [2, 2, 0, 1]
    assert column(found, "complete") == [True, True, True, False]
    assert column(found, "events_per_player") == [2.0, 2.0, None, None]


def test_event_trend_by_a_property_and_by_an_attribute(shop: Analytics) -> None:
    found = rows(shop, "event_trend", event="purchase", by="event.product_id")
    assert [(r["event.product_id"], r["events"], r["players"]) for r in found] == [
        ("gems", 2, 2),
        ("pass", 1, 1),
        (None, 1, 1),
    ]
    found = rows(shop, "event_trend", event="purchase", by="country", per="day", end=day(1))
    assert [(r["country"], r["events"]) for r in found] == [("DE", 2)]


def test_event_trend_where_on_events(shop: Analytics) -> None:
    (row,) = rows(shop, "event_trend", where=["event.product_id=gems", "country=DE"])
    assert row["events"] == 1
    (row,) = rows(shop, "event_trend", where="event.amount_usd>=0.2")
    assert row["events"] == 3


def test_event_trend_of_a_property_that_is_no_number_says_so(shop: Analytics) -> None:
    with pytest.raises(UsageError, match="product_id is no number"):
        shop.result("event_trend", property="product_id")
