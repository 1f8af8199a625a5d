"""The oracle's money beyond revenue, against numbers worked out by hand."""

from __future__ import annotations

from decimal import Decimal
from math import sqrt

import pytest

from oracle_economy import currency_balances, economy
from oracle_ltv import ltv
from oracle_money import revenue
from oracle_payers import first_purchase, first_purchase_curve, gini
from test_oracle import bought, day, event, picked, refunded, world


def test_refund_date_view_takes_cash_off_on_the_day_it_left() -> None:
    made = world(
        event("p", "01T09:00:00"),
        bought("04T10:00:00", 10, "t", "EUR"),
        refunded("05T10:00:00", 1, "t", "EUR"),
        refunded("06T10:00:00", 4, "t", "EUR"),
        refunded("06T11:00:00", 3, "lost"),
    )
    rows = revenue(made, per="day", refunds="refund_date", start=day(4), end=day(6))
    assert picked(rows, "net_usd") == [Decimal(11), Decimal("-1.1"), Decimal("-7.4")]
    views = [revenue(made, refunds=r) for r in ("purchase_date", "refund_date")]
    assert views[0] == views[1]


@pytest.mark.parametrize(
    ("spends", "expected"), [([1, 1, 1, 1], 0), ([0, 0, 0, 1], 0.75), ([1, 2, 3, 4, 90], 0.72)]
)
def test_golden_gini(spends: list[int], expected: float) -> None:
    assert gini([Decimal(usd) for usd in spends]) == expected


def test_lifetime_value_by_age_and_balanced() -> None:
    """a and b come on 8 March, c on 9; the log ends with 10 March."""
    made = world(
        event("a", "08T10:00:00"),
        event("b", "08T10:00:00"),
        event("c", "09T10:00:00"),
        event("a", "08T11:00:00", "ad_watched", revenue=3),
        event("b", "09T11:00:00", "ad_watched", revenue=2),
        event("c", "09T11:00:00", "ad_watched", revenue=6),
        event("a", "10T11:00:00", "ad_watched", revenue=4),
    )
    rows = ltv(made, [0, 1, 2, 3])
    assert picked(rows, "ltv") == pytest.approx([3, 11 / 3, 17 / 3, None])
    assert picked(rows, "players") == [3, 3, 2, 0]
    assert rows[1]["high"] - rows[1]["ltv"] == pytest.approx(1.959964 * sqrt(13) / 3)
    assert picked(ltv(made, [0, 2], balanced=True), "ltv") == [1.5, 4.5]


def test_first_purchase_of_mature_cohorts_and_of_everybody() -> None:
    """Of two on 8 March one pays on 9; c comes on 10 March, too late to say."""
    made = world(
        event("p", "08T10:00:00"),
        event("b", "08T10:00:00"),
        event("c", "10T10:00:00"),
        bought("09T10:00:00", 10, "t"),
    )
    rows = first_purchase(made, [0, 1, 3])
    assert picked(rows, "players", "payers") == [(3, 0), (2, 1), (0, None)]
    curve = first_purchase_curve(made, [0, 1, 3])
    assert picked(curve, "at_risk", "paid_share") == [(3, 0.0), (2, 0.5), (0, None)]


def test_balance_is_the_last_that_was_stated() -> None:
    gems = {"currency_name": "gems"}
    made = world(
        event("a", "08T10:00:00", "currency_change", amount=5, balance=5, **gems),
        event("a", "09T10:00:00", "currency_change", amount=-2, balance=3, **gems),
        event("b", "08T10:00:00", "currency_change", amount=8, balance=8, **gems),
        event("b", "09T10:00:00", "currency_change", amount=1, **gems),
    )
    (held,) = currency_balances(made)
    assert (held["holders"], held["balance"], held["median_balance"]) == (2, 11, 5.5)
    (moved,) = economy(made)
    assert (moved["sources"], moved["sinks"], moved["net"]) == (14, 2, 12)
