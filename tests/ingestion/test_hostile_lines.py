"""Lines that try to break the reader, each between good ones; three readers judge all of them."""

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lakes import deliver, rows_of, settings_for
from questline.pipeline import RunSummary

AS_OF = datetime(2026, 1, 10, tzinfo=UTC)
PLAYER = "00000000-0000-4000-8000-00000000000a"
LIMIT = 200_000
"""Bytes of the longest line that is taken."""


def line(number: int, kind: str = "login", properties: str = "{}", **fields: Any) -> str:
    """A line of the contract; `fields` replace those of the envelope, None leaves one out."""
    envelope = {
        "event_id": f"00000000-0000-4000-8000-{number:012d}",
        "player_id": PLAYER,
        "event_type": kind,
        "timestamp": "2026-01-05T12:00:00Z",
    } | fields
    head = json.dumps({k: v for k, v in envelope.items() if v is not None}, ensure_ascii=False)
    return f'{head[:-1]}, "properties": {properties}}}'


Maker = Callable[[int], str | bytes]


def said(kind: str = "login", properties: str = "{}", **fields: Any) -> Maker:
    return lambda number: line(number, kind, properties, **fields)


def level(value: str) -> Maker:
    return said("level_complete", f'{{"level": {value}}}')


def price(value: str, currency: str = '"USD"') -> Maker:
    return lambda n: line(
        n, "purchase", f'{{"price": {value}, "currency": {currency}, "transaction_id": "t{n}"}}'
    )


def at(value: Any) -> Maker:
    return said(timestamp=value)


def junk(data: bytes) -> Maker:
    """A good line with bytes inside its properties."""
    return lambda n: line(n, properties='{"a": "X"}').encode().replace(b"X", data)


def edited(old: str, new: str) -> Maker:
    return lambda n: line(n).replace(old, new, 1)


