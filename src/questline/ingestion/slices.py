"""Slices: some rows of a file, in a file of their own that every reader takes for the whole."""

from __future__ import annotations

import csv
import hashlib
import sys
from codecs import BOM_UTF8
from collections.abc import Collection, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

import pyarrow as pa

from questline.ingestion.careful import LONGEST, MAX_RAW
from questline.ingestion.expressions import identifier
from questline.ingestion.scan import Scan, compression_of, open_bytes, scan_parquet, scan_text
from questline.lake.store import quote

if TYPE_CHECKING:
    from types import TracebackType

    import duckdb

    from questline.ingestion.mapping import Source


class TextSlice:
    """Writes rows of JSON Lines or CSV one after the other; `header` is the first line of CSV."""

    def __init__(self, path: Path, header: bytes | None) -> None:
        self.path = path
        self.rows = 0
        self._sink: BinaryIO = path.open("wb")
        self._next = 1
        self._csv = header is not None
        if header is not None:
            self._write(header)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sink.close()

    def add(self, text: bytes) -> int:
        """Writes a row; returns the line on which it begins."""
        if not self._csv and not self.rows and not text.startswith(b"{"):
            # The first bytes of a file may mean more than text: a byte order mark, an archive.
            self._write(b"")
        self.rows += 1
        return self._write(text)

    def _write(self, text: bytes) -> int:
        line = self._next
        self._sink.write(text + b"\n")
        self._next += 1 + text.count(b"\n")
        return line


def parquet_slice(
    con: duckdb.DuckDBPyConnection, origin: Path, target: Path, numbers: list[int]
) -> None:
    """Writes the rows with these numbers, from 1, in this order, with the types they have."""
    relation = f"read_parquet({quote(str(origin))})"
    names = [row[0] for row in con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()]
    own = "file_row_number" in map(str.lower, names)
    number = "row_number() OVER ()" if own else "file_row_number + 1"
    columns = ", ".join(f"d.{identifier(n)}" for n in names)
    picks = pa.table({"place": range(len(numbers)), "number": numbers})
    con.register("picks", picks)
    con.execute(
        f"COPY (SELECT {columns} FROM picks JOIN (SELECT {number} AS picked, * FROM {relation}) d "
        f"ON d.picked = picks.number ORDER BY place) TO {quote(str(target))} (FORMAT parquet)"
    )
    con.unregister("picks")


def scan_slice(path: Path, source: Source, max_line_bytes: int) -> Scan:
    """The first pass over a slice; a slice is no file that the ledger knows."""
    if source.format == "parquet":
        scan = scan_parquet(path)
    else:
        delimiter = source.delimiter if source.format == "csv" else None
        scan = scan_text(path, delimiter=delimiter, max_line_bytes=max_line_bytes)
    return replace(scan, size=0, fingerprint="", tail_offset=None)


def header_of(path: Path) -> bytes:
    """The first line of a CSV file that is not blank."""
    for _, body in _lines(path):
        if body:
            return body
    return b""


def is_one_row(text: str, source: Source) -> bool:
    """Whether a file that holds this text and one more row has two rows."""
    if source.format == "jsonl":
        return "\n" not in text and text.strip("\r") != ""
    csv.field_size_limit(sys.maxsize)
    lines = [*text.replace("\r", " ").split("\n"), "next"]
    rows = [r for r in csv.reader((f"{x}\n" for x in lines), delimiter=source.delimiter) if r]
    return len(rows) == 2 and rows[1] == ["next"]


def whole_texts(path: Path, wanted: Collection[str]) -> Iterator[tuple[int, str, bytes]]:
    """Line, `raw_hash` and bytes of the lines of a file whose text was kept only in part."""
    for number, body in _lines(path) if wanted and path.is_file() else ():
        cut = [body] if len(body) <= MAX_RAW else [body, body[:MAX_RAW]]
        for part in cut:
            text = part.decode("utf-8", "replace").replace("\x00", "\ufffd")
            raw_hash = hashlib.sha256(text.encode()).hexdigest()
            if raw_hash in wanted:
                yield number, raw_hash, body
                break


def _lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line without its end; of a very long one its begin."""
    number, begins = 1, True
    with open_bytes(path, compression_of(path)) as handle:
        for piece in iter(lambda: handle.readline(LONGEST), b""):
            if begins:
                body = piece.rstrip(b"\n").rstrip(b"\r")
                yield number, body.removeprefix(BOM_UTF8) if number == 1 else body
            begins = piece.endswith(b"\n")
            number += begins
