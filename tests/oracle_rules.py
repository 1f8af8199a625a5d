"""The oracle's rules for one line: is it an event, and what does it say?

Written from the definitions with the standard library only; shares nothing with the package.
"""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import UTC, datetime, timedelta, timezone
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, NoReturn

from oracle_contract import COLUMNS, FORMS, TIME, TYPES, UUID, Event, OracleSettings

MICRO = Decimal("0.000001")


class Refused(Exception):  # noqa: N818 - a verdict, not a fault
    """The line is refused for a reason."""


class Literal(str):
    """A JSON number as it was written."""

    __slots__ = ()


def refuse(reason: str) -> NoReturn:
    raise Refused(reason)


def is_text(value: object) -> bool:
    return isinstance(value, str) and not isinstance(value, Literal)


def cents(amount: Decimal) -> Decimal:
    """Six decimals, halves away from zero."""
    return amount.quantize(MICRO, rounding=ROUND_HALF_UP)


def parse_time(value: Any) -> datetime:
    """The moment that a timestamp names, in UTC, cut to microseconds."""
    found = TIME.fullmatch(value) if is_text(value) else None
    if found is None:
        refuse("invalid_timestamp")
    year, month, day, hour, minute, second = (int(part) for part in found.groups()[:6])
    fraction, sign, zone_hours, zone_minutes = found.groups()[6:]
    offset = timedelta(hours=int(zone_hours or 0), minutes=int(zone_minutes or 0))
    if not 1970 <= year <= 2100 or int(zone_hours or 0) > 14 or int(zone_minutes or 0) > 59:
        refuse("invalid_timestamp")
    micro = int(((fraction or "") + "000000")[:6])
    zone = timezone(-offset if sign == "-" else offset)
    try:
        written = datetime(year, month, day, hour, minute, second, micro, zone)
    except ValueError:
        refuse("invalid_timestamp")
    return written.astimezone(UTC)