SQL = "'); DROP TABLE events; --"
HTML = "<script>alert('x')</script>"
OK = "accepted"
DEEP = 10_000
CASES: dict[str, tuple[Maker, str]] = {
    # what is no line of JSON
    "a word": (lambda _: "hello", "malformed_json"),
    "an opening brace": (lambda _: "{", "malformed_json"),
    "cut in half": (lambda n: line(n)[:60], "malformed_json"),
    "two objects": (lambda n: line(n) + line(n), "malformed_json"),
    "an array": (lambda n: f"[{line(n)}]", "not_an_object"),
    "a number": (lambda _: "42", "not_an_object"),
    "a text": (lambda _: '"text"', "not_an_object"),
    "null": (lambda _: "null", "not_an_object"),
    "an empty object": (lambda _: "{}", "missing_field"),
    "single quotes": (lambda n: line(n).replace('"', "'"), "malformed_json"),
    "a comment": (lambda n: line(n) + " // ok", "malformed_json"),
    "CSV in JSON": (lambda n: f"{n},{PLAYER},login", "malformed_json"),
    "XML": (lambda _: "<event/>", "malformed_json"),
    "white space around": (lambda n: f"  \t{line(n)}  ", OK),
    "only spaces": (lambda _: "   ", "malformed_json"),
    "deep arrays": (said(properties='{"a": ' + "[" * DEEP + "]" * DEEP + "}"), OK),
    "deep objects": (said(properties='{"a":' * DEEP + "1" + "}" * DEEP), OK),
    "deep and open": (lambda _: "[" * DEEP, "malformed_json"),
    "a line too long": (said(properties=json.dumps({"a": "x" * LIMIT})), "too_large"),
    "a long line": (said(properties=json.dumps({"a": "x" * (LIMIT - 500)})), OK),
    # bytes
    "a NUL byte": (junk(b"\x00"), "invalid_encoding"),
    "half a character": (junk(b"\xc3"), "invalid_encoding"),
    "Latin-1": (junk("é".encode("latin-1")), "invalid_encoding"),
    "UTF-16": (lambda n: line(n).encode("utf-16-le"), "invalid_encoding"),
    "an overlong form": (junk(b"\xc0\xaf"), "invalid_encoding"),
    "a surrogate in UTF-8": (junk(b"\xed\xa0\x80"), "invalid_encoding"),
    "a bare control byte": (junk(b"\x07"), "malformed_json"),
    "a carriage return inside": (lambda n: line(n).replace(", ", ",\r"), OK),
    "a carriage return in text": (junk(b"\r"), "malformed_json"),
    "the delimiter of the reader": (junk(b"\x01"), "malformed_json"),
    "a byte order mark": (lambda n: "\ufeff" + line(n), "malformed_json"),
    "emoji, right to left, zero width": (junk("\U0001f600\u202e\u200b".encode()), OK),
    "line separators of Unicode": (junk("\u2028\u2029\u0085".encode()), OK),
    # escapes
    "an escaped zero in an id": (edited("00000000-0000", "\\u0000000-0000"), "invalid_id"),
    "an escaped zero in properties": (said(properties='{"a": "\\u0000"}'), OK),
    "half a surrogate": (said(properties='{"a": "\\ud800"}'), "malformed_json"),
    "an escaped pair": (said(properties='{"a": "\\ud83d\\ude00"}'), OK),
    "a bad escape": (said(properties='{"a": "\\x"}'), "malformed_json"),
    "an escaped key": (edited('"player_id"', '"player\\u005fid"'), OK),
    # keys
    "an id twice": (lambda n: line(n)[:-1] + f', "player_id": "{PLAYER}"}}', OK),
    "a property twice": (level('3, "level": 4'), OK),
    "an unknown key": (lambda n: line(n)[:-1] + ', "raw": 1, "line": 2, "filename": 3}', OK),
    "a key in capitals": (edited('"player_id"', '"PLAYER_ID"'), "missing_field"),
    "properties named like columns": (
        said(properties='{"event_id": 1, "reason": 2, "raw": 3, "fid": 4, "event_date": "x"}'),
        OK,
    ),
    "an empty key": (said(properties='{"": 1}'), OK),
    # ids
    "no id": (said(event_id=None), "missing_field"),
    "an empty id": (said(event_id=""), "missing_field"),
    "an id that is a number": (said(event_id=7), "invalid_id"),
    "an id that is an object": (said(event_id={"a": 1}), "invalid_id"),
    "an id that is true": (said(player_id=True), "invalid_id"),
    "an id that is no UUID": (said(player_id="somebody"), "invalid_id"),
    "an id with a space": (said(player_id=PLAYER + " "), "invalid_id"),
    "SQL as an id": (said(player_id=SQL), "invalid_id"),
    "a long session id": (said(session_id="s" * 129), "invalid_id"),
    "SQL as a session id": (said(session_id=SQL), OK),
    # types
    "a type that is a number": (said(event_type=5), "unknown_event_type"),
    "a type with a line end": (said("a\nb"), "unknown_event_type"),
    "a long type": (said("t" * 200), "unknown_event_type"),
    "HTML as a type": (said(HTML), OK),
    "SQL as a type": (said(SQL), OK),
    "a formula as a type": (said("=cmd|' /C calc'!A0"), OK),
    "braces as a type": (said("{{7*7}} %s {0}"), OK),
    # times
    "no time": (said(timestamp=None), "missing_field"),
    "seconds": (at(1767614400), "invalid_timestamp"),
    "milliseconds": (at(1767614400000), "invalid_timestamp"),
    "microseconds as text": (at("1767614400000000"), "invalid_timestamp"),
    "infinity": (at("infinity"), "invalid_timestamp"),
    "epoch": (at("epoch"), "invalid_timestamp"),
    "now": (at("now"), "invalid_timestamp"),
    "no zone": (at("2026-01-05T12:00:00"), "invalid_timestamp"),
    "a day": (at("2026-01-05"), "invalid_timestamp"),
    "a leap second": (at("2016-12-31T23:59:60Z"), "invalid_timestamp"),
    "hour 24": (at("2026-01-05T24:00:00Z"), "invalid_timestamp"),
    "30 February": (at("2026-02-30T12:00:00Z"), "invalid_timestamp"),
    "year 0": (at("0000-01-01T00:00:00Z"), "invalid_timestamp"),
    "year -1": (at("-0001-01-01T00:00:00Z"), "invalid_timestamp"),
    "1969": (at("1969-12-31T23:59:59Z"), "invalid_timestamp"),
    "year 9999": (at("9999-12-31T23:59:59Z"), "invalid_timestamp"),
    "year 10000": (at("10000-01-01T00:00:00Z"), "invalid_timestamp"),
    "tomorrow": (at("2026-01-11T12:00:00Z"), "timestamp_in_future"),
    "years ago": (at("2019-01-05T12:00:00Z"), "too_old"),
    "far east": (at("2026-01-05T12:00:00+14:00"), OK),
    "too far east": (at("2026-01-05T12:00:00+15:00"), "invalid_timestamp"),
    "an offset without colon": (at("2026-01-05T12:00:00+0530"), OK),
    "ten digits of a second": (at("2026-01-05T12:00:00.1234567890Z"), "invalid_timestamp"),
    "a comma before the fraction": (at("2026-01-05T12:00:00,5Z"), "invalid_timestamp"),
    "Arabic digits": (at("٢٠٢٦-01-05T12:00:00Z"), "invalid_timestamp"),
    "a bad time of sending": (said(sent_at="yesterday"), "invalid_timestamp"),
    # values
    "properties that are a list": (said(properties="[]"), "invalid_property"),
    "properties that are a text": (said(properties='"{}"'), "invalid_property"),
    "properties that are null": (said(properties="null"), "missing_field"),
    "NaN": (said(properties='{"a": NaN}'), "malformed_json"),
    "minus infinity": (said(properties='{"a": -Infinity}'), "malformed_json"),
    "1e999": (price("1e999"), "invalid_property"),
    "a custom 1e999": (said(properties='{"a": 1e999}'), OK),
    "level 3.7": (level("3.7"), "invalid_property"),
    "level 3.0": (level("3.0"), "invalid_property"),
    "level -0": (level("-0"), OK),
    "level -1": (level("-1"), "invalid_property"),
    "level 1e3": (level("1e3"), "invalid_property"),
    "level 03": (level("03"), "malformed_json"),
    "level 0x3": (level("0x3"), "malformed_json"),
    "a level as text": (level('"3"'), "invalid_property"),
    "a level as a list": (level("[3]"), "invalid_property"),
    "a level beyond all numbers": (level("1" + "0" * 30), "invalid_property"),
    "no level": (said("level_complete"), "missing_field"),
    "a price as text": (price('"4.99"'), "invalid_property"),
    "true as a price": (price("true"), "invalid_property"),
    "a negative price": (price("-4.99"), "invalid_property"),
    "a price with seven decimals": (price("0.1234567"), "invalid_property"),
    "a price in exponents": (price("4.99e0"), OK),
    "a price beyond belief": (price("99999999"), "invalid_property"),
    "a currency nobody knows": (price("4.99", '"XXX"'), "unknown_currency"),
    "SQL as a currency": (price("4.99", json.dumps(SQL)), "unknown_currency"),
    "a currency that is a number": (price("4.99", "840"), "invalid_property"),
    "HTML as a product": (
        lambda n: line(n, "purchase", json.dumps({"price": 1, "currency": "USD"})).replace(
            '"price"', f'"product_id": {json.dumps(HTML)}, "transaction_id": "h{n}", "price"'
        ),
        OK,
    ),
}
UNPLAIN = (
    "NUL",
    "half a char",
    "Latin",
    "UTF-16",
    "overlong",
    "surrogate in",
    "carriage",
    "too long",
)
"""Parts of the names of cases that no vectorised reader is given."""


