from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from literal import bought, column, day, facts, lake, played, player, rows
from questline.api import Analytics
from questline.errors import UsageError

REFUND_VIEWS = ("purchase_date", "refund_date")


def test_revenue_is_net_by_day_of_purchase_plus_ads() -> None:
    analytics = lake(
        facts(3),
        player_days=[played("a", 2, ads=2, ad_revenue_usd=Decimal("0.25"))],
        purchases=[bought("a", 1, "9.99", "4.99"), bought("b", 2, "5.00"), bought("c", 4, "99")],
    )
    (found,) = rows(analytics, "revenue")
    assert found == {
        "purchases": 2,
        "gross_usd": Decimal("14.990000"),
        "refunded_usd": Decimal("4.990000"),
        "net_usd": Decimal("10.000000"),
        "ad_revenue_usd": Decimal("0.250000"),
        "revenue_usd": Decimal("10.250000"),
    }
    daily = rows(analytics, "revenue", per="day", end=day(4))
    assert column(daily, "revenue_usd") == [Decimal(5), Decimal("5.25"), Decimal(0), Decimal(99)]
    assert column(daily, "complete") == [True, True, True, False]


def test_revenue_refund_without_purchase_counts_and_pays_nobody() -> None:
    lost = bought("a", 1, None, "3.00", purchased_at=None)
    analytics = lake(facts(1), player_days=[played("a", 1)], purchases=[lost])
    (found,) = rows(analytics, "revenue")
    assert (found["purchases"], found["net_usd"]) == (0, Decimal(-3))
    (found,) = rows(analytics, "conversion")
    assert found["payers"] == 0


def test_arpu_divides_by_active_or_registered() -> None:
    """Ten dollars; two active players, five registered by day 2, one more on day 3."""
    people = [player(p, 1, registered=True) for p in "abcde"]
    people += [player("late", 3, registered=True), player("unknown", 1)]
    rest: dict[str, Any] = {"player_days": [played("a", 1), played("a", 2), played("b", 2)]}
    bill = [bought("a", 1, "10")]
    analytics = lake(facts(2, has_metadata=True), players=people, purchases=bill, **rest)
    (found,) = rows(analytics, "arpu")
    assert (found["players"], found["arpu"]) == (2, 5.0)
    (found,) = rows(analytics, "arpu", denominator="registered")
    assert (found["players"], found["arpu"]) == (5, 2.0)
    seen = lake(facts(2), players=people, purchases=bill, **rest)
    (found,) = rows(seen, "arpu", denominator="registered")
    assert found["players"] == 6


def test_arpdau_pools_as_ratio_of_sums_in_three_columns() -> None:
    days = [played("a", 1, ads=1, ad_revenue_usd=Decimal(1)), *[played(p, 2) for p in "abc"]]
    analytics = lake(facts(2), player_days=days, purchases=[bought("a", 2, "7")])
    (found,) = rows(analytics, "arpdau")
    assert (found["arpdau_iap"], found["arpdau_ads"], found["arpdau_total"]) == (1.75, 0.25, 2.0)
    daily = rows(analytics, "arpdau", per="day", end=day(3))
    assert column(daily, "arpdau_ads") == [1.0, 0.0, None]


def test_arppu_and_conversion_count_players_who_were_not_paid_back() -> None:
    analytics = lake(
        facts(1),
        player_days=[played(p, 1) for p in "abcd"],
        purchases=[
            bought("a", 1, "4"),
            bought("a", 1, "2", "2"),
            bought("b", 1, "6", "1"),
            bought("c", 1, "5", "5"),
            bought("d", 1, "0"),
        ],
    )
    (found,) = rows(analytics, "arppu")
    assert (found["net_usd"], found["payers"], found["arppu"]) == (Decimal(9), 2, 4.5)
    (found,) = rows(analytics, "conversion")
    assert (found["payers"], found["players"], found["conversion"]) == (2, 4, 0.5)


