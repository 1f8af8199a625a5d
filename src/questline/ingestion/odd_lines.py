"""JSON Lines with odd lines among plain ones: only the odd ones are looked at one by one.

A line is odd where it is not UTF-8, holds a NUL byte or is longer than is taken. The file is read
by chunks of whole lines, and a chunk becomes a column of text at once: its bytes are the text, the
places of its line ends are the offsets. An odd line is replaced by the text it is refused under
before. Byte order mark, blank lines and carriage returns are dealt with for all lines of a chunk.
"""

import re
from codecs import BOM_UTF8, utf_8_decode
from collections.abc import Iterator
from itertools import islice

import duckdb
import numpy as np
import pyarrow as pa

from questline.ingestion import careful
from questline.ingestion.inputs import Input
from questline.ingestion.scan import BROKEN, CHUNK, compression_of, open_bytes

MOST = 0.25
"""The part of a chunk's lines that may be odd; with more of them all are taken one by one."""
BATCH_ROWS = 8_192
"""Rows that DuckDB takes at once; a file may have fewer, and then some go together."""

_RETURNS = re.compile(rb"\r(?<!\r\r)\r*+(?=\n)")
"""All carriage returns before a line end; each run of them is looked at once."""
_Places = np.ndarray[tuple[int], np.dtype[np.int64]]


def odd_jsonl(con: duckdb.DuckDBPyConnection, items: list[Input]) -> Iterator[int]:
    """Registers the non-empty lines as the table `careful`, by batches; yields their length."""
    for table in _batches(items, careful.max_line_bytes(con)):
        con.register("careful", table)
        yield table.num_rows
        con.unregister("careful")


def _batches(items: list[Input], limit: int) -> Iterator[pa.Table]:
    """Rows of one file or several; those of a file whose equal rows are numbered stay together."""
    parts: list[pa.RecordBatch] = []
    size = 0
    for item in items:
        whole = item.source.ids == "keep"
        for part in _told(item, limit):
            parts.append(part)
            size += part.nbytes
            if size >= careful.BATCH_BYTES and not whole:
                yield _table(parts)
                parts, size = [], 0
        if parts and whole:
            yield _table(parts)
            parts, size = [], 0
    if parts:
        yield _table(parts)


def _table(parts: list[pa.RecordBatch]) -> pa.Table:
    table = pa.Table.from_batches(parts)
    if table.num_rows >= len(parts) * BATCH_ROWS // 4:
        return table
    together = table.combine_chunks().to_batches(max_chunksize=BATCH_ROWS)
    return pa.Table.from_batches(together)


def _told(item: Input, limit: int) -> Iterator[pa.RecordBatch]:
    try:
        yield from line_batches(item, limit)
    except BROKEN as error:
        if getattr(error, "errno", None) is not None:
            raise
        raise item.changed(error) from error


def line_batches(item: Input, limit: int) -> Iterator[pa.RecordBatch]:
    """The non-empty lines, a chunk at a time: number in the whole file, text, reason to refuse."""
    number = 1 + item.lines_before()
    for chunk in _chunks(item):
        ends = _line_ends(chunk)
        odd = _odd(chunk, ends, limit)
        text, reasons = _mended(chunk, ends, odd, limit) if odd else (chunk, [])
        lengths = np.diff(_line_ends(text), prepend=-1) - 1
        kept = np.flatnonzero(lengths)
        if len(kept):
            found = [reasons[i] for i in kept] if reasons else [None] * len(kept)
            columns = careful.told_of(item, len(kept)) | {
                "line": pa.array(kept + number),
                "raw": _text_column(text, lengths[kept]),
                "found": pa.array(found, pa.string()),
            }
            yield pa.RecordBatch.from_pydict(columns)
        number += len(ends)


def _chunks(item: Input) -> Iterator[bytes]:
    """Lines without a byte order mark and with bare ends; of a very long one more than is taken."""
    begins = not item.start
    with open_bytes(item.path, compression_of(item.path)) as handle:
        while chunk := handle.read(CHUNK):
            if not chunk.endswith(b"\n"):
                chunk += handle.readline(careful.LONGEST + 1)
            if not chunk.endswith(b"\n"):
                chunk += careful.skip_line(handle) + b"\n"
            if begins:
                chunk = chunk.removeprefix(BOM_UTF8)
            begins = False
            if b"\r" in chunk:
                chunk = chunk.replace(b"\r\n", b"\n")
            yield _RETURNS.sub(b"", chunk) if b"\r\n" in chunk else chunk


def _line_ends(chunk: bytes) -> _Places:
    return np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == 10)


def _odd(chunk: bytes, ends: _Places, limit: int) -> list[int]:
    """Places of the odd lines among those of the chunk; of all lines where most are odd."""
    most = int(len(ends) * MOST)
    odd: set[int] = set(np.flatnonzero(np.diff(ends, prepend=-1) - 1 > limit).tolist())
    if b"\x00" in chunk:
        zeros = np.flatnonzero(np.frombuffer(chunk, dtype=np.uint8) == 0)
        odd.update(np.flatnonzero(np.diff(np.searchsorted(zeros, ends), prepend=0)).tolist())
    if len(odd) <= most and not chunk.isascii():
        odd.update(islice(_undecodable(memoryview(chunk), ends, 0, len(ends)), most + 1))
    return list(range(len(ends))) if len(odd) > most else sorted(odd)


def _undecodable(view: memoryview, ends: _Places, low: int, high: int) -> Iterator[int]:
    """Places of the lines from `low` to before `high` that are not UTF-8."""
    try:
        begin = int(ends[low - 1]) + 1 if low else 0
        utf_8_decode(view[begin : int(ends[high - 1])], "strict", True)  # noqa: FBT003
    except UnicodeDecodeError:
        if high - low == 1:
            yield low
            return
        # By halves, since an error copies all that was to be decoded.
        middle = (low + high) // 2
        yield from _undecodable(view, ends, low, middle)
        yield from _undecodable(view, ends, middle, high)


def _mended(
    chunk: bytes, ends: _Places, odd: list[int], limit: int
) -> tuple[bytes, list[str | None]]:
    """The chunk with the text of odd lines in their place, and the reason by line."""
    view = memoryview(chunk)
    pieces: list[bytes | memoryview] = []
    reasons: list[str | None] = [None] * len(ends)
    passed = 0
    begins = np.concatenate(([0], ends + 1))[odd].tolist()
    for place, begin, end in zip(odd, begins, ends[odd].tolist(), strict=True):
        text, reasons[place] = careful.decode_line(chunk[begin:end], limit)
        pieces += (view[passed:begin], text.encode())
        passed = end
    return b"".join((*pieces, view[passed:])), reasons


def _text_column(text: bytes, lengths: _Places) -> pa.StringArray:
    offsets = np.zeros(len(lengths) + 1, dtype=np.int32)
    np.cumsum(lengths, out=offsets[1:])
    bare = text.replace(b"\n", b"")
    return pa.StringArray.from_buffers(len(lengths), pa.py_buffer(offsets), pa.py_buffer(bare))
