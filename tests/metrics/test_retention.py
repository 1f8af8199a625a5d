from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from literal import (
    Row,
    at,
    bought,
    column,
    day,
    event,
    facts,
    lake,
    played,
    player,
    rows,
)
from questline.api import Analytics
from questline.engines.dialects import to_dialect
from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.metrics import CATALOGUE, Scope, Tables

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
        ({"cohorts": "year"}, "day, week or month"),
        ({"clock": "12h"}, "day or 24h"),
        ({"start_event": "purchase", "entries": "all"}, "first or any"),
        ({"entries": "any"}, "needs --start-event"),
        ({"start_event": "purchase[price"}, "must look like"),
        ({"return_event": ""}, "must look like"),
        ({"at_least": 0}, "from 1 to 1000"),
        ({"property": "event_id"}, "such as amount_usd"),
        ({"property": "country"}, "is no number"),
    ],
)
def test_retention_refuses_options_that_do_not_go(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said):
        rows(lake(facts(2)), "retention", **options)


def test_retention_golden_naive_share_is_half_of_the_mature_one() -> None:
    """All 1000 players as denominator would give 10 %; those that could return give 20 %."""
    analytics = cohorts_of_100(last=12)
    (found,) = rows(analytics, "retention", days=[7])
    acquired = sum(column(rows(analytics, "new_players"), "acquired"))
    assert (found["retained"] / acquired, found["retention"]) == (0.1, 0.2)


def test_retention_golden_rolling_counts_later_returns_that_classic_leaves_out() -> None:
    """Who comes back on days 2 and 6 only: classic day 3 has one of five, rolling three."""
    (classic,) = rows(returning(), "retention", days=3)
    (rolling,) = rows(returning(), "retention", days=3, returned="on_or_after", follow_up=3)
    assert (classic["retained"], rolling["retained"]) == (1, 2)
    assert classic["players"] == rolling["players"] == 5


def events_of(last: int, *events: Row, first: int = 1, **more: Any) -> Analytics:
    """A lake of events, with players acquired on their first day."""
    ids = {e["player_id"] for e in events}
    begun = {p: min(e["event_ts"] for e in events if e["player_id"] == p) for p in ids}
    known = [player(p, (t.date() - day(1)).days + 1, acquired_at=t) for p, t in begun.items()]
    active = {(e["player_id"], (e["event_date"] - day(1)).days + 1) for e in events}
    days = [played(p, n) for p, n in sorted(active)]
    return lake(facts(last, first, **more), players=known, player_days=days, events=list(events))


def seen(player_id: str, *moments: tuple[int, str], kind: str = "login", **more: Any) -> list[Row]:
    return [event(player_id, kind, at(number, clock), **more) for number, clock in moments]


def test_retention_24h_past_midnight_is_still_day_0() -> None:
    """Begins at 23:35: the calendar's day 1 begins 25 minutes later, the other after 24 hours."""
    analytics = events_of(
        4,
        *seen("late", (1, "23:35:00"), (2, "00:10:00")),
        *seen("edge", (1, "10:00:00"), (2, "10:00:00")),
        *seen("short", (1, "10:00:00"), (2, "09:59:59.999999")),
    )
    by_day = rows(analytics, "retention", days="0,1")
    by_hours = rows(analytics, "retention", days="0,1", clock="24h")
    assert column(by_day, "retained") == [3, 3]
    assert column(by_hours, "retained") == [3, 1]


def test_retention_24h_each_player_matures_by_himself() -> None:
    """Observed until the end of day 3: who began on day 1 or at midnight of day 2 had day 1."""
    analytics = events_of(
        3,
        *seen("early", (1, "12:00:00"), (2, "13:00:00")),
        *seen("midnight", (2, "00:00:00")),
        *seen("after", (2, "00:00:00.000001"), (3, "12:00:00")),
    )
    (found,) = rows(analytics, "retention", days=1, clock="24h")
    assert (found["players"], found["retained"], found["observable_on"]) == (2, 1, day(3))
    by_cohort = rows(analytics, "retention", days=1, clock="24h", cohorts="day")
    assert column(by_cohort, "players") == [1, 2]
    assert column(by_cohort, "retained") == [1, None]
    assert column(by_cohort, "observable_on") == [day(3), day(4)]


