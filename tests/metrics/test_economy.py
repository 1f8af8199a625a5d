from __future__ import annotations

from decimal import Decimal
from typing import Any

from literal import Row, at, column, day, event, facts, lake, player, rows
from questline.api import Analytics


def change(
    player_id: str,
    number: int,
    amount: str,
    balance: str | None = None,
    clock: str = "12:00:00",
    **more: Any,
) -> Row:
    """A change of the game's own money, gems unless said."""
    row = {
        "currency_name": "gems",
        "amount": Decimal(amount),
        "balance": None if balance is None else Decimal(balance),
    }
    return event(player_id, "currency_change", at(number, clock), **(row | more))


def economy() -> Analytics:
    return lake(
        facts(3),
        players=[player("a", 1, platform="ios"), player("b", 1)],
        events=[
            change("a", 1, "100", "100", change_reason="level_reward"),
            change("a", 2, "-30.5", "69.5", change_reason="shop"),
            change("b", 2, "10", "10", change_reason="level_reward"),
            change("b", 3, "-4", "6", change_reason="shop"),
            change("b", 3, "0", currency_name="coins", clock="13:00:00"),
            change("b", 4, "1000", "1006"),
            event("a", "purchase", at(1), amount=Decimal(7), currency_name="gems"),
        ],
    )


def test_economy_sources_and_sinks_of_each_currency() -> None:
    found = rows(economy(), "economy")
    assert found == [
        {
            "currency_name": "coins",
            "changes": 1,
            "players": 1,
            "sources": Decimal(0),
            "sinks": Decimal(0),
            "net": Decimal(0),
            "sink_ratio": None,
        },
        {
            "currency_name": "gems",
            "changes": 4,
            "players": 2,
            "sources": Decimal(110),
            "sinks": Decimal("34.5"),
            "net": Decimal("75.5"),
            "sink_ratio": 34.5 / 110,
        },
    ]


def test_economy_by_reason_period_and_attribute() -> None:
    found = rows(economy(), "economy", reasons=True)
    assert [(r["currency_name"], r["change_reason"], r["net"]) for r in found] == [
        ("coins", None, Decimal(0)),
        ("gems", "level_reward", Decimal(110)),
        ("gems", "shop", Decimal("-34.5")),
    ]
    (one,) = rows(economy(), "economy", start=day(2), end=day(2))
    assert (one["sources"], one["sinks"]) == (10, Decimal("30.5"))
    split = rows(economy(), "economy", by="platform", end=day(2))
    assert {r["platform"]: r["net"] for r in split} == {"ios": Decimal("69.5"), None: Decimal(10)}


def test_balances_are_the_last_that_were_stated() -> None:
    (found,) = rows(economy(), "currency_balances")
    assert found == {
        "currency_name": "gems",
        "holders": 2,
        "balance": Decimal("75.5"),
        "mean_balance": 37.75,
        "median_balance": 37.75,
    }


def test_balances_at_the_end_of_a_period_know_what_came_before_it() -> None:
    (found,) = rows(economy(), "currency_balances", start=day(2), end=day(2))
    assert (found["holders"], found["balance"]) == (2, Decimal("79.5"))
    (found,) = rows(economy(), "currency_balances", end=day(1))
    assert (found["holders"], found["median_balance"]) == (1, 100.0)
    assert rows(economy(), "currency_balances", start=day(4), end=day(5)) == []


def test_balances_at_one_instant_take_the_greatest() -> None:
    """A change without a balance says nothing, although it is the latest."""
    events = [change("a", 1, "5", usd) for usd in ("15", "20", "10")]
    events += [change("a", 1, "5", "99", clock="11:00:00"), change("a", 1, "5", clock="18:00:00")]
    (found,) = rows(lake(facts(1), events=events), "currency_balances")
    assert (found["holders"], found["balance"]) == (1, Decimal(20))


def test_balances_median_is_not_moved_by_a_hoarder() -> None:
    events = [change(p, 1, "1", usd) for p, usd in (("a", "1"), ("b", "3"), ("c", "1000"))]
    (found,) = rows(lake(facts(1), events=events), "currency_balances")
    assert (found["median_balance"], found["mean_balance"]) == (3.0, 1004 / 3)
    by = rows(lake(facts(1), events=events), "currency_balances", by="platform")
    assert column(by, "holders") == [3]
