"""Housekeeping: joins small files, deletes files and commits that no reader needs any more.

Every run adds a file to each partition that it touches, so a lake that is fed often comes to hold
thousands of small ones. `optimize` is safe beside readers and may be killed anywhere: what it
joins is published like a run, and only files and commits that neither the published version nor
the one before it names are deleted, after a time of grace for readers that still hold older ones.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote
from uuid import uuid4

from deltalake import DeltaTable

from questline.errors import UsageError
from questline.lake.delta import DataFile
from questline.lake.publication import Pointer, lock, publish, read_pointer, write_views
from questline.lake.schemas import TABLES
from questline.lake.scratch import scratch
from questline.lake.store import PARQUET, NewFile, Store, new_files, quote
from questline.settings import Settings

TARGET_BYTES = 128 * 1024 * 1024
"""Size that joined files may reach; below a quarter of it a file is small."""

RETAIN_HOURS = 168
COMMITS_WORTH_A_CHECKPOINT = 10
_LOG_FILE = re.compile(r"(\d{20})\.(json|checkpoint\..*parquet)")


class Amount(NamedTuple):
    """Some files and their size."""

    files: int
    bytes: int

    def plus(self, size: int) -> "Amount":
        """With one file more."""
        return Amount(self.files + 1, self.bytes + size)


@dataclass(frozen=True)
class Housekeeping:
    """What housekeeping did.

    `joined` small files became `into`; `waiting` files are unneeded, but too young to be deleted.
    """

    version: int
    joined: int
    into: int
    before: Amount
    after: Amount
    deleted: Amount
    waiting: Amount
    commits_deleted: int
    seconds: float

    @property
    def published(self) -> bool:
        """Whether there is a new version."""
        return self.joined > 0

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do."""
        return not (self.joined or self.deleted.files or self.commits_deleted)


