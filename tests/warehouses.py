"""Real engines for printed SQL: ClickHouse in this process, PostgreSQL as a cluster of its own."""

from __future__ import annotations

import csv
import io
import math
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from questline.lake.publication import attach_views, read_pointer
from questline.lake.schemas import TABLES

Row = dict[str, Any]
ENGINE_TABLES = ("events", "players", "sessions", "player_days", "level_attempts", "purchases")
ENGINE_TABLES += ("daily", "first_seen", "registrations")


class Warehouse(Protocol):
    """An engine that holds the tables of a lake."""

    def rows(self, sql: str) -> list[dict[str, str | None]]:
        """The answer as text, NULL as None."""


def parquet(lake: Path, folder: Path) -> dict[str, Path]:
    """The tables that metrics and models read, one Parquet file each."""
    pointer = read_pointer(lake)
    assert pointer is not None
    files = {}
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        attach_views(con, pointer)
        for name in ENGINE_TABLES:
            files[name] = folder / f"{name}.parquet"
            pq.write_table(con.execute(f"FROM {name}").to_arrow_table(), files[name])
    return files


_CLICKHOUSE = {
    "VARCHAR": "Nullable(String)",
    "DATE": "Nullable(Date32)",
    "BIGINT": "Nullable(Int64)",
    "INTEGER": "Nullable(Int32)",
    "DOUBLE": "Nullable(Float64)",
    "BOOLEAN": "Nullable(Bool)",
    "TIMESTAMPTZ": "Nullable(DateTime64(6, 'UTC'))",
    "DATE[]": "Array(Nullable(Date32))",
    "STRUCT(experiment VARCHAR, variant VARCHAR, exposed_at TIMESTAMPTZ)[]": (
        "Array(Tuple(experiment Nullable(String), variant Nullable(String), "
        "exposed_at Nullable(DateTime64(6, 'UTC'))))"
    ),
}
_POSTGRES = {
    "VARCHAR": "text",
    "DOUBLE": "double precision",
    "STRUCT(experiment VARCHAR, variant VARCHAR, exposed_at TIMESTAMPTZ)[]": "exposure[]",
}


class ClickHouse:
    """ClickHouse within this process, as chdb brings it, with its default settings."""

    def __init__(self, files: Mapping[str, Path]) -> None:
        from chdb.session import Session  # noqa: PLC0415 - an extra

        self.session = Session()
        for name, file in files.items():
            columns = ", ".join(
                f"`{c.name}` {_CLICKHOUSE.get(c.type) or f'Nullable({c.type})'}"
                for c in TABLES[name].columns
            )
            self.session.query(f"CREATE TABLE {name} ({columns}) ENGINE = Memory")
            self.session.query(f"INSERT INTO {name} SELECT * FROM file('{file}', Parquet)")

    def rows(self, sql: str) -> list[dict[str, str | None]]:
        """The answer as text, NULL as None."""
        text = self.session.query(sql, "CSVWithNames").bytes().decode()
        header, *lines = csv.reader(io.StringIO(text))
        return [
            {n: None if v == r"\N" else v for n, v in zip(header, line, strict=True)}
            for line in lines
        ]


