"""What is known of a player, and the conditions on it that choose players."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import ibis

from questline.errors import UsageError
from questline.metrics.selectors import PropertyCondition, checked_property

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
EVENT = "event."
"""Begins the name of an event's property, as `event.placement`."""
_CONDITION = re.compile(r"\s*(.+?)\s*(!=|<=|>=|=|<|>)\s*(.*?)\s*", re.DOTALL)

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
        raise UsageError(
            f"{self.name!r} is no attribute of a player. Choose one of {names}; a property of "
            "events is written event.NAME."
        )

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
        if name.startswith(EVENT):
            continue
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


def parse_event_where(where: Where) -> tuple[PropertyCondition, ...]:
    """Those of the conditions that are on events' properties, such as `event.format=rewarded`.

    Raises:
        UsageError: a text is not a condition.
    """
    found: dict[tuple[str, str, int], PropertyCondition] = {}
    for number, (name, operator, values) in enumerate(_pairs(where)):
        if not name.startswith(EVENT):
            continue
        checked_property(name.removeprefix(EVENT), "where")
        key = (name, operator, 0 if operator in {"=", "!="} else number)
        before = found[key].values if key in found else ()
        texts = tuple("" if v is None else str(v) for v in values)
        found[key] = PropertyCondition(name.removeprefix(EVENT), operator, (*before, *texts))
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
