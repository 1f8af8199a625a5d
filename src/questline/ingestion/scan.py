"""The first pass over a file: fingerprint, compression checksum and an independent line count.

The count comes from the bytes, not from the reader that parses, so that conservation is a check
and not a tautology.
"""

import gzip
import hashlib
import io
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from questline.ingestion.count import LineCounter, Marks, check_record, count_records

CHUNK = 1 << 20


@dataclass(frozen=True)
class Scan:
    """What one pass over a file found.

    `rows` counts lines (JSON Lines), records without the header (CSV) or rows (Parquet). `plain`
    says that the vectorised reader of CSV can take the file. `tail_offset` is where an unterminated
    last line begins. `problem` is set where the file cannot be taken at all. `open_ended` says that
    a record of CSV ends in a delimiter, where the vectorised reader overlooks a cell too many.
    `marks` are places of lines after `start` in a text that is not compressed.
    """

    size: int
    fingerprint: str
    rows: int
    plain: bool
    tail_offset: int | None
    problem: str | None = None
    open_ended: bool = False
    marks: Marks = field(default_factory=Marks, repr=False, compare=False)


BROKEN = (OSError, EOFError, ValueError, zlib.error, pa.ArrowException)
"""What readers of compressed or structured bytes raise where these are wrong."""
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
        return Scan(size, digest, 0, plain=True, tail_offset=None, problem=first_line(error))
    return Scan(size, digest, rows, plain=True, tail_offset=None)


def scan_text(path: Path, *, delimiter: str | None, max_line_bytes: int, start: int = 0) -> Scan:
    """Hashes a text file, verifies its compression and counts lines from `start` on.

    `delimiter` is that of CSV, None for JSON Lines. `start` is an offset in an uncompressed file;
    the fingerprint always covers the whole file.
    """
    compression = compression_of(path)
    counter = LineCounter(max_line_bytes, delimiter, start)
    digest, size, problem = _hash_and_count(path, compression, counter, start)
    try:
        if problem:
            raise problem
        if delimiter and counter.misplaced:
            with open_bytes(path, compression) as handle:
                counter.lines, counter.tail = count_records(handle, delimiter.encode())
        elif delimiter:
            check_record(counter.longest)
        if delimiter and counter.lines == 1 and _bare_returns(path, compression):
            raise ValueError("lines end in bare carriage returns")
        if delimiter and counter.lines == 1 and counter.unclosed:
            raise ValueError("a quote in the header is never closed")
    except BROKEN as error:
        # Whatever keeps a file from being taken leaves by this way.
        return Scan(size, digest, 0, plain=False, tail_offset=None, problem=first_line(error))
    tail = start + counter.tail if compression == "none" and counter.tail is not None else None
    rows = max(0, counter.lines - 1) if delimiter else counter.lines
    return Scan(
        size,
        digest,
        rows,
        plain=counter.plain,
        tail_offset=tail,
        open_ended=counter.open_ended,
        marks=counter.marks if compression == "none" else Marks(),
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
    path: Path, compression: str, counter: LineCounter, start: int
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
        except BROKEN as error:
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


def first_line(error: BaseException) -> str:
    """What an error says, on one line."""
    return (str(error).splitlines() or [type(error).__name__])[0]
