"""Every reason of refusal: lines that earn it, and lines on the right side of its limits."""

from datetime import UTC, datetime
from itertools import count
from typing import Any, NamedTuple

import pytest

from lakes import deliver, rows_of, settings_for
from questline.contract import Reason
from questline.pipeline import RunSummary

AS_OF = datetime(2026, 1, 6, tzinfo=UTC)
LIMIT = 1_000
"""Bytes a line may have here."""
NUMBERS = count(1)


class Refused(NamedTuple):
    """A line, the reason it is refused for, the field at fault and the text that is kept."""

    reason: Reason
    field: str | None
    line: bytes
    kept: str | None = None

    @property
    def raw(self) -> str:
        return self.line.decode() if self.kept is None else self.kept


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def line(kind: str = "login", properties: str | None = "{}", **given: Any) -> bytes:
    """An event of its own; `given` are JSON texts, None leaves the field out."""
    fields: dict[str, str | None] = {
        "event_id": f'"{uuid(next(NUMBERS))}"',
        "player_id": f'"{uuid(900)}"',
        "event_type": f'"{kind}"',
        "timestamp": '"2026-01-05T12:00:00Z"',
        "properties": properties,
        **given,
    }
    return "{{{}}}".format(",".join(f'"{k}":{v}' for k, v in fields.items() if v)).encode()


def changed(name: str, value: str | None) -> bytes:
    given: dict[str, Any] = {name: value}
    return line(**given)


def sized(size: int) -> bytes:
    """A line of so many bytes, among them some of two."""
    short = line(properties='{"pad":"éé"}')
    return short.replace("éé".encode(), "éé".encode() + b"x" * (size - len(short)))


def paid(price: str = "1", currency: str = '"USD"', more: str = "", **given: Any) -> bytes:
    return line("purchase", f'{{"price":{price},"currency":{currency}{more}}}', **given)


def coins(amount: str) -> bytes:
    return line("currency_change", f'{{"currency_name":"gems","amount":{amount}}}')


def played(level: str, more: str = "") -> bytes:
    return line("level_complete", f'{{"level":{level}{more}}}')


def at(timestamp: str, received: str | None = None, sent: str | None = None) -> bytes:
    times = {"received_at": received, "sent_at": sent}
    more = {name: f'"{time}"' for name, time in times.items() if time}
    return line(timestamp=f'"{timestamp}"', **more)


def bought(transaction: str, received: str, **given: Any) -> bytes:
    more = f',"transaction_id":"{transaction}"'
    return paid(more=more, received_at=f'"2026-01-05T12:{received}Z"', **given)


def collided(number: int, received: str, day: int = 5) -> bytes:
    """One of several events with the same id."""
    return line(
        properties=f'{{"copy":"{received}"}}',
        event_id=f'"{uuid(800 + number)}"',
        timestamp=f'"2026-01-0{day}T12:00:00Z"',
        received_at=f'"2026-01-0{day}T12:{received}Z"',
    )


LONG, TOO_LONG = '"' + "é" * 128 + '"', '"' + "é" * 129 + '"'
ESCAPED = '"' + '\\"' * 64 + "\\n" * 64 + '"'
"""128 characters that JSON writes as two each."""
OVERLONG = line(properties=f'{{"pad":"{"x" * 70_000}"}}')
HALF_A_BYTE = line("lo~gin").replace(b"~", b"\xff")
A_NUL = line("lo~gin").replace(b"~", b"\x00")

