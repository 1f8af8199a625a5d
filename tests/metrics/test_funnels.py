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

CASES = Path(__file__).parents[3] / "shared" / "data" / "metric_cases" / "cases.json"
DEFAULT_MODES = {None, "default", "strict_once"}
"""What other projects call the plain ordered funnel; strict_once uses an event once."""
ONE_EVENT_THRICE = ["1004", "1004", "1004"]

Trace = list[tuple[str, int]]


def minutes(trace: str) -> Trace:
    """`A0 B10` as (type, minute)."""
    return [(word[0], int(word[1:])) for word in trace.split()]


def depths(
    events: list[Row], players: list[str], steps: list[str], window: timedelta
) -> dict[str, int]:
    """The step that each player comes to, through the metric."""
    people = [player(p, 1, device=p) for p in players]
    analytics = lake(facts(40), events=events, players=people)
    found = rows(analytics, "funnel", steps=steps, window=window, by="device")
    return {p: sum(r["players"] for r in found if r["device"] == p) for p in players}


def depth(trace: Trace, steps: list[str], window: timedelta, unit: timedelta) -> int:
    """The step that one player comes to, through the metric."""
    events = [event("p", kind, at(1) + t * unit) for kind, t in trace]
    return depths(events, ["p"], steps, window)["p"]


@pytest.mark.parametrize(
    ("trace", "expected"),
    [
        ("A0 B10 C20", 3),
        ("A0 X5 B10 C20", 3),
        ("A0 A30 B45 C75", 3),
        ("A0 B10 B15 C20", 3),
        ("A0 C5 B10 C20", 3),
        ("B0 A5 B10 C20", 3),
        ("A0 C10", 1),
        ("A0 B0 C0", 3),
        ("A0 B10 C60", 3),
        ("A0 B10 C61", 2),
        ("A0 A100 B110 C120", 3),
        ("B0 C5", 0),
    ],
)
def test_funnel_golden_vector(trace: str, expected: int) -> None:
    minute = timedelta(minutes=1)
    assert depth(minutes(trace), ["A", "B", "C"], 60 * minute, minute) == expected


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
    minute = timedelta(minutes=1)
    assert depth(minutes(trace), list(steps), 60 * minute, minute) == expected


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
    assert column(found, "event_type") == ["a", "b", "c"]
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


@pytest.mark.parametrize("options", [{"steps": ""}, {"steps": "a,,b"}, {"steps": ["a"] * 13}])
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
    """Checks of other projects that ask for the plain ordered funnel."""
    if not CASES.is_file():
        return []
    return [
        pytest.param(case["input"]["events"], check, id=f"{case['id']}-{number}")
        for case in json.loads(CASES.read_text(encoding="utf-8"))
        if case["kind"] == "funnel"
        for number, check in enumerate(case["checks"])
        if check.get("mode") in DEFAULT_MODES
        and not (check["steps"] == ONE_EVENT_THRICE and check.get("mode") == "default")
    ]


@pytest.mark.skipif(not CASES.is_file(), reason="the shared metric cases are not here")
@pytest.mark.parametrize(("log", "check"), shared_checks())
def test_funnel_shared_case(log: list[dict[str, Any]], check: dict[str, Any]) -> None:
    start: datetime = at(1)
    second = timedelta(seconds=1)
    events = [event(str(e["user"]), e["event"], start + e["t"] * second) for e in log]
    window = check["window"] * second
    assert depths(events, list(check["expect"]), check["steps"], window) == check["expect"]
