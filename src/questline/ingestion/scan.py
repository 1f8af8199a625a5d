"""The first pass over a file: fingerprint, compression checksum and an independent line count.

The count comes from the bytes, not from the reader that parses, so that conservation is a check
and not a tautology.
"""

import codecs
import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 1 << 20
DELIMITER = b"\x01"
"""A byte the fast reader splits at; a file that holds it goes the careful way."""

_Bytes = np.ndarray[tuple[int], np.dtype[np.uint8]]
_Places = np.ndarray[tuple[int], np.dtype[np.int64]]


@dataclass(frozen=True)
class Scan:
    """What one pass over a file found.

    `rows` counts lines (JSON Lines), records without the header (CSV) or rows (Parquet). `plain`
    says that the vectorised reader can take the file. `tail_offset` is where an unterminated last
    line begins. `problem` is set where the file cannot be taken at all. `open_ended` says that a
    record of CSV ends in a delimiter, where the vectorised reader overlooks a cell too many.
    """

    size: int
    fingerprint: str
    rows: int
    plain: bool
    tail_offset: int | None
    problem: str | None = None
    open_ended: bool = False
    compression: str = "none"


_BROKEN = (OSError, EOFError, ValueError, zlib.error, pa.ArrowException)
_MAGIC = {"gzip": b"\x1f\x8b", "zstd": b"\x28\xb5\x2f\xfd"}
_SKIPPED = re.compile(rb"[\x50-\x5f]\x2a\x4d\x18")
"""A frame of zstd that holds no data; some writers begin with one."""
_ENDINGS = {".gz": "gzip", ".zst": "zstd"}


def compression_of(path: Path) -> str:
    """none, gzip or zstd, by the file's first bytes; an empty file is not compressed."""
    with path.open("rb") as handle:
        first = handle.read(4)
    if _SKIPPED.match(first):
        return "zstd"
    return next((name for name, magic in _MAGIC.items() if first.startswith(magic)), "none")


def _is_stub(path: Path) -> bool:
    """Whether a compressed file got no further than into its first four bytes."""
    with path.open("rb") as handle:
        first = handle.read(4)
    magic = _MAGIC.get(_ENDINGS.get(path.suffix, ""), b"")
    return 0 < len(first) < len(magic) and magic.startswith(first)


def open_bytes(path: Path, compression: str) -> BinaryIO:
    """The decompressed bytes of a file; broken or truncated compression raises while reading."""
    if compression == "gzip":
        return gzip.open(path, "rb")  # type: ignore[return-value]  # typed as a GzipFile
    if compression == "zstd":
        return io.BufferedReader(pa.input_stream(str(path), compression="zstd"), CHUNK)
    return path.open("rb")


def scan_parquet(path: Path) -> Scan:
    """Counts a Parquet file's rows from its footer and hashes its bytes."""
    digest, size = _hash(path)
    try:
        rows = pq.read_metadata(path).num_rows
    except (pa.ArrowException, OSError, ValueError) as error:
        return Scan(size, digest, 0, plain=True, tail_offset=None, problem=_first_line(error))
    return Scan(size, digest, rows, plain=True, tail_offset=None)


def scan_text(path: Path, *, delimiter: str | None, max_line_bytes: int, start: int = 0) -> Scan:
    """Hashes a text file, verifies its compression and counts lines from `start` on.

    `delimiter` is that of CSV, None for JSON Lines. `start` is an offset in an uncompressed file;
    the fingerprint always covers the whole file.
    """
    compression = compression_of(path)
    counter = _LineCounter(max_line_bytes, delimiter, start)
    digest, size, problem = _hash_and_count(path, compression, counter, start)
    try:
        if problem:
            raise problem
        if delimiter and counter.misplaced:
            with open_bytes(path, compression) as handle:
                counter.lines, counter.tail = _count_records(handle, delimiter.encode())
        if delimiter and counter.lines == 1 and _bare_returns(path, compression):
            raise ValueError("lines end in bare carriage returns")
        if delimiter and counter.lines == 1 and counter.unclosed:
            raise ValueError("a quote in the header is never closed")
    except _BROKEN as error:
        # Whatever keeps a file from being taken leaves by this way.
        return Scan(size, digest, 0, plain=False, tail_offset=None, problem=_first_line(error))
    tail = start + counter.tail if compression == "none" and counter.tail is not None else None
    rows = max(0, counter.lines - 1) if delimiter else counter.lines
    return Scan(
        size,
        digest,
        rows,
        plain=counter.plain,
        tail_offset=tail,
        open_ended=counter.open_ended,
        compression=compression,
    )


