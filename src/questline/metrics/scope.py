"""What a question is about: the period, the players and the observed days."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

import ibis

from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.settings import Feature

ATTRIBUTES: dict[str, str] = {
    "platform": "Operating system or store.",
    "country": "Country code.",
    "channel": "Acquisition channel.",
    "first_version": "Version of the game at acquisition.",
    "device": "Device model or class.",
    "acquisition_source": "metadata or first_event.",
    "acquisition_date": "Day of acquisition.",
    "cohort_week": "Monday of the acquisition's ISO week.",
}
"""Attributes of a player; `experiment.NAME`, his variant in an experiment, is one more."""

DATE_ATTRIBUTES = ("acquisition_date", "cohort_week")
EXPERIMENT = "experiment."
LONGEST_PERIOD = 36_525
_CONDITION = re.compile(r"\s*(.+?)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)
_NEVER = (date(9000, 1, 2), date(9000, 1, 1))
_DAY = timedelta(days=1)

Day = date | str | None
Where = str | Iterable[str] | Mapping[str, object]


@dataclass(frozen=True)
class Attribute:
    """One attribute of a player.

    Raises:
        UsageError: there is no such attribute.
    """

    name: str

    def __post_init__(self) -> None:
        experiment = self.name.startswith(EXPERIMENT) and self.name != EXPERIMENT
        if self.name in ATTRIBUTES or experiment:
            return
        names = ", ".join((*ATTRIBUTES, "experiment.NAME"))
        raise UsageError(f"{self.name!r} is no attribute of a player. Choose one of {names}.")

    @property
    def column(self) -> str:
        """Name of the column a result shows it in."""
        return self.name if self.name in ATTRIBUTES else "variant"

    def of(self, players: ibis.Table) -> ibis.Column:
        """The attribute of each row of `players`."""
        if self.name in ATTRIBUTES:
            return players[self.name]
        experiment = self.name.removeprefix(EXPERIMENT)
        seen = players.variants.filter(lambda v: v.experiment == experiment)
        return seen.map(lambda v: v.variant)[0].name(self.column)


@dataclass(frozen=True)
class Condition:
    """One condition on an attribute; several values of `=` mean any of them."""

    attribute: Attribute
    operator: str
    values: tuple[str | date | None, ...]

    def __str__(self) -> str:
        """As it is written, several values with `or`."""
        values = " or ".join("unknown" if v is None else str(v) for v in self.values)
        return f"{self.attribute.name}{self.operator}{values}"

    def of(self, players: ibis.Table) -> ibis.BooleanValue:
        """Whether each row of `players` matches; the answer is never NULL."""
        column = self.attribute.of(players)
        given = [v for v in self.values if v is not None]
        no = ibis.literal(value=False)
        if self.operator in {"=", "!="}:
            match = column.isin(given).coalesce(no) if given else no
            if None in self.values:
                match = match | column.isnull()
            return match if self.operator == "=" else ~match
        bound = ibis.literal(given[0])
        compare = {"<": column < bound, "<=": column <= bound, ">": column > bound}
        return compare.get(self.operator, column >= bound).coalesce(no)


def parse_where(where: Where) -> tuple[Condition, ...]:
    """Conditions from texts such as `platform=ios`, or from a mapping of attribute to values.

    Conditions on different attributes must all hold. `=` given several times for one attribute
    means any of the values; an empty value means unknown. `<`, `<=`, `>` and `>=` are for dates.

    Raises:
        UsageError: a text is not a condition, or names no attribute.
    """
    found: dict[tuple[str, str, int], Condition] = {}
    for number, (name, operator, values) in enumerate(_pairs(where)):
        attribute = Attribute(name)
        ordered = operator not in {"=", "!="}
        if ordered and name not in DATE_ATTRIBUTES:
            raise UsageError(
                f"{name} {operator} ... has no order. Use = or != with {name}; "
                f"only {' and '.join(DATE_ATTRIBUTES)} can be compared."
            )
        parsed = tuple(_value(attribute, operator, v) for v in values)
        key = (name, operator, number if ordered else 0)
        before = found[key].values if key in found else ()
        found[key] = Condition(attribute, operator, (*before, *parsed))
    return tuple(found.values())


def _pairs(where: Where) -> Iterable[tuple[str, str, tuple[object, ...]]]:
    if isinstance(where, Mapping):
        for name, value in where.items():
            many = isinstance(value, Iterable) and not isinstance(value, str)
            values = tuple(value) if many else (value,)  # type: ignore[arg-type]
            yield str(name), "=", values
        return
    for text in [where] if isinstance(where, str) else where:
        match = _CONDITION.fullmatch(text)
        if match is None:
            raise UsageError(f"where == {text!r}, must look like platform=ios.")
        yield match[1], match[2], (match[3],)


def _value(attribute: Attribute, operator: str, value: object) -> str | date | None:
    if value is None or value == "":
        if operator in {"=", "!="}:
            return None
        raise UsageError(f"{attribute.name}{operator} needs a date such as 2026-01-31.")
    if attribute.name not in DATE_ATTRIBUTES:
        return str(value)
    return parse_day(value, attribute.name)


def parse_day(value: object, name: str) -> date:
    """A day from a date or from text such as 2026-01-31.

    Raises:
        UsageError: it is neither.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise UsageError(f"{name} == {value!r}, must be a day such as 2026-01-31.") from error


