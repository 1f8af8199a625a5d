from __future__ import annotations

from decimal import Decimal
from typing import Any

from literal import bought, column, day, facts, lake, played, player, rows


def test_revenue_of_1000_small_impressions_is_exact() -> None:
    ads = [played(f"p{i}", 1, ads=1, ad_revenue_usd=Decimal("0.0005")) for i in range(1000)]
    analytics = lake(facts(1), player_days=ads)
    (found,) = rows(analytics, "ad_revenue")
    assert str(found["ad_revenue_usd"]) == "0.500000"
    assert (found["ads"], found["ad_viewers"], found["ecpm_usd"]) == (1000, 1000, 0.5)


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
