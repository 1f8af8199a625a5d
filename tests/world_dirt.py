"""Lines that are refused: for each reason some ways to earn it, written by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

Event = dict[str, Any]
Spoiler = Callable[[Event, datetime], bytes]


def text_of(event: Event, *, spaced: bool = True) -> bytes:
    """An event as a line, with spaces after separators or without."""
    separators = (", ", ": ") if spaced else (",", ":")
    return json.dumps(event, ensure_ascii=not spaced, separators=separators).encode()


def moment(as_of: datetime, **shift: float) -> str:
    """A time some while from the as-of."""
    return (as_of + timedelta(**shift)).isoformat()[:-6] + "Z"


def plain(ids: Event, as_of: datetime, kind: str = "login", **properties: Any) -> Event:
    """An accepted event a day before the as-of."""
    when = moment(as_of, days=-1)
    return {**ids, "event_type": kind, "timestamp": when, "properties": properties}


def raw(line: bytes) -> Spoiler:
    """The line itself, whatever the ids."""
    return lambda _ids, _as_of: line


def framed(form: str) -> Spoiler:
    """An event within text that spoils it; `%s` is the event, `%(cut)s` its half."""

    def spoil(ids: Event, as_of: datetime) -> bytes:
        line = text_of(plain(ids, as_of)).decode()
        cut = line[: len(line) // 2]
        return form.replace("%s", line).replace("%(cut)s", cut).encode()

    return spoil


def inserted(junk: bytes) -> Spoiler:
    """An event with bytes inside its type."""
    return lambda ids, as_of: text_of(plain(ids, as_of)).replace(b"login", b"lo" + junk + b"gin")


def field(name: str, value: Any) -> Spoiler:
    """An event with one field of its envelope replaced."""
    return lambda ids, as_of: text_of({**plain(ids, as_of), name: value})


def without(name: str) -> Spoiler:
    """An event that lacks a field."""
    return lambda ids, as_of: text_of({k: v for k, v in plain(ids, as_of).items() if k != name})


def said(kind: str, **properties: Any) -> Spoiler:
    """An event of a type with these properties."""
    return lambda ids, as_of: text_of(plain(ids, as_of, kind, **properties))


def literal(kind: str, properties: str) -> Spoiler:
    """An event whose properties are this text."""
    return lambda ids, as_of: text_of(plain(ids, as_of, kind)).replace(b"{}", properties.encode())


def timed(**shifts: timedelta) -> Spoiler:
    """An event with times relative to the as-of."""

    def spoil(ids: Event, as_of: datetime) -> bytes:
        times = {name: moment(as_of, seconds=s.total_seconds()) for name, s in shifts.items()}
        return text_of({**plain(ids, as_of), **times})

    return spoil


LONG = "x" * 129
WRONG_TYPES: list[Any] = [LONG, "a\tb", "a\nb", "\x7f", 5, True, ["login"], {}]
WRONG_TEXTS: list[Any] = [5, LONG, {}]
WRONG_OBJECTS: list[Any] = ["text", [], 3, True, "{}"]
WRONG_LEVELS: list[Any] = ["3", 3.7, True, -1, 1_000_000_001, 3.0, [3]]
WRONG_SECONDS: list[Any] = [-1, "1", 31_536_000.5, True]
WRONG_MODES: list[Any] = ["", LONG, 1, False]
WRONG_PRICES: list[Any] = ["4.99", -1, 1_000_000.5, True, []]
HOUR, DAY, SECOND = timedelta(hours=1), timedelta(days=1), timedelta(seconds=1)

REASONED: dict[str, list[Spoiler]] = {
    "too_large": [said("login", pad="x" * 2_100)],
    "invalid_encoding": [inserted(b"\xff"), inserted(b"\x00"), inserted(b"\xc3"), raw(b"\xfe\xfe")],
    "malformed_json": [
        *(raw(b) for b in (b"{", b"nonsense", b"   ", b"{'a': 1}", b'{"a" 1}', b"\t")),
        *(framed(form) for form in ("%(cut)s", "%s,", "%s %s", '{"a": %s', "%s}", "[%s")),
        *(framed(form) for form in ("//c\n%s".replace("\n", " "), "/**/%s")),
        *(literal("login", t) for t in ('{"a": NaN}', '{"a": 01}', '{"a": .5}')),
        *(literal("login", t) for t in ('{"a": Infinity}', '{"a": +1}', '{"a": "\t"}')),
    ],
    "not_an_object": [raw(b) for b in (b"[1]", b'"text"', b"3", b"null", b"true", b"[]")],
    "missing_field": [
        *(without(n) for n in ("event_id", "player_id", "event_type", "timestamp", "properties")),
        *(field(n, None) for n in ("event_id", "player_id", "event_type", "properties")),
        *(field(n, "") for n in ("event_id", "player_id", "event_type", "timestamp")),
        raw(b"{}"),
        said("level_start"),
        said("level_start", level=None),
        said("purchase", price=1),
        said("purchase", currency="USD", price=None),
        said("refund", amount=1, currency="USD"),
        said("achievement_unlocked"),
        said("experiment_exposure", experiment="gate"),
        said("currency_change", currency_name="gems"),
    ],
    "invalid_id": [
        field("event_id", "not-a-uuid"),
        field("event_id", 17),
        field("player_id", "00000000000000000000000000000001"),
        field("player_id", " 00000000-0000-0000-0000-000000000001"),
        field("player_id", ["00000000-0000-0000-0000-000000000001"]),
        field("session_id", LONG),
        field("session_id", 5),
    ],
    "invalid_timestamp": [
        *(
            field("timestamp", text)
            for text in (
                *("2026-03-05T12:00:00", "2026-02-29T12:00:00Z", "2026-03-05", "infinity"),
                *("epoch", "2026-03-05T12:00:60Z", "2026-03-05T24:00:00Z", "yesterday"),
                *("1969-12-31T23:59:59Z", "2101-01-01T00:00:00Z", "2026-03-05T12:00Z"),
                *("2026-03-05T12:00:00.Z", "2026-03-05T12:00:00.1234567890Z", "2026-3-5T12:00:00Z"),
                *("2026-03-05T12:00:00Z ", "2026-03-05T12:00:00 Z", "2026-13-05T12:00:00Z"),
            )
        ),
        field("timestamp", 1_772_000_000),
        field("received_at", "soon"),
        field("sent_at", "2026-03-05T12:00:00"),
        field("sent_at", True),
    ],
    "timestamp_in_future": [
        timed(timestamp=HOUR + SECOND),
        timed(timestamp=400 * DAY),
        timed(timestamp=-DAY, received_at=-DAY - HOUR - SECOND),
        timed(timestamp=-DAY, sent_at=-2 * DAY, received_at=-3 * DAY),
    ],
    "too_old": [
        timed(timestamp=-31 * DAY - SECOND),
        timed(timestamp=-40 * DAY, received_at=-8 * DAY),
        timed(timestamp=-40 * DAY, sent_at=-8 * DAY, received_at=-3 * DAY),
    ],
    "unknown_event_type": [
        *(field("event_type", t) for t in WRONG_TYPES),
    ],
    "invalid_property": [
        *(field("properties", v) for v in WRONG_OBJECTS),
        *(field(n, v) for n in ("platform", "country", "app_version") for v in WRONG_TEXTS),
        *(said("level_start", level=v) for v in WRONG_LEVELS),
        *(literal("level_start", t) for t in ('{"level": 1e3}', '{"level": 3E0}')),
        *(said("level_fail", level=1, time_spent=v) for v in WRONG_SECONDS),
        *(said("level_complete", level=1, success=v) for v in ("yes", 1, 0)),
        *(said("level_start", level=1, mode=v) for v in WRONG_MODES),
        *(said("purchase", price=v, currency="USD") for v in WRONG_PRICES),
        *(
            literal("purchase", f'{{"price": {v}, "currency": "USD"}}')
            for v in ("0.1234567", "-0.01", "1000000.000001", "1e999", "1E-7")
        ),
        *(said("purchase", price=1, currency=v) for v in (840, LONG)),
        said("refund", transaction_id=7, amount=1, currency="USD"),
        said("ad_watched", revenue=-0.5),
        said("ad_watched", completed="true"),
        said("session_end", duration=-0.5),
        said("session_start", device=1),
        literal("currency_change", '{"currency_name": "gems", "amount": 1000000000}'),
        literal("currency_change", '{"currency_name": "gems", "amount": -1000000000.5}'),
        said("currency_change", currency_name="gems", amount=1, balance="0"),
    ],
    "unknown_currency": [
        *(said("purchase", price=1, currency=c) for c in ("XXX", "usd", "EURO", "US D")),
        said("refund", transaction_id="t1", amount=1, currency="ZZZ"),
    ],
}
"""Ways to earn each reason that one line earns alone."""

SPOILERS = [(reason, spoil) for reason, ways in REASONED.items() for spoil in ways]
