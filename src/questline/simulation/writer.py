"""Rows to files: JSON Lines, CSV or Parquet, plain or compressed; the same rows, same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from questline.simulation.text import joined

SUFFIXES = {"none": "", "gzip": ".gz", "zstd": ".zst"}
JSON_COLUMNS = frozenset({"properties"})
"""Columns that hold JSON text already."""
GZIP_LEVEL = 4


def file_name(stem: str, kind: str, compression: str) -> str:
    """The name of a data file; Parquet compresses inside, so its name does not say it.

    >>> file_name("players", "jsonl", "gzip"), file_name("players", "parquet", "zstd")
    ('players.jsonl.gz', 'players.parquet')
    """
    return f"{stem}.{kind}" if kind == "parquet" else f"{stem}.{kind}{SUFFIXES[compression]}"


@contextmanager
def _opened(path: Path, compression: str) -> Iterator[BinaryIO]:
    with path.open("wb") as file:
        if compression == "gzip":
            # No name and no time in the header: the bytes depend on the content only.
            with gzip.GzipFile("", "wb", GZIP_LEVEL, file, mtime=0) as packed:
                yield cast("BinaryIO", packed)
        elif compression == "zstd":
            with pa.CompressedOutputStream(pa.PythonFile(file, "w"), "zstd") as packed:
                yield cast("BinaryIO", packed)
        else:
            yield file


def _json_lines(table: pa.Table) -> memoryview:
    """One object a line, without spaces; the texts need no escapes, null stays null."""
    parts: list[pa.Array | str] = []
    for index, name in enumerate(table.column_names):
        column = table.column(name).combine_chunks()
        parts.append(f'{"," if index else "{"}"{name}":')
        if name in JSON_COLUMNS:
            parts.append(column)
        else:
            parts.append(pc.fill_null(joined('"', column, '"'), "null"))
    lines = joined(*parts, "}\n")
    if isinstance(lines, pa.ChunkedArray):
        lines = lines.combine_chunks()
    data = lines.buffers()[2]
    return memoryview(data) if data is not None else memoryview(b"")


def _write_text(path: Path, tables: Iterable[pa.Table], schema: pa.Schema, packing: str) -> int:
    rows = 0
    with _opened(path, packing) as file:
        for table in tables:
            file.write(_json_lines(table.select(schema.names)))
            rows += len(table)
    return rows


def _write_csv(path: Path, tables: Iterable[pa.Table], schema: pa.Schema, packing: str) -> int:
    rows = 0
    with _opened(path, packing) as file:
        sink = pa.BufferOutputStream()
        pa_csv.write_csv(schema.empty_table(), sink)
        file.write(sink.getvalue())
        for table in tables:
            sink = pa.BufferOutputStream()
            options = pa_csv.WriteOptions(include_header=False)
            pa_csv.write_csv(table.select(schema.names), sink, options)
            file.write(sink.getvalue())
            rows += len(table)
    return rows


def _write_parquet(path: Path, tables: Iterable[pa.Table], schema: pa.Schema, packing: str) -> int:
    rows = 0
    with pq.ParquetWriter(path, schema, compression=packing) as file:
        for table in tables:
            file.write_table(table.select(schema.names))
            rows += len(table)
    return rows


_WRITERS = {"jsonl": _write_text, "csv": _write_csv, "parquet": _write_parquet}


def write_rows(
    path: Path, tables: Iterable[pa.Table], schema: pa.Schema, kind: str, compression: str
) -> int:
    """Writes tables of text columns to one file and returns the number of rows."""
    return _WRITERS[kind](path, tables, schema, compression)
