"""Publication: one small pointer file names the version of every table that readers open."""

from __future__ import annotations

import fcntl
import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb

from questline.errors import DataError, LockedError, UsageError
from questline.lake.facts import LakeFacts
from questline.lake.schemas import LAYOUT, TABLES
from questline.lake.store import Store, quote, select_files

POINTER_FILE = "_published.json"
LOCK_FILE = "_lock"
VIEWS_FILE = "views.sql"
TRIES, PAUSE_SECONDS = 10, 0.05
"""How often a run asks for the lake before it says that another one holds it."""


@dataclass(frozen=True)
class Pointer:
    """One published version of a lake.

    `files` maps each table to the absolute paths of its Parquet files.
    """

    facts: LakeFacts
    versions: dict[str, int]
    files: dict[str, list[str]] = field(repr=False)
    run_id: str
    published_at: str
    previous: dict[str, int]


def read_pointer(lake: Path) -> Pointer | None:
    """The published version, or None where nothing is published yet.

    Raises:
        DataError: the pointer file is damaged.
        UsageError: the lake has other columns than this version of Questline.
    """
    path = lake / POINTER_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        data: dict[str, Any] = json.loads(text)
        if data["facts"] and data.get("layout") != LAYOUT:
            raise UsageError(
                f"The lake {lake} was written by another version of Questline, whose tables have "
                "other columns. Choose another --lake and run again; rows that were corrected by "
                "hand have to be corrected there once more."
            )
        facts = dict(data["facts"])
        for name in ("complete_from", "complete_until"):
            facts[name] = None if facts[name] is None else date.fromisoformat(facts[name])
        facts["inactive_event_types"] = tuple(facts["inactive_event_types"])
        root = lake.resolve()
        files = {t: [str(root / t / p) for p in paths] for t, paths in data["files"].items()}
        return Pointer(
            facts=LakeFacts(**facts),
            versions=data["versions"],
            files=files,
            run_id=data["run_id"],
            published_at=data["published_at"],
            previous=data["previous"],
        )
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path} is damaged ({error}). Restore it from a backup, or choose another --lake "
            "and run again."
        ) from error


@contextmanager
def lock(lake: Path) -> Iterator[None]:
    """Holds the lake for one writer; the operating system frees it when the process ends.

    Raises:
        LockedError: another run holds it.
        UsageError: the folder cannot be made.
    """
    try:
        lake.mkdir(parents=True, exist_ok=True)
        handle = (lake / LOCK_FILE).open("a")
    except OSError as error:
        raise UsageError(
            f"{lake} cannot be used as a lake ({error.strerror}). Choose a folder you may write "
            "with --lake."
        ) from error
    with handle:
        # A reader that looks whether a run is going on holds the lock for an instant.
        for left in reversed(range(TRIES)):
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError as error:
                if not left:
                    raise LockedError(
                        f"Another run is writing {lake}. Wait for it to end, then run again."
                    ) from error
                time.sleep(PAUSE_SECONDS)
        yield


def being_written(lake: Path) -> bool:
    """Whether a run holds the lake at this moment."""
    try:
        with (lake / LOCK_FILE).open() as handle:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def publish(store: Store, facts: LakeFacts, run_id: str, before: Pointer | None) -> None:
    """Makes the store's versions the ones that readers open, in one atomic step."""
    tables = {t: [f.path for f in store.files(t)] for t in TABLES}
    data = {
        "layout": LAYOUT,
        "facts": asdict(facts),
        "versions": store.versions,
        "files": tables,
        "run_id": run_id,
        "published_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "previous": before.versions if before else {},
    }
    replace_file(store.root / POINTER_FILE, json.dumps(data, default=str, indent=1))
    write_views(store.root)


def write_views(lake: Path) -> None:
    """Brings the file of views to the published version, where a crash or a move left another."""
    pointer, path = read_pointer(lake), lake / VIEWS_FILE
    if pointer is None:
        return
    text = views_sql(pointer.files, pointer.facts)
    if not path.is_file() or path.read_text(encoding="utf-8") != text:
        replace_file(path, text)


def views_sql(files: dict[str, list[str]], facts: LakeFacts) -> str:
    """One view a table over exactly the published files, for plain DuckDB and BI tools."""
    lines = [f"-- Version {facts.version} of the lake; rewritten by every run."]
    lines += [
        f"CREATE OR REPLACE VIEW {quote_name(name)} AS {select_files(files[name], spec)};"
        for name, spec in TABLES.items()
    ]
    return "\n".join(lines) + "\n"


def quote_name(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def replace_file(path: Path, text: str) -> None:
    """Writes a file so that a reader sees the old or the new text, never half of one."""
    temporary = path.with_name(f".{path.name}.new")
    try:
        with temporary.open("w", encoding="utf-8") as handle:
            handle.write(text)
            handle.flush()
            os.fsync(handle.fileno())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def attach_views(con: duckdb.DuckDBPyConnection, pointer: Pointer) -> None:
    """Defines one temporary view a table on `con`."""
    for name, spec in TABLES.items():
        sql = select_files(pointer.files.get(name, []), spec)
        con.execute(f"CREATE OR REPLACE TEMP VIEW {quote_name(name)} AS {sql}")


__all__ = [
    "Pointer",
    "attach_views",
    "lock",
    "publish",
    "quote",
    "read_pointer",
    "replace_file",
    "views_sql",
    "write_views",
]
