from __future__ import annotations

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from literal import Row, at, column, day, event, facts, lake, player, rows
from questline.errors import UsageError
from questline.settings import Declared

CASES = Path(__file__).parents[3] / "shared" / "data" / "metric_cases" / "cases.json"
MODES: dict[str, dict[str, Any]] = {
    "default": {"reuse": True},
    "strict_once": {},
    "strict_increase": {"strict_increase": True, "reuse": True},
    "strict_deduplication": {"strict_deduplication": True, "reuse": True},
    "strict_order": {"order": "strict", "entry": "first", "reuse": True},
    "allow_reentry": {"reentry": True},
}
"""What ClickHouse's modes are called here."""

Trace = list[tuple[str, int]]


def minutes(trace: str) -> Trace:
    """`A0 B10` as (type, minute)."""
    return [(word[0], int(word[1:])) for word in trace.split()]


def depths(
    events: list[Row], players: list[str], steps: list[str], window: timedelta, **options: Any
) -> dict[str, int]:
    """The step that each player comes to, through the metric."""
    people = [player(p, 1, device=p) for p in players]
    analytics = lake(facts(40), events=events, players=people)
    found = rows(analytics, "funnel", steps=steps, window=window, by="device", **options)
    return {p: sum(r["players"] for r in found if r["device"] == p) for p in players}


def depth(trace: str, steps: str, window: int = 60, **options: Any) -> int:
    """The step that one player comes to, through the metric; times and window in minutes."""
    minute = timedelta(minutes=1)
    events = [event("p", kind, at(1) + t * minute) for kind, t in minutes(trace)]
    return depths(events, ["p"], list(steps), window * minute, **options)["p"]


@pytest.mark.parametrize(
    ("trace", "expected", "options"),
    [
        ("A0 B10 C20", 3, {}),
        ("A0 B10 C20", 3, MODES["strict_order"]),
        ("A0 B10 C20", 3, {"strict_increase": True}),
        ("A0 B10 C20", 3, {"strict_deduplication": True}),
        ("A0 B10 C20", 3, {"entry": "first"}),
        ("A0 X5 B10 C20", 3, {}),
        ("A0 X5 B10 C20", 1, {"order": "strict"}),
        ("A0 A30 B45 C75", 3, {}),
        ("A0 A30 B45 C75", 2, {"entry": "first"}),
        ("A0 B10 B15 C20", 3, {}),
        ("A0 B10 B15 C20", 2, {"strict_deduplication": True}),
        ("A0 C5 B10 C20", 3, {}),
        ("A0 C5 B10 C20", 1, {"order": "strict"}),
        ("B0 A5 B10 C20", 3, {}),
        ("A0 C10", 1, {}),
        ("A0 B0 C0", 3, {}),
        ("A0 B0 C0", 1, {"strict_increase": True}),
        ("A0 B10 C60", 3, {}),
        ("A0 B10 C61", 2, {}),
        ("A0 A100 B110 C120", 3, {}),
        ("A0 A100 B110 C120", 1, {"entry": "first"}),
        ("B0 C5", 0, {}),
    ],
)
def test_funnel_golden_vector(trace: str, expected: int, options: dict[str, Any]) -> None:
    assert depth(trace, "ABC", **options) == expected


@pytest.mark.parametrize(
    ("trace", "steps", "expected"),
    [
        ("A0", "AAA", 1),
        ("A0 A0 A0", "AAA", 3),
        ("A0 B0", "ABA", 2),
        ("A0 B0 A0", "ABA", 3),
        ("A0 B0 A1", "ABA", 3),
        ("A0 B0 A1 B1", "ABAB", 4),
        ("B0 A0", "AB", 2),
    ],
)
def test_funnel_uses_each_event_once(trace: str, steps: str, expected: int) -> None:
    assert depth(trace, steps) == expected


@pytest.mark.parametrize(("trace", "steps"), [("A0", "AAA"), ("A0 B5", "ABAB")])
def test_funnel_reuse_lets_an_event_serve_several_steps(trace: str, steps: str) -> None:
    assert depth(trace, steps, reuse=True) == {"AAA": 3, "ABAB": 2}[steps]


