"""What a funnel asks for: its steps, and what may happen between them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any, NamedTuple

from questline.errors import UsageError
from questline.metrics.options import Option, choice, duration, durations, flag, text
from questline.metrics.selectors import Selector, parse_selector, parse_selectors, split
from questline.settings import Declared

MOST_STEPS = 20
MOST_HELD = 3
MICROSECOND = timedelta(microseconds=1)


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
    return tuple(part if isinstance(part, Exclusion) else _exclusion(str(part)) for part in listed)


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
    return found


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
    "already done; `any`: the steps in any order.",
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
    "attempt that it can.",
    choice("count", "players", "entries"),
)
STRICT_INCREASE = Option(
    "strict_increase", "Steps at the same instant do not follow each other.", flag
)
STRICT_DEDUPLICATION = Option(
    "strict_deduplication", "A step that is repeated within an attempt ends it.", flag
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


@dataclass(frozen=True)
class Plan:
    """A funnel with its options; steps are counted from 1.

    Raises:
        UsageError: options exclude each other.
    """

    steps: tuple[Step, ...] = ()
    funnel: str | None = None
    order: str = "ordered"
    window: timedelta = timedelta(days=7)
    step_window: tuple[timedelta, ...] = ()
    step_gap: tuple[timedelta, ...] = ()
    without: tuple[Exclusion, ...] = ()
    hold: tuple[str, ...] = ()
    entry: str = "any"
    count: str = "players"
    strict_increase: bool = False
    strict_deduplication: bool = False
    reuse: bool = False
    reentry: bool = False
    attribution: str = "first_touch"

    def __post_init__(self) -> None:
        if not self.steps:
            raise UsageError(f"funnel needs --steps, or --funnel NAME. {STEPS.doc}")
        for name in ("step_window", "step_gap"):
            given = len(getattr(self, name))
            if given > 1 and given != len(self.steps) - 1:
                raise UsageError(
                    f"{name} holds {given} times, must be one for all or {len(self.steps) - 1}, "
                    "one for each step after the first."
                )
        for one in self.without:
            if one.last and not 1 <= one.first < one.last <= len(self.steps):
                raise UsageError(
                    f"without == {str(one)!r}, must be between steps of 1 to {len(self.steps)}."
                )
        self._refuse_contradictions()

    def _refuse_contradictions(self) -> None:
        limits = ("step_window", "step_gap")
        ordered = ("strict_increase", "strict_deduplication", "reuse", "reentry", "without")
        forbidden = {
            "order any": (self.order == "any", (*limits, *ordered)),
            "order strict": (self.order == "strict", (*limits, "without")),
            "strict_deduplication": (self.strict_deduplication, (*limits, "without")),
        }
        for what, (given, others) in forbidden.items():
            for other in others:
                if given and getattr(self, other):
                    raise UsageError(
                        f"--{other.replace('_', '-')} does not go with "
                        f"--{what.replace('_', '-')}; leave one of them out."
                    )
        if self.reentry and self.order != "strict":
            raise UsageError("--reentry goes with --order strict only; other orders allow it.")
        if self.order == "any" and self.count == "entries":
            raise UsageError("--order any counts players; entries go with the other orders.")
        if self.order == "any" and any(step.optional for step in self.steps):
            raise UsageError("--order any has no optional steps; leave out the ? or the order.")
        if self.order == "any" and any(
            not disjoint(a.selector, b.selector)
            for n, a in enumerate(self.steps)
            for b in self.steps[:n]
        ):
            raise UsageError(
                "--order any needs steps that no event can serve twice; tell them apart by "
                "conditions on one property."
            )

    @property
    def ordinals(self) -> range:
        """The numbers of the steps."""
        return range(1, len(self.steps) + 1)

    @property
    def longest(self) -> int:
        """The window in microseconds."""
        return self.window // MICROSECOND

    @property
    def sortable(self) -> bool:
        """Whether events of one instant can be taken in the order of the steps, one by one."""
        times = self.step_window or self.step_gap or self.strict_increase
        plain = self.order == "ordered" and not (
            times or self.without or self.strict_deduplication or self.reuse
        )
        return plain and all(
            disjoint(a.selector, b.selector)
            for n, a in enumerate(self.steps)
            for b in self.steps[:n]
        )

    @property
    def kinds(self) -> list[Selector]:
        """The different events of the steps."""
        return list(dict.fromkeys(step.selector for step in self.steps))

    def kind(self, step: int) -> int:
        """Which of `kinds` a step is."""
        return self.kinds.index(self.steps[step - 1].selector)

    def before(self, step: int) -> int:
        """The required step that comes before a step, 0 before the first."""
        return max((q for q in range(1, step) if not self.steps[q - 1].optional), default=0)

    def path(self, step: int) -> list[int]:
        """The required steps up to a step, and the step."""
        required = [q for q in range(1, step) if not self.steps[q - 1].optional]
        return [*required, step]

    def least(self, step: int) -> int:
        """Shortest time to a step from the one before, in microseconds."""
        found = _of_step(self.step_gap, step)
        return 0 if found is None else found // MICROSECOND

    def most(self, step: int) -> int | None:
        """Longest time to a step from the one before, in microseconds; None without limit."""
        found = _of_step(self.step_window, step)
        return None if found is None else found // MICROSECOND


DEFAULTS: Mapping[str, object] = {
    f.name: f.default for f in fields(Plan) if f.name not in {"steps", "funnel"}
} | {"steps": None, "funnel": None}


def plan_of(options: Mapping[str, Any]) -> Plan:
    """The plan of a metric's options.

    Raises:
        UsageError: steps are missing or options exclude each other.
    """
    known = {f.name for f in fields(Plan)}
    given = {name: value for name, value in options.items() if name in known}
    return Plan(**{**given, "steps": given.get("steps") or ()})


def expand(given: Mapping[str, object], declared: Declared) -> Mapping[str, object]:
    """Options with those of the declared funnel that `funnel` names; given ones win.

    Raises:
        UsageError: no funnel of that name is declared, or steps are given beside it.
    """
    name = given.get("funnel")
    if name is None:
        return given
    if "steps" in given:
        raise UsageError("--steps does not go with --funnel; leave one of them out.")
    found = declared.funnels.get(str(name))
    if found is None:
        known = ", ".join(declared.funnels)
        hint = f"Declared: {known}." if known else "Declare it as [funnels.NAME] in questline.toml."
        raise UsageError(f"There is no funnel {str(name)!r}. {hint}")
    known_options = {option.name for option in OPTIONS} - {"funnel"}
    options = found.model_dump()
    for option in options:
        if option not in known_options:
            allowed = ", ".join(sorted(known_options))
            raise UsageError(f"funnels.{name} has no option {option}. Its options: {allowed}.")
    return {**options, **given}


def disjoint(one: Selector, other: Selector) -> bool:
    """Whether surely no event matches both."""
    if one.event_type != other.event_type:
        return True
    return any(
        a.name == b.name
        and a.operator == b.operator == "="
        and not {_plain(v) for v in a.values} & {_plain(v) for v in b.values}
        for a in one.conditions
        for b in other.conditions
    )


def _plain(value: str) -> str | float:
    """A value so that two spellings of what is equal are equal."""
    try:
        return float(value)
    except ValueError:
        return value.lower()


def _of_step(times: tuple[timedelta, ...], step: int) -> timedelta | None:
    if not times or step < 2:
        return None
    return times[0] if len(times) == 1 else times[step - 2]


def _step(written: str) -> Step:
    optional = written.rstrip().endswith("?")
    bare = written.rstrip().removesuffix("?") if optional else written
    return Step(parse_selector(bare, "steps"), optional)


def _exclusion(written: str) -> Exclusion:
    between = re.fullmatch(r"\s*(\d{1,2})-(\d{1,2}):(.*)", written, re.DOTALL)
    if between is None:
        return Exclusion(parse_selectors([written], "without")[0])
    selector = parse_selector(between[3], "without")
    return Exclusion(selector, int(between[1]), int(between[2]))
