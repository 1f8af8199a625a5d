"""What a funnel asks for: its steps, and what may happen between them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from questline.engines.instants import MICROSECOND
from questline.errors import UsageError
from questline.metrics.funnel_options import FUNNEL, OPTIONS, STEPS, Exclusion, Step
from questline.metrics.selectors import (
    Selector,
)
from questline.settings import Declared

NONE = -1
"""Stands for "no chain" where a chain's start, in microseconds since 1970, is kept."""


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
        for q in self.ordinals[1:]:
            most = self.most(q)
            if most is not None and most < self.least(q):
                raise UsageError(
                    f"step_gap is longer than step_window at step {q}, so that nothing could "
                    "follow; make the gap shorter or the window longer."
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


def held(plan: Plan) -> list[str]:
    """Columns of the properties held constant."""
    return [f"held{n}" for n in range(len(plan.hold))]


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
    known_options = {option.name: option for option in OPTIONS if option != FUNNEL}
    options = found.model_dump()
    for option, value in options.items():
        if option not in known_options:
            allowed = ", ".join(sorted(known_options))
            raise UsageError(f"funnels.{name} has no option {option}. Its options: {allowed}.")
        try:
            known_options[option].parse(value)
        except UsageError as error:
            raise UsageError(f"funnels.{name}.{option}: {error}") from error
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