@pytest.mark.parametrize(
    ("trace", "expected", "options"),
    [
        ("X0 A1 B2 C3", 3, {}),
        ("A0 X1 A2 B3 C4", 3, {}),
        ("A0 X1 A2 B3 C4", 1, {"entry": "first"}),
        ("A0 A1 B2 B3 C4", 3, {}),
        ("A0 A1 B2 B3 C4", 2, {"strict_deduplication": True}),
        ("A0 B1 A2 C3", 2, {}),
        ("A0 B1 A2 C3", 3, {"reentry": True}),
        ("A0 B1 A2 B3 C4", 3, {}),
        ("A0 B1 A2 B3 C4", 2, {"entry": "first"}),
    ],
)
def test_funnel_strict_allows_only_repeats_between(
    trace: str, expected: int, options: dict[str, Any]
) -> None:
    assert depth(trace, "ABC", order="strict", **options) == expected


def test_funnel_strict_ignores_inactive_events() -> None:
    log = [
        event("p", k, at(1) + n * timedelta(minutes=1)) for n, k in enumerate(["A", "refund", "B"])
    ]
    hour = timedelta(hours=1)
    assert depths(log, ["p"], ["A", "B"], hour, order="strict") == {"p": 2}


@pytest.mark.parametrize(
    ("trace", "expected"),
    [("C0 A5 B10", 3), ("B0 A70 C71", 2), ("A0 A1", 1), ("A0 B30 C61 A62", 3), ("X0", 0)],
)
def test_funnel_any_order_counts_different_steps_in_the_window(trace: str, expected: int) -> None:
    assert depth(trace, "ABC", order="any") == expected


@pytest.mark.parametrize(
    ("trace", "expected", "options"),
    [
        ("A0 B10 C30", 3, {"step_window": "20m"}),
        ("A0 B10 C31", 2, {"step_window": "20m"}),
        ("A0 B10 B12 C31", 3, {"step_window": "20m"}),
        ("A0 B10 C31", 3, {"step_window": "10m,21m"}),
        ("A0 B1 B50 C55", 3, {"step_window": "60m,10m"}),
        ("A0 B9 C20", 1, {"step_gap": "10m"}),
        ("A0 B9 B10 C20", 3, {"step_gap": "10m"}),
        ("A0 B0 C5", 3, {"step_gap": "0s,5m"}),
        ("A0 B5 C5", 2, {"step_gap": "0s,1s"}),
        ("A0 B9 B20 C21", 2, {"step_gap": "10m,10m"}),
    ],
)
def test_funnel_step_window_and_gap(trace: str, expected: int, options: dict[str, Any]) -> None:
    assert depth(trace, "ABC", **options) == expected


@pytest.mark.parametrize(
    ("trace", "expected", "without"),
    [
        ("A0 X5 B10 C20", 1, "X"),
        ("A0 X5 A6 B10 C20", 3, "X"),
        ("X0 A1 B10 C20 X21", 3, "X"),
        ("A0 B10 X15 C20", 2, "X"),
        ("A0 B10 X15 C20", 3, "1-2:X"),
        ("A0 B10 X15 C20", 2, "2-3:X"),
        ("A0 B10 X15 C20", 2, "1-3:X"),
        ("A0 X10 B10 C20", 1, "X"),
        ("X0 A0 B10 C20", 3, "X"),
        ("A0 X5 B10 C20 Y21", 1, "Y,X"),
    ],
)
def test_funnel_without_events_between(trace: str, expected: int, without: str) -> None:
    assert depth(trace, "ABC", without=without) == expected


@pytest.mark.parametrize(
    ("trace", "players"),
    [
        ("A0 C10", [1, 0, 1]),
        ("A0 B5 C10", [1, 1, 1]),
        ("A0 C5 B10", [1, 1, 1]),
        ("B0 A5", [1, 0, 0]),
        ("A0 B70 C75", [1, 0, 0]),
    ],
)
def test_funnel_optional_step_may_be_left_out(trace: str, players: list[int]) -> None:
    minute = timedelta(minutes=1)
    events = [event("p", kind, at(1) + t * minute) for kind, t in minutes(trace)]
    found = rows(lake(facts(40), events=events), "funnel", steps="A,B?,C", window="1h")
    assert column(found, "players") == players
    assert column(found, "event") == ["A", "B?", "C"]
    assert column(found, "step_conversion") == [float(n) for n in players]


