"""The catalogue: every metric with its definition, formula, columns and options."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

import ibis

from questline.errors import UsageError
from questline.metrics.attributes import ATTRIBUTES
from questline.metrics.options import Option
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables
from questline.settings import Declared


class Kind(StrEnum):
    """What a column of a result holds, and so how a person wants to see it."""

    COUNT = "count"
    """A whole number."""
    NUMBER = "number"
    """An average or ratio without unit."""
    SHARE = "share"
    """A ratio from 0 to 1, shown in percent."""
    USD = "USD"
    """An amount of US dollars."""
    USD_EACH = "USD each"
    """US dollars for one player, day or impression: small amounts matter."""
    SECONDS = "seconds"
    """A length of time."""
    DATE = "date"
    """A day in the reporting zone."""
    TEXT = "text"
    """A name."""
    FLAG = "flag"
    """Yes or no."""


@dataclass(frozen=True)
class Output:
    """One column of a metric's result."""

    name: str
    kind: Kind
    doc: str


Expand = Callable[[Mapping[str, object], Declared], Mapping[str, object]]


@dataclass(frozen=True)
class Entry:
    """One metric.

    `value` is the column that a chart draws; `acquisition` says that the number depends on when
    players were acquired, `cohorts` that the period selects cohorts; `example` holds the options
    that the catalogue's SQL is compiled with.
    """

    name: str
    title: str
    definition: str
    formula: str
    grain: str
    unit: str
    value: str
    inputs: tuple[str, ...]
    outputs: tuple[Output, ...]
    options: tuple[Option, ...]
    maturity: str
    acquisition: bool
    cohorts: bool
    example: Mapping[str, object]
    function: Callable[..., ibis.Table] = field(repr=False)
    event_properties: bool = False
    """Whether it can be split and filtered by properties of events."""
    given_defaults: Mapping[str, object] = field(default_factory=dict)
    """Defaults of options that the function takes as `**options`."""
    expand: Expand | None = field(default=None, repr=False)
    """Puts in options that the settings declare under a name."""

    @property
    def summary(self) -> str:
        """First sentence of the definition."""
        return self.definition.partition("\n")[0]

    @property
    def defaults(self) -> dict[str, object]:
        """Options that need not be given, with their values."""
        named = {
            p.name: p.default
            for p in inspect.signature(self.function).parameters.values()
            if p.default is not inspect.Parameter.empty
        }
        known = {**named, **self.given_defaults}
        return {o.name: known[o.name] for o in self.options if o.name in known}

    def kind(self, column: str) -> Kind:
        """What a column of the result holds; the split is text."""
        return next((o.kind for o in self.outputs if o.name == column), Kind.TEXT)

    def parse(
        self, given: Mapping[str, object], declared: Declared | None = None
    ) -> dict[str, object]:
        """Checks options and fills in what is declared and the defaults; None is not given.

        Raises:
            UsageError: an option is unknown, wrong or missing.
        """
        known = {o.name: o for o in self.options}
        chosen = {name: value for name, value in given.items() if value is not None}
        if self.expand is not None:
            chosen = dict(self.expand(chosen, declared or Declared()))
        for name in chosen:
            if name not in known:
                allowed = ", ".join(known) or "none"
                raise UsageError(f"{self.name} has no option {name}. Its options: {allowed}.")
        parsed = self.defaults | {n: known[n].parse(v) for n, v in chosen.items()}
        for name, option in known.items():
            if name not in parsed:
                raise UsageError(f"{self.name} needs {option.flag}. {option.doc}")
        return parsed

    def compute(self, tables: Tables, scope: Scope, **options: object) -> ibis.Table:
        """The metric as an expression; the players are chosen in the tables here.

        Raises:
            UsageError: an option is unknown, wrong or missing.
        """
        parsed = self.parse(options, scope.declared)
        if not self.event_properties and (scope.event_by is not None or scope.event_where):
            raise UsageError(self._no_event_properties(scope))
        return self.function(tables.filtered(scope), scope, **parsed)

    def _no_event_properties(self, scope: Scope) -> str:
        name = scope.event_by or scope.event_where[0].name
        able = ", ".join(e.name for e in CATALOGUE.values() if e.event_properties)
        return (
            f"{self.name} has {self.grain}, which has no property {name} of an event. Use an "
            f"attribute of the player ({', '.join(ATTRIBUTES)}), or one of {able}."
        )


CATALOGUE: dict[str, Entry] = {}
"""Every metric by name, in the order in which the modules define them."""

Function = Callable[..., ibis.Table]


def metric(
    *,
    title: str,
    formula: str,
    grain: str,
    unit: str,
    inputs: tuple[str, ...],
    outputs: tuple[Output, ...],
    maturity: str,
    value: str | None = None,
    options: tuple[Option, ...] = (),
    acquisition: bool = False,
    cohorts: bool = False,
    example: Mapping[str, object] | None = None,
    defaults: Mapping[str, object] | None = None,
    expand: Expand | None = None,
    event_properties: bool = False,
) -> Callable[[Function], Function]:
    """Enters a function `(tables, scope, *, options) -> Table` under its own name.

    The docstring is the public definition; `value` is the metric's name unless given.
    """

    def enter(function: Function) -> Function:
        name = function.__name__
        CATALOGUE[name] = Entry(
            name=name,
            title=title,
            definition=inspect.cleandoc(function.__doc__ or ""),
            formula=formula,
            grain=grain,
            unit=unit,
            value=value or name,
            inputs=inputs,
            outputs=outputs,
            options=options,
            maturity=maturity,
            acquisition=acquisition,
            cohorts=cohorts,
            example=example or {},
            function=function,
            event_properties=event_properties,
            given_defaults=defaults or {},
            expand=expand,
        )
        return function

    return enter


def entry(name: str) -> Entry:
    """The metric of that name.

    Raises:
        UsageError: there is none.
    """
    if name in CATALOGUE:
        return CATALOGUE[name]
    close = get_close_matches(name, CATALOGUE, n=1)
    hint = f"Did you mean {close[0]}? " if close else ""
    raise UsageError(f"There is no metric {name!r}. {hint}`questline metrics` lists them.")


DAY = Output("event_date", Kind.DATE, "Day in the reporting zone.")
COMPLETE = Output("complete", Kind.FLAG, "Whether the day was observed from beginning to end.")
WHOLE_DAYS = "Only days from complete_from to complete_until enter the ratio."
SHOWN_DAYS = "Days after complete_until are shown when asked for, with complete = false."
