"""JSON Lines: files become a stream of columns, each line with its number in the file.

A file is read by chunks of whole lines, and a chunk becomes a column of text at once: its bytes are
the text, the places of its line ends are the offsets. Byte order mark, blank lines and carriage
returns are dealt with for all lines of a chunk. Only odd lines are looked at one by one: those that
are not UTF-8, hold a NUL byte or are longer than is taken; each gives way to the text under which
it is refused.
"""

import re
from codecs import BOM_UTF8, utf_8_decode
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import BinaryIO

import duckdb
import numpy as np
import pyarrow as pa

from questline.ingestion import careful
from questline.ingestion.count import STRIDE
from questline.ingestion.inputs import Input
from questline.ingestion.repeats import Repeats, id_key
from questline.ingestion.scan import BROKEN, compression_of, open_bytes

CHUNK = 1 << 19
"""Bytes read at a time; more no longer fit into a core's cache."""
MOST = 0.25
"""The part of a chunk's lines that may be odd; with more of them all are taken one by one."""
FEWEST = 1_024
"""Rows that are worth handing on; what small files have fewer goes together."""

SCHEMA = pa.schema(
    [
        *careful.TOLD,
        pa.field("line", pa.int64()),
        pa.field("raw", pa.string()),
        pa.field("found", pa.string()),
    ]
)

_RETURNS = re.compile(rb"\r(?<!\r\r)\r*+(?=\n)")
"""All carriage returns before a line end; each run of them is looked at once."""
_Places = np.ndarray[tuple[int], np.dtype[np.int64]]


class LineStream:
    """The non-empty lines of some files, to be registered with DuckDB and read once."""

    def __init__(self, items: list[Input], limit: int) -> None:
        """`limit` is the length in bytes above which a line is refused."""
        self._items = items
        self._limit = limit
        self._broken: BaseException | None = None

    def capsule(self) -> object:
        """An Arrow stream of `SCHEMA`, batch by batch as it is asked for.

        DuckDB would read a reader, unlike its capsule, far ahead of what it works on.
        """
        reader = pa.RecordBatchReader.from_batches(SCHEMA, self._kept())
        return reader.__arrow_c_stream__()

    def _kept(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from _gathered(self._items, self._limit, _repeats(self._items))
        except BaseException as error:
            self._broken = error
            raise

    @contextmanager
    def told(self) -> Iterator[None]:
        """Around a statement that reads the stream: raises what stopped it, be it Ctrl-C.

        DuckDB tells no more of it than a text.
        """
        try:
            yield
        except duckdb.Error as error:
            if self._broken is None:
                raise
            raise self._broken from error


def _repeats(items: list[Input]) -> Repeats | None:
    key = id_key(items[0].source) if items else None
    return Repeats(key, sum(item.scan.rows for item in items)) if key else None


def _gathered(
    items: list[Input], limit: int, repeats: Repeats | None = None
) -> Iterator[pa.RecordBatch]:
    few: list[pa.RecordBatch] = []
    for item in items:
        for batch in _told(item, limit, repeats):
            few.append(batch)
            rows, size = sum(b.num_rows for b in few), sum(b.nbytes for b in few)
            if rows >= FEWEST or size >= CHUNK // 2:
                yield pa.concat_batches(few) if len(few) > 1 else batch
                few = []
    if few:
        yield pa.concat_batches(few)


def _told(item: Input, limit: int, repeats: Repeats | None) -> Iterator[pa.RecordBatch]:
    try:
        yield from line_batches(item, limit, repeats)
    except BROKEN as error:
        if getattr(error, "errno", None) is not None:
            raise
        raise item.changed(error) from error


def line_batches(
    item: Input, limit: int, repeats: Repeats | None = None
) -> Iterator[pa.RecordBatch]:
    """The non-empty lines, a chunk at a time: number in the whole file, text, reason to refuse."""
    number = 1 + item.before
    for chunk in _chunks(item):
        ends = _line_ends(chunk)
        odd = _odd(chunk, ends, limit)
        text, found = _mended(chunk, ends, odd, limit) if odd else (chunk, None)
        bare_ends = _line_ends(text) if odd else ends
        columns = careful.told_of(item, len(ends)) | {
            "line": pa.array(np.arange(number, number + len(ends))),
            "raw": _text_column(text, bare_ends),
            "found": pa.array(found, pa.string()) if odd else pa.nulls(len(ends), pa.string()),
        }
        if repeats:
            columns["again"] = pa.array(repeats.in_lines(text, bare_ends))
        batch = pa.RecordBatch.from_pydict(columns, SCHEMA)
        lengths = np.diff(bare_ends, prepend=-1) - 1
        if lengths.all():
            yield batch
        elif lengths.any():
            yield batch.filter(pa.array(lengths > 0))
        number += len(ends)


def lines_at(item: Input, wanted: list[int], limit: int) -> Iterator[tuple[int, str]]:
    """The lines with these numbers, in ascending order, as `line_batches` gives their text."""
    left = deque(n for n in wanted if n > item.before)
    looked = -1
    while left:
        marked, offset = item.scan.marks.before(left[0] - item.before)
        if offset <= looked:
            return  # the file ended
        looked, number = offset, item.before + marked
        for chunk in _chunks(item, offset, STRIDE if item.scan.marks.lines else CHUNK):
            after = number + chunk.count(b"\n")
            if left[0] < after:
                ends = _line_ends(chunk)
            while left and left[0] < after:
                place = left.popleft() - number
                begin = int(ends[place - 1]) + 1 if place else 0
                yield number + place, careful.decode_line(chunk[begin : int(ends[place])], limit)[0]
            number = after
            if not left or item.before + item.scan.marks.before(left[0] - item.before)[0] > number:
                break


def _chunks(item: Input, offset: int = 0, step: int = CHUNK) -> Iterator[bytes]:
    """Lines without a byte order mark and with bare ends; of a very long one more than is taken."""
    begins = not item.start and not offset
    for chunk in _whole_lines(item, offset, step):
        bare = chunk.removeprefix(BOM_UTF8) if begins else chunk
        begins = False
        if b"\r" in bare:
            bare = bare.replace(b"\r\n", b"\n")
            bare = _RETURNS.sub(b"", bare) if b"\r\n" in bare else bare
        yield bare


def _whole_lines(item: Input, offset: int, step: int) -> Iterator[bytes]:
    buffer = bytearray(CHUNK)
    view = memoryview(buffer)
    kept = 0
    with open_bytes(item.path, compression_of(item.path)) as handle:
        if offset:
            handle.seek(offset)
        while got := handle.readinto(view[kept : kept + step]):  # type: ignore[attr-defined]
            filled = kept + got
            end = buffer.rfind(b"\n", 0, filled) + 1
            kept = filled - end
            if end:
                yield bytes(view[:end])
                buffer[:kept] = buffer[end:filled]
            elif filled == len(buffer):
                kept = 0
                yield _long_line(bytes(buffer), handle)
    if kept:
        yield bytes(view[:kept]) + b"\n"


def _long_line(begin: bytes, handle: BinaryIO) -> bytes:
    line = begin + handle.readline(careful.LONGEST + 1)
    return line if line.endswith(b"\n") else line + careful.skip_line(handle) + b"\n"


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


def _text_column(text: bytes, ends: _Places) -> pa.StringArray:
    """The lines of a text without their ends, which are at these places."""
    offsets = np.zeros(len(ends) + 1, dtype=np.int32)
    offsets[1:] = ends - np.arange(len(ends))
    bare = text.replace(b"\n", b"")
    return pa.StringArray.from_buffers(len(ends), pa.py_buffer(offsets), pa.py_buffer(bare))