def test_retention_start_event_is_the_first_one_in_the_log() -> None:
    analytics = events_of(
        5,
        *seen("a", (1, "10:00:00"), (3, "10:00:00"), (4, "10:00:00")),
        *seen("a", (2, "10:00:00"), (4, "11:00:00"), kind="purchase"),
        *seen("b", (1, "10:00:00"), (2, "10:00:00")),
    )
    found = rows(analytics, "retention", days="0,1", start_event="purchase", cohorts="day")
    assert [(r["start_date"], r["players"], r["retained"]) for r in found] == [
        (day(2), 1, 1),
        (day(2), 1, 1),
    ]


def test_retention_any_entry_counts_a_player_once_a_day() -> None:
    """Two purchases on day 2 are one entry, the one on day 4 another; back on days 3 and 4."""
    analytics = events_of(
        5,
        *seen("a", (3, "10:00:00")),
        *seen("a", (2, "10:00:00"), (2, "12:00:00"), (4, "11:00:00"), kind="purchase"),
    )
    found = rows(analytics, "retention", days="1,2", start_event="purchase", entries="any")
    assert [(r["players"], r["retained"]) for r in found] == [(2, 1), (1, 1)]


def test_retention_start_before_the_log_is_no_entry() -> None:
    early = seen("a", (1, "10:00:00"), (3, "10:00:00"), kind="purchase")
    analytics = events_of(5, *early, first=2)
    first = rows(analytics, "retention", days=0, start_event="purchase")
    every = rows(analytics, "retention", days=0, start_event="purchase", entries="any")
    assert column([*first, *every], "players") == [0, 1]


def test_retention_return_event_with_a_condition() -> None:
    analytics = events_of(
        3,
        *seen("a", (1, "10:00:00")),
        *seen("a", (2, "10:00:00"), kind="level_start", level=3),
        *seen("b", (1, "10:00:00")),
        *seen("b", (2, "10:00:00"), kind="level_start", level=2),
    )
    options = {"days": 1, "return_event": "level_start[level>=3]"}
    assert column(rows(analytics, "retention", **options), "retained") == [1]


def test_retention_at_least_counts_over_the_days_and_on_each_of_every_day() -> None:
    """Three events on day 1, one on day 2; the other has two on both."""
    days = [played("a", 2, active_events=3), played("a", 3)]
    days += [played("b", n, active_events=2) for n in (2, 3)]
    analytics = lake(facts(4), players=[player(p, 1) for p in "ab"], player_days=days)

    def retained(days: str, at_least: int, returned: str = "on_day") -> int:
        (found,) = rows(analytics, "retention", days=days, at_least=at_least, returned=returned)
        return int(found["retained"])

    assert [retained("1", 2), retained("2", 2), retained("1-2", 4), retained("1-2", 5)] == [
        2,
        1,
        2,
        0,
    ]
    assert [retained("2", n, "every_day") for n in (1, 2, 3)] == [2, 1, 0]
    assert retained("2", 4, "within") == 2


def paid(player_id: str, number: int, amount: str, kind: str = "purchase") -> Row:
    return event(player_id, kind, at(number), amount_usd=Decimal(amount))


def spenders() -> Analytics:
    """`a` pays on days 1 and 2 and sees an ad, `b` pays on day 4, `c` never; one refund."""
    return events_of(
        8,
        paid("a", 1, "1.10"),
        paid("a", 2, "2.20"),
        paid("a", 2, "0.0005", kind="ad_watched"),
        paid("b", 4, "5.00"),
        paid("b", 5, "5.00", kind="refund"),
        *seen("b", (1, "10:00:00")),
        *seen("c", (1, "10:00:00")),
    )


def test_retention_property_is_revenue_per_player_to_a_day() -> None:
    """Decimal sums, not rounded; the refund is no active event and is not taken off."""
    found = rows(spenders(), "retention", days="0,0-1,0-7", property="amount_usd")
    assert column(found, "amount") == [Decimal("1.10"), Decimal("3.3005"), Decimal("8.3005")]
    assert column(found, "valued") == [1, 3, 4]
    assert column(found, "per_player") == pytest.approx([1.1 / 3, 3.3005 / 3, 8.3005 / 3])
    assert column(found, "mean") == pytest.approx([1.1, 3.3005 / 3, 8.3005 / 4])


def test_retention_property_of_a_return_event_and_of_nobody() -> None:
    found = rows(
        spenders(), "retention", days="1,2,9", property="amount_usd", return_event="purchase"
    )
    assert column(found, "retained") == [1, 0, None]
    assert column(found, "amount") == [Decimal("2.20"), Decimal(0), None]
    assert column(found, "per_player") == [pytest.approx(2.2 / 3), 0.0, None]
    assert column(found, "mean") == [pytest.approx(2.2), None, None]