KEPT: list[bytes] = [
    sized(LIMIT),
    line(session_id=LONG, platform=LONG, country='"D"', app_version='"1"'),
    line(session_id=ESCAPED),
    line(session_id="null", platform="null", received_at="null", sent_at="null"),
    at("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
    at("2026-01-05T23:59:59.123456789+14:59"),
    at("2026-01-05 12:00:00-0030"),
    at("2026-01-05T23:59:59+00", "2026-01-06T00:00:00Z"),
    at("2024-02-29T12:00:00Z", "2024-02-29T12:00:00Z"),
    at("2026-01-06T01:00:00Z"),
    at("2026-01-05T13:00:00Z", "2026-01-05T12:00:00Z"),
    at("2026-03-01T00:00:00Z", "2026-01-05T12:00:00Z", "2026-03-01T00:00:00Z"),
    at("2025-12-06T00:00:00Z"),
    at("2025-12-05T12:00:00Z", "2026-01-05T12:00:00Z"),
    at("2025-11-01T00:00:00Z", "2026-01-05T12:00:00Z", "2025-12-02T00:00:00Z"),
    line("x" * 128),
    line("née d'Été"),
    paid("1000000"),
    paid("0"),
    paid("0.000001"),
    paid("4.990000", '"EUR"'),
    paid(
        currency='"EUR"', timestamp='"2020-01-01T00:00:00Z"', received_at='"2020-01-01T00:00:00Z"'
    ),
    played("0"),
    played("1000000000", ',"time_spent":31536000,"success":null,"attempt":null'),
    played("1", ',"time_spent":0,"mode":' + LONG),
    played("1", ',"mode":' + ESCAPED),
    coins("999999999.999999"),
    coins("-999999999.999999"),
    line("login", '{"level":"any","price":[1],"deep":{"a":[1,{"b":null}]}}'),
    bought("t1", "00:00"),
    bought("t2", "00:00"),
    collided(1, "00:00"),
    collided(1, "00:00", day=4),
    collided(2, "00:00"),
]

REFUSED: list[Refused] = [
    Refused(Reason.TOO_LARGE, None, too_long := sized(LIMIT + 1), too_long.decode()),
    Refused(Reason.TOO_LARGE, None, OVERLONG, OVERLONG[:65_536].decode()),
    Refused(Reason.INVALID_ENCODING, None, HALF_A_BYTE, HALF_A_BYTE.decode("utf-8", "replace")),
    Refused(Reason.INVALID_ENCODING, None, A_NUL, A_NUL.decode().replace("\0", "\ufffd")),
    Refused(Reason.MALFORMED_JSON, None, line()[:-1]),
    Refused(Reason.MALFORMED_JSON, None, line() + b","),
    Refused(Reason.MALFORMED_JSON, None, line(properties='{"a":NaN}')),
    Refused(Reason.MALFORMED_JSON, None, b"   "),
    Refused(Reason.NOT_AN_OBJECT, None, b"[" + line() + b"]"),
    Refused(Reason.NOT_AN_OBJECT, None, b'"text"'),
    Refused(Reason.NOT_AN_OBJECT, None, b"null"),
    *(
        Refused(Reason.MISSING_FIELD, name, changed(name, value))
        for name in ("event_id", "player_id", "event_type", "timestamp", "properties")
        for value in (None, "null", '""')
    ),
    Refused(Reason.MISSING_FIELD, "properties.level", line("level_start", '{"attempt":1}')),
    Refused(Reason.MISSING_FIELD, "properties.level", played("null")),
    Refused(Reason.MISSING_FIELD, "properties.price", line("purchase", '{"currency":"USD"}')),
    Refused(Reason.MISSING_FIELD, "properties.currency", paid(currency="null")),
    Refused(Reason.MISSING_FIELD, "properties.currency", paid(currency='""')),
    Refused(Reason.MISSING_FIELD, "properties.transaction_id", line("refund", '{"amount":1}')),
    Refused(Reason.INVALID_ID, "event_id", line(event_id='"17"')),
    Refused(Reason.INVALID_ID, "event_id", line(event_id="17")),
    Refused(Reason.INVALID_ID, "player_id", line(player_id=f'"{uuid(900)}0"')),
    Refused(Reason.INVALID_ID, "player_id", line(player_id=f'["{uuid(900)}"]')),
    Refused(Reason.INVALID_ID, "session_id", line(session_id=TOO_LONG)),
    Refused(Reason.INVALID_ID, "session_id", line(session_id="5")),
    *(
        Refused(Reason.INVALID_TIMESTAMP, "timestamp", at(text))
        for text in (
            *("2026-01-05T12:00:00", "2026-01-05", "2026-01-05T24:00:00Z", "epoch", "infinity"),
            *("2026-01-05T12:00:60Z", "2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z"),
            *("2026-01-05T12:00:00.1234567890Z", "2026-01-05T12:00:00+15:00", "1767614400"),
            *("1969-12-31T23:59:59.999999Z", "2101-01-01T00:00:00Z"),
        )
    ),
    Refused(Reason.INVALID_TIMESTAMP, "timestamp", line(timestamp="1767614400")),
    Refused(Reason.INVALID_TIMESTAMP, "sent_at", at("2026-01-05T12:00:00Z", sent="noon")),
    Refused(Reason.INVALID_TIMESTAMP, "received_at", at("2026-01-05T12:00:00Z", "2026-01-05")),
    *(
        Refused(Reason.TIMESTAMP_IN_FUTURE, "timestamp", at(*times))
        for times in (
            ("2026-01-06T01:00:00.000001Z",),
            ("2100-12-31T23:59:59Z",),
            ("2026-01-05T13:00:00.000001Z", "2026-01-05T12:00:00Z"),
            ("2026-01-05T13:00:00.000001Z", "2026-01-05T12:00:00Z", "2026-01-05T13:00:00Z"),
        )
    ),
    *(
        Refused(Reason.TOO_OLD, "timestamp", at(*times))
        for times in (
            ("2025-12-05T23:59:59.999999Z",),
            ("2025-12-05T11:59:59.999999Z", "2026-01-05T12:00:00Z"),
            ("2025-11-01T00:00:00Z", "2026-01-05T12:00:00Z", "2025-12-02T00:00:00.000001Z"),
        )
    ),
    Refused(Reason.UNKNOWN_EVENT_TYPE, "event_type", line("x" * 129)),
    Refused(Reason.UNKNOWN_EVENT_TYPE, "event_type", line("a\\tb")),
    Refused(Reason.UNKNOWN_EVENT_TYPE, "event_type", line("a\x7fb")),
    Refused(Reason.UNKNOWN_EVENT_TYPE, "event_type", line(event_type="7")),
    *(
        Refused(Reason.INVALID_PROPERTY, f"properties{name}", refused)
        for name, refused in (
            *(("", line(properties=p)) for p in ("[]", '"{}"', "3")),
            *((".price", paid(p)) for p in ("1000000.000001", "0.0000001", "-1", '"1"')),
            *((".level", played(p)) for p in ("1000000001", "-1", "3.0", "true", '"3"', "1e3")),
            (".time_spent", played("1", ',"time_spent":31536000.5')),
            (".time_spent", played("1", ',"time_spent":-0.5')),
            (".success", played("1", ',"success":1')),
            (".mode", played("1", ',"mode":""')),
            (".mode", played("1", ',"mode":' + TOO_LONG)),
            (".currency", paid(currency=TOO_LONG)),
            *((".amount", coins(p)) for p in ("1000000000", "-1000000000", "0.1234567")),
        )
    ),
    Refused(Reason.INVALID_PROPERTY, "platform", line(platform=TOO_LONG)),
    Refused(Reason.INVALID_PROPERTY, "country", line(country="49")),
    Refused(Reason.UNKNOWN_CURRENCY, "properties.currency", paid(currency='"GBP"')),
    Refused(Reason.UNKNOWN_CURRENCY, "properties.currency", paid(currency='"usd"')),
    Refused(
        Reason.UNKNOWN_CURRENCY,
        "properties.currency",
        paid(
            currency='"EUR"',
            timestamp='"2019-12-31T23:59:59.999999Z"',
            received_at='"2020-01-01T00:00:00Z"',
        ),
    ),
    Refused(
        Reason.DUPLICATE_TRANSACTION, "properties.transaction_id", bought("t1", "00:00.000001")
    ),
    Refused(Reason.DUPLICATE_TRANSACTION, "properties.transaction_id", bought("t2", "01:00")),
    Refused(Reason.ID_COLLISION, "event_id", collided(1, "00:00.000001")),
    Refused(Reason.ID_COLLISION, "event_id", collided(2, "01:00")),
]
REPEATED = KEPT[0], KEPT[5], KEPT[-1]
"""Lines that come twice."""


class Judged(NamedTuple):
    """What became of the lines, each on the line of its place in `LINES`."""

    summary: RunSummary
    events: set[str]
    rejected: list[dict[str, Any]]
    ledger: list[dict[str, Any]]


# Refused lines first: what wins is decided by when it was received, not by its place.
LINES = [*(r.line for r in REFUSED), *KEPT, *REPEATED]


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    made = settings_for(tmp_path_factory.mktemp("reasons"), max_line_bytes=LIMIT)
    content = b"".join(text + b"\n" for text in LINES)
    summary = deliver(made, [("all.jsonl", content)], as_of=AS_OF)
    return Judged(
        summary,
        {row["event_id"] + str(row["client_date"]) for row in rows_of(made.lake, "events")},
        rows_of(made.lake, "rejected", comparable=False),
        rows_of(made.lake, "ledger", comparable=False),
    )


def test_every_reason_has_two_lines() -> None:
    lines = [refused.reason for refused in REFUSED]
    assert {reason for reason in Reason if lines.count(reason) < 2} == set()


def test_conservation(judged: Judged) -> None:
    (entry,) = judged.ledger
    assert entry["lines_in"] == len(LINES)
    assert entry["accepted"] == len(KEPT) == len(judged.events)
    assert entry["rejected"] == len(REFUSED) == sum(judged.summary.rejected.values())
    assert entry["duplicates"] == len(REPEATED)


@pytest.mark.parametrize("place", range(len(REFUSED)), ids=[f"{r.reason}" for r in REFUSED])
def test_refused(judged: Judged, place: int) -> None:
    refused = REFUSED[place]
    found = [row for row in judged.rejected if row["line"] == place + 1]
    assert [(row["reason"], row["field"], row["file"]) for row in found] == [
        (refused.reason, refused.field, "all.jsonl")
    ]
    assert found[0]["raw"] == refused.raw
    assert found[0]["times_seen"] == 1
    assert found[0]["message"]


@pytest.mark.parametrize("place", range(len(KEPT)))
def test_kept(judged: Judged, place: int) -> None:
    number = len(REFUSED) + place + 1
    assert [row for row in judged.rejected if row["line"] == number] == []
