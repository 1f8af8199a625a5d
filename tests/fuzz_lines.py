"""Lines for fuzzing: events of the contract, bent in one or more places.

Bytes drawn at random are almost never JSON, so a line begins as an event and is then changed: a
field becomes another value, the text is cut, doubled or gets something inserted. What is drawn
small is what readers are known to differ in.
"""

import json
from typing import Any

from hypothesis import strategies as st

from oracle_contract import TYPES

_NAMES: tuple[str, ...] = (
    "event_id",
    "player_id",
    "event_type",
    "timestamp",
    "sent_at",
    "received_at",
)
_NAMES += ("session_id", "platform", "app_version", "country", "properties")
_PROPERTIES = sorted({name for rules in TYPES.values() for name in rules})
_ODD_TEXTS = (
    *("", " ", "\t", "\n", "\r", "\0", "\x7f", "\x85", "\xa0", "\u2028", "\ufeff", "\ud800", "é"),
    *("e\u0301", "ß", "İ", "\U0001f3ae", "\\", '"', "'", "/", "null", "true", "NaN", "1", "{}"),
    *("$.a", "a.b", "[0]", "infinity", "epoch", "x" * 128, "x" * 129, "é" * 128, "USD", "EUR"),
)
_ODD_NUMBERS = (
    *("0", "-0", "0.0", "-0.0", "1", "-1", "3.7", "1e3", "1E+2", "1e-7", "1e999", "-1e999", "0e0"),
    *("1000000000", "1000000001", "9223372036854775807", "9223372036854775808", "0.1234567"),
    *("1000000", "1000000.000001", "0.000001", "0.0000001", "123456789012345678901234567890"),
    *("31536000", "31536000.5", "999999999.999999", "-999999999.9999990", "4.990000000", "1e6"),
    *("18446744073709551616", "1.7976931348623157e308", "5e-324", "100e-2", "0.1e1", "12e-7"),
)
_NO_JSON: tuple[str, ...] = (
    "NaN",
    "Infinity",
    "-Infinity",
    "nul",
    "True",
    "01",
    "+1",
    ".5",
    "5.",
    "0x10",
    "'a'",
)
_NO_JSON += ('"\t"', '"\\x41"', '"\\u12"', "//", "/**/1", "[1,]", '{"a":1,}', "{}{}", "")
_ESCAPES: tuple[str, ...] = (
    r"\u0000",
    r"\u000a",
    r"\ud800",
    r"\udc00",
    r"\ud83d\ude00",
    r"\ud83d",
    r"\/",
    r"\"",
)
_ESCAPES += (r"\\", r"\n", r"\u00e9", r"\uFFFE", r"\uD83D\uDE00", r"\ude00\ud83d", r"\b", r"\a")
_JUNK = (
    *(b"\x00", b"\xff", b"\xc3", b"\xc3\xa9", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xc0\x80"),
    *(b"\r", b"\t", b"\x0b", b"\x0c", b"\x1f", b"\x7f", b"\xef\xbb\xbf", b"\xc2\xa0", b" ", b"  "),
    *(b'"', b"\\", b"{", b"}", b"[", b"]", b",", b":", b"'", b"0", b"e", b"-", b".", b"\x1a"),
    *(b"\xe2\x80\xa8", b"\xf0\x9f\x98\x80", b"\xf0\x9f\x98", b"\xfe", b"\xc2\x85", b"\\u0000"),
)


def _texts() -> st.SearchStrategy[str]:
    return st.one_of(st.sampled_from(_ODD_TEXTS), st.text(max_size=12))


@st.composite
def times(draw: st.DrawFn) -> str:
    """A timestamp, often one that is almost right."""

    def pick(*options: str) -> str:
        return draw(st.sampled_from(options))

    day = f"{pick('2026', '2026', '2026', '1969', '2100', '2101', '26', '02026')}-"
    day += f"{pick('01', '02', '02', '13', '00', '1')}-{pick('01', '28', '29', '30', '31', '00')}"
    clock = f"{pick('00', '12', '23', '24', '1')}:{pick('00', '30', '59', '60')}:"
    clock += pick("00", "30", "59", "60", "61", "5")
    fraction = pick("", "", ".0", ".123", ".123456", ".1234567", ".999999999", ".", ".1234567890")
    zones = ("Z", "Z", "z", "", "+00:00", "-00:00", "+02:00", "+0530", "-08", "+14:00", "-14:59")
    zone = pick(*zones, "+15:00", "+05:60", " Z", "UTC", "+2", "+00:00:00", "Z ")
    text = day + pick("T", "T", " ", "t", "  ", "") + clock + fraction + zone
    return pick(text, text, text, *_ODD_TEXTS[:12], "now", "2026-02-01", "1772000000")


def _literals() -> st.SearchStrategy[str]:
    """The text of a JSON value, or of something close to one."""
    quoted = _texts().map(lambda t: json.dumps(t, ensure_ascii=False))
    escaped = st.lists(st.sampled_from((*_ESCAPES, "a", "0")), max_size=4).map(
        lambda parts: '"' + "".join(parts) + '"'
    )
    plain = st.one_of(
        st.sampled_from(("null", "true", "false", "{}", "[]", '""', "[[]]")),
        st.sampled_from(_ODD_NUMBERS),
        st.sampled_from(_NO_JSON),
        quoted,
        quoted,
        escaped,
        times().map(json.dumps),
        st.floats().map(json.dumps),
        st.decimals(allow_nan=False, allow_infinity=False, places=6).map(str),
    )
    flat = st.one_of(plain, _nested(plain))
    return st.one_of(flat, flat, _nested(flat))


def _nested(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(inner, max_size=3).map(lambda v: "[" + ",".join(v) + "]"),
        st.lists(st.tuples(_texts(), inner), max_size=3).map(_object),
    )


def _object(pairs: list[tuple[str, str]]) -> str:
    return "{" + ", ".join(f"{json.dumps(name)}: {value}" for name, value in pairs) + "}"


def _good(kind: str, name: str) -> str:
    rule = TYPES[kind][name].rstrip("!")
    if rule == "text":
        return '"USD"' if name == "currency" else '"t1"'
    return {"boolean": "true", "integer": "3"}.get(rule, "4.99")


@st.composite
def lines(draw: st.DrawFn, number: int) -> bytes:
    """One line; `number` makes its event id."""
    kind = draw(st.sampled_from((*TYPES, "login")))
    properties = [(n, _good(kind, n)) for n in TYPES.get(kind, {}) if draw(st.integers(0, 3))]
    fields = _envelope(draw, number, kind)
    for _ in range(draw(st.integers(0, 3))):
        _change(draw, fields, properties)
    pairs: list[tuple[str, str]] = [*fields.items(), ("properties", _object(properties))]
    if draw(st.integers(0, 9)) == 0:
        pairs[-1] = ("properties", draw(_literals()))
    if draw(st.integers(0, 9)) == 0:
        pairs.append((draw(st.sampled_from(_NAMES)), draw(_literals())))
    line = draw(st.sampled_from((_object(pairs), _object(pairs).replace(", ", ","))))
    made = line.encode("utf-8", errors="surrogatepass")
    if draw(st.integers(0, 3)) == 0:
        made = _bent(draw, made)
    return made.replace(b"\n", b" ")


def _envelope(draw: st.DrawFn, number: int, kind: str) -> dict[str, str]:
    fields = {
        "event_id": f'"00000000-0000-4000-8000-{number:012d}"',
        "player_id": f'"00000000-0000-4000-8000-{number % 3:012d}"',
        "event_type": json.dumps(kind),
        "timestamp": f'"2026-02-0{number % 9 + 1}T12:00:00Z"',
    }
    for name in ("sent_at", "received_at"):
        if draw(st.integers(0, 3)) == 0:
            fields[name] = f'"2026-02-{draw(st.integers(1, 28)):02d}T12:00:01.5Z"'
    return fields


def _change(draw: st.DrawFn, fields: dict[str, str], properties: list[tuple[str, str]]) -> None:
    place = draw(st.integers(0, 5))
    if place <= 1:
        name = draw(st.sampled_from(_NAMES[:-1]))
        fields[name] = draw(times().map(json.dumps) if "t" in name[-2:] else _literals())
    elif place == 2:
        properties.append((draw(st.sampled_from(_PROPERTIES)), draw(_literals())))
    elif place == 3 and properties:
        at = draw(st.integers(0, len(properties) - 1))
        properties[at] = (properties[at][0], draw(_literals()))
    elif place == 4:
        properties.append((draw(_texts()), draw(_literals())))


def _bent(draw: st.DrawFn, line: bytes) -> bytes:
    start = draw(st.integers(0, len(line)))
    end = min(len(line), start + draw(st.integers(0, 12)))
    junk = draw(st.one_of(st.sampled_from(_JUNK), st.binary(max_size=4)))
    changed: tuple[Any, ...] = (
        line[:start],
        line[:start] + line[end:],
        line[:start] + junk + line[start:],
        line[:start] + junk + line[end:],
        line[:end] + line[start:],
        junk + line,
        line + junk,
    )
    return bytes(draw(st.sampled_from(changed)))


def batches(size: int, least: int = 1) -> st.SearchStrategy[list[bytes]]:
    """Some lines, as a file has them."""
    numbered = st.integers(0, size * 2).flatmap(lines)
    return st.lists(numbered, min_size=least, max_size=size)