def test_funnel_conditions_on_properties_and_holding_one_constant() -> None:
    minute = timedelta(minutes=1)
    log = [("start", 1), ("start", 2), ("win", 2), ("win", 3), ("start", None), ("win", None)]
    events = [event("p", k, at(1) + n * minute, level=v) for n, (k, v) in enumerate(log)]
    analytics = lake(facts(40), events=events)

    def came(steps: str, **options: Any) -> list[int]:
        return column(rows(analytics, "funnel", steps=steps, **options), "players")

    assert came("start[level=1],win[level>=3]") == [1, 1]
    assert came("start[level=1],win[level>=3]", hold="level") == [1, 0]
    assert came("start[level=1],win", hold="level") == [1, 0]
    assert came("start,win", hold="level") == [1, 1]
    assert came("start[level=],win", hold="level") == [0, 0]


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        ("e,e[k=1]", 1),
        ("e[k=1],e", 1),
        ("e[k=1],e[k=2]", 1),
    ],
)
def test_funnel_overlapping_steps_need_different_events(steps: str, expected: int) -> None:
    one = [event("p", "e", at(1), properties='{"k": 1}')]
    found = rows(lake(facts(40), events=one), "funnel", steps=steps)
    assert sum(column(found, "players")) == expected
    two = [*one, event("p", "e", at(1), properties='{"k": 2}')]
    found = rows(lake(facts(40), events=two), "funnel", steps=steps)
    assert sum(column(found, "players")) == 2


def test_funnel_entries_count_every_attempt_and_events_serve_the_latest() -> None:
    minute = timedelta(minutes=1)
    trace = "A0 A5 B10 C20 A100 B110 A120"
    events = [event("p", kind, at(1) + t * minute) for kind, t in minutes(trace)]
    found = rows(lake(facts(40), events=events), "funnel", steps="A,B,C", count="entries")
    assert column(found, "entries") == [4, 2, 1]
    assert column(found, "median_seconds") == [0.0, 450.0, 900.0]


def test_funnel_entries_lose_events_to_later_attempts_of_any_period() -> None:
    """The B of day 6 belongs to the A of day 5, whether that is asked for or over yet."""
    events = [event("p", "A", at(1)), event("p", "A", at(5)), event("p", "B", at(6))]
    for last in (9, 30):
        found = rows(
            lake(facts(last), events=events), "funnel", steps="A,B", count="entries", end=day(2)
        )
        assert column(found, "entries") == [1, 0]
    found = rows(lake(facts(30), events=events), "funnel", steps="A,B", count="entries")
    assert column(found, "entries") == [2, 1]


def test_funnel_entries_that_are_over_do_not_change_with_those_that_are_not() -> None:
    """The log ends with day 10, when the window of the A of day 1 is over and that of 5 is not."""
    events = [event("p", "A", at(1)), event("p", "A", at(5)), event("p", "B", at(6))]
    found = rows(lake(facts(10), events=events), "funnel", steps="A,B", count="entries")
    assert (column(found, "entries"), column(found, "pending")) == ([1, 0], [1, 1])


def test_funnel_first_entry_is_the_first_of_the_player_not_of_each_held_value() -> None:
    log = [("A", 1, 1), ("A", 2, 2), ("B", 3, 2)]
    events = [event("p", kind, at(number), level=level) for kind, number, level in log]
    analytics = lake(facts(30), events=events)
    found = rows(analytics, "funnel", steps="A,B", hold="level", entry="first")
    assert column(found, "players") == [1, 0]
    found = rows(analytics, "funnel", steps="A,B", hold="level")
    assert column(found, "players") == [1, 1]


@pytest.mark.parametrize(
    ("trace", "expected", "options"),
    [
        ("A0 X1 B1 C2", 3, {"order": "strict"}),
        ("A0 X1 B2 C3", 1, {"order": "strict"}),
        ("A0 B5 A6 C7", 3, {"strict_deduplication": True}),
        ("A0 B5 B5 C7", 3, {"strict_deduplication": True}),
        ("A0 B0 C1", 2, {"step_window": "0s"}),
    ],
)
def test_funnel_events_of_one_instant(trace: str, expected: int, options: dict[str, Any]) -> None:
    assert depth(trace, "ABC", **options) == expected


