"""The oracle's reading of which events are meant, as people write it."""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from oracle_contract import Event

NO_PROPERTY = {"properties", "event_type", "event_ts", "event_date", "player_id", "session_id"}
ORDERED = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def value_of(event: Event, name: str) -> Any:
    """A property: a typed column, else what the JSON says."""
    if name in event and name not in NO_PROPERTY:
        return event[name]
    return json.loads(event["properties"], parse_float=Decimal).get(name)


def text_of(value: Any) -> str | None:
    """A value as text; None where there is none."""
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def equal(value: Any, wanted: str) -> bool:
    """Whether a property has a value; the empty one means that it is missing."""
    if wanted == "":
        return value in (None, "")
    if isinstance(value, bool):
        return wanted.lower() == str(value).lower()
    if isinstance(value, (int, Decimal)):
        try:
            return Decimal(value) == Decimal(wanted)
        except InvalidOperation:
            return False
    return bool(value == wanted)


@dataclass(frozen=True)
class Means:
    """An event type and conditions, each a name, an operator and the values to choose from."""

    kind: str
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...] = ()

    def match(self, event: Event) -> bool:
        return event["event_type"] == self.kind and holds(event, self.conditions)


def holds(event: Event, conditions: Any) -> bool:
    """Whether all conditions hold."""
    return all(_holds(value_of(event, name), sign, values) for name, sign, values in conditions)


def _holds(value: Any, sign: str, values: tuple[str, ...]) -> bool:
    if sign in ("=", "!="):
        return any(equal(value, v) for v in values) == (sign == "=")
    number = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    return number and bool(ORDERED[sign](Decimal(value), Decimal(values[0])))


def conditions_of(texts: list[str]) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """Conditions from texts such as level>=3; the same name with = again means any of them."""
    found: dict[Any, tuple[str, ...]] = {}
    for number, text in enumerate(texts):
        match = re.fullmatch(r'\s*(\w+)\s*(!=|<=|>=|=|<|>)\s*"?(.*?)"?\s*', text)
        assert match, text
        key = (match[1], match[2], number if match[2] in ORDERED else None)
        found[key] = (*found.get(key, ()), match[3])
    return tuple((name, sign, values) for (name, sign, _), values in found.items())


def means(text: str) -> Means:
    """`kind[a=1,b>2]`."""
    kind, bracket, inside = text.strip().partition("[")
    return Means(kind.strip(), conditions_of(inside.rstrip("]").split(",")) if bracket else ())


def listed(text: Any) -> list[str]:
    """Parts between commas outside of brackets."""
    return re.findall(r"[^,\[]+(?:\[[^\]]*\])?[^,]*", text) if isinstance(text, str) else list(text)


def where_of_events(where: Mapping[str, Any] | None) -> Any:
    """The conditions of a `where` that are on events; several values mean any."""
    return tuple(
        (name.removeprefix("event."), "=", (value,) if isinstance(value, str) else tuple(value))
        for name, value in (where or {}).items()
        if name.startswith("event.")
    )