def _content(*, plain: bool) -> tuple[bytes, dict[str, tuple[int, bytes]]]:
    """A file of good lines with every case in between, and the line and bytes of each case."""
    lines: list[bytes] = []
    placed: dict[str, tuple[int, bytes]] = {}
    for number, (name, (make, _)) in enumerate(CASES.items(), 1):
        if plain and any(part in name for part in UNPLAIN):
            continue
        made = make(number)
        lines.append(line(500_000 + number).encode())
        lines.append(made if isinstance(made, bytes) else made.encode())
        placed[name] = (len(lines), lines[-1])
    lines.append(line(999_999).encode())
    return b"\n".join(lines) + b"\n", placed


class Judged:
    """What one reader made of the file."""

    def __init__(self, folder: Path, name: str, *, plain: bool) -> None:
        self.content, self.placed = _content(plain=plain)
        settings = settings_for(folder, max_line_bytes=LIMIT, max_age_days=365)
        packed = gzip.compress(self.content) if name.endswith(".gz") else self.content
        files = [(name, packed), ("neighbour.jsonl", line(600_000).encode())]
        self.summary: RunSummary = deliver(settings, files, as_of=AS_OF)
        self.events = {r["event_id"]: r for r in rows_of(settings.lake, "events", comparable=False)}
        rejected = rows_of(settings.lake, "rejected", comparable=False)
        self.rejected = {r["line"]: r for r in rejected if r["file"] == name}
        self.ledger = rows_of(settings.lake, "ledger", comparable=False)

    def verdict(self, name: str) -> str | None:
        number = list(CASES).index(name) + 1
        row = self.rejected.get(self.placed[name][0])
        taken = f"00000000-0000-4000-8000-{number:012d}" in self.events
        assert (row is None) == taken, name
        return OK if row is None else str(row["reason"])


