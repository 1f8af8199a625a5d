from __future__ import annotations

from math import exp, log, sqrt
from typing import Any

import pytest

from literal import Row, bought, column, day, facts, lake, player, rows
from questline.api import Analytics
from questline.errors import UsageError

Z = 1.959963984540054


def buyers() -> Analytics:
    """Four players of day 1, who pay on day number 0, 2, never (twice paid back) and never.

    Two of day 3, who pay on day number 1 and never; the log ends with day 5.
    """
    people = [*[player(p, 1) for p in "abcd"], player("e", 3, platform="ios"), player("f", 3)]
    return lake(
        facts(5),
        players=people,
        purchases=[
            bought("a", 1, "5"),
            bought("a", 2, "5"),
            bought("b", 1, "9", "9"),
            bought("b", 3, "4", "1"),
            bought("c", 2, "5", "5"),
            bought("c", 2, "0"),
            bought("e", 4, None),
            bought("d", 6, "5"),
            bought("f", 2, "5"),
        ],
    )


def test_first_purchase_counts_mature_cohorts_only() -> None:
    """Day number 3 is that of the first cohort only."""
    found = rows(buyers(), "first_purchase", days="0,1,2,3,5")
    assert column(found, "players") == [6, 6, 6, 4, 0]
    assert column(found, "payers") == [1, 2, 3, 2, None]
    assert column(found, "conversion") == [1 / 6, 1 / 3, 0.5, 0.5, None]
    assert column(found, "observable") == [True, True, True, True, False]
    assert column(found, "observable_on") == [day(n) for n in (1, 2, 3, 4, 6)]


def test_first_purchase_golden_interval() -> None:
    people = [player(f"p{n}", 1) for n in range(100)]
    bills = [bought(f"p{n}", 1, "1") for n in range(20)]
    (found,) = rows(lake(facts(1), players=people, purchases=bills), "first_purchase", days=0)
    assert (round(found["low"], 4), round(found["high"], 4)) == (0.1334, 0.2888)


def test_first_purchase_balanced_and_by_cohort() -> None:
    found = rows(buyers(), "first_purchase", days="0,3", balanced=True)
    assert [(r["players"], r["payers"]) for r in found] == [(4, 1), (4, 2)]
    found = rows(buyers(), "first_purchase", days="1,3", cohorts=True)
    assert [(r["acquisition_date"], r["players"], r["payers"]) for r in found] == [
        (day(1), 4, 1),
        (day(1), 4, 2),
        (day(3), 2, 1),
        (day(3), 2, None),
    ]


def test_first_purchase_by_attribute_and_period() -> None:
    found = rows(buyers(), "first_purchase", days=1, by="platform", start=day(3))
    assert {r["platform"]: r["conversion"] for r in found} == {"ios": 1.0, None: 0.0}


def test_first_purchase_leaves_out_players_acquired_before_the_log() -> None:
    before = player("old", -1, acquisition_source="metadata", registered=True)
    analytics = lake(facts(3), players=[before], purchases=[bought("old", 1, "5")])
    (found,) = rows(analytics, "first_purchase", days=2)
    assert (found["players"], found["conversion"], found["observable_on"]) == (0, None, None)


def curve(found: list[Row], *names: str) -> list[tuple[Any, ...]]:
    return [tuple(r[n] for n in names) for r in found]


def test_first_purchase_curve_is_kaplan_meier() -> None:
    """At risk 6, 5, 4, then c and d: 5/6, 4/5, 3/4 are left a day; e, f are watched to day 2."""
    found = rows(buyers(), "first_purchase_curve", days="0,1,2,3,4,5")
    assert curve(found, "day_number", "at_risk", "converted", "observable") == [
        (0, 6, 1, True),
        (1, 5, 1, True),
        (2, 4, 1, True),
        (3, 2, 0, True),
        (4, 2, 0, True),
        (5, 0, 0, False),
    ]
    shares = [1 / 6, 1 / 3, 1 / 2, 1 / 2, 1 / 2]
    assert column(found, "paid_share")[:5] == pytest.approx(shares)
    assert curve(found[5:], "paid_share", "low", "high") == [(None, None, None)]
    assert column(found, "observable_on")[5] == day(6)


def test_first_purchase_curve_uses_young_cohorts() -> None:
    """One of two pays on day 1; a third came today: he is not one who did not pay on day 1."""
    people = [player("a", 1), player("b", 1), player("c", 2)]
    analytics = lake(facts(2), players=people, purchases=[bought("a", 2, "1")])
    found = rows(analytics, "first_purchase_curve", days="0,1")
    assert curve(found, "at_risk", "converted", "paid_share") == [(3, 0, 0.0), (2, 1, 0.5)]
    assert curve(found, "low", "high")[0] == (None, None)


def test_first_purchase_curve_interval_by_greenwood() -> None:
    """Of six, one pays on day 0 and one on day 1: the sum is 1/(6*5) + 1/(5*4)."""
    (found,) = rows(buyers(), "first_purchase_curve", days=1)
    theta = Z * sqrt(1 / 30 + 1 / 20) / log(2 / 3)
    ends = sorted(1 - (2 / 3) ** exp(sign * theta) for sign in (-1, 1))
    assert [found["low"], found["high"]] == pytest.approx(ends)
    assert 0 < found["low"] < 1 / 3 < found["high"] < 1


def test_first_purchase_curve_where_all_have_paid_stays_at_one() -> None:
    analytics = lake(facts(3), players=[player("a", 1)], purchases=[bought("a", 2, "1")])
    found = rows(analytics, "first_purchase_curve", days="0,1,2,3")
    assert column(found, "paid_share") == [0.0, 1.0, 1.0, None]
    assert column(found, "at_risk") == [1, 1, 0, 0]


def test_first_purchase_curve_by_attribute() -> None:
    found = rows(buyers(), "first_purchase_curve", days=2, by="platform")
    assert curve(found, "platform", "at_risk") == [("ios", 0), (None, 4)]
    assert found[0]["paid_share"] == 1.0
    assert found[1]["paid_share"] == pytest.approx(1 - 4 / 5 * 3 / 4)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"days": "0-7"}, "single numbers"),
        ({"balanced": True, "cohorts": True}, "leave one of them out"),
        ({"cohorts": True, "by": "acquisition_date"}, "leave --by out"),
    ],
)
def test_first_purchase_refuses_options_that_do_not_go(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rows(buyers(), "first_purchase", **options)


@pytest.mark.parametrize("name", ["first_purchase", "first_purchase_curve"])
def test_a_cohort_whose_day_is_not_complete_says_what_to_wait_for(name: str) -> None:
    to_come = lake(facts(5), players=[player("a", 6)], purchases=[bought("a", 6, "5")])
    found = rows(to_come, name, days="0,7")
    assert column(found, "observable") == [False, False]
    assert column(found, "observable_on") == [day(6), day(13)]
