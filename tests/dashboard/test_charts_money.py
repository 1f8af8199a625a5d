from decimal import Decimal
from typing import Any

import pytest

from charted import drawn
from questline.dashboard import charts_money

AGE = {"players": 10, "revenue_usd": Decimal("5.5"), "low": -0.1, "high": 0.9}
AD = {"ads": 5, "ad_viewers": 2, "ecpm_usd": Decimal("3.5"), "completion_share": None}


def tier(name: str, share: float | None) -> dict[str, Any]:
    row = {"tier": name, "from_usd": Decimal(10), "below_usd": Decimal(100), "players": 3}
    return row | {"player_share": share, "net_usd": Decimal(40), "revenue_share": share}


def test_ages_that_were_not_observed_have_no_mark() -> None:
    rows = [
        {**AGE, "day_number": 0, "ltv": 0.5},
        {**AGE, "day_number": 30, "ltv": None, "low": None, "high": None},
    ]
    found = drawn(charts_money.ltv(rows))
    assert [(row["day_number"], row["ltv"]) for row in found] == [(0, 0.5)]
    assert found[0]["interval_text"] == "-$0.1000 to $0.9000"


def test_interval_below_0_is_seen_as_far_as_there_is_room() -> None:
    chart = charts_money.ltv([{**AGE, "day_number": 0, "ltv": 1.0, "low": -9.0, "high": 1.2}])
    scale = chart.to_dict()["layer"][0]["encoding"]["y"]["scale"]  # type: ignore[union-attr]
    assert scale["domain"] == pytest.approx([-0.3, 1.2])


def test_tiers_are_shares_where_the_window_was_observed() -> None:
    found = drawn(charts_money.tiers([tier("minnow", 0.75), tier("dolphin", 0.25)]))
    assert [(row["part"], row["value"]) for row in found[:2]] == [
        ("Of payers", 0.75),
        ("Of their spend", 0.75),
    ]


def test_tiers_are_counts_where_it_was_not() -> None:
    found = drawn(charts_money.tiers([tier("minnow", None)]))
    assert [(row["part"], row["value"], row["label"]) for row in found] == [("Payers", 3, "3")]


def test_tiers_of_nobody_are_no_chart() -> None:
    assert charts_money.tiers([tier("minnow", None) | {"players": 0}]) is None


def test_products_come_largest_first_and_unknown_ones_are_named() -> None:
    sums = {"events": 1, "players": 1, "mean": Decimal(1)}
    rows = [
        {"event.product_id": None, "total": Decimal(1), **sums},
        {"event.product_id": "<b>", "total": Decimal(1234), **sums},
        {"event.product_id": "free", "total": None, **sums},
    ]
    found = drawn(charts_money.products(rows))
    assert [(row["name"], row["label"]) for row in found] == [
        ("<b>", "$1,234.00"),
        ("(unknown)", "$1.00"),
    ]


def test_ads_are_named_by_what_tells_them_apart() -> None:
    rows = [{**AD, "placement": "end", "format": None, "ad_revenue_usd": Decimal("0.5")}]
    found = drawn(charts_money.ads(rows))
    assert (found[0]["name"], found[0]["label"]) == ("end, (unknown)", "eCPM $3.50")
    assert found[0]["completion_share_text"] == "-"


def test_flows_are_what_was_given_and_spent() -> None:
    rows = [{"change_reason": "gift", "sources": 5, "sinks": 0, "changes": 1, "players": 1}]
    found = drawn(charts_money.flows(rows))
    assert [(row["part"], row["value"]) for row in found] == [("Given", 5), ("Spent", 0)]
    assert charts_money.flows([]) is None
