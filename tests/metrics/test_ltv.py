from __future__ import annotations

from decimal import Decimal
from math import sqrt
from typing import Any

import pytest

from literal import Row, column, day, facts, lake, played, player, rows
from questline.api import Analytics
from questline.errors import UsageError

Z = 1.959963984540054


def earned(player_id: str, number: int, iap: str = "0", ads: str = "0", back: str = "0") -> Row:
    """A player's day with money."""
    return played(
        player_id,
        number,
        purchases=int(iap != "0"),
        gross_usd=Decimal(iap),
        refunded_usd=Decimal(back),
        ad_revenue_usd=Decimal(ads),
    )


def two_cohorts() -> Analytics:
    """a and b come on day 1, c on day 2; the log ends with day 3."""
    return lake(
        facts(3),
        players=[player("a", 1, platform="ios"), player("b", 1), player("c", 2)],
        player_days=[
            earned("a", 1, iap="3"),
            earned("b", 2, ads="2"),
            earned("c", 2, iap="7", back="1"),
            earned("a", 3, iap="4"),
            earned("c", 3),
            earned("c", 4, iap="1000"),
        ],
    )


def test_ltv_pooled_uses_each_cohort_as_far_as_it_goes() -> None:
    """Day 0: 9 of three players; day 1: 2 of three; day 2: 4 of the two of the first cohort."""
    found = rows(two_cohorts(), "ltv", days="0,1,2,3")
    assert column(found, "players") == [3, 3, 2, 0]
    assert column(found, "revenue_usd") == [Decimal(9), Decimal(11), Decimal(15), None]
    assert column(found, "ltv") == [3.0, pytest.approx(11 / 3), pytest.approx(17 / 3), None]
    assert column(found, "observable") == [True, True, True, False]
    assert column(found, "observable_on") == [day(1), day(2), day(3), day(4)]


def test_ltv_pooled_interval_is_over_players() -> None:
    """Up to day 1 it is that of a mean of 3, 2 and 6; then c is out and keeps its error of 7/9."""
    found = rows(two_cohorts(), "ltv", days="1,2")
    half = [(r["high"] - r["low"]) / 2 for r in found]
    assert half[0] == pytest.approx(Z * sqrt(13) / 3)
    assert half[1] == pytest.approx(Z * sqrt((7**2 + 14**2 + 7**2) / 81 * 2))
    assert found[0]["low"] == pytest.approx(11 / 3 - half[0])


def test_ltv_balanced_is_revenue_over_players() -> None:
    found = rows(two_cohorts(), "ltv", days="0,1,2", balanced=True)
    assert column(found, "players") == [2, 2, 2]
    assert column(found, "revenue_usd") == [Decimal(3), Decimal(5), Decimal(9)]
    assert column(found, "ltv") == [1.5, 2.5, 4.5]
    assert column(found, "observable_on") == [day(3)] * 3
    assert found[2]["high"] == pytest.approx(4.5 + Z * 2.5)


def test_ltv_balanced_identity_with_revenue_of_the_cohort() -> None:
    """Sixty players of ten cohorts: value at day 5 is what the mature ones paid by then."""
    people = [player(f"p{n}", 1 + n % 10) for n in range(60)]
    money = [
        earned(f"p{n}", 1 + n % 10 + age, iap=str((n * 7 + age) % 5), ads=f"0.0{age}")
        for n in range(60)
        for age in range(9)
    ]
    analytics = lake(facts(12), players=people, player_days=money)
    (found,) = rows(analytics, "ltv", days=5, balanced=True)
    mature = {f"p{n}" for n in range(60) if 1 + n % 10 + 5 <= 12}
    acquired = {p["player_id"]: p["acquisition_date"] for p in people}
    paid = sum(
        m["gross_usd"] + m["ad_revenue_usd"]
        for m in money
        if m["player_id"] in mature and (m["event_date"] - acquired[m["player_id"]]).days <= 5
    )
    assert (found["players"], found["revenue_usd"]) == (len(mature), paid)
    assert found["ltv"] == pytest.approx(float(paid) / len(mature))


def test_ltv_of_equal_players_has_an_interval_of_no_width() -> None:
    people = [player(p, 1) for p in "abc"]
    money = [earned(p, n, iap="0.1") for p in "abc" for n in (1, 2, 3)]
    found = rows(lake(facts(3), players=people, player_days=money), "ltv", days="0,1,2")
    assert [r["high"] - r["low"] for r in found] == [0, 0, 0]


@pytest.mark.parametrize(
    ("revenue", "values"),
    [("iap", [3.0, 3.0, 5.0]), ("ads", [0.0, 2 / 3, 2 / 3]), ("total", [3.0, 11 / 3, 17 / 3])],
)
def test_ltv_of_a_kind_of_revenue(revenue: str, values: list[float]) -> None:
    found = rows(two_cohorts(), "ltv", days="0,1,2", revenue=revenue)
    assert column(found, "ltv") == pytest.approx(values)


def test_ltv_by_cohort_is_null_where_immature() -> None:
    found = rows(two_cohorts(), "ltv", days="0,1,2", cohorts=True)
    assert [(r["acquisition_date"], r["players"], r["ltv"]) for r in found] == [
        (day(1), 2, 1.5),
        (day(1), 2, 2.5),
        (day(1), 2, 4.5),
        (day(2), 1, 6.0),
        (day(2), 1, 6.0),
        (day(2), 1, None),
    ]
    assert column(found, "observable_on")[-1] == day(4)
    assert column(found, "low")[-3:] == [None, None, None]


def test_ltv_by_attribute_keeps_the_unknown() -> None:
    found = rows(two_cohorts(), "ltv", days="2", by="platform")
    assert [(r["platform"], r["players"], r["ltv"]) for r in found] == [
        ("ios", 1, 7.0),
        (None, 1, 4.0),
    ]
    (one,) = rows(two_cohorts(), "ltv", days="1", where="platform=ios")
    assert (one["players"], one["ltv"], one["low"]) == (1, 3.0, None)


def test_ltv_period_selects_cohorts() -> None:
    (found,) = rows(two_cohorts(), "ltv", days="1", start=day(2), end=day(2))
    assert (found["players"], found["ltv"]) == (1, 6.0)


def test_ltv_leaves_out_players_acquired_before_the_log() -> None:
    before = player("old", -1, acquisition_source="metadata", registered=True)
    analytics = lake(
        facts(3), players=[before, player("a", 1)], player_days=[earned("old", 1, iap="50")]
    )
    (found,) = rows(analytics, "ltv", days="2")
    assert (found["players"], found["ltv"]) == (1, 0.0)


def test_ltv_without_a_stated_price_is_null_but_ads_are_known() -> None:
    unpriced = played("a", 1, purchases=1, refunded_usd=Decimal(0), ad_revenue_usd=Decimal(2))
    analytics = lake(facts(1), players=[player("a", 1)], player_days=[unpriced])
    (found,) = rows(analytics, "ltv", days="0")
    assert (found["ltv"], found["revenue_usd"], found["observable"]) == (None, None, True)
    (found,) = rows(analytics, "ltv", days="0", revenue="ads")
    assert found["ltv"] == 2.0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"days": "1-3"}, "single numbers"),
        ({"days": "-1"}, "days =="),
        ({"revenue": "gross"}, "total, iap or ads"),
        ({"balanced": True, "cohorts": True}, "leave one of them out"),
        ({"cohorts": True, "by": "acquisition_date"}, "leave --by out"),
    ],
)
def test_ltv_refuses_options_that_do_not_go(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rows(two_cohorts(), "ltv", **options)