def optimize(
    settings: Settings,
    *,
    retain_hours: float = RETAIN_HOURS,
    now: datetime | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> Housekeeping:
    """Joins small files into a new version of the lake, then deletes what nobody needs.

    Args:
        settings: Where the lake is, and how much memory may be used.
        retain_hours: How long a file outlives the last version that named it.
        now: The time against which this is judged; the clock's if not given.
        report: Is told what is going on.

    Raises:
        UsageError: nothing is published there.
        LockedError: a run holds the lake.
    """
    started = time.monotonic()
    _published(settings.lake)
    with lock(settings.lake), scratch(settings) as (con, folder):
        pointer = _published(settings.lake)
        store = Store(settings.lake, con, pointer.versions, folder)
        store.restore_published()
        before = _amount(store)
        joined, into = compact(store, report)
        if joined:
            _publish(store, pointer)
            pointer = _published(settings.lake)
        write_views(settings.lake)
        cutoff = (now or datetime.now(UTC)) - timedelta(hours=retain_hours)
        deleted, waiting = vacuum(store, pointer, cutoff, report)
        return Housekeeping(
            version=pointer.facts.version,
            joined=joined,
            into=into,
            before=before,
            after=_amount(store),
            deleted=deleted,
            waiting=waiting,
            commits_deleted=sum(shorten_log(store.root, t, pointer, cutoff) for t in TABLES),
            seconds=time.monotonic() - started,
        )


def compact(store: Store, report: Callable[[str], None]) -> tuple[int, int]:
    """Joins the small files of every table; returns how many there were, and how many now."""
    joined = into = 0
    for name in TABLES:
        groups = small_groups(store.files(name))
        new = []
        for number, group in enumerate(groups, start=1):
            report(f"{name}: joining small files, {number} of {len(groups)}")
            new.append(join(store, name, group))
        if groups:
            store.exchange(name, new, [f for group in groups for f in group], same_rows=True)
        joined += sum(len(group) for group in groups)
        into += len(groups)
    return joined, into


def small_groups(files: Iterable[DataFile], target: int = TARGET_BYTES) -> list[list[DataFile]]:
    """Small files of one partition that together do not exceed `target` bytes, two or more each.

    Larger files stay, so that a partition which grows is not written anew each time.
    """
    groups: list[list[DataFile]] = []
    folder, size = None, 0
    for file in sorted(files, key=lambda f: f.path):
        if file.size >= target // 4:
            continue
        here = Path(file.path).parent
        if here != folder or size + file.size > target:
            groups.append([])
            folder, size = here, 0
        groups[-1].append(file)
        size += file.size
    return [group for group in groups if len(group) > 1]


def join(store: Store, name: str, files: list[DataFile]) -> NewFile:
    """Writes the rows of files of one partition, in their order, to one file beside them."""
    spec, folder = TABLES[name], store.root / name
    target = (folder / files[0].path).with_name(f"{store.prefix}{uuid4()}.parquet")
    columns = ", ".join(f'"{c.name}"' for c in spec.columns if c.name != spec.partition)
    paths = ", ".join(quote(str(folder / f.path)) for f in files)
    rows = f"SELECT {columns} FROM read_parquet([{paths}], hive_partitioning = false)"
    written = store.con.execute(f"COPY ({rows}) TO {quote(str(target))} ({PARQUET})").fetchall()
    (made,) = new_files(folder, written)
    return replace(made, values={spec.partition: files[0].partition} if spec.partition else {})


def vacuum(
    store: Store, pointer: Pointer, cutoff: datetime, report: Callable[[str], None]
) -> tuple[Amount, Amount]:
    """Deletes data files that no version needs since before `cutoff`.

    Those of the published version and of the one before it stay, however old. The age of the
    others counts from when they were taken out of their table, since readers of the version
    before that may still open them.

    Returns:
        What was deleted, and what waits for its time.
    """
    deleted = waiting = Amount(0, 0)
    root = store.root.resolve()
    previous = Store(root, store.con, pointer.previous)
    for name in TABLES:
        report(f"{name}: looking for files that no version needs")
        folder = root / name
        kept = {*pointer.files.get(name, []), *previous.paths(name)}
        there = [*folder.glob("*.parquet"), *folder.glob("*=*/*.parquet")]
        unneeded = [p for p in there if str(p) not in kept]
        removed = _removal_times(folder) if unneeded else {}
        for path in unneeded:
            found = path.stat()
            since = max(found.st_mtime, removed.get(str(path.relative_to(folder)), 0.0))
            if since <= cutoff.timestamp():
                path.unlink()
                deleted = deleted.plus(found.st_size)
            else:
                waiting = waiting.plus(found.st_size)
    return deleted, waiting


def shorten_log(lake: Path, name: str, pointer: Pointer, cutoff: datetime) -> int:
    """Deletes commits of a table from before `cutoff` that no kept version is built on.

    A checkpoint takes their place, so that the published version and the one before it can still
    be opened and restored.

    Returns:
        The number of commits deleted.
    """
    if name not in pointer.versions:
        return 0
    log = lake / name / "_delta_log"
    oldest_kept = min(pointer.versions[name], pointer.previous.get(name, pointer.versions[name]))
    last = _last_old_commit(log, oldest_kept, cutoff)
    gone = [(number, path) for number, path in _log_files(log) if number <= last]
    commits = sum(path.suffix == ".json" for _, path in gone)
    if commits < COMMITS_WORTH_A_CHECKPOINT:
        return 0
    checkpoints = {n for n, path in _log_files(log) if path.suffix != ".json"}
    if not any(last < n <= oldest_kept for n in checkpoints):
        DeltaTable(str(lake / name), version=oldest_kept).create_checkpoint()
        os.sync()
    for _, path in gone:
        path.unlink()
    return commits


def _log_files(log: Path) -> list[tuple[int, Path]]:
    """Commits and checkpoints with their versions, oldest first."""
    found = [(_LOG_FILE.fullmatch(path.name), path) for path in log.iterdir()]
    return sorted((int(name[1]), path) for name, path in found if name)


def _last_old_commit(log: Path, oldest_kept: int, cutoff: datetime) -> int:
    """The newest version up to which every commit is unneeded and from before `cutoff`."""
    last = -1
    for number, path in _log_files(log):
        if path.suffix == ".json":
            if number >= oldest_kept or path.stat().st_mtime > cutoff.timestamp():
                break
            last = number
    return last


def _removal_times(folder: Path) -> dict[str, float]:
    """When files were last taken out of a table, by path, in seconds since 1970."""
    times: dict[str, float] = {}
    for commit in (folder / "_delta_log").glob("*.json"):
        with commit.open(encoding="utf-8") as lines:
            for line in lines:
                if line.startswith('{"remove"'):
                    action = json.loads(line)["remove"]
                    path = unquote(action["path"])
                    moment = (action.get("deletionTimestamp") or 0) / 1000
                    times[path] = max(moment, times.get(path, 0.0))
    return times


def _amount(store: Store) -> Amount:
    sizes = [f.size for name in TABLES for f in store.files(name)]
    return Amount(len(sizes), sum(sizes))


def _published(lake: Path) -> Pointer:
    pointer = read_pointer(lake)
    if pointer is None:
        raise UsageError(f"{lake} holds no published lake. Run `questline run` first.")
    return pointer


def _publish(store: Store, before: Pointer) -> None:
    os.sync()  # the files that were joined go one day; what replaces them must be on the disk
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}"
    publish(store, replace(before.facts, version=before.facts.version + 1), run_id, before)
