"""Values that mean something else than they say; the fast and the careful reader agree on each."""

import json

import pytest

from hostile import Judged, Row, Taken, line, uuid
from questline.contract import Reason

MALFORMED, MISSING = Reason.MALFORMED_JSON, Reason.MISSING_FIELD
ID, TIME, PROPERTY = Reason.INVALID_ID, Reason.INVALID_TIMESTAMP, Reason.INVALID_PROPERTY
TYPE = Reason.UNKNOWN_EVENT_TYPE
LIMIT = 2_000_000
ARRAYS, OBJECTS = "[" * 10_000 + "]" * 10_000, '{"a":' * 10_000 + "1" + "}" * 10_000
MARK = uuid(555)
"""Stands for the id of a case, which differs from file to file."""


def event(kind: str = "login", properties: str = "{}", more: str = "", **given: str) -> bytes:
    """A line; `given` are JSON texts that replace those of the envelope."""
    text = line(555, kind, properties, more).decode()
    for name, value in given.items():
        old = json.dumps({name: json.loads(text.split(', "properties"')[0] + "}").get(name)})[1:-1]
        fresh = f'"{name}": {value}'
        text = text.replace(old, fresh, 1) if old in text else f"{text[:-1]}, {fresh}}}"
    return text.encode()


def custom(value: str) -> bytes:
    return event(properties=f'{{"a": {value}}}')


def level(value: str) -> bytes:
    return event("level_start", f'{{"level": {value}}}')


def price(value: str) -> bytes:
    return event("purchase", f'{{"price": {value}, "currency": "USD"}}')


def at(text: str) -> bytes:
    return event(timestamp=json.dumps(text))


