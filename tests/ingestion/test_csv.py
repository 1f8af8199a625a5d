"""CSV as people write it: cells too many, quotes where none belong, line ends within cells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lakes import deliver, rows_of, settings_for
from questline.contract import Reason
from questline.ingestion.mapping import Mapping, Source

HEADER = "event_id,player_id,event_type,timestamp,properties\n"
LIMIT = 140_000
MALFORMED, INVALID = Reason.MALFORMED_JSON, Reason.INVALID_PROPERTY


def row(number: int, properties: str = "{}", kind: str = "login") -> str:
    return (
        f"00000000-0000-4000-8000-{number:012d},00000000-0000-4000-8000-000000000900,{kind},"
        f"2026-01-05T12:00:00Z,{properties}\n"
    )


def quoted(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


OBJECT = quoted('{"a":1}')
LARGE = quoted('{"a":"' + "x," * 66_000 + '"}')
TOO_LARGE = quoted('{"a":"' + "x," * 71_000 + '"}')
Row = Callable[[int], str]


def of(properties: str, kind: str = "login") -> Row:
    return lambda number: row(number, properties, kind)


CASES: dict[str, list[tuple[Row, Reason | None]]] = {
    "cell too many": [(of("{}"), None), (of("{},"), MALFORMED), (of("{},{}"), MALFORMED)],
    "empty cell too many": [(of("{}"), None), (of("{},"), MALFORMED)],
    "empty cell too many, quoted": [(of(OBJECT), None), (of(OBJECT + ","), MALFORMED)],
    "cell too few": [(lambda n: row(n)[:-4] + "\n", MALFORMED), (of("{}"), None)],
    "half a row at the end": [(of("{}"), None), (lambda n: row(n)[:60], MALFORMED)],
    "quote within a cell": [(of('5" disk'), INVALID), (of("{}"), None), (of(OBJECT), None)],
    "quotes within a cell": [(of("{}", '5" or 3"'), None), (of(OBJECT), None)],
    "cell goes on after its quote": [(of(OBJECT + " x"), INVALID), (of("{}"), None)],
    "quote that nobody closes": [(of("{}"), None), (of('"{'), INVALID)],
    "half an object": [(of(quoted('{"a":')), INVALID), (of(quoted('{"a":1} x')), INVALID)],
    "not a number": [(of(quoted('{"a":NaN}')), INVALID), (of(OBJECT), None)],
    "line ends in a cell": [(of(quoted('{"a":\n\n1}')), None), (of("{},"), MALFORMED)],
    "returns in a cell": [
        (of(quoted('{"a":\r\n1}')), None),
        (of("{}", "a\rb"), Reason.UNKNOWN_EVENT_TYPE),
    ],
    "blank lines": [(lambda n: "\n" + row(n) + "\r\n", None), (of("{},"), MALFORMED)],
    "large cell": [(of(LARGE), None), (of("{},"), MALFORMED)],
    "too large": [(of(TOO_LARGE), Reason.TOO_LARGE), (of(OBJECT), None), (of("{},"), MALFORMED)],
    "not UTF-8": [(of("{}", "caf\udce9"), Reason.INVALID_ENCODING), (of("{}"), None)],
    "NUL": [(of("{}", "a\0b"), Reason.INVALID_ENCODING), (of("{}"), None)],
}


def place(case: int, index: int) -> int:
    return 100 * case + index


def content(case: int) -> str:
    rows = list(CASES.values())[case]
    return HEADER + "".join(make(place(case, i)) for i, (make, _) in enumerate(rows))


Outcome = dict[int, tuple[Any, ...]]


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """By the number of the row: reason, and for refused rows text, file and line."""
    made = settings_for(tmp_path_factory.mktemp("csv"), max_line_bytes=LIMIT)
    files = [
        (f"{case:02d}.csv", content(case).encode("utf-8", "surrogateescape"))
        for case in range(len(CASES))
    ]
    summary = deliver(made, files)
    assert summary.lines_in == sum(len(rows) for rows in CASES.values())
    found: Outcome = {int(e["event_id"][-12:]): (None,) for e in rows_of(made.lake, "events")}
    for r in rows_of(made.lake, "rejected", comparable=False):
        found[int(r["raw"].lstrip("\n")[24:36] or -1)] = (
            r["reason"],
            r["raw"],
            r["file"],
            r["line"],
        )
    return found


@pytest.mark.parametrize("name", CASES)
def test_each_row_is_judged_alone(outcomes: Outcome, name: str) -> None:
    case = list(CASES).index(name)
    line, wanted = 2, {}
    for index, (make, reason) in enumerate(CASES[name]):
        text = make(place(case, index))
        raw = text.strip("\n").encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        raw = raw.replace("\0", "\ufffd")[:65_536]
        wanted[place(case, index)] = (
            (None,) if reason is None else (reason, raw, f"{case:02d}.csv", line)
        )
        line += text.count("\n")
    assert {n: outcomes.get(n) for n in wanted} == wanted


def test_file_with_bare_returns_waits(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    summary = deliver(made, [("mac.csv", (HEADER + row(1)).replace("\n", "\r").encode())])
    assert summary.incomplete == [("mac.csv", "lines end in bare carriage returns")]


def test_delimiter_of_the_mapping_decides_where_cells_begin(tmp_path: Path) -> None:
    fields = {"event_id": "id", "player_id": "who", "event_type": "what", "timestamp": "at"}
    tabs = Source(
        name="t",
        path=["*.tsv"],
        format="csv",
        delimiter="\t",
        fields={**fields},
        properties={"note": "note"},
    )
    text = "\n".join(
        (
            "id\twho\twhat\tat\tnote",
            '1\tp\ta,"b\t2026-01-05T12:00:00Z\t',
            '2\tp\tx\t2026-01-05T12:00:00Z\t"c\td"\n',
        )
    )
    made = settings_for(tmp_path)
    summary = deliver(made, [("a.tsv", text.encode())], mapping=Mapping(source=[tabs]))
    assert (summary.lines_in, summary.rejected) == (2, {})
    found = {e["event_type"]: e["properties"] for e in rows_of(made.lake, "events")}
    assert found == {'a,"b': '{"note":null}', "x": '{"note":"c\\td"}'}
