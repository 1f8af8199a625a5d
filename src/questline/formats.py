"""Rows as CSV, JSON and Parquet, as every command and the dashboard write them."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import IO, Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet

_SIGNS = r"=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}\x{fe66}\x{fe62}\x{fe63}\x{fe6b}"
_FORMULA = rf"""^([\t\r\n]|[\s\p{{Z}}\p{{C}}"']*[{_SIGNS}])"""
"""Text that a spreadsheet would take for a formula, also in the wide and small forms of its signs.

White space, invisible characters and quotes before the sign do not hinder some of them.
"""

Write = Callable[[pa.Schema, Iterable[pa.RecordBatch], IO[bytes]], None]


def csv_bytes(table: pa.Table) -> bytes:
    """A whole table as CSV, as `questline metric --format csv` prints it."""
    sink = io.BytesIO()
    write_csv(table.schema, table.to_batches(), sink)
    return sink.getvalue()


def write_csv(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: IO[bytes]) -> None:
    """CSV in which text that a spreadsheet would execute gets an apostrophe before it."""
    write_plain_csv(schema, batches, sink, _harmless)


def _harmless(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Text cells that begin like a formula, behind an apostrophe; numbers stay numbers."""
    if not pa.types.is_string(column.type) and not pa.types.is_large_string(column.type):
        return column
    marked = pc.binary_join_element_wise("'", column, "")
    return pc.if_else(pc.match_substring_regex(column, _FORMULA), marked, column)


def write_plain_csv(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    sink: IO[bytes],
    mend: Callable[[pa.ChunkedArray], pa.ChunkedArray] = lambda column: column,
) -> None:
    """CSV with every text as it is; `mend` changes columns before they are written."""
    sink.write((",".join(schema.names) + "\n").encode())
    options = pa.csv.WriteOptions(include_header=False, quoting_style="needed")
    for batch in batches:
        flat = pa.Table.from_batches([batch])
        columns = [mend(_flat(column)) for column in flat.columns]
        pa.csv.write_csv(pa.table(columns, names=schema.names), sink, options)


def _flat(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Times as ISO 8601 with Z, nested values as JSON text, everything else as it is."""
    if pa.types.is_timestamp(column.type):
        return pc.strftime(column, format="%Y-%m-%dT%H:%M:%SZ")
    if pa.types.is_nested(column.type):
        texts = [None if v is None else _json_text(v) for v in column.to_pylist()]
        return pa.chunked_array([pa.array(texts, pa.string())])
    return column


def _json(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: IO[bytes]) -> None:
    del schema
    before = "[\n"
    for batch in batches:
        rows = batch.to_pylist()
        if rows:
            sink.write((before + ",\n".join(_json_text(row) for row in rows)).encode())
            before = ",\n"
    sink.write(b"[]\n" if before == "[\n" else b"\n]\n")


def _json_text(value: object) -> str:
    return json.dumps(value, default=_json_value, ensure_ascii=False, allow_nan=False)


def _json_value(value: Any) -> object:  # noqa: ANN401 - what JSON has no word for
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _parquet(schema: pa.Schema, batches: Iterable[pa.RecordBatch], sink: IO[bytes]) -> None:
    with pa.parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch.cast(schema) if batch.schema != schema else batch)


def readable(text: str) -> str:
    """Text of unknown origin on one line, without what would steer a terminal."""
    line = text.replace("\n", "\\n").replace("\r", "\\r")
    return "".join(c if c.isprintable() else "\ufffd" for c in line)


WRITERS: dict[str, Write] = {
    "csv": write_csv,
    "json": _json,
    "parquet": _parquet,
}
"""By the name of the format; each takes a schema, batches and where to write."""
