from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from literal import at, column, event, facts, lake, played, player, rows
from questline.api import Analytics
from questline.errors import UsageError


def test_revenue_of_1000_small_impressions_is_exact() -> None:
    ads = [played(f"p{i}", 1, ads=1, ad_revenue_usd=Decimal("0.0005")) for i in range(1000)]
    analytics = lake(facts(1), player_days=ads)
    (found,) = rows(analytics, "ad_revenue")
    assert str(found["ad_revenue_usd"]) == "0.500000"
    assert (found["ads"], found["ad_viewers"], found["ecpm_usd"]) == (1000, 1000, 0.5)


def test_ad_revenue_reach_is_a_ratio_of_sums() -> None:
    """Three player days, one of them with two ads; the ads of an idle day reach nobody."""
    days = [played("a", 1, ads=2), played("a", 2), played("b", 1)]
    idle = played("b", 2, active_events=0, ads=1)
    analytics = lake(facts(2), player_days=[*days, idle])
    (found,) = rows(analytics, "ad_revenue")
    assert (found["ads"], found["player_days"]) == (3, 3)
    assert (found["impressions_per_dau"], found["ad_engagement_rate"]) == (1.0, 1 / 3)
    daily = rows(analytics, "ad_revenue", per="day")
    assert column(daily, "impressions_per_dau") == [1.0, 1.0]
    assert column(daily, "ad_engagement_rate") == [0.5, 0.0]


def ad(player_id: str, number: int, usd: str | None, **more: Any) -> dict[str, Any]:
    """An ad that was watched on a day."""
    amount = None if usd is None else Decimal(usd)
    return event(player_id, "ad_watched", at(number), amount_usd=amount, **more)


def watched() -> Analytics:
    rewarded = {"placement": "end", "format": "rewarded"}
    events = [
        ad("a", 1, "0.012", completed=True, **rewarded),
        ad("a", 1, "0.010", completed=False, **rewarded),
        ad("b", 1, None, completed=True, **rewarded),
        ad("b", 2, "0.002", placement="end", format="banner"),
        ad("b", 2, "0.004"),
        ad("a", 3, "9", **rewarded),
        event("a", "login", at(1), placement="end"),
    ]
    people = [player("a", 1, country="DE"), player("b", 1, country="FR")]
    return lake(facts(2), players=people, events=events)


def test_ad_performance_tells_placements_and_formats_apart() -> None:
    found = rows(watched(), "ad_performance")
    measures = ("placement", "format", "ads", "ad_viewers", "ad_revenue_usd", "completed")
    assert [tuple(r[m] for m in measures) for r in found] == [
        ("end", "banner", 1, 1, Decimal("0.002"), 0),
        ("end", "rewarded", 3, 2, Decimal("0.022"), 2),
        (None, None, 1, 1, Decimal("0.004"), 0),
    ]
    assert column(found, "ecpm_usd") == [2.0, pytest.approx(22 / 3), 4.0]
    assert column(found, "completion_share") == [None, pytest.approx(2 / 3), None]


def test_ad_performance_by_format_and_country() -> None:
    found = rows(watched(), "ad_performance", ads_by="format", by="country")
    assert [(r["format"], r["country"], r["ads"]) for r in found] == [
        ("banner", "FR", 1),
        ("rewarded", "DE", 2),
        ("rewarded", "FR", 1),
        (None, "FR", 1),
    ]
    (one,) = rows(watched(), "ad_performance", ads_by="placement", where="country=DE")
    assert (one["placement"], one["ecpm_usd"]) == ("end", 11.0)


def test_ad_performance_refuses_another_split() -> None:
    with pytest.raises(UsageError, match="placement, format or both"):
        rows(watched(), "ad_performance", ads_by="network")
