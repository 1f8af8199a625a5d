"""Options of funnels: steps, what may happen between them, and what is counted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from questline.errors import UsageError
from questline.metrics.options import Option, choice, duration, durations, flag, text
from questline.metrics.selectors import (
    Selector,
    checked_property,
    parse_selector,
    parse_selectors,
    split,
)

MOST_STEPS = 20
MOST_HELD = 3


class Step(NamedTuple):
    """One step; an optional one may be left out."""

    selector: Selector
    optional: bool = False

    def __str__(self) -> str:
        """As it is written: an event, with ? if optional."""
        return f"{self.selector}{'?' if self.optional else ''}"


class Exclusion(NamedTuple):
    """Events that may not happen between two steps, counted from 1; 0 and 0: between any."""

    selector: Selector
    first: int = 0
    last: int = 0

    def __str__(self) -> str:
        """As it is written: crash, or 2-3:crash."""
        between = f"{self.first}-{self.last}:" if self.last else ""
        return f"{between}{self.selector}"

    def covers(self, earlier: int, later: int) -> bool:
        """Whether it forbids its events on the way from one step to another."""
        return not self.last or (self.first <= earlier and later <= self.last)


def steps(value: object) -> tuple[Step, ...]:
    """Steps from `a,b?,c[x=1]`, or from a list.

    Raises:
        UsageError: there is none, there are too many, the first is optional, or one is no event.
    """
    if isinstance(value, str):
        parts: list[object] = list(split(value)) if value.strip() else []
    else:
        parts = list(value) if isinstance(value, Iterable) else [value]
    if not parts or len(parts) > MOST_STEPS:
        raise UsageError(
            f"steps == {value!r}, must be 1 to {MOST_STEPS} events such as "
            "session_start,level_start,level_complete."
        )
    found = tuple(part if isinstance(part, Step) else _step(str(part)) for part in parts)
    if found[0].optional:
        raise UsageError(f"steps == {value!r}: the first step cannot be optional.")
    return found


def exclusions(value: object) -> tuple[Exclusion, ...]:
    """Exclusions from `crash,2-3:ad_watched`, or from a list.

    Raises:
        UsageError: one has another shape.
    """
    parts = split(value) if isinstance(value, str) else value
    listed = parts if isinstance(parts, Iterable) else [parts]
    return tuple(part if isinstance(part, Exclusion) else _exclusion(part) for part in listed)


def names(value: object) -> tuple[str, ...]:
    """Names of properties from `level,mode`, or from a list.

    Raises:
        UsageError: one is empty, or there are too many.
    """
    parts = value.split(",") if isinstance(value, str) else value
    found = tuple(str(p).strip() for p in parts) if isinstance(parts, Iterable) else ()
    if not all(found) or not 0 < len(found) <= MOST_HELD or len(set(found)) < len(found):
        raise UsageError(
            f"hold == {value!r}, must be 1 to {MOST_HELD} names of properties such as level."
        )
    return tuple(checked_property(name, f"hold == {value!r}") for name in found)


STEPS = Option(
    "steps",
    "Events in order, such as session_start,level_start,level_complete; with conditions on their "
    "properties as level_complete[level>=3,mode=hard]; with ? at the end where a step is optional.",
    steps,
)
FUNNEL = Option("funnel", "A funnel that the settings declare, instead of --steps.", text)
ORDER = Option(
    "order",
    "`ordered`: other events may happen between the steps; `strict`: nothing but repeats of steps "
    "before; `any`: the steps in any order.",
    choice("order", "ordered", "strict", "any"),
)
WINDOW = Option(
    "window", "Longest time from first to last step, inclusive: 90s, 30m, 12h, 7d.", duration
)
STEP_WINDOW = Option(
    "step_window",
    "Longest time from one step to the next, inclusive; one for all, or one for each step after "
    "the first as 1h,2d.",
    durations("step_window"),
)
STEP_GAP = Option(
    "step_gap",
    "Shortest time from one step to the next, inclusive; one for all, or one for each.",
    durations("step_gap"),
)
WITHOUT = Option(
    "without",
    "Events that may not happen between the steps, such as crash, or 2-3:crash between steps 2 "
    "and 3 only.",
    exclusions,
)
HOLD = Option(
    "hold", "Properties that must be the same at all steps of an attempt, such as level.", names
)
ENTRY = Option(
    "entry",
    "`any`: every first step begins an attempt and the best counts; `first`: only the player's "
    "first one in the period.",
    choice("entry", "any", "first"),
)
COUNT = Option(
    "count",
    "`players`, each once; or `entries`: every first step counts, and an event serves the latest "
    "attempt that it can, once for each step.",
    choice("count", "players", "entries"),
)
STRICT_INCREASE = Option(
    "strict_increase", "Steps at the same instant do not follow each other.", flag
)
STRICT_DEDUPLICATION = Option(
    "strict_deduplication",
    "A step after the first that is repeated within an attempt ends it.",
    flag,
)
REUSE = Option("reuse", "One event may serve several steps that it matches.", flag)
REENTRY = Option(
    "reentry", "With `strict`: the first step may be repeated later in an attempt.", flag
)
ATTRIBUTION = Option(
    "attribution",
    "With --by event.NAME, whose event gives the value: `first_touch`, the first step; "
    "`last_touch`, the last step reached.",
    choice("attribution", "first_touch", "last_touch"),
)
OPTIONS = (
    STEPS,
    FUNNEL,
    ORDER,
    WINDOW,
    STEP_WINDOW,
    STEP_GAP,
    WITHOUT,
    HOLD,
    ENTRY,
    COUNT,
    STRICT_INCREASE,
    STRICT_DEDUPLICATION,
    REUSE,
    REENTRY,
    ATTRIBUTION,
)


def _step(written: str) -> Step:
    optional = written.rstrip().endswith("?")
    bare = written.rstrip().removesuffix("?") if optional else written
    return Step(parse_selector(bare, "steps"), optional)


def _exclusion(written: object) -> Exclusion:
    if not isinstance(written, str):
        raise UsageError(f"without == {written!r}, must be events such as crash, or 2-3:crash.")
    between = re.fullmatch(r"\s*(\d{1,9})-(\d{1,9}):(.*)", written, re.DOTALL)
    if between is None:
        return Exclusion(parse_selectors([written], "without")[0])
    selector = parse_selector(between[3], "without")
    return Exclusion(selector, int(between[1]), int(between[2]))