def test_funnel_times_are_of_the_quickest_way() -> None:
    minute = timedelta(minutes=1)
    slow, quick = "A0 B30 A40 B50", "A0 A1 B2"
    events = [
        event(p, kind, at(1) + t * minute)
        for p, trace in (("slow", slow), ("quick", quick), ("never", "A0"))
        for kind, t in minutes(trace)
    ]
    analytics = lake(facts(40), events=events)
    found = rows(analytics, "funnel", steps="A,B")
    assert column(found, "median_seconds") == [0.0, (600 + 60) / 2]
    bins = rows(analytics, "funnel_times", steps="A,B", window="1h", edges="60s,5m")
    assert column(bins, "players") == [1, 0, 1]
    assert column(bins, "to_seconds") == [60.0, 300.0, 3600.0]
    assert column(bins, "cumulative") == [0.5, 0.5, 1.0]


def test_funnel_by_property_takes_first_or_last_touch() -> None:
    minute = timedelta(minutes=1)
    log = [("A", "x"), ("B", "y"), ("A", "z")]
    events = [
        event("p", k, at(1) + n * minute, properties=f'{{"k": "{v}"}}')
        for n, (k, v) in enumerate(log)
    ]
    events.append(event("q", "A", at(1)))
    analytics = lake(facts(40), events=events)
    for attribution, value in (("first_touch", "x"), ("last_touch", "y")):
        found = rows(analytics, "funnel", steps="A,B", by="event.k", attribution=attribution)
        told = [(r["event.k"], r["step"], r["players"]) for r in found]
        assert told == [(value, 1, 1), (value, 2, 1), (None, 1, 1), (None, 2, 0)]


@pytest.mark.parametrize("order", ["ordered", "strict", "any"])
def test_funnel_by_property_takes_the_smallest_value_of_an_instant(order: str) -> None:
    log = [("A", "z"), ("A", "y"), ("B", "x")]
    events = [event("p", k, at(1), properties=f'{{"k": "{v}"}}') for k, v in log]
    found = rows(lake(facts(40), events=events), "funnel", steps="A,B", order=order, by="event.k")
    assert column(found, "event.k") == ["y", "y"], "of A, which is named first"


def test_funnel_where_on_events_leaves_out_the_others() -> None:
    events = [event("p", "a", at(1), mode="hard"), event("p", "b", at(2), mode="easy")]
    found = rows(lake(facts(30), events=events), "funnel", steps="a,b", where="event.mode=hard")
    assert column(found, "players") == [1, 0]


FUNNELS = Declared.model_validate(
    {
        "funnels": {
            "start": {"steps": ["a", "b"], "window": "1h"},
            "odd": {"steps": ["a"], "colour": "red"},
            "late": {"steps": ["a"], "window": 5},
        }
    }
)


