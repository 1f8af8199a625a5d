"""Delta tables on disk: DuckDB writes the Parquet files, deltalake commits them.

A `Store` reads each table at one version and writes new ones; what others see is decided by the
publication alone.
"""

import json
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import duckdb
import pyarrow as pa
from deltalake import DeltaTable, Schema
from deltalake.transaction import AddAction, create_table_with_add_actions

from questline.lake.delta import DataFile, append, files_of, removals, restore
from questline.lake.schemas import TABLES, TableSpec

SCRATCH_PREFIX = "_scratch-"
PARQUET = "FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, RETURN_STATS"


def quote(text: str) -> str:
    """`text` as an SQL string literal."""
    return "'" + text.replace("'", "''") + "'"


def file_prefix(scratch: Path) -> str:
    """How the data files of the run with this scratch folder begin.

    With a letter: the rest is drawn and may begin with `_`, and Spark passes over such files.
    """
    return f"run-{scratch.name.removeprefix(SCRATCH_PREFIX)}-"


def select_files(files: Collection[str], spec: TableSpec) -> str:
    """SQL that reads exactly `files` with the columns of `spec`, in its order."""
    columns = ", ".join(f'"{c.name}"' for c in spec.columns)
    if not files:
        empty = ", ".join(f'NULL::{c.type} AS "{c.name}"' for c in spec.columns)
        return f"SELECT {empty} WHERE false"
    paths = ", ".join(quote(f) for f in sorted(files))
    hive = ""
    if spec.partition:
        kind = next(c.type for c in spec.columns if c.name == spec.partition)
        hive = f", hive_partitioning=true, hive_types={{'{spec.partition}': {kind}}}"
    else:
        hive = ", hive_partitioning=false"
    return f"SELECT {columns} FROM read_parquet([{paths}]{hive})"


def _range_of(ranges: dict[str, dict[str, str]], column: str) -> dict[str, dict[str, str]]:
    found = ranges.get(f'"{column}"', {})
    if "min" not in found or "max" not in found:
        return {}
    return {"minValues": {column: found["min"]}, "maxValues": {column: found["max"]}}


@dataclass(frozen=True)
class NewFile:
    """A written file below `folder` that no version of its table names yet."""

    path: Path
    folder: Path
    rows: int
    size: int
    values: dict[str, str | None]
    stats: str

    @property
    def partition(self) -> str | None:
        """Value of the partition column."""
        return next(iter(self.values.values()), None)


def new_files(folder: Path, written: Iterable[tuple[Any, ...]]) -> list[NewFile]:
    """The files that a COPY with the options `PARQUET` says it wrote; empty ones are deleted."""
    files = []
    for path, count, size, _footer, ranges, keys in written:
        if count == 0:
            Path(path).unlink(missing_ok=True)
            continue
        values = {k: None if v is None else str(v) for k, v in (keys or {}).items()}
        stats = {"numRecords": count, **_range_of(ranges, "client_date")}
        files.append(NewFile(Path(path), folder, count, size, values, json.dumps(stats)))
    return files


