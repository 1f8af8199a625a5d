"""Rows to files: JSON Lines, CSV or Parquet, plain or compressed; the same rows, same bytes."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TypeAlias, cast

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from questline.simulation.text import joined

SUFFIXES = {"none": "", "gzip": ".gz", "zstd": ".zst"}
JSON_COLUMNS = frozenset({"properties"})
"""Columns that hold JSON text already."""
GZIP_LEVEL = 4
Payload: TypeAlias = "bytes | memoryview | pa.Table"
"""Rows as a file takes them: bytes of text, or a table for Parquet."""


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


def json_lines(table: pa.Table, end: str = "") -> pa.Array:
    """One object a row, without spaces; the texts need no escapes, null stays null."""
    parts: list[pa.Array | str] = []
    for index, name in enumerate(table.column_names):
        column = table.column(name).combine_chunks()
        quote = "" if name in JSON_COLUMNS else '"'
        if column.null_count:
            column, quote = pc.fill_null(joined(quote, column, quote), "null"), ""
        parts += [f'{"," if index else "{"}"{name}":{quote}', column, quote]
    return joined(*parts, "}" + end)


def _csv_rows(table: pa.Table, *, header: bool) -> bytes:
    target = pa.BufferOutputStream()
    pa_csv.write_csv(table, target, pa_csv.WriteOptions(include_header=header))
    text: bytes = target.getvalue().to_pybytes()
    return text


def joined_lines(lines: pa.Array) -> memoryview:
    """Lines with their ends, as one stretch of bytes."""
    end = pa.scalar(b"\n", pa.large_binary())
    empty = pa.scalar(b"", pa.large_binary())
    ended = pc.binary_join_element_wise(pc.cast(lines, pa.large_binary()), end, empty)
    return _content(ended)


def _content(texts: pa.Array | pa.ChunkedArray) -> memoryview:
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    _, offsets, data = texts.buffers()
    if not len(texts) or data is None:
        return memoryview(b"")
    bounds = np.frombuffer(offsets, dtype=np.int64)
    return memoryview(data)[bounds[texts.offset] : bounds[texts.offset + len(texts)]]


def encoded(table: pa.Table, kind: str) -> Payload:
    """Rows in the form in which a file of this format takes them; safe in any thread."""
    if kind == "jsonl":
        return _content(json_lines(table, "\n"))
    return _csv_rows(table, header=False) if kind == "csv" else table


@contextmanager
def writing(
    path: Path, schema: pa.Schema, kind: str, compression: str
) -> Iterator[Callable[[Payload], object]]:
    """Opens a file; gives the function that appends what `encoded` made of rows of `schema`."""
    if kind == "parquet":
        with pq.ParquetWriter(path, schema, compression=compression) as file:
            yield file.write_table
    else:
        with _opened(path, compression) as file:
            if kind == "csv":
                file.write(_csv_rows(schema.empty_table(), header=True))
            yield file.write
