"""The first pass over a file: fingerprint, compression checksum and an independent line count.

The count comes from the bytes, not from the reader that parses, so that conservation is a check
and not a tautology.
"""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CHUNK = 8 << 20
DELIMITER = b"\x01"
"""A byte the fast reader splits at; a file that holds it goes the careful way."""


@dataclass(frozen=True)
class Scan:
    """What one pass over a file found.

    `rows` counts lines (JSON Lines), records without the header (CSV) or rows (Parquet). `plain`
    says that the vectorised reader can take the file. `tail_offset` is where an unterminated last
    line begins. `problem` is set where the file cannot be taken at all.
    """

    size: int
    fingerprint: str
    rows: int
    plain: bool
    tail_offset: int | None
    problem: str | None = None


def compression_of(path: Path) -> str:
    """none, gzip or zstd, by the file's first bytes; an empty file is not compressed."""
    with path.open("rb") as handle:
        magic = handle.read(4)
    if magic[:2] == b"\x1f\x8b":
        return "gzip"
    return "zstd" if magic == b"\x28\xb5\x2f\xfd" else "none"


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


def scan_text(path: Path, *, csv: bool, max_line_bytes: int, start: int = 0) -> Scan:
    """Hashes a text file, verifies its compression and counts lines from `start` on.

    `start` is an offset in an uncompressed file; the fingerprint always covers the whole file.
    """
    compression = compression_of(path)
    digest, size = _hash(path)
    counter = _LineCounter(max_line_bytes, csv=csv)
    try:
        with open_bytes(path, compression) as handle:
            if start:
                handle.seek(start)
            for chunk in _chunks(handle):
                counter.feed(chunk)
    except (OSError, EOFError, zlib.error, pa.ArrowException) as error:
        return Scan(size, digest, 0, plain=False, tail_offset=None, problem=_first_line(error))
    counter.finish()
    tail = start + counter.tail if compression == "none" and counter.tail is not None else None
    rows = counter.lines
    if csv and not start:
        rows = max(0, rows - 1)
    return Scan(size, digest, rows, plain=counter.plain, tail_offset=tail)


def prefix_fingerprint(path: Path, size: int) -> str:
    """SHA-256 of the first `size` bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        left = size
        while left > 0 and (chunk := handle.read(min(CHUNK, left))):
            digest.update(chunk)
            left -= len(chunk)
    return digest.hexdigest()


class _LineCounter:
    """Counts non-empty lines and notes whatever the vectorised reader would stumble on."""

    def __init__(self, max_line_bytes: int, *, csv: bool) -> None:
        self.lines = 0
        self.plain = True
        self.tail: int | None = None
        self._csv = csv
        self._max = max_line_bytes
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self._position = 0
        self._line_start = 0
        self._blank = True
        self._inside_quotes = 0

    def feed(self, chunk: bytes) -> None:
        data = np.frombuffer(chunk, dtype=np.uint8)
        ends = np.flatnonzero(data == 10)
        if self._csv and (self._inside_quotes or b'"' in chunk):
            parity = (np.cumsum(data == 34) + self._inside_quotes) & 1
            self._inside_quotes = int(parity[-1])
            outside = parity[ends] == 0
            if not outside.all():
                self.plain = False
            ends = ends[outside]
        self._count(chunk, ends)
        self._judge(chunk)
        self._position += len(chunk)

    def finish(self) -> None:
        if self._line_start < self._position:
            self.tail = self._line_start
            if not self._blank:
                self.lines += 1
            self._check_length(self._position)
        try:
            self._decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self.plain = False

    def _count(self, chunk: bytes, ends: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> None:
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
        for i in np.flatnonzero(lengths <= 1):
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
        if self._position == 0 and chunk.startswith(codecs.BOM_UTF8):
            self.plain = False
        if self.plain and not chunk.isascii():
            try:
                self._decoder.decode(chunk)
            except UnicodeDecodeError:
                self.plain = False


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