def test_retention_property_over_all_days_is_the_revenue_of_these_players() -> None:
    """Purchases and ads, as `revenue` adds them before refunds, over an observed week."""
    analytics = lake(
        facts(8),
        players=[player("a", 1), player("b", 1)],
        events=[paid("a", 1, "1.10"), paid("b", 8, "0.0005", kind="ad_watched")],
        purchases=[bought("a", 1, "1.10")],
        player_days=[
            played("a", 1),
            played("b", 8, ads=1, ad_revenue_usd=Decimal("0.0005")),
        ],
    )
    (value,) = rows(analytics, "retention", days="0-7", property="amount_usd")
    (money,) = rows(analytics, "revenue")
    assert value["amount"] == money["gross_usd"] + money["ad_revenue_usd"] == Decimal("1.1005")


def test_retention_by_week_is_null_until_its_last_day_is_observed() -> None:
    """Days 1 to 4 are in one week, 5 to 10 begin the next, which ends on day 11."""
    found = rows(cohorts_of_100(last=17), "retention", days="7", cohorts="week")
    assert column(found, "acquisition_date") == [date(2025, 12, 29), date(2026, 1, 5)]
    assert column(found, "players") == [400, 600]
    assert column(found, "retained") == [80, None]
    assert column(found, "observable_on") == [day(11), day(18)]
    chosen = rows(cohorts_of_100(last=17), "retention", days="7", cohorts="week", end=day(10))
    assert column(chosen, "retained") == [80, 120]


def test_retention_by_month_ends_with_the_month() -> None:
    players = [player("a", 1), player("b", 33)]
    analytics = lake(facts(59), players=players, player_days=[played("a", 2), played("b", 34)])
    found = rows(analytics, "retention", days="1", cohorts="month")
    assert column(found, "acquisition_date") == [day(1), day(32)]
    assert column(found, "retention") == [1.0, None]
    assert column(found, "observable_on") == [day(32), day(60)]


def test_retention_by_acquisition_source_and_by_start_with_acquisition_date() -> None:
    analytics = events_of(3, *seen("a", (1, "10:00:00"), (2, "10:00:00")))
    (found,) = rows(analytics, "retention", days=1, by="acquisition_source")
    assert (found["acquisition_source"], found["retained"]) == ("first_event", 1)
    (found,) = rows(
        analytics, "retention", days=1, by="acquisition_date", cohorts="day", start_event="login"
    )
    assert (found["start_date"], found["acquisition_date"]) == (day(1), day(1))


@pytest.mark.parametrize(
    "options",
    [
        {"clock": "24h", "cohorts": "month"},
        {"start_event": "purchase[price>=1]", "entries": "any", "cohorts": "week"},
        {"return_event": "level_start[level>=3]", "at_least": 2, "property": "amount_usd"},
        {"clock": "24h", "start_event": "login", "property": "level", "balanced": True},
    ],
)
def test_retention_compiles_for_spark(options: dict[str, Any]) -> None:
    expr = CATALOGUE["retention"].compute(Tables.unbound(), Scope(facts(30)), **options)
    assert "SELECT" in to_dialect(expr, "spark")


def test_retention_without_options_reads_no_events() -> None:
    analytics = cohorts_of_100(last=12)
    assert '"events"' not in analytics.sql("retention")
    assert '"events"' not in analytics.sql("retention", at_least=3, cohorts="week")


def test_retention_compared_in_24_hours_and_by_events() -> None:
    """Day 1 by the clock is day 2 by the calendar for one who began in the evening."""
    analytics = events_of(
        5,
        *seen("a", (1, "22:00:00"), (2, "21:00:00"), (3, "21:00:00"), kind="level_start"),
        *seen("b", (1, "10:00:00"), (3, "12:00:00"), kind="level_start"),
    )
    options = {"days": 1, "right": "on_or_after", "follow_up": 1, "start_event": "level_start"}
    (by_day,) = rows(analytics, "retention_compared", **options)
    (by_hours,) = rows(analytics, "retention_compared", clock="24h", **options)
    assert (by_day["both"], by_day["right_only"]) == (1, 1)
    assert (by_hours["both"], by_hours["right_only"], by_hours["players"]) == (1, 1, 2)


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