def test_conversion_payer_without_a_stated_price_counts() -> None:
    priceless = bought("a", 1, None)
    analytics = lake(facts(1), player_days=[played("a", 1)], purchases=[priceless])
    assert column(rows(analytics, "conversion"), "conversion") == [1.0]


def test_conversion_over_nobody_is_null() -> None:
    (found,) = rows(lake(facts(1)), "conversion")
    assert found == {"payers": 0, "players": 0, "conversion": None}


def test_monetization_by_attribute_and_where() -> None:
    analytics = lake(
        facts(1),
        players=[player("a", 1, channel="ads"), player("b", 1, channel="organic"), player("c", 1)],
        player_days=[played(p, 1) for p in "abc"],
        purchases=[bought("a", 1, "3"), bought("c", 1, "5")],
    )
    split = rows(analytics, "arpu", by="channel")
    assert {r["channel"]: r["arpu"] for r in split} == {"ads": 3.0, "organic": 0.0, None: 5.0}
    (found,) = rows(analytics, "arpu", where={"channel": ["ads", "organic"]})
    assert found["arpu"] == 1.5


def paid_back_later() -> Analytics:
    """Ten dollars on day 1, of which 2 come back on day 2 and 3 on day 4; 1 lost on day 3."""
    backs = [{"event_date": day(2), "usd": Decimal(2)}, {"event_date": day(4), "usd": Decimal(3)}]
    alone = [{"event_date": day(3), "usd": Decimal(1)}]
    return lake(
        facts(4),
        players=[player("a", 1, platform="ios")],
        player_days=[played("a", n) for n in (1, 2, 3, 4)],
        purchases=[
            bought("a", 1, "10", "5", refunds_by_day=backs),
            bought("a", 3, None, "1", purchased_at=None, refunds_by_day=alone),
        ],
    )


def test_revenue_by_refund_date_is_the_cash_of_the_day() -> None:
    analytics = paid_back_later()
    by_purchase = rows(analytics, "revenue", per="day")
    by_refund = rows(analytics, "revenue", per="day", refunds="refund_date")
    assert column(by_purchase, "net_usd") == [Decimal(5), 0, -1, 0]
    assert column(by_refund, "net_usd") == [Decimal(10), -2, -1, -3]
    assert column(by_refund, "gross_usd") == column(by_purchase, "gross_usd")


def test_revenue_of_both_refund_views_agrees_over_all_days() -> None:
    analytics = paid_back_later()
    for question in ({}, {"by": "platform"}, {"where": "platform=ios"}):
        views = [rows(analytics, "revenue", refunds=r, **question) for r in REFUND_VIEWS]
        assert views[0] == views[1]
        assert views[0][0]["net_usd"] == Decimal(4)


def test_revenue_by_refund_date_leaves_out_refunds_after_the_period() -> None:
    (found,) = rows(paid_back_later(), "revenue", end=day(2), refunds="refund_date")
    assert (found["refunded_usd"], found["net_usd"]) == (2, 8)
    (found,) = rows(paid_back_later(), "revenue", end=day(2))
    assert (found["refunded_usd"], found["net_usd"]) == (5, 5)


def test_arpdau_by_refund_date() -> None:
    daily = rows(paid_back_later(), "arpdau", per="day", refunds="refund_date")
    assert column(daily, "arpdau_iap") == [10.0, -2.0, -1.0, -3.0]


def test_revenue_refuses_another_refund_view() -> None:
    with pytest.raises(UsageError, match="must be purchase_date or refund_date"):
        rows(paid_back_later(), "revenue", refunds="never")


def test_arpt_divides_by_all_transactions() -> None:
    """Six dollars net; one of the three transactions was paid back, one was free."""
    bills = [bought("a", 1, "6"), bought("b", 1, "4", "4"), bought("b", 2, "0")]
    analytics = lake(facts(2), purchases=bills)
    (found,) = rows(analytics, "arpt")
    assert found == {"net_usd": Decimal(6), "purchases": 3, "arpt": 2.0}
    assert column(rows(analytics, "arpt", per="day", end=day(3)), "arpt") == [3.0, 0.0, None]
