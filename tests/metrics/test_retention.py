from __future__ import annotations

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from literal import Row, column, day, facts, lake, played, player, rows
from questline.api import Analytics
from questline.errors import UsageError
from questline.lake.facts import LakeFacts

CASES = Path(__file__).parents[3] / "shared" / "data" / "metric_cases" / "cases.json"


def cohorts_of_100(last: int) -> Analytics:
    """Ten daily cohorts of 100 players; 20 of each come back on their seventh day."""
    ids = [(f"{c}-{i}", c, i) for c in range(1, 11) for i in range(100)]
    days = [played(p, c) for p, c, _ in ids]
    days += [played(p, c + 7) for p, c, i in ids if i < 20 and c + 7 <= last]
    return lake(facts(last), players=[player(p, c) for p, c, _ in ids], player_days=days)


def test_retention_golden_censoring_counts_mature_cohorts_only() -> None:
    found = rows(cohorts_of_100(last=12), "retention", days=[7])
    assert found == [
        {
            "day_number": 7,
            "first_day": 7,
            "last_day": 7,
            "players": 500,
            "retained": 100,
            "retention": 0.2,
            "low": pytest.approx(0.16729, abs=1e-5),
            "high": pytest.approx(0.23729, abs=1e-5),
            "observable": True,
            "observable_on": day(8),
        }
    ]


def test_retention_not_observable_is_null_and_says_when() -> None:
    (found,) = rows(cohorts_of_100(last=12), "retention", days=[30])
    assert found["players"] == 0
    assert found["retained"] is None
    assert found["retention"] is None
    assert found["observable"] is False
    assert found["observable_on"] == day(31)


def test_retention_by_cohort_is_null_where_immature() -> None:
    found = rows(cohorts_of_100(last=12), "retention", days="7", cohorts=True)
    assert column(found, "acquisition_date") == [day(n) for n in range(1, 11)]
    assert column(found, "retention") == [0.2] * 5 + [None] * 5
    assert column(found, "retained") == [20] * 5 + [None] * 5
    assert column(found, "observable_on") == [day(n + 7) for n in range(1, 11)]


def test_retention_pools_as_ratio_of_sums() -> None:
    """Cohort 1: 1 of 1 comes back; cohort 2: 1 of 3. The mean of ratios would be 2/3."""
    analytics = lake(
        facts(3),
        players=[player("a", 1), *[player(p, 2) for p in "bcd"]],
        player_days=[played("a", 2), played("b", 3)],
    )
    (found,) = rows(analytics, "retention", days=1)
    assert (found["players"], found["retained"], found["retention"]) == (4, 2, 0.5)


def test_retention_day_without_active_event_does_not_count() -> None:
    idle = played("a", 2, active_events=0)
    (found,) = rows(
        lake(facts(3), players=[player("a", 1)], player_days=[idle]), "retention", days=[1]
    )
    assert found["retention"] == 0.0


def test_retention_before_the_log_needs_metadata_and_observed_cells() -> None:
    """Acquired three days before the log: days 1 and 2 were not observed, day 4 was."""
    before = [
        player("known", -2, acquisition_source="metadata", registered=True),
        player("guessed", -2),
    ]
    analytics = lake(
        facts(5), players=before, player_days=[played("known", 2), played("guessed", 2)]
    )
    found = {r["day_number"]: r for r in rows(analytics, "retention", days=[1, 4, 5])}
    assert found[1]["retention"] is None
    assert found[1]["observable_on"] is None
    assert (found[4]["players"], found[4]["retained"]) == (1, 1)
    assert (found[5]["players"], found[5]["retained"]) == (1, 0)


def test_retention_period_selects_cohorts_not_return_days() -> None:
    (found,) = rows(cohorts_of_100(last=12), "retention", days=[7], start=day(2), end=day(3))
    assert (found["players"], found["retained"]) == (200, 40)


def test_retention_by_keeps_unknown_attribute_as_a_row() -> None:
    analytics = lake(
        facts(2),
        players=[player("a", 1, platform="ios"), player("b", 1), player("c", 1)],
        player_days=[played("a", 2), played("b", 2)],
    )
    found = {
        r["platform"]: r["retention"] for r in rows(analytics, "retention", days=1, by="platform")
    }
    assert found == {"ios": 1.0, None: 0.5}


def test_retention_by_cohort_week_pools_days() -> None:
    found = rows(cohorts_of_100(last=12), "retention", days=[7], by="cohort_week")
    assert [(r["cohort_week"], r["players"]) for r in found] == [
        (date(2025, 12, 29), 400),
        (date(2026, 1, 5), 100),
    ]


def returning() -> Analytics:
    """One player each who comes back on day 1; on 2; on 1, 2 and 3; on 6; never."""
    back = {"a": [1], "b": [2], "c": [1, 2, 3], "d": [6], "e": []}
    days = [played(p, 1 + n) for p, numbers in back.items() for n in (0, *numbers)]
    return lake(facts(7), players=[player(p, 1) for p in back], player_days=days)


@pytest.mark.parametrize(
    ("options", "retained"),
    [
        ({"days": "1,2,3"}, [2, 2, 1]),
        ({"days": "1-2,1-6,3-5,0-6"}, [5, 3, 4, 1]),
        ({"days": "1,2,3", "returned": "within"}, [2, 3, 3]),
        ({"days": "1,2,3", "returned": "every_day"}, [2, 1, 1]),
        ({"days": "1,2,3", "returned": "on_or_after", "follow_up": 3}, [3, 2, 2]),
        ({"days": "1,3,5", "returned": "on_or_after", "follow_up": 1}, [3, 1, 1]),
    ],
)
def test_retention_ways_to_return(options: dict[str, Any], retained: list[int]) -> None:
    found = rows(returning(), "retention", **options)
    assert column(found, "retained") == retained
    assert set(column(found, "players")) == {5}