class Store:
    """The tables of one lake, at the versions this run started from or has written since."""

    def __init__(
        self,
        root: Path,
        con: duckdb.DuckDBPyConnection,
        versions: dict[str, int],
        scratch: Path | None = None,
    ) -> None:
        """`scratch` is the folder of the run, whose name begins every file that it writes."""
        self.root = root
        self.con = con
        self.versions = dict(versions)
        self.scratch = scratch or root
        self.prefix = file_prefix(scratch) if scratch else ""
        self._files: dict[str, list[DataFile]] = {}

    def restore_published(self) -> None:
        """Takes every table back to its published version; clears what a killed run left."""
        for name in TABLES:
            uri = str(self.root / name)
            if not DeltaTable.is_deltatable(uri):
                continue
            table = DeltaTable(uri)
            wanted = self.versions.get(name)
            if wanted is None:
                gone = files_of(table)
                self._commit_remove(table, gone)
                self.versions[name] = DeltaTable(uri).version()
            elif table.version() != wanted:
                # A dead run's restore may already have brought the published files back.
                if set(table.file_uris()) != set(DeltaTable(uri, version=wanted).file_uris()):
                    restore(table, wanted)
                self.versions[name] = DeltaTable(uri).version()

    def clear(self) -> None:
        """Empties every table, for a full rebuild; what is published stays until the end.

        What was corrected by hand stays too: no raw file has it.
        """
        for name in list(self.versions):
            if name != "corrections":
                self.commit(name, None, replace=None)

    def files(self, name: str) -> list[DataFile]:
        """Files of the table at this run's version."""
        if name not in self._files:
            self._files[name] = (
                files_of(DeltaTable(str(self.root / name), version=self.versions[name]))
                if name in self.versions
                else []
            )
        return self._files[name]

    def paths(self, name: str, partitions: Collection[str | None] | None = None) -> list[str]:
        """Absolute paths of the table's files, of some partitions or all."""
        return [
            str(self.root / name / f.path)
            for f in self.files(name)
            if partitions is None or f.partition in partitions
        ]

    def select(self, name: str, partitions: Collection[str | None] | None = None) -> str:
        """SQL that reads the table, or some of its partitions."""
        return f"({select_files(self.paths(name, partitions), TABLES[name])})"

    def select_where(self, name: str, client_dates: Collection[date]) -> str:
        """SQL that reads the files which may hold rows of these client dates."""
        if not client_dates:
            return f"({select_files([], TABLES[name])})"
        wanted = sorted(d.isoformat() for d in client_dates)
        paths = [
            str(self.root / name / f.path)
            for f in self.files(name)
            if f.client_dates is None
            or any(f.client_dates[0] <= d <= f.client_dates[1] for d in wanted)
        ]
        return f"({select_files(paths, TABLES[name])})"

    def commit(
        self,
        name: str,
        sql: str | None,
        replace: Collection[str | None] | None = (),
    ) -> int:
        """Writes the rows of `sql` and drops the partitions in `replace` (None: all of them).

        Returns:
            The number of rows written.
        """
        new = self.write(name, sql) if sql else []
        return self.commit_files(name, new, replace)

    def write(self, name: str, sql: str, *, staged: bool = False) -> list[NewFile]:
        """Writes the rows of `sql` as files of a table that nobody sees until they are committed.

        `staged`: into the scratch folder, from where `commit_files` moves them.
        """
        spec = TABLES[name]
        folder = self.staged(name) if staged else self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in spec.columns)
        query = f"SELECT {columns} FROM ({sql})"
        options = PARQUET
        if spec.partition:
            target = folder
            options += f", PARTITION_BY ({spec.partition}), APPEND"
            options += f", FILENAME_PATTERN '{self.prefix}{{uuid}}'"
        else:
            target = folder / f"{self.prefix}{uuid4()}.parquet"
        written = self.con.execute(f"COPY ({query}) TO {quote(str(target))} ({options})").fetchall()
        return new_files(folder, written)

    def staged(self, name: str) -> Path:
        """Where files of a table wait until they are committed."""
        return self.scratch / name

    def without_rows(self, name: str, file: NewFile, gone: str) -> list[NewFile]:
        """Writes a written file again without the rows whose numbers the query `gone` gives.

        Uses a cursor of its own, so that several files can be written at a time.
        """
        spec, folder = TABLES[name], self.root / name
        names = ", ".join(f'"{c.name}"' for c in spec.columns if c.name not in file.values)
        target = folder / file.path.relative_to(file.folder)
        target = target.with_name(f"{self.prefix}{uuid4()}.parquet")
        target.parent.mkdir(parents=True, exist_ok=True)
        source = f"read_parquet({quote(str(file.path))}, hive_partitioning=false)"
        query = f"SELECT {names} FROM {source} WHERE file_row_number NOT IN ({gone})"
        with self.con.cursor() as own:
            written = own.execute(f"COPY ({query}) TO {quote(str(target))} ({PARQUET})").fetchall()
        return [replace(f, values=file.values) for f in new_files(folder, written)]

    def commit_files(
        self,
        name: str,
        new: Collection[NewFile],
        replace: Collection[str | None] | None = (),
    ) -> int:
        """Makes written files part of the table and drops the partitions in `replace`.

        Returns:
            The number of rows added.
        """
        removed = [f for f in self.files(name) if replace is None or f.partition in replace]
        if not new and not removed and name in self.versions:
            return 0
        return self.exchange(name, new, removed)

    def exchange(
        self,
        name: str,
        new: Collection[NewFile],
        removed: Collection[DataFile],
        *,
        same_rows: bool = False,
    ) -> int:
        """Puts written files in place of others, in one commit.

        `same_rows`: the new files hold exactly the rows of the others.

        Returns:
            The number of rows added.
        """
        spec = TABLES[name]
        folder = self.root / name
        folder.mkdir(parents=True, exist_ok=True)
        adds = [self._add(folder, f, changed=not same_rows) for f in new]
        schema = self._schema(spec)
        keys = [spec.partition] if spec.partition else []
        if not DeltaTable.is_deltatable(str(folder)):
            create_table_with_add_actions(
                str(folder), schema, adds, mode="error", partition_by=keys, name=name
            )
        else:
            actions = [*removals(spec, removed, changed=not same_rows), *adds]
            append(DeltaTable(str(folder)), actions, schema, keys)
        self.versions[name] = DeltaTable(str(folder)).version()
        self._files.pop(name, None)
        return sum(f.rows for f in new)

    @staticmethod
    def _add(folder: Path, file: NewFile, *, changed: bool) -> AddAction:
        relative = file.path.relative_to(file.folder)
        target = folder / relative
        if target != file.path:
            target.parent.mkdir(exist_ok=True)
            file.path.replace(target)
        now = int(time.time() * 1000)
        return AddAction(str(relative), file.size, file.values, now, changed, file.stats)

    def _schema(self, spec: TableSpec) -> Schema:
        empty = ", ".join(f'NULL::{c.type} AS "{c.name}"' for c in spec.columns)
        arrow: pa.Schema = self.con.execute(f"SELECT {empty} WHERE false").to_arrow_table().schema
        return Schema.from_arrow(arrow)

    def _commit_remove(self, table: DeltaTable, files: list[DataFile]) -> None:
        if files:
            keys = table.metadata().partition_columns
            spec = TABLES[Path(unquote(str(table.table_uri)).rstrip("/")).name]
            append(table, removals(spec, files), table.schema(), keys)
