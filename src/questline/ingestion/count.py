"""Counting lines and records from the bytes alone, without the reader that parses them."""

from __future__ import annotations

import codecs
import re
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from typing import BinaryIO

MAX_RECORD = 64_000_000
"""Bytes of a CSV record that fit into memory; more means a quote that nobody closed."""

STRIDE = 1 << 16
"""Bytes from one mark to the next, about."""

_Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
_Places = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Marks:
    """Where some lines begin, so that one can be found without reading all before it."""

    lines: array[int] = field(default_factory=partial(array, "q"))
    offsets: array[int] = field(default_factory=partial(array, "q"))

    def take(self, ends: _Places, size: int, passed: int, position: int) -> None:
        """Marks lines of a chunk of `size` bytes; `passed` line ends came before its position."""
        strides = np.arange(STRIDE, size, STRIDE)
        places = np.unique(np.searchsorted(ends, strides))
        places = places[places < len(ends)]
        self.lines.extend((passed + places + 2).tolist())
        self.offsets.extend((position + ends[places] + 1).tolist())

    def before(self, line: int) -> tuple[int, int]:
        """The last marked line up to this one, and its offset; the first line without marks."""
        place = bisect_right(self.lines, line) - 1
        return (self.lines[place], self.offsets[place]) if place >= 0 else (1, 0)


class LineCounter:
    """Counts non-empty lines and, in CSV, notes whatever the vectorised reader would stumble on.

    In CSV a line end within quotes ends no line. Counting quotes is enough while each that opens
    stands at the start of a cell; `misplaced` says that one did not.
    """

    def __init__(self, max_line_bytes: int, delimiter: str | None, start: int) -> None:
        self.lines = 0
        self.plain = delimiter is not None
        self.tail: int | None = None
        self.misplaced = False
        self.longest = 0
        self.open_ended = False
        self.marks = Marks()
        self._ends = 0
        self._delimiter = ord(delimiter) if delimiter else -1
        self._before_quotes = f'"\n{delimiter}'.encode() if delimiter else b""
        self._max = max_line_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._start = start
        self._position = 0
        self._line_start = 0
        self._blank = True
        self._inside_quotes = 0
        self._last = 10

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes."""
        if not self._start + self._position and chunk.startswith(codecs.BOM_UTF8):
            self.plain = False
            self._position = len(codecs.BOM_UTF8)
            chunk = chunk[self._position :]
        data = np.frombuffer(chunk, dtype=np.uint8)
        ends = np.flatnonzero(data == 10)
        self.marks.take(ends, len(chunk), self._ends, self._position)
        self._ends += len(ends)
        if self._before_quotes and (self._inside_quotes or b'"' in chunk):
            ends = self._outside_quotes(data, ends)
        if self._delimiter >= 0 and not self.open_ended:
            before = np.where(ends > 0, data[ends - 1], self._last)
            self.open_ended = bool((before == self._delimiter).any())
        self._count(chunk, ends)
        self._judge(chunk)
        self._position += len(chunk)
        self._last = chunk[-1] if chunk else self._last

    @property
    def unclosed(self) -> bool:
        """Whether the bytes fed so far end within quotes."""
        return not self.misplaced and bool(self._inside_quotes)

    def _outside_quotes(self, data: _Bytes, ends: _Places) -> _Places:
        quotes = np.flatnonzero(data == 34)
        opening = quotes[self._inside_quotes :: 2]
        before = np.where(opening > 0, data[opening - 1], self._last)
        if not np.isin(before, np.frombuffer(self._before_quotes, dtype=np.uint8)).all():
            self.misplaced, self.plain = True, False
        inside = (np.searchsorted(quotes, ends) + self._inside_quotes) & 1
        self._inside_quotes = (len(quotes) + self._inside_quotes) & 1
        if inside.any():
            self.plain = False
        outside: _Places = ends[inside == 0]
        return outside

    def finish(self) -> None:
        """Takes the end of the bytes."""
        self.open_ended = self.open_ended or self._last == self._delimiter
        if self._line_start < self._position:
            self.tail = self._line_start
            if not self._blank:
                self.lines += 1
            self._check_length(self._position - self._line_start)
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self.plain = False

    def _count(self, chunk: bytes, ends: _Places) -> None:
        if not len(ends):
            self._blank = self._blank and not chunk.strip(b"\r")
            return
        first = int(ends[0])
        if not (self._blank and not chunk[:first].strip(b"\r")):
            self.lines += 1
        else:
            self.plain = False
        lengths = np.diff(ends) - 1
        self.lines += len(lengths)
        data = np.frombuffer(chunk, dtype=np.uint8)
        empty = int((lengths == 0).sum())
        self.lines -= empty
        self.plain = self.plain and not empty
        for i in np.flatnonzero(data[ends[:-1] + 1] == 13):
            if not chunk[int(ends[i]) + 1 : int(ends[i + 1])].strip(b"\r"):
                self.lines -= 1
                self.plain = False
        self._check_length(self._position + first - self._line_start)
        self._check_length(int(lengths.max(initial=0)))
        self._line_start = self._position + int(ends[-1]) + 1
        self._blank = not chunk[int(ends[-1]) + 1 :].strip(b"\r")

    def _check_length(self, length: int) -> None:
        self.longest = max(self.longest, length)
        if length > self._max:
            self.plain = False

    def _judge(self, chunk: bytes) -> None:
        if self.plain and (b"\r" in chunk or b"\x00" in chunk):
            self.plain = False
        if self.plain and not chunk.isascii():
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.plain = False


def count_records(handle: BinaryIO, delimiter: bytes) -> tuple[int, int | None]:
    """Number of CSV records, byte by byte, and where an unterminated last one begins.

    A quote opens only at the start of a cell; elsewhere it is a character like any other.

    Raises:
        ValueError: a record is longer than MAX_RECORD.
    """
    closing = re.compile(rb'(?:[^"]++|"")*+"')
    count = offset = start = 0
    inside = False
    line = b"\n"
    for line in iter(lambda: handle.readline(MAX_RECORD + 2), b""):
        body = line.rstrip(b"\r\n")
        if not offset:
            body = body.removeprefix(codecs.BOM_UTF8)
        if not inside:
            start = offset
        offset += len(line)
        check_record(offset - start)
        if not inside and not body:
            continue
        place = 0 if inside else _next_quote(body, 0, delimiter)
        while place >= 0:
            found = closing.match(body, place)
            inside = found is None
            place = -1 if found is None else _next_quote(body, found.end(), delimiter, cell=False)
        count += not inside
    unterminated = inside or not line.endswith(b"\n")
    return count + inside, start if unterminated else None


def check_record(length: int) -> None:
    """Refuses a file of CSV whose longest record is out of all proportion."""
    if length > MAX_RECORD:
        raise ValueError(
            f"a record is longer than {MAX_RECORD // 1_000_000} MB; is a quote never closed?"
        )


def _next_quote(body: bytes, place: int, delimiter: bytes, *, cell: bool = True) -> int:
    """Where the content of the next quoted cell begins, -1 if none does."""
    if cell and body.startswith(b'"', place):
        return place + 1
    found = body.find(delimiter + b'"', place)
    return found + len(delimiter) + 1 if found >= 0 else -1