class Object(dict[str, Any]):
    """A JSON object: of a key given twice the first value counts, but both are written again."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(reversed(pairs))
        self.pairs = pairs


def parse_line(line: bytes, settings: OracleSettings) -> dict[str, Any]:
    """The JSON object of a line, its numbers as written."""
    if len(line) > settings.max_line_bytes:
        refuse("too_large")
    try:
        text = line.decode("utf-8")
    except UnicodeDecodeError:
        refuse("invalid_encoding")
    if "\0" in text:
        refuse("invalid_encoding")
    try:
        thing = json.loads(
            text,
            parse_int=Literal,
            parse_float=Literal,
            object_pairs_hook=Object,
            parse_constant=lambda _: refuse("malformed_json"),
        )
        minified(thing).encode("utf-8")
    except (ValueError, RecursionError):
        refuse("malformed_json")
    if not isinstance(thing, dict):
        refuse("not_an_object")
    return thing


def stored(number: Literal) -> str:
    """A number as the lake's JSON has it: whole ones as written, others the shortest double.

    Digits, point and exponent stand as in ECMAScript, which keeps 1e20 long and makes 1e21 short.
    """
    if number.lstrip("-").isdigit():
        return "0" if number == "-0" else str(number)
    value = float(number)
    if value in (float("inf"), float("-inf")):
        return str(number)
    sign, figures, exponent = Decimal(repr(value)).as_tuple()
    assert isinstance(exponent, int)
    digits = "".join(map(str, figures)).lstrip("0").rstrip("0")
    minus = "-" if sign else ""
    if not digits:
        return minus + "0.0"
    point = len("".join(map(str, figures)).lstrip("0")) + exponent
    if not -6 < point <= 21:
        rest = f".{digits[1:]}" if digits[1:] else ""
        return f"{minus}{digits[0]}{rest}e{point - 1}"
    if point <= 0:
        return f"{minus}0.{'0' * -point}{digits}"
    return f"{minus}{digits[:point].ljust(point, '0')}.{digits[point:] or '0'}"


def minified(thing: Any) -> str:
    """JSON text without spaces, keys as they were written."""
    if isinstance(thing, Literal):
        return stored(thing)
    if isinstance(thing, dict):
        pairs = thing.pairs if isinstance(thing, Object) else thing.items()
        inside = (f"{minified(k)}:{minified(v)}" for k, v in pairs)
        return "{" + ",".join(inside) + "}"
    if isinstance(thing, list):
        return "[" + ",".join(minified(v) for v in thing) + "]"
    written = json.dumps(thing, ensure_ascii=False)
    return re.sub(r"\\(?:\\|u00\w\w)", lambda e: e[0][:2] + e[0][2:].upper(), written)


def check_missing(thing: dict[str, Any]) -> None:
    for name in ("event_id", "player_id", "event_type", "timestamp", "properties"):
        if thing.get(name) in (None, ""):
            refuse("missing_field")
    kind, properties = thing["event_type"], thing["properties"]
    if is_text(kind) and isinstance(properties, dict):
        for name, rule in TYPES.get(kind, {}).items():
            if rule.endswith("!") and properties.get(name) in (None, ""):
                refuse("missing_field")


def check_ids(thing: dict[str, Any]) -> None:
    for name in ("event_id", "player_id"):
        if not is_text(thing[name]) or not UUID.fullmatch(thing[name]):
            refuse("invalid_id")
    session = thing.get("session_id")
    if session is not None and (not is_text(session) or not 1 <= len(session) <= 128):
        refuse("invalid_id")


def clocks(thing: dict[str, Any], settings: OracleSettings, as_of: datetime) -> Event:
    """The times of the event: as written, and corrected."""
    client = parse_time(thing["timestamp"])
    sent, received = (
        None if thing.get(name) is None else parse_time(thing[name])
        for name in ("sent_at", "received_at")
    )
    if sent is not None and received is not None and sent >= client:
        quality, moment = "corrected", received - (sent - client)
    else:
        quality, moment = "uncorrected", client if received is None else min(client, received)
        latest = (received or as_of) + timedelta(minutes=settings.max_future_minutes)
        if client > latest:
            refuse("timestamp_in_future")
    return {
        "event_ts": moment,
        "event_date": settings.day_of(moment),
        "client_ts": client,
        "client_date": client.date(),
        "sent_at": sent,
        "received_at": received,
        "time_quality": quality,
    }


def check_age(
    event: Event, settings: OracleSettings, as_of: datetime, *, as_of_explicit: bool
) -> None:
    reference = event["received_at"] or (as_of if as_of_explicit else None)
    if reference and event["event_ts"] < reference - timedelta(days=settings.max_age_days):
        refuse("too_old")


def check_type(kind: Any, settings: OracleSettings) -> None:
    if not is_text(kind) or not 1 <= len(kind) <= 128:
        refuse("unknown_event_type")
    if any(unicodedata.category(c) == "Cc" for c in kind):
        refuse("unknown_event_type")
    if kind not in TYPES and settings.unknown_event_types == "reject":
        refuse("unknown_event_type")


def value_of(value: Any, kind: str) -> Any:
    """The value of a property of the contract; refuses one of another kind or out of range."""
    if kind == "text" and is_text(value) and 1 <= len(value) <= 128:
        return value
    if kind == "boolean" and isinstance(value, bool):
        return value
    if kind in FORMS and isinstance(value, Literal):
        form, low, high = FORMS[kind]
        number = Decimal(value) if form.fullmatch(value) else Decimal("NaN")
        known = not number.is_nan() and low <= number <= high
        if known and (kind not in ("money", "amount") or number == cents(number)):
            return {"integer": int, "seconds": float}.get(kind, Decimal)(number)
    refuse("invalid_property")


def properties_of(thing: dict[str, Any]) -> Event:
    """The typed columns of the event; those of the envelope win over those of a session_start."""
    found: Event = dict.fromkeys(COLUMNS)
    for name in ("platform", "app_version", "country"):
        value = thing.get(name)
        if value is not None and (not is_text(value) or not 1 <= len(value) <= 128):
            refuse("invalid_property")
        found[name] = value
    if not isinstance(thing["properties"], dict):
        refuse("invalid_property")
    renamed = {"revenue": "amount_usd", "reason": "change_reason"}
    found |= dict.fromkeys(renamed.values())
    for name, rule in TYPES.get(thing["event_type"], {}).items():
        value = thing["properties"].get(name)
        if value is not None:
            typed = value_of(value, rule.rstrip("!"))
            column = renamed.get(name, name)
            found[column] = typed if found[column] is None else found[column]
    return found


def judge(line: bytes, settings: OracleSettings, as_of: datetime, *, as_of_explicit: bool) -> Event:
    """The event that a line holds.

    Raises:
        Refused: with the first reason that applies.
    """
    thing = parse_line(line, settings)
    check_missing(thing)
    check_ids(thing)
    times = clocks(thing, settings, as_of)
    check_age(times, settings, as_of, as_of_explicit=as_of_explicit)
    check_type(thing["event_type"], settings)
    event = {
        **{name: thing[name] for name in ("event_id", "player_id", "event_type")},
        "session_id": thing.get("session_id"),
        **times,
        **properties_of(thing),
        "fx_rate": None,
        "properties": minified(thing["properties"]),
    }
    if event["event_type"] in ("purchase", "refund"):
        rate = settings.rate(event["currency"], event["event_ts"].date())
        if rate is None:
            refuse("unknown_currency")
        paid = event["price" if event["event_type"] == "purchase" else "amount"]
        event |= {"fx_rate": rate, "amount_usd": cents(paid * rate)}
    return event