Verdict = tuple[Reason, str | None]
REFUSED: dict[str, tuple[bytes, Verdict]] = {
    # nesting
    "arrays never closed": (custom("[" * 10_000), (MALFORMED, None)),
    "objects never closed": (custom('{"a":' * 10_000), (MALFORMED, None)),
    "objects closed too often": (custom(OBJECTS + "}"), (MALFORMED, None)),
    "a line of arrays": (ARRAYS.encode(), (Reason.NOT_AN_OBJECT, None)),
    "a line of objects": (OBJECTS.encode(), (MISSING, "event_id")),
    "arrays as a level": (level(ARRAYS), (PROPERTY, "properties.level")),
    "arrays as an id": (event(event_id=ARRAYS), (ID, "event_id")),
    "arrays as a type": (event(event_type=ARRAYS), (TYPE, "event_type")),
    "objects as a session": (event(session_id=OBJECTS), (ID, "session_id")),
    "objects as a time": (event(timestamp=OBJECTS), (TIME, "timestamp")),
    # numbers
    "NaN as a price": (price("NaN"), (MALFORMED, None)),
    "infinity in an array": (custom("[1, -Infinity]"), (MALFORMED, None)),
    "NaN as a session": (event(session_id="NaN"), (ID, "session_id")),
    "infinity as a time": (event(sent_at="Infinity"), (TIME, "sent_at")),
    "NaN as a version": (event(app_version="NaN"), (PROPERTY, "app_version")),
    "1e999 as a version": (event(app_version="1e999"), (PROPERTY, "app_version")),
    "1e999 as an id": (event(event_id="1e999"), (ID, "event_id")),
    "1e999 seconds": (
        event("level_complete", '{"level": 1, "time_spent": 1e999}'),
        (PROPERTY, "properties.time_spent"),
    ),
    "a price of 400 digits": (price("9" * 400), (PROPERTY, "properties.price")),
    "a price with a comma": (price('"4,99"'), (PROPERTY, "properties.price")),
    "a price with a zero first": (price("04.99"), (MALFORMED, None)),
    "a price that begins with a point": (price(".99"), (MALFORMED, None)),
    "a price that ends with a point": (price("4."), (MALFORMED, None)),
    "a price in hexadecimal": (price("0x10"), (MALFORMED, None)),
    "level 2 to the 64th": (level("18446744073709551616"), (PROPERTY, "properties.level")),
    "level +1": (level("+1"), (MALFORMED, None)),
    "level 1_000": (level("1_000"), (MALFORMED, None)),
    "level in Arabic digits": (level('"\u0663"'), (PROPERTY, "properties.level")),
    "level true": (level("true"), (PROPERTY, "properties.level")),
    "level in other letters": (
        event("level_start", '{"Level": 1}'),
        (MISSING, "properties.level"),
    ),
    "success as text": (
        event("level_complete", '{"level": 1, "success": "true"}'),
        (PROPERTY, "properties.success"),
    ),
    "success as Python has it": (
        event("level_complete", '{"level": 1, "success": True}'),
        (MALFORMED, None),
    ),
    "an invalid level first": (
        event("level_start", '{"level": "x", "level": 2}'),
        (PROPERTY, "properties.level"),
    ),
    # times
    **{
        f"the time {text}": (at(text), (TIME, "timestamp"))
        for text in (
            *("0000-12-31T23:59:59Z", "-2026-01-05T12:00:00Z", "2026-01-05T12:00:00Z BC"),
            *("0044-03-15 (BC)T12:00:00Z", "99999-01-05T12:00:00Z", "-infinity", "today"),
            *("2026-01-05T12:00:60Z", "2026-01-05T12:00:61Z", "2026-01-05T12:60:00Z"),
            *("2026-01-05T12:00:00+5:30", "2026-01-05T12:00:00+02:60", "2026-01-05T12:00Z"),
            *("2026-01-05T12:00:00 UTC", "2026-01-05T12:00:00 Europe/Berlin", "20260105T120000Z"),
            *("2026-01-05t12:00:00z", "2026-1-5T12:00:00Z", " 2026-01-05T12:00:00Z"),
            *("2026-01-05T12:00:00Z\n", "2026-W02-1T12:00:00Z", "2026-005T12:00:00Z"),
            *("2026-01-00T12:00:00Z", "2026-00-05T12:00:00Z", "2025-02-29T12:00:00Z"),
            *("2026-01-05T12:00:00\u221205:00", "2026-01-05T12:00:00\0Z", "05/01/2026 12:00"),
            *("1767614400", "1767614400000", "1767614400.5", "'); DROP TABLE events; --"),
        )
    },
    **{
        f"the number {number} as a time": (event(timestamp=number), (TIME, "timestamp"))
        for number in ("1767614400.5", "1767614400000000", "-1", "0", "true", "[]", "{}")
    },
    "a leap second of sending": (event(sent_at='"2026-01-05T23:59:60Z"'), (TIME, "sent_at")),
    "a received epoch": (event(received_at='"epoch"'), (TIME, "received_at")),
    # text
    "half a pair in an id": (event(event_id='"\\ud800"'), (MALFORMED, None)),
    "half a pair in a session": (event(session_id='"\\udc00x"'), (MALFORMED, None)),
    "an escaped zero in a type": (event(event_type='"a\\u0000b"'), (TYPE, "event_type")),
    "an escaped zero behind an id": (event(event_id=f'"{uuid(1)}\\u0000"'), (ID, "event_id")),
    "an escaped line end behind an id": (event(event_id=f'"{uuid(1)}\\n"'), (ID, "event_id")),
    "an id in braces": (event(event_id=f'"{{{uuid(1)}}}"'), (ID, "event_id")),
    "an id of 129 letters": (event(player_id=json.dumps("x" * 129)), (ID, "player_id")),
    "129 combining letters": (event(session_id='"' + "e\u0301" * 65 + '"'), (ID, "session_id")),
    "the mark of the reader": (event(session_id='"\\u0001x"'), (ID, "session_id")),
    "half an escape": (custom('"\\u12"'), (MALFORMED, None)),
    "a tab in text": (custom('"\t"'), (MALFORMED, None)),
    # almost JSON
    "a comment inside": (custom("1/*c*/"), (MALFORMED, None)),
    "a key without quotes": (b"{event_id:1}", (MALFORMED, None)),
    "a vertical tab before": (b"\x0b" + event(), (MALFORMED, None)),
    "a hard space before": ("\xa0".encode() + event(), (MALFORMED, None)),
    "two marks of byte order": (b"\xef\xbb\xbf" * 2 + event(), (MALFORMED, None)),
    "properties that are true": (event(properties="true"), (PROPERTY, "properties")),
    "properties as text": (event(properties='"{\\"a\\":1}"'), (PROPERTY, "properties")),
}
NASTY = (
    *("'); DROP TABLE events; --", "<script>alert(1)</script>", "{{7*7}}", "${jndi:ldap://x}"),
    *("%s%n%d", "=cmd|' /C calc'!A0", "../../etc/passwd", "a\\b", "\u202egnp.exe", "NULL"),
    *(
        "\u200b\ufeff",
        "\U0001f469\u200d\U0001f680",
        "__HIVE_DEFAULT_PARTITION__",
        "a=b/c",
        " ",
        "\0",
    ),
    *("[bold]", "\x1b[31m", "line\nend", '"', "x" * 128, "\U0001f480" * 128),
)


def everywhere(text: str) -> bytes:
    """The text in every field that may hold any."""
    value = json.dumps(text)
    names = ("session_id", "app_version", "platform", "country")
    payment = json.dumps(text[:90] + MARK)
    properties = f'{{"price": 1, "currency": "USD", "product_id": {value}, {value}: {value}'
    properties += f', "transaction_id": {payment}}}'
    return event("purchase", properties, **dict.fromkeys(names, value))


