"""Headers of CSV that mislead, and records that do; one run judges all files."""

import json
from pathlib import Path

import pytest

from hostile import AS_OF, HEADER, NOON, PLAYER, Judged, Taken, header, lines, packed, record, uuid
from lakes import deliver
from questline.contract import Reason
from questline.ingestion import count
from questline.ingestion.mapping import Mapping, Source

MALFORMED, MISSING = Reason.MALFORMED_JSON, Reason.MISSING_FIELD
ENCODING, PROPERTY = Reason.INVALID_ENCODING, Reason.INVALID_PROPERTY
SQL = "'); DROP TABLE events; --"
OPEN = "a quote in the header is never closed"
ONE = Taken(1, 1)
N = 7
"""Number of the first row of a case; `made` gives each file its own."""


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def crlf(text: str) -> str:
    return text.replace("\n", "\r\n")


OWN = ("fid", "line", "raw", "found", "filename", "as_of", "cells", "cell_0")
WIDE = tuple(f"c{i}" for i in range(3_000))
CASES: dict[str, tuple[str | bytes, Taken | str]] = {
    # headers
    "nothing": ("", Taken(0, 0)),
    "only a header": (header(), Taken(0, 0)),
    "a header without end": (header()[:-1], Taken(0, 0)),
    "a blank line first": ("\n\r\n" + header() + record(N), ONE),
    "a line of commas": (",,,,\n,,,,\n", Taken(1, 0, {MISSING: 1})),
    "one column": (f"event_id\n{uuid(N)}\n", Taken(1, 0, {MISSING: 1})),
    "another order": (
        ",".join(HEADER[::-1]) + f"\n{{}},{NOON},login,{PLAYER},{uuid(N)}\n",
        ONE,
    ),
    "quotes around names": (",".join(map(quoted, HEADER)) + "\n" + record(N), ONE),
    "a quote never closed": ('"' + header() + record(N) + record(N + 1), OPEN),
    "a line end in a name": (header('"a\nb"') + record(N, "1"), ONE),
    "a line end in a name, CRLF": (crlf(header('"a\nb"') + record(N, "1")), ONE),
    "quotes in a name": (header('"a""b"', "'x'") + record(N, "1", "2"), ONE),
    "SQL as a name": (header(quoted(SQL)) + record(N, SQL), ONE),
    "paths as names": (header("a.b", "$", "%s", "*") + record(N, *"1234"), ONE),
    "NUL in a name": (header("a\0b") + record(N, "1"), ONE),
    "a name that is not UTF-8": (header("caf\udce9") + record(N, "1"), ONE),
    "a name of 70,000 letters": (header("x" * 70_000) + record(N, "1"), ONE),
    "3,000 columns": (header(*WIDE) + record(N, *WIDE), ONE),
    "names of the reader's own": (header(*OWN) + record(N, *OWN), ONE),
    "the same, CRLF": (crlf(header(*OWN) + record(N, *OWN)), ONE),
    "own names say malformed": (crlf(header("found") + record(N, "malformed_json")), ONE),
    "own names in capitals": (header("FID", "Line", "RAW") + record(N, *"123"), ONE),
    "capitals before": ("EVENT_ID," + header() + "x," + record(N), ONE),
    "capitals before, CRLF": (crlf("EVENT_ID," + header() + "x," + record(N)), ONE),
    "capitals after": (header("EVENT_ID") + record(N, "x"), ONE),
    "only capitals": (header().upper() + record(N), Taken(1, 0, {MISSING: 1})),
    "a name twice": (header("event_id") + record(N, "x"), ONE),
    "no names": (header("", "") + record(N, "x", "y"), ONE),
    "a name like that of one without": (header("", "column6") + record(N, "x", "y"), ONE),
    "spaces around names": (header().replace(",", ", ") + record(N), Taken(1, 0, {MISSING: 1})),
    "a byte order mark": ("\ufeff" + header() + record(N), ONE),
    "a byte order mark and quotes": ('\ufeff"event_id"' + header()[8:] + record(N), ONE),
    "a hint for a spreadsheet": ("sep=,\n" + header() + record(N), Taken(2, 0, {MALFORMED: 2})),
    "semicolons": ((header() + record(N)).replace(",", ";"), Taken(1, 0, {MISSING: 1})),
    "tabs": ((header() + record(N)).replace(",", "\t"), Taken(1, 0, {MISSING: 1})),
    "no header": (record(N) + record(N + 1), Taken(1, 0, {MISSING: 1})),
    # records
    "the header again": (header() + record(N) + header(), Taken(2, 1, {"invalid_id": 1})),
    "NULL": (header() + record(N, properties="NULL"), Taken(1, 0, {PROPERTY: 1})),
    "an empty cell": (header() + record(N, properties=""), Taken(1, 0, {MISSING: 1})),
    "SQL as a type": (header() + record(N, kind=SQL), ONE),
    "a formula": (header() + record(N, kind="=cmd|' /C calc'!A0"), ONE),
    "HTML": (header() + record(N, kind="<script>{{7*7}}</script>"), ONE),
    "deep nesting": (
        header()
        + record(N, properties=quoted('{"a":' + "[" * 10_000 + "]" * 10_000 + "}"))
        + record(N + 1, properties="[" * 10_000),
        Taken(2, 1, {PROPERTY: 1}),
    ),
    "NaN": (header() + record(N, properties=quoted('{"a":NaN}')), Taken(1, 0, {PROPERTY: 1})),
    "ends within a cell": (
        header() + record(N, properties=quoted('{"a":\n"b","c":"\\n"}')) + record(N + 1),
        Taken(2, 2),
    ),
    "cells too few and too many": (
        header() + record(N) + "a,b\n" + record(N + 1, "x") + record(N + 2),
        Taken(4, 2, {MALFORMED: 2}),
    ),
    "a cell the reader splits at": (
        header() + record(N, properties=quoted('{"a":"\x01"}')) + record(N + 1),
        Taken(2, 1, {PROPERTY: 1}),
    ),
    # not CSV at all
    "UTF-16": ((header() + record(N)).encode("utf-16"), Taken(2, 0, {ENCODING: 2})),
    "JSON": (lines(N, N + 1), Taken(1, 0, {MISSING: 1})),
    "bare carriage returns": (
        (header() + record(N)).replace("\n", "\r"),
        "lines end in bare carriage returns",
    ),
    "Parquet": (b"PAR1\x15\x04\x15\x00\n\x15,\x00\n,\xff\n", Taken(2, 0, {ENCODING: 2})),
}


