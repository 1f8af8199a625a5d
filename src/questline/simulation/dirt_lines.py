"""What each kind of dirt does to one line of JSON.

A line is taken apart into the JSON texts of its fields; what is not spoiled keeps its spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from questline.contract import EVENT_TYPES, Kind

Fields = dict[str, str]
"""JSON text of each field, in the order of the line."""

CENTS, HIGHEST_PRICE = 100, 1_000_000
DAY, HOUR, MILLISECOND = timedelta(days=1), timedelta(hours=1), timedelta(milliseconds=1)
DAY_MS = DAY // MILLISECOND
SHORTEST_REPEAT_MS, LONGEST_REPEAT_MS = 1_000, 20_000

_PAIR = re.compile(r'"([^"\\]+)":("(?:[^"\\]|\\.)*"|\{.*\}|[^",{}]+)')
_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"|[:{}]')
_LATIN_1 = tuple(chr(0xDC00 + byte) for byte in "éüñßÉö".encode("latin-1"))
_CONTROLS = ("\\u0007", "\\u001b", "\\b", "\\t", "\\u007f")
_DESCRIBING = ("app_version", "platform", "country")
_AMOUNTS = {"purchase": "price", "refund": "amount", "ad_watched": "revenue"}
_WRONG = {
    Kind.TEXT: ("5", "true", "[{}]"),
    Kind.INTEGER: ('"seven"', "3.7", "true", '"{}"'),
    Kind.SECONDS: ('"{}"', "true", '"0:44"'),
    Kind.BOOLEAN: ('"{}"', "1", '"yes"'),
    Kind.MONEY: ('"{}"', "true", "[{}]"),
    Kind.AMOUNT: ('"{}"', "false", "[{}]"),
}
"""JSON that is no value of a kind; the right value stands in the braces."""
_Option = TypeVar("_Option")


class Choices:
    """Choices made one after another from the bits of a hash."""

    def __init__(self, bits: int) -> None:
        self._bits = bits

    def below(self, bound: int) -> int:
        """A number from 0 to `bound` - 1; uses up as many bits as it has."""
        self._bits, found = divmod(self._bits, bound)
        return found

    def of(self, options: Sequence[_Option]) -> _Option:
        """One of the options."""
        return options[self.below(len(options))]


def fields_of(text: str) -> Fields:
    """The fields of a flat object without spaces; only the last may be an object itself.

    >>> fields_of('{"a":"b","n":0.10,"p":{"x":true}}')
    {'a': '"b"', 'n': '0.10', 'p': '{"x":true}'}
    """
    return dict(_PAIR.findall(text, 1, len(text) - 1))


def written(fields: Fields) -> str:
    """The object as text."""
    return "{" + ",".join(f'"{name}":{value}' for name, value in fields.items()) + "}"


def plain(value: str) -> str:
    """The content of a JSON string without escapes."""
    return value[1:-1]


def encoded(text: str) -> bytes:
    """UTF-8, but for the bytes that are none."""
    return text.encode("utf-8", "surrogateescape")


def _inner(fields: Fields) -> Fields:
    """The properties, each under a name such as properties.level."""
    return {f"properties.{n}": v for n, v in fields_of(fields["properties"]).items()}


def _with(fields: Fields, name: str, value: str) -> Fields:
    """The fields with another value of a field or, such as properties.level, of a property."""
    outer, _, inner = name.partition(".")
    if inner:
        value = written({**fields_of(fields[outer]), inner: value})
    return {**fields, outer: value}


def _time(value: str) -> datetime:
    return datetime.fromisoformat(plain(value))


def _stamp(when: datetime) -> str:
    return f'"{when.isoformat(timespec="milliseconds").removesuffix("+00:00")}Z"'


def _moved(fields: Fields, by: timedelta, *names: str) -> Fields:
    """The fields with some times moved."""
    return {**fields, **{name: _stamp(_time(fields[name]) + by) for name in names}}


def _head(fields: Fields) -> int:
    """Length of the line's text up to the end of event_id, the first field."""
    return len(f'{{"event_id":{fields["event_id"]}')


def truncated(fields: Fields, choices: Choices) -> str:
    """Cut off after event_id or later."""
    text, head = written(fields), _head(fields)
    return text[: head + choices.below(len(text) - head)]


