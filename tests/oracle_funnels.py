"""The oracle's funnels: every way through the steps is tried, and the definition judges it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from oracle_contract import Event
from oracle_ingest import World
from oracle_scope import DAY, Scope, Where, ratio
from oracle_selectors import Means, holds, listed, means, text_of, value_of, where_of_events
from oracle_sessions import Row

Z95 = 1.959963984540054
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
EDGES = "1m,5m,15m,1h,6h,1d,3d,7d"
ZERO = timedelta()


def time_of(text: Any) -> timedelta:
    """90s, 30m, 12h or 7d."""
    return text if isinstance(text, timedelta) else timedelta(**{UNITS[text[-1]]: int(text[:-1])})


def times_of(text: Any) -> list[timedelta]:
    """Several times."""
    return [time_of(t) for t in (text.split(",") if isinstance(text, str) else text)]


@dataclass(frozen=True)
class Plan:
    """A funnel as it was asked for; steps have numbers from 1."""

    written: list[str]
    order: str = "ordered"
    window: timedelta = timedelta(days=7)
    step_window: list[timedelta] = field(default_factory=list)
    step_gap: list[timedelta] = field(default_factory=list)
    without: list[tuple[int, int, Means]] = field(default_factory=list)
    hold: list[str] = field(default_factory=list)
    entry: str = "any"
    count: str = "players"
    strict_increase: bool = False
    strict_deduplication: bool = False
    reuse: bool = False
    reentry: bool = False
    attribution: str = "first_touch"

    @property
    def numbers(self) -> range:
        return range(1, len(self.written) + 1)

    def optional(self, q: int) -> bool:
        return self.written[q - 1].endswith("?")

    def fits(self, event: Event, q: int) -> bool:
        return means(self.written[q - 1].rstrip("?")).match(event)

    def held(self, event: Event) -> tuple[str | None, ...]:
        """Its values of the properties held constant."""
        return tuple(text_of(value_of(event, name)) for name in self.hold)

    def before(self, q: int) -> int:
        """The required step before, 0 before the first."""
        return max([p for p in range(1, q) if not self.optional(p)], default=0)

    def path(self, q: int) -> list[int]:
        return [*[p for p in range(1, q) if not self.optional(p)], q]

    def forbidden(self, event: Event, p: int, q: int) -> bool:
        return any(m.match(event) and (not j or (i <= p and q <= j)) for i, j, m in self.without)

    def interrupts(self, event: Event, p: int, q: int) -> bool:
        """Whether an event between the instants of two steps breaks the way, where that is so."""
        if self.order == "strict":
            first = self.fits(event, 1) and (p == 1 or self.reentry)
            again = any(self.fits(event, s) for s in range(2, q))
            return not (first or (again and not self.strict_deduplication))
        if self.strict_deduplication:
            return any(self.fits(event, s) for s in self.path(q)[1:])
        return False


def plan_of(options: Mapping[str, Any]) -> Plan:
    """A plan from options as people write them."""
    found = dict(options)
    found["written"] = [s.strip() for s in listed(found.pop("steps"))]
    for name in ("step_window", "step_gap"):
        if name in found:
            found[name] = times_of(found[name])
            if len(found[name]) == 1:
                found[name] *= len(found["written"])
    found["window"] = time_of(found.get("window", "7d"))
    if "hold" in found:
        found["hold"] = found["hold"].split(",")
    exclusions = []
    for text in listed(found.pop("without", [])):
        match = re.fullmatch(r"(?:(\d+)-(\d+):)?(.*)", text.strip())
        assert match
        exclusions.append((int(match[1] or 0), int(match[2] or 0), means(match[3])))
    return Plan(without=exclusions, **found)


@dataclass
class Attempt:
    """One first step and the shortest time in which it comes to each further one."""

    start: datetime
    first: Event
    events: Sequence[Event]
    took: dict[int, timedelta] = field(default_factory=dict)
    ends: dict[int, Event] = field(default_factory=dict)
    mature: bool = True

    def reach(self, q: int, event: Event) -> None:
        time = event["event_ts"] - self.start
        if q not in self.took or time < self.took[q]:
            self.took[q], self.ends[q] = time, event

    @property
    def rank(self) -> tuple[int, timedelta, datetime]:
        """The first of these is the attempt that gives its value: deepest, quickest, earliest."""
        last = max(self.took)
        return -last, self.took[last], self.start


def chains(plan: Plan, events: Sequence[Event], chain: list[int], path: list[int]) -> Iterator[int]:
    """The last event of every chain along `path` that begins as `chain` does."""
    done = len(chain)
    if done == len(path):
        yield chain[-1]
        return
    p, q = path[done - 1], path[done]
    start, now = events[chain[0]]["event_ts"], events[chain[-1]]["event_ts"]
    for n, event in enumerate(events):
        time = event["event_ts"]
        if (
            plan.fits(event, q)
            and (plan.reuse or n not in chain)
            and now <= time <= start + plan.window
            and not (plan.strict_increase and time == now)
            and (not plan.step_gap or time - now >= plan.step_gap[q - 2])
            and (not plan.step_window or time - now <= plan.step_window[q - 2])
            and not any(now < e["event_ts"] <= time and plan.forbidden(e, p, q) for e in events)
            and not any(now < e["event_ts"] < time and plan.interrupts(e, p, q) for e in events)
        ):
            yield from chains(plan, events, [*chain, n], path)


def ordered(plan: Plan, events: Sequence[Event], starts: list[int]) -> list[Attempt]:
    """The attempts by every chain of events.

    Where entries are counted, those that begin at one instant are one, and a chain counts only if
    none that ends with this step at the same instant begins later.
    """
    found = {n: Attempt(events[n]["event_ts"], events[n], events) for n in starts}
    for q in plan.numbers:
        ways = [(n, events[m]) for n in starts for m in chains(plan, events, [n], plan.path(q))]
        latest: dict[datetime, datetime] = {}
        for n, last in ways:
            time = last["event_ts"]
            latest[time] = max(latest.get(time, found[n].start), found[n].start)
        for n, last in ways:
            if plan.count == "players" or found[n].start == latest[last["event_ts"]]:
                found[n].reach(q, last)
    return list(found.values())


def of_any(plan: Plan, events: Sequence[Event], starts: list[int]) -> list[Attempt]:
    """The attempts where only the number of different steps counts."""
    found = []
    for n in starts:
        attempt, steps = Attempt(events[n]["event_ts"], events[n], events), set[int]()
        for event in sorted(events, key=lambda e: (e is not attempt.first, e["event_ts"])):
            served = {q for q in plan.numbers if plan.fits(event, q)}
            if ZERO <= event["event_ts"] - attempt.start <= plan.window and served - steps:
                steps |= served
                attempt.reach(len(steps), event)
        found.append(attempt)
    return found


def begins(plan: Plan, event: Event) -> bool:
    """Whether the event begins an attempt."""
    steps = plan.numbers if plan.order == "any" else [1]
    return any(plan.fits(event, q) for q in steps)


def attempts(
    plan: Plan,
    events: Sequence[Event],
    days: Collection[date],
    over: datetime | None,
    inactive: Collection[str] = (),
) -> list[Attempt]:
    """Attempts of one player; `over` is the end of what was observed."""
    mine = sorted(events, key=lambda e: e["event_ts"])
    groups: dict[Any, list[Event]] = {}
    for event in mine:
        held = plan.held(event)
        if None not in held:
            groups.setdefault(held, []).append(event)
    asked = (
        e for e in mine if None not in plan.held(e) and begins(plan, e) and e["event_date"] in days
    )
    first = min((e["event_ts"] for e in asked), default=None)
    found = []
    for held_events in groups.values():
        group = held_events
        if plan.order == "strict":
            group = [
                e
                for e in group
                if e["event_type"] not in inactive or any(plan.fits(e, q) for q in plan.numbers)
            ]
        starts = [n for n, e in enumerate(group) if begins(plan, e)]
        if plan.entry == "first":
            starts = [n for n in starts if group[n]["event_ts"] == first]
        found += (of_any if plan.order == "any" else ordered)(plan, group, starts)
    for attempt in found:
        attempt.mature = over is not None and attempt.start + plan.window <= over
    return [a for a in found if a.first["event_date"] in days]


@dataclass
class Unit:
    """What is counted: a player, or an attempt."""

    took: dict[int, timedelta]
    mature: bool
    touched: list[list[Event]]
    """Events of the instant that gives the value, by step."""

    def value(self, name: str) -> str | None:
        """The smallest value there, of the first step that has one."""
        for events in self.touched:
            texts = [text_of(value_of(event, name)) for event in events]
            if known := [text for text in texts if text is not None]:
                return min(known)
        return None


def units(plan: Plan, tries: list[Attempt]) -> list[Unit]:
    """Attempts, or players with their mature ones, or with the others if they have none."""
    if plan.count == "entries":
        starts = {(a.start, plan.held(a.first)) for a in tries}
        groups = [[a for a in tries if (a.start, plan.held(a.first)) == s] for s in starts]
    else:
        kept = [a for a in tries if a.mature] or tries
        groups = [kept] if kept else []
    return [_unit(plan, group) for group in groups]


def _unit(plan: Plan, kept: list[Attempt]) -> Unit:
    took = {q: min(a.took[q] for a in kept if q in a.took) for a in kept for q in a.took}
    best = min(kept, key=lambda a: a.rank)
    first = plan.attribution == "first_touch"
    deepest = max(best.took)
    instant = best.start if first else best.ends[deepest]["event_ts"]
    steps = plan.numbers if plan.order == "any" else [1 if first else deepest]
    there = [event for event in best.events if event["event_ts"] == instant]
    touched = [[event for event in there if plan.fits(event, q)] for q in steps]
    return Unit(took, kept[0].mature, touched)


def quantile(values: list[float], share: float) -> float | None:
    """Between the two values next to the place."""
    if not values:
        return None
    ordered_values, place = sorted(values), share * (len(values) - 1)
    low, high = ordered_values[math.floor(place)], ordered_values[math.ceil(place)]
    return low + (high - low) * (place - math.floor(place))


def wilson(count: int, trials: int) -> tuple[float | None, float | None]:
    """The interval as the solutions of (p - share)^2 = z^2 p (1 - p) / n."""
    if not trials:
        return None, None
    share = count / trials
    a, b, c = 1 + Z95**2 / trials, -2 * share - Z95**2 / trials, share**2
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return max((-b - root) / (2 * a), 0.0), min((-b + root) / (2 * a), 1.0)


def step_rows(plan: Plan, found: list[Unit], label: Row) -> list[Row]:
    """One row a step."""
    rows = []
    counts = {q: sum(u.mature and q in u.took for u in found) for q in plan.numbers}
    for q in plan.numbers:
        times = [u.took[q].total_seconds() for u in found if u.mature and q in u.took]
        low, high = wilson(counts[q], counts[1])
        said = f"{q} of {len(plan.written)}" if plan.order == "any" else plan.written[q - 1]
        rows.append(
            {
                "step": q,
                "event": said,
                **label,
                plan.count: counts[q],
                "pending": sum(not u.mature and q in u.took for u in found),
                "step_conversion": ratio(counts[q], counts[plan.before(q) or 1]),
                "conversion": ratio(counts[q], counts[1]),
                "low": low,
                "high": high,
                "median_seconds": quantile(times, 0.5),
                "p90_seconds": quantile(times, 0.9),
            }
        )
    return rows


def bin_rows(plan: Plan, edges: list[timedelta], found: list[Unit], label: Row) -> list[Row]:
    """One row a bin of time to the last step."""
    ends = sorted({e for e in edges if e < plan.window} | {plan.window})
    last = len(plan.written)
    times = [u.took[last] for u in found if u.mature and last in u.took]
    rows, before = [], timedelta(microseconds=-1)
    for n, end in enumerate(ends, 1):
        count = sum(before < t <= end for t in times)
        rows.append(
            {
                "bin": n,
                **label,
                "from_seconds": max(before, ZERO).total_seconds(),
                "to_seconds": end.total_seconds(),
                plan.count: count,
                "share": ratio(count, len(times)),
                "cumulative": ratio(sum(t <= end for t in times), len(times)),
            }
        )
        before = end
    return rows


def answer(
    world: World,
    tell: Any,
    options: Mapping[str, Any],
    by: str | None,
    where: Where | None,
    **question: Any,
) -> list[Row]:
    """The rows that `tell` makes of every group."""
    plan, conditions = plan_of(options), where_of_events(where)
    of_players = {n: v for n, v in (where or {}).items() if not n.startswith("event.")}
    prop = by.removeprefix("event.") if by and by.startswith("event.") else None
    scope = Scope(world, by=None if prop else by, where=of_players, **question)
    last = world.complete_until
    over = world.settings.midnight(last + DAY) if last else None
    shown = {d for d in scope.shown if world.begin and d >= world.begin}
    rows = []
    for label, people in scope.groups():
        found = []
        for player in people:
            mine = [
                e
                for e in world.events
                if e["player_id"] == player["player_id"] and holds(e, conditions)
            ]
            tries = attempts(plan, mine, shown, over, world.settings.inactive_event_types)
            found += units(plan, tries)
        if prop is None:
            rows += tell(plan, found, label)
            continue
        values = {u.value(prop) for u in found}
        for value in values:
            group = [u for u in found if u.value(prop) == value]
            rows += tell(plan, group, {by: value})
    return rows


def _parted(question: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    about = {"by", "where", "start", "end", "segment", "exclude"}
    asked = {n: question.get(n) for n in ("by", "where")}
    asked |= {n: v for n, v in question.items() if n in about}
    return {n: v for n, v in question.items() if n not in about}, asked


def funnel(world: World, **question: Any) -> list[Row]:
    """One row a step and group."""
    options, asked = _parted(question)
    return answer(world, step_rows, options, **asked)


def funnel_times(world: World, edges: str = EDGES, **question: Any) -> list[Row]:
    """One row a bin and group."""
    options, asked = _parted(question)

    def tell(plan: Plan, found: list[Unit], label: Row) -> list[Row]:
        return bin_rows(plan, times_of(edges), found, label)

    return answer(world, tell, options, **asked)