class Postgres:
    """A PostgreSQL cluster that lives as long as the context, reached by its socket only."""

    def __init__(self, socket: Path) -> None:
        self.command = [_program("psql"), "-h", str(socket), "-U", "reader", "-d", "postgres"]
        self.command += ["-X", "-q", "-v", "ON_ERROR_STOP=1"]

    def run(self, sql: str, data: str = "") -> str:
        """Output of statements."""
        done = subprocess.run(
            [*self.command, "-c", sql], input=data, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def rows(self, sql: str) -> list[dict[str, str | None]]:
        """The answer as text, NULL as None."""
        text = self.run(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER, NULL '\\N')")
        header, *lines = csv.reader(io.StringIO(text))
        return [
            {n: None if v == r"\N" else v for n, v in zip(header, line, strict=True)}
            for line in lines
        ]

    def load(self, files: Mapping[str, Path]) -> None:
        """Makes the tables of the files."""
        self.run("CREATE TYPE exposure AS (experiment text, variant text, exposed_at timestamptz)")
        for name, file in files.items():
            columns = TABLES[name].columns
            defined = ", ".join(f'"{c.name}" {_POSTGRES.get(c.type, c.type)}' for c in columns)
            self.run(f'CREATE TABLE "{name}" ({defined})')
            self.run(f"COPY \"{name}\" FROM STDIN (FORMAT csv, NULL '\\N')", _csv(name, file))


def _csv(name: str, file: Path) -> str:
    """Rows of a file as PostgreSQL reads them."""
    picked = []
    for column in TABLES[name].columns:
        text = f'CAST("{column.name}" AS VARCHAR)'
        if column.type.startswith("STRUCT"):
            row = "'\"(' || v.experiment || ',' || v.variant || ',' || v.exposed_at || ')\"'"
            row = row.replace("v.exposed_at", "replace(CAST(v.exposed_at AS VARCHAR), ' ', 'T')")
            text = (
                f"'{{' || array_to_string(list_transform(\"{column.name}\", v -> {row}), ',') "
                "|| '}'"
            )
        elif column.type.endswith("[]"):
            text = f"'{{' || array_to_string(\"{column.name}\", ',') || '}}'"
        picked.append(text)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        rows = con.execute(f"SELECT {', '.join(picked)} FROM '{file}'").fetchall()
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL)
    for row in rows:
        cells = ["" if v is None else '"' + str(v).replace('"', '""') + '"' for v in row]
        out.write(",".join(c or r"\N" for c in cells) + "\n")
    del writer
    return out.getvalue()


def _program(name: str) -> str:
    """A program of PostgreSQL, also where Debian hides it from the search path."""
    found = shutil.which(name)
    if found is None:
        hidden = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(hidden[-1]) if hidden else ""
    return found


@contextmanager
def postgres(folder: Path, files: Mapping[str, Path]) -> Iterator[Postgres]:
    """Starts a cluster in the folder, loads the files and ends it."""
    lower = []
    if os.geteuid() == 0:
        lower = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        for parent in (folder, *folder.parents[:2]):
            parent.chmod(0o755)
        shutil.chown(folder, "postgres", "postgres")
    data = folder / "data"

    def control(program: str, *arguments: str) -> None:
        subprocess.run(
            [*lower, _program(program), *arguments], check=True, capture_output=True, cwd=folder
        )

    control("initdb", "-D", str(data), "-U", "reader", "-A", "trust", "-E", "UTF8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=UTC -c jit=off"
    log = str(folder / "log")
    control("pg_ctl", "-D", str(data), "-l", log, "-w", "-o", options, "start")
    try:
        server = Postgres(folder)
        server.load(files)
        yield server
    finally:
        control("pg_ctl", "-D", str(data), "-m", "immediate", "-w", "stop")


def differences(found: list[dict[str, str | None]], expected: pa.Table) -> list[str]:
    """What two answers differ in; `found` is text, in the order of the rows."""
    rows = expected.to_pylist()
    if len(found) != len(rows):
        return [f"{len(found)} rows, expected {len(rows)}"]
    if found and list(found[0]) != expected.column_names:
        return [f"columns {list(found[0])}, expected {expected.column_names}"]
    return [
        f"row {i} {name}: {mine[name]!r}, expected {value!r}"
        for i, (mine, row) in enumerate(zip(found, rows, strict=True))
        for name, value in row.items()
        if not _equal(mine[name], value)
    ]


def _equal(text: str | None, value: Any) -> bool:
    if text is None or value is None:
        return text is None and value is None
    if isinstance(value, bool):
        return text in ({"t", "true", "1"} if value else {"f", "false", "0"})
    if isinstance(value, float):
        return math.isclose(float(text), value, rel_tol=1e-9, abs_tol=1e-12)
    if isinstance(value, int | Decimal):
        return Decimal(text) == value
    if isinstance(value, date):
        return text[:19] == str(value)[:19]
    return text == str(value)
