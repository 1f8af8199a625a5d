"""Funnels agree with the oracle on dense little lives: many ties, repeats and ways through."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from literal import Row, at, day, event, facts, lake, player
from oracle_funnels import (
    EDGES,
    Plan,
    Unit,
    attempts,
    bin_rows,
    plan_of,
    step_rows,
    times_of,
    units,
)
from oracle_selectors import holds, value_of, where_of_events
from questline.errors import UsageError

PLAYERS = 150
FIRST, LAST = 2, 3
OVER = at(LAST + 1, "00:00:00")
TICK = timedelta(hours=4)
TICKS = 16
START = OVER - (TICKS - 1) * TICK
EVENTS = ("A", "B", "C", "D", "refund")
STEPS = (
    *("A", "A", "A", "B", "B", "B", "C", "C", "D"),
    *("A[v=1]", "B[v=1]", "B[v=2,v=1]", "B[v!=1]", "C[level>=2]", "A[level=1]", "B[v=]"),
)
ABOUT = {"start", "end", "where", "edges"}


def life(random: Random, name: str) -> list[Row]:
    """Events of a player, many of them at the same few instants."""
    found = []
    kinds = random.choice([EVENTS[:2], EVENTS[:3], EVENTS[:3], EVENTS])
    begun, spread = random.randint(0, 9), random.choice([0, 3, 6])
    for _ in range(random.randint(0, 8)):
        time = begun + random.randint(0, spread)
        level, v = random.choice([None, 1, 1, 2, 3]), random.choice([None, 1, 1, 2])
        said = f'{{"v": "{v}", "at": "{time % 3}"}}' if v else f'{{"at": "{time % 3}"}}'
        moment = START + time * TICK
        found.append(event(name, random.choice(kinds), moment, level=level, properties=said))
    return found


def question(random: Random) -> dict[str, Any]:
    """Options that go together."""
    found: dict[str, Any] = {}

    def maybe(name: str, *values: Any, chance: float = 0.3) -> None:
        if random.random() < chance:
            found[name] = random.choice(values)

    def ticks(*counts: int) -> list[str]:
        return [f"{4 * n}h" for n in counts]

    order = random.choice(["ordered", "ordered", "ordered", "strict", "any"])
    steps = random.choices(STEPS, k=random.randint(1, 5))
    if order == "any":
        apart = random.choice(["ABCD", ["A[v=1]", "A[v=2]", "B"]])
        steps = random.sample(apart, random.randint(1, len(apart)))
    else:
        steps = [s + "?" * (n > 0 and random.random() < 0.2) for n, s in enumerate(steps)]
    found |= {"steps": ",".join(steps), "order": order}
    found["window"] = random.choice(ticks(1, 2, 3, 4, 6, 6, 8, 12))
    maybe("entry", "first")
    maybe("hold", "level", "v", "level,v", chance=0.25)
    maybe("where", {"event.v": "1"}, {"event.v": ("1", "")}, chance=0.1)
    maybe("start", day(LAST), day(FIRST - 1), chance=0.2)
    maybe("end", found.get("start", day(FIRST)), day(LAST + 1), chance=0.2)
    if order == "any":
        return found
    maybe("count", "entries")
    maybe("strict_increase", True)
    maybe("reuse", True)
    if order == "strict":
        maybe("reentry", True)
    if order == "strict" or random.random() < 0.25:
        maybe("strict_deduplication", True, chance=0.3 if order == "strict" else 1)
    more = len(steps) - 1
    if order == "strict" or found.get("strict_deduplication"):
        return found
    several = [",".join(ticks(*random.choices(range(5), k=more)))] if more else ["4h"]
    maybe("step_window", *ticks(1, 2, 4), *several)
    maybe("step_gap", *ticks(1, 2), *several)
    without = ["D", "C", "A", "B[v=1]", "D,C"]
    if more:
        i = random.randint(1, more)
        between = f"{i}-{random.randint(i + 1, more + 1)}"
        without += [f"{between}:D", f"{between}:C"]
    maybe("without", *without)
    return found


def same(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9)
    return bool(one == other)


def shown(events: list[Row]) -> str:
    """A life in short, such as A0(1,1): the tick, level and v."""
    return " ".join(
        f"{e['event_type']}{(e['event_ts'] - START) // TICK}({e['level']},{value_of(e, 'v')})"
        for e in sorted(events, key=lambda e: e["event_ts"])
    )


def compare(seed: int, *, players: int = PLAYERS) -> bool:
    """One question about many lives, answered for each of them; False if it is refused."""
    random = Random(seed)
    asked = question(random)
    metric = random.choice(["funnel", "funnel", "funnel", "funnel_times"])
    by = random.choice(["device", "device", "event.at"])
    if by == "event.at":
        asked["attribution"] = random.choice(["first_touch", "last_touch"])
    lives = {str(n): life(random, str(n)) for n in range(players)}
    known = facts(LAST, first=FIRST)
    analytics = lake(
        known,
        events=[e for events in lives.values() for e in events],
        players=[player(name, 1, device=name) for name in lives],
    )
    analytics = replace(analytics, keeps=seed % 2 == 0)
    try:
        found = analytics.result(metric, by=by, **asked).rows()
    except UsageError as error:
        if "may be the same event" in str(error) or "step_gap is longer" in str(error):
            return False
        raise
    plan = plan_of({n: v for n, v in asked.items() if n not in ABOUT})
    days = {
        day(n)
        for n in range(FIRST, LAST + 2)
        if asked.get("start", day(FIRST)) <= day(n) <= asked.get("end", day(LAST))
    }
    conditions = where_of_events(asked.get("where"))
    groups: dict[Any, list[Unit]] = {}
    for name, events in lives.items():
        taking = [e for e in events if holds(e, conditions)]
        tries = attempts(plan, taking, days, OVER, known.inactive_event_types)
        for unit in units(plan, tries):
            value = name if by == "device" else unit.value("at")
            groups.setdefault(value, []).append(unit)
    told: dict[Any, list[Row]] = {}
    for row in found:
        told.setdefault(row[by], []).append(row)
    for value in groups | told:
        rows = _rows(metric, plan, groups.get(value, []), {by: value})
        if value not in told and metric == "funnel_times":
            # Nobody of this value is at the end of his time yet.
            assert not any(row["share"] for row in rows)
            continue
        for row, other in zip(rows, told.get(value, [{}] * len(rows)), strict=True):
            wrong = {n: (other.get(n), row[n]) for n in row if not same(row[n], other.get(n))}
            life_of = shown(lives[value]) if by == "device" else value
            assert not wrong, (seed, metric, asked, life_of, wrong)
    return True


def _rows(metric: str, plan: Plan, found: list[Unit], label: Row) -> list[Row]:
    if metric == "funnel":
        return step_rows(plan, found, label)
    return bin_rows(plan, times_of(EDGES), found, label)


@pytest.mark.parametrize("seed", range(12))
def test_funnel_equals_trying_every_way(seed: int) -> None:
    compare(seed)


@pytest.mark.slow
def test_funnel_equals_trying_every_way_often() -> None:
    assert sum(compare(seed) for seed in range(100, 2100)) > 1500
