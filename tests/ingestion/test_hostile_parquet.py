"""Parquet as others write it: odd types, odd columns, broken bytes; one run judges all files."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from hostile import NOON, PLAYER, Judged, Taken, lines, packed, parquet, uuid, written
from questline.contract import Reason
from questline.ingestion.mapping import Mapping, Source

T = datetime(2026, 1, 5, 12)  # noqa: DTZ001 - a time without zone is the point
ID, TIME, PROPERTY = Reason.INVALID_ID, Reason.INVALID_TIMESTAMP, Reason.INVALID_PROPERTY
MISSING, TYPE = Reason.MISSING_FIELD, Reason.UNKNOWN_EVENT_TYPE
Make = Callable[[int], bytes]
"""Bytes of a file from the number of its first row."""


def typed(**columns: Any) -> Make:
    """Two rows with these columns instead."""
    return lambda n: parquet(n, n + 1, **columns)


def stamps(unit: str, zone: str | None = None, *times: Any) -> Make:
    return typed(timestamp=pa.array(times or [T, T], pa.timestamp(unit, zone)))


def text(values: list[bytes]) -> pa.Array:
    """Bytes that the file says are text."""
    return pa.array(values, pa.binary()).view(pa.string())


def levels(*values: Any) -> Make:
    return typed(event_type=["level_start"] * 2, properties=[{"level": v} for v in values])


def prices(*values: Any, kind: pa.DataType | None = None) -> Make:
    form = pa.struct([("price", kind or pa.float64()), ("currency", pa.string())])
    paid = [{"price": v, "currency": "USD"} for v in values]
    return typed(event_type=["purchase"] * 2, properties=pa.array(paid, form))


def repeated(name: str) -> Make:
    """A column of this name before those of the contract."""

    def make(n: int) -> bytes:
        cells = {"event_id": [uuid(n)], "player_id": [PLAYER], "event_type": ["login"]}
        cells |= {"timestamp": [NOON], "properties": ["{}"]}
        arrays = [pa.array(["other"]), *(pa.array(v) for v in cells.values())]
        return written(pa.Table.from_arrays(arrays, names=[name, *cells]))

    return make


def damaged(place: slice, fill: bytes) -> Make:
    def make(n: int) -> bytes:
        content = bytearray(parquet(n, n + 1, codec="none"))
        content[place] = fill
        return bytes(content)

    return make


FOOTER = "smaller than the size reported by footer"
NOT_PARQUET = "Parquet magic bytes not found"
NOT_UTF8 = "is not valid UTF8"
BOTH = Taken(2, 2)


def refused(reason: Reason, count: int = 2) -> Taken:
    return Taken(2, 2 - count, {reason: count})


CASES: dict[str, tuple[Make, Taken | str]] = {
    # ids
    "numbers as event ids": (typed(event_id=[1, 2]), refused(ID)),
    "numbers as players": (typed(player_id=[1, 2]), refused(ID)),
    "bytes as ids": (lambda n: parquet(n, event_id=[uuid(n).encode()]), Taken(1, 1)),
    "sixteen bytes as ids": (
        typed(event_id=pa.array([bytes(16), bytes(15) + b"\1"], pa.binary(16))),
        refused(ID),
    ),
    "lists as ids": (typed(event_id=[["a"], ["b"]]), refused(ID)),
    "objects as players": (typed(player_id=[{"a": 1}, {"a": 2}]), refused(ID)),
    "no ids": (typed(event_id=None), refused(MISSING)),
    "one id": (lambda n: parquet(n, n, event_id=[uuid(n), None]), Taken(2, 1, {MISSING: 1})),
    # times
    "microseconds without zone": (stamps("us"), refused(TIME)),
    "nanoseconds without zone": (stamps("ns"), refused(TIME)),
    "seconds without zone": (stamps("s"), refused(TIME)),
    "96 bits": (
        lambda n: written(
            pa.table({"event_id": [uuid(n)], "player_id": [PLAYER], "event_type": ["x"]})
            .append_column("timestamp", pa.array([T], pa.timestamp("ns")))
            .append_column("properties", pa.array(["{}"])),
            use_deprecated_int96_timestamps=True,
        ),
        Taken(1, 0, {TIME: 1}),
    ),
    "microseconds in UTC": (stamps("us", "UTC"), BOTH),
    "nanoseconds in Berlin": (stamps("ns", "Europe/Berlin"), BOTH),
    "the ends of time": (stamps("us", "UTC", 2**63 - 1, -(2**63) + 1), refused(TIME)),
    "days": (typed(timestamp=[T.date()] * 2), refused(TIME)),
    "clocks": (typed(timestamp=[T.time()] * 2), refused(TIME)),
    "numbers of seconds": (typed(timestamp=[1767614400, 1767614400000]), refused(TIME)),
    "fractions of seconds": (typed(timestamp=[1767614400.5, float("nan")]), refused(TIME)),
    "no times": (typed(timestamp=pa.nulls(2)), refused(MISSING)),
    "sent without zone": (typed(sent_at=pa.array([T, None], pa.timestamp("us"))), refused(TIME, 1)),
    # types and texts
    "truth as a type": (typed(event_type=[True, False]), BOTH),
    "a dictionary of types": (typed(event_type=pa.array(["a", "b"]).dictionary_encode()), BOTH),
    "NUL in a type": (typed(event_type=["a\0b", "c"]), refused(TYPE, 1)),
    "text that is not UTF-8": (typed(event_type=text([b"\xff\xfe", b"ok"])), NOT_UTF8),
    "nested text that is not UTF-8": (
        typed(properties=pa.StructArray.from_arrays([text([b"\xff", b"ok"])], ["a"])),
        NOT_UTF8,
    ),
    "a cell of three megabytes": (typed(properties=[json.dumps({"a": "x" * 3_000_000})] * 2), BOTH),
    # properties
    "a struct": (typed(properties=[{"a": {"b": [{"c": 1, "d": T, "e": b"\xff"}]}}] * 2), BOTH),
    "a map": (
        typed(properties=pa.array([[("k", "v")]] * 2, pa.map_(pa.string(), pa.string()))),
        BOTH,
    ),
    "lists": (typed(properties=[[1], [2]]), refused(PROPERTY)),
    "numbers": (typed(properties=[1, 2]), refused(PROPERTY)),
    "nothing": (typed(properties=pa.array([{"a": None}, None])), refused(MISSING, 1)),
    "infinity and NaN": (
        typed(properties=[{"a": float("inf")}, {"a": float("nan")}]),
        refused(PROPERTY),
    ),
    "NaN and 1e999 as text": (typed(properties=['{"a":NaN}', '{"a":1e999}']), refused(PROPERTY, 1)),
    "half an object": (typed(properties=['{"a":1', "{} x"]), refused(PROPERTY)),
    "deep nesting": (
        typed(properties=['{"a":' + "[" * 10_000 + "]" * 10_000 + "}", "[" * 10_000]),
        refused(PROPERTY, 1),
    ),
    "half a surrogate": (
        typed(properties=['{"a":"\\ud800"}', '{"a":"\\u0000"}']),
        refused(PROPERTY, 1),
    ),
    "level 3.7": (levels(3.7, 3.0), refused(PROPERTY)),
    "level true": (levels(True, False), refused(PROPERTY)),
    "level as text": (levels("3", None), Taken(2, 0, {PROPERTY: 1, MISSING: 1})),
    "levels": (levels(3, 0), BOTH),
    "decimal prices": (prices(Decimal("4.990000"), Decimal(0), kind=pa.decimal128(18, 6)), BOTH),
    "long decimals": (
        prices(Decimal("1.0000001"), Decimal(1), kind=pa.decimal128(18, 7)),
        refused(PROPERTY, 1),
    ),
    "binary prices": (prices(4.99, float("nan")), refused(PROPERTY, 1)),
    # columns
    "columns of the reader": (
        typed(fid=[8, 9], line=["a", "b"], raw=["x", "y"], found=["malformed_json"] * 2, j=[1, 2]),
        BOTH,
    ),
    "columns of the run": (
        typed(as_of=[1, 2], as_of_explicit=[0, 1], filename=["a", "b"], cells=["a", "b"]),
        BOTH,
    ),
    "file_row_number": (
        lambda n: parquet(n, n, file_row_number=[7, 7], player_id=[PLAYER, "x"]),
        refused(ID, 1),
    ),
    "quotes in a name": (typed(**{"a\"b'c": [1, 2], "'); DROP TABLE events; --": [1, 2]}), BOTH),
    "an empty name": (typed(**{"": [1, 2]}), BOTH),
    "a name twice": (typed(Event_ID=["x", "y"]), BOTH),
    "three thousand columns": (typed(**{f"c{i}": [1, 2] for i in range(3_000)}), BOTH),
    "times of day and lengths": (typed(a=[T.time()] * 2, b=[timedelta(1)] * 2), BOTH),
    "none of the contract's": (lambda _: written(pa.table({"zzz": [1, 2]})), refused(MISSING)),
    "no rows": (lambda _: parquet(), Taken(0, 0)),
    # bytes
    "nothing at all": (lambda _: b"", "Parquet file size is 0 bytes"),
    "only the magic": (lambda _: b"PAR1PAR1", FOOTER),
    "a footer without end": (lambda _: b"PAR1\xff\xff\xff\xffPAR1", FOOTER),
    "a broken footer": (damaged(slice(-6, -5), b"\xff"), FOOTER),
    "broken pages": (damaged(slice(8, 200), b"\xff" * 192), ""),
    "JSON": (lines, NOT_PARQUET),
    "gzip": (lambda n: packed(parquet(n)), NOT_PARQUET),
}


def name(case: str) -> str:
    return f"{list(CASES).index(case):02d}.parquet"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    files = {name(c): make(100 * n) for n, (c, (make, _)) in enumerate(CASES.items())}
    return Judged(tmp_path_factory.mktemp("parquet"), files)


def test_neighbour_is_taken_whole(judged: Judged) -> None:
    judged.check_neighbour()


@pytest.mark.parametrize("case", list(CASES))
def test_parquet(judged: Judged, case: str) -> None:
    expected, found = CASES[case][1], judged.outcome(name(case))
    if isinstance(expected, str):
        assert isinstance(found, str)
        assert expected in found
        assert "input-" not in found
    else:
        assert found == expected
    judged.check_refused(name(case))


def test_row_number_counts_rows_of_the_file(judged: Judged) -> None:
    (row,) = judged.refused(name("file_row_number"))
    assert (row["line"], json.loads(row["raw"])["file_row_number"]) == (2, 7)


def test_refused_row_is_kept_with_all_its_columns(judged: Judged) -> None:
    first, _ = judged.refused(name("numbers as players"))
    assert json.loads(first["raw"])["player_id"] == 1
    assert first["line"] == 1


def test_mapped_columns_are_those_of_the_file(tmp_path: Path) -> None:
    fields = {"event_id": "raw", "player_id": "fid", "timestamp": "as_of", "event_type": "found"}
    source = Source(
        name="p",
        path=["*.parquet"],
        format="parquet",
        fields={**fields},
        properties={"j": "j", "line": "line"},
    )
    cells = {"raw": ["e1"], "fid": ["p1"], "as_of": [NOON], "found": ["x"], "j": [5], "line": [77]}
    mapping = Mapping(source=[source, Source(name="n", path=["*"], format="jsonl", native=True)])
    found = Judged(tmp_path, {"a.parquet": written(pa.table(cells))}, mapping)
    found.check_neighbour()
    assert found.events["e1"]["player_id"] == "p1"
    assert json.loads(found.events["e1"]["properties"]) == {"j": 5, "line": 77}
