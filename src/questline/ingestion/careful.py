"""The careful reader: line by line, for what the vectorised readers stumble on."""

import csv
import sys
from codecs import BOM_UTF8
from collections.abc import Iterator
from typing import BinaryIO, TypeVar

import duckdb
import pyarrow as pa

from questline.contract import Reason
from questline.ingestion.count import MAX_RECORD
from questline.ingestion.expressions import cell_name
from questline.ingestion.inputs import Input
from questline.ingestion.scan import compression_of, open_bytes

BATCH_LINES = 50_000
BATCH_BYTES = 64_000_000
LONGEST = 16_777_216
"""Bytes of a line that are read; more than any setting of `max_line_bytes`."""
MAX_RAW = 65_536
"""Characters of a line that is too large, and of a record of several lines, that are kept."""

_RETURN = "\ufdd0"
"""Stands for a carriage return within a line, which Python's reader refuses outside quotes."""


_Row = TypeVar("_Row", bound=tuple[object, ...])

TOLD = (
    pa.field("fid", pa.int32()),
    pa.field("as_of", pa.timestamp("us", tz="UTC")),
    pa.field("as_of_explicit", pa.bool_()),
    pa.field("again", pa.bool_()),
)
"""Columns that say from which input a row is; `again`: its id seems to have come before."""


def told_of(item: Input, rows: int) -> dict[str, pa.Array]:
    """The columns `TOLD` of some rows.

    A join with `inputs` in their place would be turned round, since DuckDB does not know how many
    rows it is given; what follows the join would then get them one by one.
    """
    values = (item.fid, item.as_of, item.as_of_explicit, False)
    return {
        f.name: pa.repeat(pa.scalar(v, f.type), rows) for f, v in zip(TOLD, values, strict=True)
    }


def text_of(record: bytes, *, first: bool) -> str:
    """Text under which an unterminated last record was refused; `first`: it is the only one."""
    bodies = [line.rstrip(b"\r") for line in record.removesuffix(b"\n").split(b"\n")]
    return _readable(b"\n".join(bodies).removeprefix(BOM_UTF8 if first else b""))


def max_line_bytes(con: duckdb.DuckDBPyConnection) -> int:
    """The limit the run was started with, kept as a variable of the connection."""
    row = con.execute("SELECT getvariable('max_line_bytes')").fetchone()
    return int(row[0]) if row and row[0] is not None else 1_000_000


def careful_csv(con: duckdb.DuckDBPyConnection, item: Input, header: list[str]) -> Iterator[int]:
    """Registers the records as the table `careful`, by batches; yields their length."""
    records = csv_records(item, len(header), max_line_bytes(con))
    for rows in _batches(item, records):
        cells = {cell_name(i): [r[3][i] for r in rows] for i in range(len(header))}
        yield from _register(con, item, [r[:3] for r in rows], cells)


def csv_header(item: Input) -> list[str]:
    """Names of the columns: the cells of the first line that is not blank."""
    csv.field_size_limit(sys.maxsize)
    first = next((body for _, body in _bodies(item) if body), b"").decode("utf-8", "replace")
    first = first.replace("\x00", "\ufffd").replace("\r", _RETURN)
    names = next(csv.reader([first], delimiter=item.source.delimiter), [])
    return [n or f"column{i}" for i, n in enumerate(names)]


def _bodies(item: Input, limit: int = LONGEST) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line without its end; `limit` and one of a longer line."""
    with open_bytes(item.path, compression_of(item.path)) as handle:
        lines = iter(lambda: handle.readline(limit + 1), b"")
        for number, line in enumerate(lines, 1):
            whole = len(line) <= limit or line.endswith(b"\n")
            rest = b"" if whole else skip_line(handle)
            body = line if rest else line.rstrip(b"\n").rstrip(b"\r")
            yield number, body.removeprefix(BOM_UTF8) if number == 1 and not item.start else body


def skip_line(handle: BinaryIO) -> bytes:
    """Passes over the rest of a line; a byte of it, if there is more than its end."""
    found = b""
    while piece := handle.readline(1 << 20):
        found = found or piece.strip(b"\r\n")[:1]
        if piece.endswith(b"\n"):
            break
    return found


def decode_line(body: bytes, limit: int) -> tuple[str, str | None]:
    """Text of a line and the reason to refuse it; undecodable bytes are replaced."""
    if len(body) > limit:
        return _readable(body[:MAX_RAW]), Reason.TOO_LARGE
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return _readable(body), Reason.INVALID_ENCODING
    return (_readable(body), Reason.INVALID_ENCODING) if "\x00" in text else (text, None)


def _readable(body: bytes) -> str:
    return body.decode("utf-8", "replace").replace("\x00", "\ufffd")


def csv_records(
    item: Input, width: int, limit: int
) -> Iterator[tuple[int, str, str | None, list[str | None]]]:
    """First line, text, reason and cells of each record after the header, `width` columns wide."""
    csv.field_size_limit(sys.maxsize)
    seen: list[tuple[int, bytes]] = []

    def texts() -> Iterator[str]:
        # Whole lines, even where one will be refused: a quote that was cut off would swallow the
        # records after it.
        for number, body in _bodies(item, MAX_RECORD):
            seen.append((number, body))
            yield _readable(body).replace("\r", _RETURN) + "\n"

    header_passed = False
    for cells in csv.reader(texts(), delimiter=item.source.delimiter):
        if cells and header_passed:
            text, reason = decode_line(b"\n".join(body for _, body in seen), limit)
            if reason is None and len(cells) != width:
                reason = Reason.MALFORMED_JSON
            padded = [c.replace(_RETURN, "\r") for c in cells] + [None] * width
            yield seen[0][0], text, reason, padded[:width]
        header_passed = header_passed or bool(cells)
        seen.clear()


def _batches(item: Input, rows: Iterator[_Row]) -> Iterator[list[_Row]]:
    """Lists of rows; a single one where equal rows of a file are numbered."""
    batch: list[_Row] = []
    size = 0
    for row in rows:
        batch.append(row)
        size += len(str(row[1]))
        if (len(batch) >= BATCH_LINES or size >= BATCH_BYTES) and item.source.ids != "keep":
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _register(
    con: duckdb.DuckDBPyConnection,
    item: Input,
    rows: list[tuple[int, str, str | None]],
    cells: dict[str, list[str | None]],
) -> Iterator[int]:
    table = {
        **told_of(item, len(rows)),
        "line": pa.array([r[0] for r in rows], pa.int64()),
        "raw": pa.array([r[1] for r in rows], pa.string()),
        "found": pa.array([r[2] for r in rows], pa.string()),
    }
    con.register(
        "careful", pa.table({**table, **{n: pa.array(c, pa.string()) for n, c in cells.items()}})
    )
    yield len(rows)
    con.unregister("careful")