def garbled(fields: Fields, choices: Choices) -> str:
    """A quote, a colon or a brace of the syntax lost or doubled, after event_id.

    With an odd number of quotes the last text never ends.
    """
    text = written(fields)
    places: dict[str, list[int]] = {}
    for found in _MARKS.finditer(text, _head(fields)):
        ends = sorted({found.start(), found.end() - 1})
        places.setdefault(found[0][0], []).extend(ends)
    place = choices.of(places[choices.of(sorted(places))])
    return text[:place] + text[place] * choices.of((0, 2)) + text[place + 1 :]


def not_object(fields: Fields, choices: Choices) -> str:
    """The object in an array, as text within text, or its values without their names."""
    text = written(fields)
    return choices.of((f"[{text}]", json.dumps(text), f"[{','.join(fields.values())}]"))


def wrong_encoding(fields: Fields, choices: Choices) -> str:
    """A letter of Latin-1 in a text of the envelope or of the properties."""
    values = {**{name: fields[name] for name in _DESCRIBING}, **_inner(fields)}
    name = choices.of([n for n, value in values.items() if value.startswith('"')])
    place = 1 + choices.below(len(values[name]) - 1)
    letter = choices.of(_LATIN_1)
    return written(_with(fields, name, values[name][:place] + letter + values[name][place:]))


def missing_id(fields: Fields, choices: Choices) -> str:
    """event_id or player_id absent, null or empty."""
    name = choices.of(("event_id", "player_id"))
    value = choices.of((None, "null", '""'))
    spoiled = {n: v if n != name else value for n, v in fields.items()}
    return written({n: v for n, v in spoiled.items() if v is not None})


def bad_id(fields: Fields, choices: Choices) -> str:
    """event_id or player_id not a UUID."""
    name = choices.of(("event_id", "player_id"))
    given = plain(fields[name])
    wrong = [f'"{given.replace("-", "")}"', f'"{given[:-1]}"', f'"{{{given}}}"', f'"g{given[1:]}"']
    if name == "player_id":
        wrong += ['"guest"', "0", '"undefined"']
    return written({**fields, name: choices.of(wrong)})


def bad_time(fields: Fields, choices: Choices) -> str:
    """A time without zone, as seconds or milliseconds since 1970, impossible or no time."""
    name = choices.of(("timestamp", "sent_at", "received_at"))
    text, when = plain(fields[name]), _time(fields[name])
    wrong = (
        f'"{text.removesuffix("Z")}"',
        str(int(when.timestamp())),
        str(int(when.timestamp() * 1000)),
        '"infinity"',
        f'"{text[:5]}02-30{text[10:]}"',
        f'"{text[:5]}13{text[7:]}"',
        f'"{text[:11]}24{text[13:]}"',
        f'"{when:%d.%m.%Y %H:%M:%S}"',
    )
    return written({**fields, name: choices.of(wrong)})


def wrong_type(fields: Fields, choices: Choices) -> str:
    """A property of the contract, a field of the envelope or the properties of another type."""
    values = {**fields, **_inner(fields)}
    event = EVENT_TYPES.get(plain(fields["event_type"]))
    kinds = {f"properties.{p.name}": p.kind for p in (event.properties if event else ())}
    kinds |= dict.fromkeys(_DESCRIBING, Kind.TEXT)
    name = choices.of([*(n for n in kinds if n in values), "properties"])
    if name == "properties":
        wrong = [json.dumps(fields[name]), f"[{fields[name]}]", '"[object Object]"']
    else:
        wrong = [form.replace("{}", values[name]) for form in _WRONG[kinds[name]]]
    return written(_with(fields, name, choices.of(wrong)))


def negative_price(fields: Fields, _: Choices) -> str:
    """The amount of money below zero."""
    name = f"properties.{_AMOUNTS[plain(fields['event_type'])]}"
    value = _inner(fields).get(name, "0")
    # JSON's -0 is a 0.
    value = f"-{value}" if Decimal(value) else "-0.01"
    return written(_with(fields, name, value))


def unknown_currency(fields: Fields, _: Choices) -> str:
    """The code that ISO 4217 keeps for "no currency"."""
    return written(_with(fields, "properties.currency", '"XXX"'))