def test_retention_follow_up_must_have_passed() -> None:
    (found,) = rows(returning(), "retention", days=5, returned="on_or_after", follow_up=2)
    assert (found["players"], found["retention"], found["observable_on"]) == (0, None, day(8))


def test_retention_balanced_has_the_same_cohorts_in_every_row() -> None:
    """Of ten cohorts nine have day 3, five have day 7; cohort 6 waits for day 13."""
    found = rows(cohorts_of_100(last=12), "retention", days="3,7", balanced=True)
    assert column(found, "players") == [500, 500]
    assert column(found, "retained") == [0, 100]
    (one,) = rows(cohorts_of_100(last=12), "retention", days="3,30", balanced=True)[:1]
    assert (one["players"], one["observable_on"]) == (0, day(31))


def test_retention_golden_interval() -> None:
    """The published case 20 of 100, and the ends of the scale."""
    ids = [f"p{i}" for i in range(100)]
    days = [played(p, 1) for p in ids]
    days += [played(p, 2) for p in ids[:20]] + [played(p, 4) for p in ids]
    analytics = lake(facts(4), players=[player(p, 1) for p in ids], player_days=days)
    found = rows(analytics, "retention", days="1,2,3")
    assert [round(r["low"], 4) for r in found] == [0.1334, 0.0, 0.963]
    assert [round(r["high"], 4) for r in found] == [0.2888, 0.037, 1.0]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"days": "1-3", "returned": "within"}, "single number"),
        ({"days": 0, "returned": "every_day"}, "1 or more"),
        ({"returned": "often"}, "on_day, on_or_after, within or every_day"),
        ({"follow_up": 0}, "from 1 to 365"),
        ({"balanced": True, "cohorts": True}, "leave one of them out"),
    ],
)
def test_retention_refuses_options_that_do_not_go(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rows(lake(facts(2)), "retention", **options)


def test_retention_compared_names_the_players_that_differ() -> None:
    found = rows(returning(), "retention_compared", days="1,3,6", follow_up=3)
    measures = ("players", "both", "left_only", "right_only", "neither", "right_example")
    assert [tuple(r[m] for m in measures) for r in found] == [
        (5, 2, 0, 1, 2, "b"),
        (5, 1, 0, 1, 3, "d"),
        (0, None, None, None, None, None),
    ]
    (one,) = rows(returning(), "retention_compared", days=2, left="within", right="every_day")
    assert (one["left_only"], one["left_example"], one["right_only"]) == (2, "a", 0)


def test_retention_compared_needs_two_definitions() -> None:
    with pytest.raises(UsageError, match="both on_day"):
        rows(returning(), "retention_compared", right="on_day")


@pytest.mark.parametrize("days", ["", "one", "-1", [4000], "1,,7"])
def test_retention_refuses_wrong_days(days: Any) -> None:
    with pytest.raises(UsageError, match="days =="):
        rows(lake(facts(2)), "retention", days=days)


def test_retention_by_cohort_and_acquisition_date_is_refused() -> None:
    with pytest.raises(UsageError, match="leave --by out"):
        rows(lake(facts(2)), "retention", cohorts=True, by="acquisition_date")


def shared_cases(kind: str) -> list[Any]:
    if not CASES.is_file():
        return []
    return [
        pytest.param(case, id=case["id"])
        for case in json.loads(CASES.read_text(encoding="utf-8"))
        if case["kind"] == kind
    ]


def activity(case: dict[str, Any]) -> dict[str, set[date]]:
    """Player to days, from either form of input."""
    found: dict[str, set[date]] = {}
    for entry in case["input"].get("events", []):
        found.setdefault(str(entry["user"]), set()).add(date.fromisoformat(entry["day"]))
    for text, ids in case["input"].get("generate", []):
        first, last = ids.removeprefix("uids ").split("..")
        for number in range(int(first), int(last) + 1):
            found.setdefault(str(number), set()).add(date.fromisoformat(text))
    return found


def returns(active: dict[str, set[date]], days: list[date]) -> list[int]:
    """Players of the cohort of `days[0]` who are active on each of the days."""
    base = days[0]
    offset = (base - day(1)).days + 1
    cohort = {p: seen for p, seen in active.items() if base in seen}
    played_days = [
        played(p, (one - day(1)).days + 1) for p, seen in active.items() for one in sorted(seen)
    ]
    first = min(base, *(one for seen in active.values() for one in seen))
    known = LakeFacts(1, first, max(days) + timedelta(days=1))
    analytics = lake(known, players=[player(p, offset) for p in cohort], player_days=played_days)
    numbers = [(one - base).days for one in days]
    wanted = [n for n in numbers if n >= 0]
    found: dict[int, Row] = {r["day_number"]: r for r in rows(analytics, "retention", days=wanted)}
    return [(found[n]["retained"] or 0) if n >= 0 else 0 for n in numbers]


@pytest.mark.skipif(not CASES.is_file(), reason="the shared metric cases are not here")
@pytest.mark.parametrize("case", shared_cases("retention_days"))
def test_retention_shared_case(case: dict[str, Any]) -> None:
    active = activity(case)
    for check in case["checks"]:
        days = [date.fromisoformat(text) for text in check["days"]]
        one = str(check["user"]) if "user" in check else None
        chosen = active if one is None else {one: active.get(one, set())}
        assert returns(chosen, days) == check.get("expect", check.get("expect_user"))