READERS = {
    "plain": ("all.jsonl", True),
    "careful": ("all.jsonl", False),
    "gzip": ("all.jsonl.gz", True),
}


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Judged]:
    return {
        reader: Judged(tmp_path_factory.mktemp(reader), f"{reader}-{name}", plain=plain)
        for reader, (name, plain) in READERS.items()
    }


@pytest.mark.parametrize("name", list(CASES))
def test_line_is_judged_alike_by_every_reader(judged: dict[str, Judged], name: str) -> None:
    _, expected = CASES[name]
    verdicts = {one.verdict(name) for one in judged.values() if name in one.placed}
    assert verdicts == {expected}


@pytest.mark.parametrize("name", list(CASES))
def test_refused_line_is_kept_as_it_came(judged: dict[str, Judged], name: str) -> None:
    for one in judged.values():
        if name in one.placed and one.verdict(name) != OK:
            number, data = one.placed[name]
            text = data.decode("utf-8", "replace").replace("\x00", "\ufffd")[:65_536]
            assert one.rejected[number]["raw"] == text


@pytest.mark.parametrize("reader", list(READERS))
def test_good_lines_between_are_taken(judged: dict[str, Judged], reader: str) -> None:
    one = judged[reader]
    good = [e for e in one.events if int(e[-12:]) >= 500_000]
    assert len(good) == len(one.placed) + 2
    assert len(one.placed) >= (80 if READERS[reader][1] else len(CASES))


@pytest.mark.parametrize("reader", list(READERS))
def test_nothing_is_lost(judged: dict[str, Judged], reader: str) -> None:
    for entry in judged[reader].ledger:
        counts = entry["accepted"] + entry["duplicates"] + entry["rejected"]
        assert entry["lines_in"] == counts
        if entry["file"] != "neighbour.jsonl":
            assert entry["lines_in"] == judged[reader].content.count(b"\n")


def test_text_is_stored_as_it_came(judged: dict[str, Judged]) -> None:
    events = judged["plain"].events
    numbers = {name: n for n, name in enumerate(CASES, 1)}
    row = events[f"00000000-0000-4000-8000-{numbers['HTML as a product']:012d}"]
    assert row["product_id"] == HTML
    assert {SQL, HTML, "=cmd|' /C calc'!A0"} <= {e["event_type"] for e in events.values()}
    assert SQL in {e["session_id"] for e in events.values()}