def prefix_fingerprint(path: Path, size: int) -> str:
    """SHA-256 of the first `size` bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        left = size
        while left > 0 and (chunk := handle.read(min(CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


def _hash_and_count(
    path: Path, compression: str, counter: "_LineCounter", start: int
) -> tuple[str, int, Exception | None]:
    """SHA-256 and size of the file's bytes, and what was wrong with its content, if anything.

    Bytes that are not compressed are read once for both.
    """
    if compression != "none" or _is_stub(path):
        digest, size = _hash(path)
        try:
            if compression == "none":
                raise EOFError("compressed file ended before its first data")
            with open_bytes(path, compression) as handle:
                for chunk in _chunks(handle):
                    counter.feed(chunk)
            counter.finish()
        except _BROKEN as error:
            # Whatever keeps a file from being taken leaves by this way.
            return digest, size, error
        return digest, size, None
    whole = hashlib.sha256()
    size = 0
    with path.open("rb", buffering=0) as handle:
        for chunk in _chunks(handle):
            whole.update(chunk)
            if size + len(chunk) > start:
                counter.feed(chunk[max(0, start - size) :])
            size += len(chunk)
    counter.finish()
    return whole.hexdigest(), size, None


class _LineCounter:
    """Counts non-empty lines and notes whatever the vectorised reader would stumble on.

    In CSV a line end within quotes ends no line. Counting quotes is enough while each that opens
    stands at the start of a cell; `misplaced` says that one did not.
    """

    def __init__(self, max_line_bytes: int, delimiter: str | None, start: int) -> None:
        self.lines = 0
        self.plain = True
        self.tail: int | None = None
        self.misplaced = False
        self.open_ended = False
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
        if not self._start + self._position and chunk.startswith(codecs.BOM_UTF8):
            self.plain = False
            self._position = len(codecs.BOM_UTF8)
            chunk = chunk[self._position :]
        data = np.frombuffer(chunk, dtype=np.uint8)
        ends = np.flatnonzero(data == 10)
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
        self.open_ended = self.open_ended or self._last == self._delimiter
        if self._line_start < self._position:
            self.tail = self._line_start
            if not self._blank:
                self.lines += 1
            self._check_length(self._position)
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
        for i in np.flatnonzero((lengths == 0) | (data[ends[:-1] + 1] == 13)):
            if not chunk[int(ends[i]) + 1 : int(ends[i + 1])].strip(b"\r"):
                self.lines -= 1
                self.plain = False
        if len(lengths) and int(lengths.max()) > self._max:
            self.plain = False
        self._check_length(self._position + first)
        self._line_start = self._position + int(ends[-1]) + 1
        self._blank = not chunk[int(ends[-1]) + 1 :].strip(b"\r")

    def _check_length(self, end: int) -> None:
        if end - self._line_start > self._max:
            self.plain = False

    def _judge(self, chunk: bytes) -> None:
        if b"\r" in chunk or b"\x00" in chunk or DELIMITER in chunk:
            self.plain = False
        if self.plain and not chunk.isascii():
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.plain = False


def _count_records(handle: BinaryIO, delimiter: bytes) -> tuple[int, int | None]:
    """Number of CSV records, byte by byte, and where an unterminated last one begins.

    A quote opens only at the start of a cell; elsewhere it is a character like any other.
    """
    closing = re.compile(rb'(?:[^"]++|"")*+"')
    count = offset = start = 0
    inside = False
    line = b"\n"
    for line in handle:
        body = line.rstrip(b"\r\n")
        if not offset:
            body = body.removeprefix(codecs.BOM_UTF8)
        if not inside:
            start = offset
        offset += len(line)
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


def _next_quote(body: bytes, place: int, delimiter: bytes, *, cell: bool = True) -> int:
    """Where the content of the next quoted cell begins, -1 if none does."""
    if cell and body.startswith(b'"', place):
        return place + 1
    found = body.find(delimiter + b'"', place)
    return found + len(delimiter) + 1 if found >= 0 else -1


def _bare_returns(path: Path, compression: str) -> bool:
    with open_bytes(path, compression) as handle:
        return b"\r" in handle.read(CHUNK).strip(b"\r\n")


def _chunks(handle: BinaryIO) -> Iterator[bytes]:
    while chunk := handle.read(CHUNK):
        yield bytes(chunk)


def _hash(path: Path) -> tuple[str, int]:
    digest = hashlib.sha256()
    size = 0
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
