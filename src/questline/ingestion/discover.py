"""Discovery: which files are new, grew or were replaced, and what of them is to be read."""

import errno
import os
import shutil
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from questline.errors import UsageError
from questline.ingestion.inputs import Input
from questline.ingestion.mapping import Mapping, Source
from questline.ingestion.scan import (
    Scan,
    compression_of,
    prefix_fingerprint,
    scan_parquet,
    scan_text,
)
from questline.lake.ledger import Entry
from questline.settings import Settings


@dataclass(frozen=True)
class Tail:
    """An unterminated last line that went on; `padded`: only white space was added to it."""

    entry: Entry
    text: bytes
    padded: bool


@dataclass
class Discovery:
    """Inputs of this run, and the files that could not be taken."""

    inputs: list[Input] = field(default_factory=list)
    kinds: dict[int, str] = field(default_factory=dict)
    tails: dict[int, Tail] = field(default_factory=dict)
    incomplete: list[tuple[str, str, Scan, Source, int]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    unchanged: int = 0
    returned: dict[int, dict[str, int]] = field(default_factory=dict)
    """Of an input that is tried again: its rows by the reason they stood under."""

    def add(self, other: "Discovery") -> None:
        """Takes over what another discovery found."""
        self.inputs += other.inputs
        self.kinds |= other.kinds
        self.tails |= other.tails
        self.incomplete += other.incomplete
        self.skipped += other.skipped
        self.unchanged += other.unchanged

    def set_aside(self, item: Input, problem: str) -> None:
        """Takes an input back, of which nothing was read."""
        self.inputs.remove(item)
        self.tails.pop(item.fid, None)
        file = (item.relative, problem, item.scan, item.source, item.modified_ns)
        self.incomplete.append(file)


@dataclass(frozen=True)
class Request:
    """How the files of a run are looked at."""

    settings: Settings
    scratch: Path
    mapping: Mapping
    run_id: str
    as_of: datetime
    as_of_explicit: bool
    full: bool = False
    growing: frozenset[str] = frozenset()
    """Files of which a copy is read, since they grow while they are read."""

    @property
    def raw(self) -> Path:
        """The folder of raw files."""
        return self.settings.raw


@dataclass(frozen=True)
class _File:
    """One file below the raw folder, and what is known of it."""

    fid: int
    relative: str
    path: Path
    entry: Entry | None


def discover(request: Request, known: dict[str, Entry], report: Callable[[str], None]) -> Discovery:
    """Looks at every file below the raw folder and decides what to read.

    Raises:
        UsageError: the raw folder is missing.
    """
    if not request.raw.is_dir():
        raise UsageError(
            f"No raw folder at {request.raw}. Put event files there, or run `questline simulate`."
        )
    found = Discovery()
    listed = list(enumerate(_files(request.raw, found)))

    def look(numbered: tuple[int, tuple[str, Path]]) -> Discovery:
        number, (relative, path) = numbered
        return _look(request, _File(number, relative, path, known.get(relative)))

    with ThreadPoolExecutor(request.settings.threads) as pool:
        for (_, (relative, _path)), one in zip(listed, pool.map(look, listed), strict=True):
            report(f"scan {relative}")
            found.add(one)
    return found


def _files(raw: Path, found: Discovery) -> list[tuple[str, Path]]:
    listed = []

    def skip(path: Path, why: str) -> None:
        found.skipped.append((_readable(path, raw), why))

    def closed(error: OSError) -> None:
        skip(Path(error.filename), error.strerror or str(error))

    for folder, folders, names in os.walk(raw, onerror=closed):
        folders[:] = sorted(f for f in folders if not f.startswith(("_", ".")))
        for path in (Path(folder, f) for f in folders):
            if path.is_symlink():
                skip(path, "a link to a folder is not followed")
        for path in (Path(folder, n) for n in sorted(names) if not n.startswith(("_", "."))):
            relative = path.relative_to(raw).as_posix()
            if _readable(path, raw) != relative:
                skip(path, "the name is not UTF-8; rename the file")
            elif (why := _obstacle(path)) is not None:
                skip(path, why)
            else:
                listed.append((relative, path))
    return listed


def _readable(path: Path, raw: Path) -> str:
    """The path within the raw folder, as text that can be printed and stored."""
    return os.fsencode(path.relative_to(raw).as_posix()).decode("utf-8", "replace")


def _obstacle(path: Path) -> str | None:
    """Why there is no file to read under this name, if so."""
    try:
        return None if stat.S_ISREG(path.stat().st_mode) else "not a regular file"
    except FileNotFoundError:
        return "not a regular file"
    except OSError as error:
        return "not a regular file" if error.errno == errno.ELOOP else error.strerror or str(error)


def _look(request: Request, file: _File) -> Discovery:
    """What one file adds to the discovery."""
    found = Discovery()
    source = request.mapping.source_of(file.relative)
    if source is None:
        found.skipped.append((file.relative, "no source block reads this name"))
        return found
    try:
        _judge(request, found, file, source)
    except OSError as error:
        found.skipped.append((file.relative, error.strerror or str(error)))
    return found


def _judge(request: Request, found: Discovery, file: _File, source: Source) -> None:
    status, entry = file.path.stat(), file.entry
    if file.relative in request.growing:
        copy = request.scratch / f"copy-{file.fid:07d}{file.path.suffix}"
        file = replace(file, path=shutil.copyfile(file.path, copy))
    same = entry and (entry.bytes, entry.modified_ns) == (status.st_size, status.st_mtime_ns)
    if same and not request.full:
        found.unchanged += 1
        return
    start, kind = 0, "new" if entry is None else "replaced"
    if entry and not request.full and entry.kind != "incomplete" and _continues(file, entry):
        if status.st_size == entry.bytes:
            found.unchanged += 1
            return
        start, kind = _growth(found, file, source, entry), "grown"
    scan = _scan(file.path, source, request.settings.max_line_bytes, start)
    if scan.problem:
        found.incomplete.append((file.relative, scan.problem, scan, source, status.st_mtime_ns))
        return
    if start:
        path, before = _sliced(request.scratch, file.fid, file.path, start)
    else:
        path, before = placed(request.scratch, file.fid, file.path), 0
    found.inputs.append(
        Input(
            fid=file.fid,
            path=path,
            relative=file.relative,
            source=source,
            scan=scan,
            batch=f"{request.run_id}-{file.fid}",
            as_of=entry.first_as_of if entry else request.as_of,
            as_of_explicit=entry.first_as_of_explicit if entry else request.as_of_explicit,
            modified_ns=status.st_mtime_ns,
            start=start,
            before=before,
        )
    )
    found.kinds[file.fid] = kind


def _continues(file: _File, entry: Entry) -> bool:
    """Whether the file begins with the bytes that were read before."""
    return (
        file.path.stat().st_size >= entry.bytes
        and prefix_fingerprint(file.path, entry.bytes) == entry.fingerprint
    )


def _growth(found: Discovery, file: _File, source: Source, entry: Entry) -> int:
    """Where to read on in a file that grew; 0 where it has to be read from the start."""
    if entry.tail_offset is not None:
        with file.path.open("rb") as handle:
            handle.seek(entry.tail_offset)
            old = handle.read(entry.bytes - entry.tail_offset)
            rest = handle.readline(1 << 20)
        if not rest.startswith((b"\n", b"\r\n")):
            padded = source.format == "jsonl" and not rest.strip()
            found.tails[file.fid] = Tail(entry, old, padded=padded)
    sliced = (
        source.format == "jsonl" and source.ids != "keep" and compression_of(file.path) == "none"
    )
    if not sliced:
        return 0
    if entry.tail_offset is None:
        return entry.bytes
    return entry.tail_offset if file.fid in found.tails else entry.bytes


def _scan(path: Path, source: Source, max_line_bytes: int, start: int) -> Scan:
    if source.format == "parquet":
        return scan_parquet(path)
    delimiter = source.delimiter if source.format == "csv" else None
    return scan_text(path, delimiter=delimiter, max_line_bytes=max_line_bytes, start=start)


def placed(scratch: Path, fid: int, path: Path) -> Path:
    """A link under a name that no reader stumbles on."""
    target = scratch / f"input-{fid:07d}"
    target.unlink(missing_ok=True)
    target.symlink_to(path.resolve())
    return target


def _sliced(scratch: Path, fid: int, path: Path, start: int) -> tuple[Path, int]:
    """A copy of the part from `start` on, and the number of lines that end ahead of it."""
    target = scratch / f"input-{fid:07d}"
    target.unlink(missing_ok=True)
    before, left = 0, start
    with path.open("rb") as source, target.open("wb") as sink:
        while left > 0 and (chunk := source.read(min(left, 1 << 20))):
            before += chunk.count(b"\n")
            left -= len(chunk)
        shutil.copyfileobj(source, sink, 1 << 20)
    return target, before