def test_funnel_declared_in_the_settings_is_asked_by_name() -> None:
    events = [event("p", "a", at(1, "10:00:00")), event("p", "b", at(1, "12:00:00"))]
    analytics = lake(facts(30), declared=FUNNELS, events=events)
    assert column(rows(analytics, "funnel", funnel="start"), "players") == [1, 0]
    assert column(rows(analytics, "funnel", funnel="start", window="3h"), "players") == [1, 1]
    result = analytics.result("funnel", funnel="start")
    assert result.options["window"] == timedelta(hours=1)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"funnel": "begin"}, "Declared: start, odd, late"),
        ({"funnel": "odd"}, "funnels.odd has no option colour"),
        ({"funnel": "start", "steps": "a"}, "does not go with --funnel"),
        (
            {"steps": "a,b", "order": "any", "without": "c"},
            "--without does not go with --order any",
        ),
        ({"steps": "a,b", "order": "strict", "step_gap": "1m"}, "--step-gap does not go with"),
        ({"steps": "a,b", "reentry": True}, "--reentry goes with --order strict"),
        ({"steps": "a,b?", "order": "any"}, "no optional steps"),
        ({"steps": "a,a[x=1]", "order": "any"}, "no event can serve twice"),
        ({"steps": "a,b,c", "step_window": "1m,2m,3m"}, "one for all or 2"),
        ({"steps": "a,b", "without": "2-3:x"}, "between steps of 1 to 2"),
        ({"steps": "a,b", "hold": "level,level"}, "1 to 3 names"),
        ({"steps": "a,b", "hold": "event_ts"}, "event_ts is no property"),
        ({"steps": "a,b", "step_window": "1h", "step_gap": "2h"}, "longer than step_window"),
        ({"steps": "a,b", "without": "1-100:x"}, "between steps of 1 to 2"),
        ({"steps": "a,b", "without": 5}, "must be events"),
        ({"steps": "a,b", "reuse": "yes"}, "true or false"),
        ({"steps": "a,b", "window": "999999d"}, "at most 3650d"),
        ({"steps": "a[b==1]"}, "must look like"),
        ({"steps": "a,b??"}, "must look like"),
        ({"steps": "a]b"}, "must look like"),
        ({"steps": ["a,b"]}, "must look like"),
        ({"funnel": "late"}, "funnels.late.window: window == 5"),
        ({"steps": "a", "by": "event."}, "nothing is no property"),
        ({"steps": "a", "where": "event.=1"}, "nothing is no property"),
        ({"steps": "a,b", "order": "any", "count": "entries"}, "entries"),
        ({"steps": "a,a[b=1],a[c=1],a[d=1],a[e=1],a[f=1]"}, "may be the same event"),
        ({"steps": "a,b", "order": "sideways"}, "ordered, strict or any"),
    ],
)
def test_funnel_options_that_exclude_each_other(options: dict[str, Any], said: str) -> None:
    with pytest.raises(UsageError, match=said) as told:
        rows(lake(facts(2), declared=FUNNELS), "funnel", **options)
    assert "\n" not in str(told.value)


def deepest(trace: Trace, steps: str, window: int) -> int:
    """Every chain of distinct events, tried one by one."""

    def longest(chain: list[int]) -> int:
        found = len(chain)
        if len(chain) == len(steps):
            return found
        for i, (kind, t) in enumerate(trace):
            start = trace[chain[0]][1] if chain else t
            after = t >= trace[chain[-1]][1] if chain else True
            if kind == steps[len(chain)] and i not in chain and after and t - start <= window:
                found = max(found, longest([*chain, i]))
        return found

    return longest([])


@settings(max_examples=15, deadline=None)
@given(
    traces=st.lists(
        st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 6)), max_size=7),
        min_size=4,
        max_size=12,
    ),
    steps=st.text("ABC", min_size=1, max_size=4),
    window=st.integers(1, 6),
)
def test_funnel_equals_trying_every_chain(traces: list[Trace], steps: str, window: int) -> None:
    second = timedelta(seconds=1)
    names = [str(i) for i in range(len(traces))]
    events = [
        event(name, kind, at(1) + t * second)
        for name, trace in zip(names, traces, strict=True)
        for kind, t in trace
    ]
    expected = dict(zip(names, [deepest(t, steps, window) for t in traces], strict=True))
    assert depths(events, names, list(steps), window * second) == expected


def test_funnel_counts_players_and_ratios() -> None:
    events = [event(p, "a", at(1)) for p in "wxyz"]
    events += [event(p, "b", at(2)) for p in "wx"] + [event("w", "c", at(3))]
    found = rows(lake(facts(30), events=events), "funnel", steps="a,b,c")
    assert column(found, "event") == ["a", "b", "c"]
    assert column(found, "players") == [4, 2, 1]
    assert column(found, "step_conversion") == [1.0, 0.5, 0.5]
    assert column(found, "conversion") == [1.0, 0.5, 0.25]


