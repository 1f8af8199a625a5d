from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from literal import Row, bought, column, day, facts, lake, played, player, rows
from questline.api import Analytics
from questline.errors import UsageError


def test_repeat_rate_counts_purchases_that_were_kept() -> None:
    """a bought twice; b once and once paid back; c once and once for nothing; d was paid back."""
    analytics = lake(
        facts(3),
        purchases=[
            bought("a", 1, "5"),
            bought("a", 3, "5", "1"),
            bought("b", 1, "5"),
            bought("b", 2, "5", "5"),
            bought("c", 1, "5"),
            bought("c", 2, "0"),
            bought("c", 4, "5"),
            bought("d", 1, "5", "5"),
        ],
    )
    (found,) = rows(analytics, "repeat_rate")
    assert found == {
        "payers": 3,
        "repeat_payers": 1,
        "repeat_rate": 1 / 3,
        "purchases": 4,
        "purchases_per_payer": 4 / 3,
    }
    (found,) = rows(analytics, "repeat_rate", start=day(2))
    assert (found["payers"], found["repeat_rate"]) == (1, 0.0)


def test_repeat_rate_two_purchases_on_one_day_by_attribute() -> None:
    people = [player("a", 1, platform="ios"), player("b", 1)]
    bills = [bought("a", 1, "1"), bought("a", 1, "2"), bought("b", 1, "1")]
    found = rows(lake(facts(1), players=people, purchases=bills), "repeat_rate", by="platform")
    assert {r["platform"]: r["repeat_rate"] for r in found} == {"ios": 1.0, None: 0.0}


def spending(*amounts: int, idle: int = 0) -> Analytics:
    """A payer for each amount above 0, who paid it in two parts; `idle` players paid nothing."""
    ids = [f"p{n}" for n in range(len(amounts))]
    halves = [Decimal(usd) / 2 for usd in amounts]
    bills = [
        bought(p, 1, str(half), transaction_id=f"{p}-{n}")
        for p, half in zip(ids, halves, strict=True)
        for n in (1, 2)
        if half
    ]
    active = [*ids, *(f"idle{n}" for n in range(idle))]
    return lake(facts(1), player_days=[played(p, 1) for p in active], purchases=bills)


@pytest.mark.parametrize(
    ("amounts", "gini"),
    [((1, 1, 1, 1), 0.0), ((1, 2, 3, 4, 90), 0.72), ((90, 3, 1, 4, 2), 0.72), ((7,), 0.0)],
)
def test_concentration_golden_gini_of_payers(amounts: tuple[int, ...], gini: float) -> None:
    (found,) = rows(spending(*amounts), "concentration", least_payers=1)
    assert found["gini"] == pytest.approx(gini, abs=1e-12)
    assert found["gini_players"] == pytest.approx(gini, abs=1e-12)
    assert (found["payers"], found["net_usd"]) == (len(amounts), sum(amounts))


def test_concentration_golden_gini_of_players() -> None:
    """Of four players one pays: nobody is unequal among payers, 0.75 among players."""
    (found,) = rows(spending(1, idle=3), "concentration", least_payers=1)
    assert (found["players"], found["payers"]) == (4, 1)
    assert (found["gini"], found["gini_players"]) == (0.0, pytest.approx(0.75))


@pytest.mark.parametrize(
    ("payers", "top_1", "top_10"), [(10, 1, 1), (11, 1, 2), (100, 1, 10), (101, 2, 11)]
)
def test_concentration_top_payers_are_rounded_up(payers: int, top_1: int, top_10: int) -> None:
    (found,) = rows(spending(*[2] * payers), "concentration", least_payers=1)
    assert found["top_1_share"] == pytest.approx(top_1 / payers)
    assert found["top_10_share"] == pytest.approx(top_10 / payers)


def test_concentration_top_share_is_of_those_who_paid_most() -> None:
    (found,) = rows(spending(1, 2, 3, 4, 90), "concentration", least_payers=5)
    assert (found["top_1_share"], found["top_10_share"]) == (0.9, 0.9)


def test_concentration_of_few_payers_is_not_shown() -> None:
    (found,) = rows(spending(*[1] * 99), "concentration")
    assert found == {
        "payers": 99,
        "net_usd": Decimal(99),
        "top_1_share": None,
        "top_10_share": None,
        "gini": None,
        "players": 99,
        "gini_players": None,
        "enough": False,
    }
    (found,) = rows(spending(*[1] * 100), "concentration")
    assert (found["gini"], found["enough"]) == (pytest.approx(0), True)