@dataclass(frozen=True)
class Scope:
    """The days and players a metric is asked about, and what the lake could observe.

    `asked_from` and `asked_to` are the period a person chose, None where he chose none; the
    default period is the observed one. Later days may be asked for: plain counts show them as
    not complete, ratios leave them out.

    Raises:
        UsageError: the period is reversed or longer than a century.
    """

    facts: LakeFacts
    asked_from: date | None = None
    asked_to: date | None = None
    by: Attribute | None = None
    where: tuple[Condition, ...] = ()
    features: Mapping[str, Feature] = field(default_factory=dict)

    def __post_init__(self) -> None:
        asked = self.asked_from is not None and self.asked_to is not None
        if asked and self.last < self.first:
            raise UsageError(f"The period {self.first} to {self.last} ends before it begins.")
        if (self.last - self.first).days > LONGEST_PERIOD:
            raise UsageError(f"The period {self.first} to {self.last} is longer than a century.")

    @property
    def observed(self) -> tuple[date, date]:
        """First and last observed day of the lake; an empty interval where there is none."""
        if self.facts.complete_from is None or self.facts.complete_until is None:
            return _NEVER
        return self.facts.complete_from, self.facts.complete_until

    @property
    def _empty(self) -> bool:
        return self.observed == _NEVER

    @property
    def first(self) -> date:
        """First day of the period."""
        if self.asked_from is not None or self.asked_to is None:
            return self.asked_from or self.observed[0]
        return self.asked_to if self._empty else min(self.observed[0], self.asked_to)

    @property
    def last(self) -> date:
        """Last day of the period."""
        if self.asked_to is not None or self.asked_from is None:
            return self.asked_to or self.observed[1]
        return self.asked_from if self._empty else max(self.observed[1], self.asked_from)

    @property
    def pooled(self) -> tuple[date, date]:
        """The days of the period that were observed; only they enter a pooled number."""
        return max(self.first, self.observed[0]), min(self.last, self.observed[1])

    @property
    def dimensions(self) -> list[str]:
        """The column that splits the result, as a list of none or one."""
        return [] if self.by is None else [self.by.column]

    @property
    def end_of_observation(self) -> datetime | None:
        """The instant at which the last observed day ended, None for an empty lake."""
        if self.facts.complete_until is None:
            return None
        midnight = datetime.combine(self.facts.complete_until + _DAY, time())
        return midnight.replace(tzinfo=ZoneInfo(self.facts.reporting_zone)).astimezone(UTC)

    def shown(self, day: ibis.DateColumn) -> ibis.BooleanValue:
        """Whether `day` is in the period."""
        return day.between(ibis.date(self.first), ibis.date(self.last))

    def counted(self, day: ibis.DateColumn) -> ibis.BooleanValue:
        """Whether `day` is in the period and was observed."""
        first, last = self.pooled
        return day.between(ibis.date(first), ibis.date(last))

    def complete(self, day: ibis.DateColumn) -> ibis.BooleanValue:
        """Whether `day` was observed from its beginning to its end."""
        first, last = self.observed
        return day.between(ibis.date(first), ibis.date(last))


Per = Literal["period", "day"]


def make_scope(
    facts: LakeFacts,
    features: Mapping[str, Feature],
    *,
    start: Day = None,
    end: Day = None,
    by: str | None = None,
    where: Where = (),
) -> Scope:
    """A scope from what a person writes.

    Raises:
        UsageError: a day, a condition or an attribute is wrong.
    """
    return Scope(
        facts=facts,
        asked_from=None if start is None else parse_day(start, "from"),
        asked_to=None if end is None else parse_day(end, "to"),
        by=None if by is None else Attribute(by),
        where=parse_where(where),
        features=features,
    )