def test_funnel_unfinished_window_is_pending_and_not_in_the_ratio() -> None:
    """The log ends at the end of day 10: an entry of day 4 needs seven days, until day 11."""
    events = [
        event("over", "a", at(3, "23:59:59")),
        event("open", "a", at(4, "00:00:01")),
        event("open", "b", at(5)),
        event("both", "a", at(1)),
        event("both", "a", at(9)),
        event("both", "b", at(10)),
    ]
    found = rows(lake(facts(10), events=events), "funnel", steps=["a", "b"])
    assert column(found, "players") == [2, 0]
    assert column(found, "pending") == [1, 1]
    assert column(found, "conversion") == [1.0, 0.0]


def test_funnel_window_that_ends_with_the_last_day_is_over() -> None:
    midnight = [event("p", "a", at(4, "00:00:00"))]
    found = rows(lake(facts(10), events=midnight), "funnel", steps=["a"])
    assert (column(found, "players"), column(found, "pending")) == ([1], [0])


def test_funnel_last_day_ends_at_midnight_of_the_reporting_zone() -> None:
    """In Tokyo day 10 ends at 15:00 UTC."""
    late = [event("p", "a", at(10, "14:30:00")), event("q", "a", at(10, "14:30:01"))]
    zone = facts(10, reporting_zone="Asia/Tokyo")
    found = rows(lake(zone, events=late), "funnel", steps=["a"], window="30m")
    assert (column(found, "players"), column(found, "pending")) == ([1], [1])


def test_funnel_period_selects_entries_and_windows_run_past_it() -> None:
    events = [event("p", "a", at(1)), event("p", "b", at(3)), event("q", "a", at(3))]
    found = rows(lake(facts(30), events=events), "funnel", steps="a,b", end=day(2))
    assert column(found, "players") == [1, 1]


def test_funnel_by_and_where() -> None:
    people = [player("p", 1, country="DE"), player("q", 1, country="FR"), player("r", 1)]
    events = [event(p, "a", at(1)) for p in "pqr"] + [event("q", "b", at(1, "13:00:00"))]
    analytics = lake(facts(30), players=people, events=events)
    found = rows(analytics, "funnel", steps="a,b", by="country")
    answers = {(r["country"], r["step"]): r["players"] for r in found}
    assert answers == {
        ("DE", 1): 1, ("DE", 2): 0, ("FR", 1): 1, ("FR", 2): 1, (None, 1): 1, (None, 2): 0,
    }  # fmt: skip
    found = rows(analytics, "funnel", steps="a,b", where="country=FR")
    assert column(found, "players") == [1, 1]


@pytest.mark.parametrize(
    "options", [{"steps": ""}, {"steps": "a,,b"}, {"steps": ["a"] * 21}, {"steps": "a?,b"}]
)
def test_funnel_refuses_wrong_steps(options: dict[str, Any]) -> None:
    with pytest.raises(UsageError, match="steps =="):
        rows(lake(facts(2)), "funnel", **options)


@pytest.mark.parametrize("window", ["7", "7 weeks", "0d", timedelta(0), 7])
def test_funnel_refuses_wrong_window(window: Any) -> None:
    with pytest.raises(UsageError, match="window =="):
        rows(lake(facts(2)), "funnel", steps="a", window=window)


def test_funnel_needs_steps() -> None:
    with pytest.raises(UsageError, match="needs --steps"):
        rows(lake(facts(2)), "funnel")


def shared_checks() -> list[Any]:
    """Checks of other projects' funnels."""
    if not CASES.is_file():
        return []
    return [
        pytest.param(case["input"]["events"], check, id=f"{case['id']}-{number}")
        for case in json.loads(CASES.read_text(encoding="utf-8"))
        if case["kind"] == "funnel"
        for number, check in enumerate(case["checks"])
    ]


@pytest.mark.skipif(not CASES.is_file(), reason="the shared metric cases are not here")
@pytest.mark.parametrize(("log", "check"), shared_checks())
def test_funnel_shared_case(log: list[dict[str, Any]], check: dict[str, Any]) -> None:
    start: datetime = at(1)
    second = timedelta(seconds=1)
    events = [event(str(e["user"]), e["event"], start + e["t"] * second) for e in log]
    options: dict[str, Any] = {}
    for mode in check.get("mode", "default").split("+"):
        options |= MODES[mode]
    window = check["window"] * second
    found = depths(events, list(check["expect"]), check["steps"], window, **options)
    assert found == check["expect"]