def test_concentration_leaves_out_what_was_paid_back_or_has_no_price() -> None:
    bills = [
        bought("a", 1, "9", "3"),
        bought("b", 1, "5", "5"),
        bought("c", 1, None),
        bought("d", 1, "2"),
        bought("d", 2, "50"),
    ]
    analytics = lake(facts(1), player_days=[played("e", 1)], purchases=bills)
    (found,) = rows(analytics, "concentration", least_payers=1)
    assert (found["payers"], found["net_usd"], found["players"]) == (2, Decimal(8), 1)
    assert found["gini"] == pytest.approx(0.25)


def test_concentration_by_attribute_ranks_within_it() -> None:
    people = [player(p, 1, platform="ios") for p in "ab"] + [player("c", 1)]
    bills = [bought("a", 1, "1"), bought("b", 1, "3"), bought("c", 1, "100")]
    analytics = lake(facts(1), players=people, purchases=bills)
    found = rows(analytics, "concentration", by="platform", least_payers=1)
    assert [(r["platform"], r["top_10_share"], r["gini"]) for r in found] == [
        ("ios", 0.75, 0.25),
        (None, 1.0, 0.0),
    ]


@pytest.mark.parametrize("least", [0, -1, "many", 2.5])
def test_concentration_refuses_a_wrong_number_of_payers(least: Any) -> None:
    with pytest.raises(UsageError, match="whole number from 1 to"):
        rows(spending(1), "concentration", least_payers=least)


def tiers(found: list[Row]) -> list[tuple[Any, ...]]:
    names = ("tier", "players", "net_usd", "player_share", "revenue_share")
    return [tuple(r[n] for n in names) for r in found]


def spread() -> Analytics:
    """Net spend on day 1 to 5: a 9.99, b 10, c 99.99 of two, d 100 after a refund of 50."""
    return lake(
        facts(5),
        players=[player("a", 1, platform="ios")],
        purchases=[
            bought("a", 1, "9.99"),
            bought("b", 5, "10"),
            bought("c", 2, "50"),
            bought("c", 3, "49.99"),
            bought("d", 4, "150", "50"),
            bought("e", 4, "150", "150"),
            bought("f", 4, None),
            bought("d", 6, "1000"),
        ],
    )


def test_payer_tiers_have_fixed_cuts() -> None:
    found = rows(spread(), "payer_tiers", window="5d")
    total = 219.98
    assert tiers(found) == [
        ("minnow", 1, Decimal("9.99"), 0.25, pytest.approx(9.99 / total)),
        ("dolphin", 2, Decimal("109.99"), 0.5, pytest.approx(109.99 / total)),
        ("whale", 1, Decimal(100), 0.25, pytest.approx(100 / total)),
    ]
    assert column(found, "from_usd") == [Decimal(0), Decimal(10), Decimal(100)]
    assert column(found, "below_usd") == [Decimal(10), Decimal(100), None]
    assert column(found, "first_day") == [day(1)] * 3
    assert column(found, "last_day") == [day(5)] * 3


def test_payer_tiers_of_a_window_longer_than_the_log_have_no_shares() -> None:
    found = rows(spread(), "payer_tiers")
    assert column(found, "players") == [1, 2, 1]
    assert column(found, "player_share") == [None, None, None]
    assert column(found, "complete") == [False, False, False]
    assert found[0]["first_day"] == day(5) - timedelta(days=89)


def test_payer_tiers_trail_the_end_of_the_period() -> None:
    found = rows(spread(), "payer_tiers", window="2d", end=day(3), cuts="20,99.99")
    assert column(found, "players") == [0, 0, 1]
    assert column(found, "complete") == [True, True, True]
    later = rows(spread(), "payer_tiers", window="2d", start=day(6), end=day(9))
    assert column(later, "players") == [0, 0, 0]
    long_ago = rows(spread(), "payer_tiers", end="0001-01-02")
    assert column(long_ago, "players") == [0, 0, 0]


def test_payer_tiers_by_attribute_show_every_tier() -> None:
    found = rows(spread(), "payer_tiers", window="5d", by="platform")
    assert [(r["tier"], r["platform"], r["players"]) for r in found] == [
        ("minnow", "ios", 1),
        ("dolphin", "ios", 0),
        ("whale", "ios", 0),
        ("minnow", None, 0),
        ("dolphin", None, 2),
        ("whale", None, 1),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cuts": "10"}, "two amounts"),
        ({"cuts": "100,10"}, "lower one first"),
        ({"cuts": "0,10"}, "two amounts"),
        ({"cuts": "ten,20"}, "two amounts"),
        ({"cuts": "NaN,20"}, "two amounts"),
        ({"cuts": 10}, "two amounts"),
        ({"window": "36h"}, "whole days, such as 90d"),
        ({"window": "4000d"}, "1 to 3650 whole days"),
        ({"window": "soon"}, "such as 90d"),
    ],
)
def test_payer_tiers_refuse_wrong_options(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rows(spread(), "payer_tiers", **options)