KEPT: dict[str, tuple[bytes, Row]] = {
    "400,000 arrays": (custom("[" * 400_000 + "]" * 400_000), {}),
    "depth in a key nobody knows": (event(more=f', "z": {ARRAYS}'), {"properties": "{}"}),
    "NaN in a key nobody knows": (event(more=', "z": NaN'), {"properties": "{}"}),
    "1e999 in a key nobody knows": (event(more=', "z": 1e999'), {"properties": "{}"}),
    "NaN in text": (custom('"NaN, :nan"'), {"properties": '{"a":"NaN, :nan"}'}),
    "1e999 of one's own": (custom("[-1e999]"), {"properties": '{"a":[-1e999]}'}),
    "a long number of one's own": (custom("9" * 400), {"properties": f'{{"a":{"9" * 400}}}'}),
    "1e-999 seconds": (
        event("level_complete", '{"level": 1, "time_spent": 1e-999}'),
        {"time_spent": 0.0},
    ),
    "price 1E2": (price("1E2"), {"amount_usd": 100}),
    "price 1.0000000": (price("1.0000000"), {"amount_usd": 1}),
    "price -0": (price("-0"), {"amount_usd": 0}),
    "the first of two levels": (event("level_start", '{"level": 1, "level": 2}'), {"level": 1}),
    "a level beside a Level": (
        event("level_start", '{"Level": "x", "level": 7, "LEVEL": 8}'),
        {"level": 7},
    ),
    "the first of two types": (event(more=', "event_type": "z"'), {"event_type": "login"}),
    "the first properties": (
        event(properties='{"a":1}', more=', "properties": {}'),
        {"properties": '{"a":1}'},
    ),
    "keys of the reader": (
        event(more=', "raw": 1, "line": 99, "opened": {}, "found": "malformed_json", "fid": 9'),
        {"properties": "{}"},
    ),
    "keys of the run": (
        event(more=', "as_of": "1999", "reason": "no", "p": 1, "properties_ok": false'),
        {"event_type": "login"},
    ),
    "properties named like columns": (
        event(properties='{"event_id":"x","reason":"y","fid":7,"filename":"f","batch":"b"}'),
        {
            "properties": '{"event_id":"x","reason":"y","fid":7,"filename":"f","batch":"b"}',
            "change_reason": None,
        },
    ),
    "paths as keys": (
        event(properties='{"a.b":1,"a[0]":2,"$":3,"":4,"\\u0000":5}'),
        {"properties": '{"a.b":1,"a[0]":2,"$":3,"":4,"\\u0000":5}'},
    ),
    "20,000 properties": (
        event(properties=json.dumps({f"k{n}": n for n in range(20_000)})),
        {"event_type": "login"},
    ),
    "zone -12:30": (at("2026-01-05T12:00:00-12:30"), {"client_date": "2026-01-06"}),
    "zone +14:59": (at("2026-01-05T12:00:00+14:59"), {"client_date": "2026-01-04"}),
    "zone -00:00": (at("2026-01-05T12:00:00-00:00"), {"client_date": "2026-01-05"}),
    "zone +05": (at("2026-01-05T12:00:00+05"), {"client_date": "2026-01-05"}),
    **{
        f"{text[:30]!a} in every text": (
            everywhere(text),
            dict.fromkeys(("session_id", "app_version", "platform", "country", "product_id"), text),
        )
        for text in NASTY
    },
}
CASES = [*REFUSED, *KEPT]
GOOD = 5_000
"""Number of the first good line; those of cases begin at 0."""
ENDS = {"bare": b"\n", "returns": b"\r\n"}


def content(end: bytes) -> bytes:
    """Every case between two good lines."""
    made = [line(GOOD)]
    for place, (text, _) in enumerate((REFUSED | KEPT).values()):
        made += [text.replace(MARK.encode(), uuid(place).encode()), line(GOOD + place + 1)]
    return end.join((*made, b""))


@pytest.fixture(scope="module", params=ENDS)
def judged(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Judged:
    ending = request.param
    folder = tmp_path_factory.mktemp(ending)
    return Judged(folder, {"a.jsonl": content(ENDS[ending])}, max_line_bytes=LIMIT)


def test_every_good_line_is_taken(judged: Judged) -> None:
    judged.check_neighbour()
    found = judged.outcome("a.jsonl")
    assert isinstance(found, Taken)
    assert (found.lines, found.accepted) == (2 * len(CASES) + 1, len(CASES) + 1 + len(KEPT))
    assert {uuid(GOOD + n) for n in range(len(CASES) + 1)} <= set(judged.events)
    judged.check_refused("a.jsonl")


@pytest.mark.parametrize("case", list(REFUSED))
def test_refused(judged: Judged, case: str) -> None:
    place, (text, verdict) = CASES.index(case), REFUSED[case]
    (row,) = [r for r in judged.rejected if r["line"] == 2 * place + 2]
    assert (row["reason"], row["field"]) == verdict
    whole = text.replace(MARK.encode(), uuid(place).encode()).decode()
    assert row["raw"] == whole[:65_536]


@pytest.mark.parametrize("case", list(KEPT))
def test_kept(judged: Judged, case: str) -> None:
    row, expected = judged.events[uuid(CASES.index(case))], KEPT[case][1]
    shown = {k: str(row[k]) if k == "client_date" else row[k] for k in expected}
    assert shown == expected
