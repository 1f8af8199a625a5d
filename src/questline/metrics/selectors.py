"""Which events are meant: `purchase`, or `level_complete[level>=3,mode=hard]`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import ibis

from questline.errors import UsageError

_CONDITION = re.compile(
    r"\s*(?P<name>[^=!<>\"\[\],]+?)\s*(?P<operator>!=|<=|>=|=|<|>)(?!\s*[=<>])\s*"
    r"(?:\"(?P<quoted>(?:[^\"\\]|\\.)*)\"|(?P<plain>[^\",\]]*?))\s*(?:,|$)",
    re.DOTALL,
)
_SELECTOR = re.compile(r'\s*(?P<event>[^\[\]?,"]*?)\s*(?:\[(?P<conditions>.*)\])?\s*', re.DOTALL)
_SHAPE = "must look like purchase or level_complete[level>=3,mode=hard]"
NO_PROPERTIES = (
    "event_id",
    "player_id",
    "session_id",
    "event_type",
    "event_ts",
    "event_date",
    "client_ts",
    "client_date",
    "sent_at",
    "received_at",
    "time_quality",
    "properties",
    "batch",
    "line",
)
"""Columns of an event that are no property a question compares with a value."""


@dataclass(frozen=True)
class PropertyCondition:
    """One condition on a property of an event; several values of `=` mean any of them.

    A property is a typed column of the events where there is one of this name, else it is looked
    up in `properties`. An empty value means that the event does not have it.
    """

    name: str
    operator: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        """As it is written, once a value."""
        return ",".join(f"{self.name}{self.operator}{_written(v)}" for v in self.values)

    def of(self, events: ibis.Table) -> ibis.BooleanValue:
        """Whether each row of `events` matches; the answer is never NULL."""
        if self.operator in {"=", "!="}:
            matches = [_equals(events, self.name, v) for v in self.values]
            match = ibis.or_(*matches) if len(matches) > 1 else matches[0]
            return match if self.operator == "=" else ~match
        value = _number(self.name, self.values[0])
        column = _numeric(events, self.name)
        found = {
            "<": column < value,
            "<=": column <= value,
            ">": column > value,
            ">=": column >= value,
        }[self.operator]
        return found.coalesce(ibis.literal(value=False))


@dataclass(frozen=True)
class Selector:
    """Events of one type whose properties match all `conditions`."""

    event_type: str
    conditions: tuple[PropertyCondition, ...] = ()

    def __str__(self) -> str:
        """As it is written."""
        inside = ",".join(map(str, self.conditions))
        return f"{self.event_type}[{inside}]" if inside else self.event_type

    def of(self, events: ibis.Table) -> ibis.BooleanValue:
        """Whether each row of `events` is one of these."""
        match = events.event_type == self.event_type
        return ibis.and_(match, *[c.of(events) for c in self.conditions])


def property_of(events: ibis.Table, name: str) -> ibis.StringValue:
    """A property of each event as text; NULL where the event does not have it."""
    if is_column(events, name):
        return events[name].cast("string")
    found = events.properties.cast("json")[name]
    return found.unwrap_as("string").coalesce(found.cast("string").nullif("null"))


def is_column(events: ibis.Table, name: str) -> bool:
    """Whether the property has a typed column."""
    return name in events.columns and name not in NO_PROPERTIES


def checked_property(name: str, where: str) -> str:
    """The name of a property, if it can be one.

    Raises:
        UsageError: it is empty or a column that is no property.
    """
    if not name or name in NO_PROPERTIES:
        raise UsageError(
            f"{where}: {name or 'nothing'} is no property of an event; name one such as level."
        )
    return name


def property_amount(events: ibis.Table, name: str) -> ibis.NumericValue:
    """A property of each event as a number, money as decimals; NULL where it is none.

    Raises:
        UsageError: the property is a column that holds no number.
    """
    return _numeric(events, name)


def parse_selector(text: object, name: str = "event") -> Selector:
    """A selector from its text.

    Raises:
        UsageError: it has another shape, or a comparison is with no number.
    """
    if isinstance(text, Selector):
        return text
    match = _SELECTOR.fullmatch(str(text))
    if match is None or not match["event"]:
        raise UsageError(f"{name} == {str(text)!r}, {_SHAPE}.")
    inside = match["conditions"]
    if inside is None:
        return Selector(match["event"])
    return Selector(match["event"], _conditions(inside, str(text), name))


def parse_selectors(value: object, name: str) -> tuple[Selector, ...]:
    """Selectors from `a,b[x=1,y=2],c` or from a list of them.

    Raises:
        UsageError: one has another shape.
    """
    parts: Iterable[object] = split(value) if isinstance(value, str) else _listed(value)
    return tuple(parse_selector(part, name) for part in parts)


def split(text: str) -> list[str]:
    """Parts between commas that stand neither in brackets nor in quotes."""
    parts, depth, quoted, escaped = [""], 0, False, False
    for sign in text:
        if sign == '"' and not escaped and depth:
            quoted = not quoted
        depth += 0 if quoted else {"[": 1, "]": -1}.get(sign, 0)
        escaped = sign == "\\" and not escaped
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _listed(value: object) -> Iterable[object]:
    return value if isinstance(value, Iterable) else [value]


def _conditions(inside: str, text: str, option: str) -> tuple[PropertyCondition, ...]:
    found: dict[tuple[str, str, int], PropertyCondition] = {}
    place = 0
    while place < len(inside):
        match = _CONDITION.match(inside, place)
        if match is None:
            raise UsageError(f"{option} == {text!r}, {_SHAPE}.")
        place = match.end()
        name, operator = match["name"], match["operator"]
        checked_property(name, f"{option} == {text!r}")
        value = match["plain"]
        if value is None:
            value = re.sub(r"\\(.)", r"\1", match["quoted"])
        ordered = operator not in {"=", "!="}
        if ordered:
            _number(name, value)
        key = (name, operator, place if ordered else 0)
        before = found[key].values if key in found else ()
        found[key] = PropertyCondition(name, operator, (*before, value))
    if not found:
        raise UsageError(f"{option} == {text!r}, {_SHAPE}.")
    return tuple(found.values())


def _written(value: str) -> str:
    plain = not re.search(r'[",\[\]\\]', value) and value == value.strip()
    return value if plain else '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'


def _equals(events: ibis.Table, name: str, value: str) -> ibis.BooleanValue:
    no = ibis.literal(value=False)
    if value == "":
        missing = property_of(events, name)
        return missing.isnull() | (missing == "").coalesce(no)
    if not is_column(events, name):
        found = events.properties.cast("json")[name]
        match = (found.unwrap_as("string") == value).coalesce(no)
        same = {value, json.dumps(value)}
        return match | found.cast("string").isin(sorted(same)).coalesce(no)
    column = events[name]
    kind = column.type()
    if kind.is_boolean():
        return (column == _boolean(name, value)).coalesce(no)
    if kind.is_numeric():
        return (column == _number(name, value)).coalesce(no)
    return (column == value).coalesce(no)


def _numeric(events: ibis.Table, name: str) -> ibis.NumericValue:
    if not is_column(events, name):
        return events.properties.cast("json")[name].unwrap_as("float64")
    column = events[name]
    if not column.type().is_numeric():
        raise UsageError(f"{name} is no number; it can only be compared with = and !=.")
    return column


def _boolean(name: str, value: str) -> bool:
    if value.lower() not in {"true", "false"}:
        raise UsageError(f"{name} == {value!r}, must be true or false.")
    return value.lower() == "true"


def _number(name: str, value: str) -> ibis.NumericValue:
    """A number as a literal: whole, else decimal, so that 0.99 is compared exactly."""
    try:
        number = Decimal(value)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) >= 10**12 or number != round(number, 6):
        raise UsageError(
            f"{name} is compared with {value!r}, must be a number with at most six decimals."
        )
    whole = number == number.to_integral_value()
    return ibis.literal(int(number)) if whole else ibis.literal(number, type="decimal(18, 6)")