def _unsent(fields: Fields, after: timedelta) -> str:
    """The event some time after it was received, with no sent_at to correct it by."""
    when = _stamp(_time(fields["received_at"]) + after)
    return written({**fields, "timestamp": when, "sent_at": "null"})


def future_clock(fields: Fields, choices: Choices) -> str:
    """2 to 30 days ahead of its reception."""
    return _unsent(fields, 2 * DAY + choices.below(28 * DAY_MS) * MILLISECOND)


def too_old(fields: Fields, choices: Choices) -> str:
    """40 to 160 days before its reception."""
    return _unsent(fields, -40 * DAY - choices.below(120 * DAY_MS) * MILLISECOND)


def malformed_type(fields: Fields, choices: Choices) -> str:
    """A control character in the type, escaped as JSON wants it."""
    name = plain(fields["event_type"])
    place = 1 + choices.below(len(name))
    spoiled = name[:place] + choices.of(_CONTROLS) + name[place:]
    return written({**fields, "event_type": f'"{spoiled}"'})


def unknown_type(fields: Fields, choices: Choices) -> str:
    """The type under a name that the contract does not have."""
    name = plain(fields["event_type"])
    other = (name.upper(), name.title().replace("_", ""), f"{name}_v2", f"game.{name}")
    return written({**fields, "event_type": f'"{choices.of(other)}"'})


def skewed_clock(fields: Fields, choices: Choices) -> str:
    """The device's clock, by which timestamp and sent_at go, up to 23 hours fast or slow."""
    by = HOUR * (1 + choices.below(23)) * choices.of((-1, 1))
    return written(_moved(fields, by, "timestamp", "sent_at"))


def unit_mistake(fields: Fields, _: Choices) -> str:
    """The price in cents; a price too high for that stays as it is."""
    cents = Decimal(_inner(fields)["properties.price"]) * CENTS
    if cents > HIGHEST_PRICE:
        return written(fields)
    return written(_with(fields, "properties.price", f"{cents.normalize():f}"))


def exact_duplicate(fields: Fields, _: Choices) -> Fields:
    """The same again."""
    return fields


def id_collision(fields: Fields, choices: Choices) -> Fields:
    """Another event of the same id and time, received later."""
    later = (1 + choices.below(60_000)) * MILLISECOND
    counts = {n: int(value) for n, value in _inner(fields).items() if value.isdecimal()}
    name = choices.of([*counts, "properties.copy"])
    value = str(counts.get(name, 0) + 1 + choices.below(9))
    return _with(_moved(fields, later, "sent_at", "received_at"), name, value)


def repeated_end(fields: Fields, choices: Choices) -> Fields:
    """A second session_end with an id of its own, on the same UTC day by the server's clock."""
    waited = _time(fields["sent_at"]) - _time(fields["timestamp"])
    happened = _time(fields["received_at"]) - waited
    midnight = happened.replace(hour=0, minute=0, second=0, microsecond=0) + DAY
    room = (midnight - happened) // MILLISECOND - 1
    wished = SHORTEST_REPEAT_MS + choices.below(LONGEST_REPEAT_MS - SHORTEST_REPEAT_MS)
    by = min(wished, room) * MILLISECOND
    own = UUID(int=choices.below(1 << 128), version=4)
    second = {**fields, "event_id": f'"{own}"'}
    return _moved(second, by, "timestamp", "sent_at", "received_at")


def milliseconds_between(first: Fields, second: Fields) -> int:
    """How much later the second was received."""
    return (_time(second["received_at"]) - _time(first["received_at"])) // MILLISECOND


def postponed(fields: Fields, choices: Choices) -> tuple[int, Fields]:
    """The same event received 1 to 19 UTC days later (mostly few), at least an hour later."""
    days = 1 + choices.below(1 + choices.below(19))
    received = _time(fields["received_at"])
    midnight = received.replace(hour=0, minute=0, second=0, microsecond=0)
    by = midnight + days * DAY + choices.below(DAY_MS) * MILLISECOND - received
    # Two hours after midnight at most: the day stays the same.
    by += HOUR if by < HOUR else timedelta(0)
    return days, _moved(fields, by, "sent_at", "received_at")