def name(case: str) -> str:
    return f"{list(CASES).index(case):02d}.csv"


def made(case: str) -> bytes:
    """The bytes of a case, with ids of its own."""
    content = CASES[case][0]
    data = content if isinstance(content, bytes) else content.encode("utf-8", "surrogateescape")
    start = 1_000 + 100 * list(CASES).index(case)
    for more in range(3):
        data = data.replace(uuid(N + more).encode(), uuid(start + more).encode())
    return data


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    return Judged(tmp_path_factory.mktemp("csv"), {name(c): made(c) for c in CASES})


def test_neighbour_is_taken_whole(judged: Judged) -> None:
    judged.check_neighbour()


@pytest.mark.parametrize("case", list(CASES))
def test_csv(judged: Judged, case: str) -> None:
    assert judged.outcome(name(case)) == CASES[case][1]
    judged.check_refused(name(case))


def test_text_is_stored_as_it_came(judged: Judged) -> None:
    types = {e["event_type"] for e in judged.events.values()}
    assert {SQL, "=cmd|' /C calc'!A0", "<script>{{7*7}}</script>"} <= types


def test_refused_record_is_kept_with_its_line(judged: Judged) -> None:
    few, many = judged.refused(name("cells too few and too many"))
    assert (few["line"], few["raw"]) == (3, "a,b")
    assert (many["line"], many["raw"][-4:]) == (4, "{},x")


def test_header_may_change_between_files(tmp_path: Path) -> None:
    found = Judged(
        tmp_path,
        {
            "1.csv": (header() + record(1)).encode(),
            "2.csv": (header("platform") + record(2, "ios")).encode(),
            "3.csv": packed(("platform," + header() + "android," + record(3)).encode()),
        },
    )
    found.check_neighbour()
    assert [found.events[uuid(n)]["platform"] for n in (1, 2, 3)] == [None, "ios", "android"]


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_mapped_columns_are_those_of_the_file(tmp_path: Path, ending: str) -> None:
    """Names that the reader uses itself, and equal rows in which only such a column differs."""
    source = Source(
        name="m",
        path=["*.csv"],
        format="csv",
        ids="drop",
        fields={"player_id": "fid", "timestamp": "found", "event_type": "raw"},
        properties={"line": "line", "Line": "Line"},
    )
    rows = ["fid,line,Line,raw,found", *(f"p1,{n},x,t,{NOON}" for n in (70, 70, 71))]
    mapping = Mapping(source=[source, Source(name="n", path=["*"], format="jsonl", native=True)])
    found = Judged(tmp_path, {"a.csv": ending.join((*rows, "")).encode()}, mapping)
    assert found.outcome("a.csv") == Taken(3, 2, duplicates=1)
    mine = [e for e in found.events.values() if e["player_id"] == "p1"]
    properties = sorted(e["properties"] for e in mine)
    assert [json.loads(p) for p in properties] == [
        {"line": "70", "Line": "x"},
        {"line": "71", "Line": "x"},
    ]
    assert {e["event_type"] for e in mine} == {"t"}


@pytest.mark.parametrize("stray", [b'"', b'x"y,"'])
def test_record_without_end_is_not_read_into_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stray: bytes
) -> None:
    monkeypatch.setattr(count, "MAX_RECORD", 2_000)
    content = (header() + record(1)).encode() + stray + b"1234567\n" * 1_000
    found = Judged(tmp_path, {"a.csv": content, "b.csv": (header() + record(2)).encode()})
    found.check_neighbour()
    assert "is a quote never closed?" in str(found.outcome("a.csv"))
    assert found.outcome("b.csv") == ONE
    (found.settings.raw / "a.csv").write_bytes((header() + record(1)).encode())
    assert deliver(found.settings, [], as_of=AS_OF).accepted == 1
