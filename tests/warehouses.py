"""Real engines for printed SQL: ClickHouse in this process, PostgreSQL as a cluster of its own."""

from __future__ import annotations

import csv
import io
import math
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from questline.lake.publication import attach_views, read_pointer
from questline.models.catalogue import compiled
from questline.models.rules import Rules, calendar

Texts = list[dict[str, str | None]]
Files = Mapping[str, Path]
_TABLES: tuple[str, ...] = ("events", "players", "sessions", "player_days", "level_attempts")
_TABLES += ("purchases", "daily", "first_seen", "registrations")
_STEPS = ("session_spans", "sessionised")
"""Models that other models read and no lake holds."""
_NULL = r"\N"


_KEYS = {"experiment", "variant", "exposed", "at", "event", "date", "usd"}


class Warehouse(Protocol):
    """An engine that holds the tables of a lake."""

    def rows(self, sql: str) -> Texts:
        """The answer as text, NULL as None."""


def parquet(lake: Path, folder: Path) -> dict[str, Path]:
    """The tables that metrics and models read, one Parquet file each."""
    pointer = read_pointer(lake)
    assert pointer is not None
    assert pointer.facts.complete_from is not None
    assert pointer.facts.complete_until is not None
    margin, zone = timedelta(days=9), ZoneInfo(pointer.facts.reporting_zone)
    days = calendar(
        pointer.facts.complete_from - margin, pointer.facts.complete_until + margin, zone
    )
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        attach_views(con, pointer)
        con.execute(
            "CREATE TABLE days (event_date DATE, starts_at TIMESTAMPTZ, ends_at TIMESTAMPTZ)"
        )
        con.executemany("INSERT INTO days VALUES (?, ?, ?)", days)
        for name in _STEPS:
            con.execute(f"CREATE TABLE {name} AS {compiled(name, Rules())}")
        names = (*_TABLES, *_STEPS, "days")
        for name in names:
            pq.write_table(con.execute(f"FROM {name}").to_arrow_table(), folder / f"{name}.parquet")
    return {name: folder / f"{name}.parquet" for name in names}


def columns_of(file: Path) -> dict[str, str]:
    """Column to type of DuckDB."""
    with duckdb.connect() as con:
        found = con.execute(f"DESCRIBE FROM '{file}'").fetchall()
    return {row[0]: row[1].replace("TIMESTAMP WITH TIME ZONE", "TIMESTAMPTZ") for row in found}


_CLICKHOUSE = {
    "VARCHAR": "String",
    "DATE": "Date32",
    "BIGINT": "Int64",
    "INTEGER": "Int32",
    "DOUBLE": "Float64",
    "BOOLEAN": "Bool",
    "TIMESTAMPTZ": "DateTime64(6, 'UTC')",
}
_POSTGRES = {"VARCHAR": "text", "DOUBLE": "double precision"}


def _fields(kind: str) -> dict[str, str]:
    """Fields of a list of structs, none of another type."""
    if not kind.startswith("STRUCT("):
        return {}
    inside = kind.removeprefix("STRUCT(").removesuffix(")[]")
    parts = (part.partition(" ") for part in re.split(r", (?![^(]*\))", inside))
    return {name.strip('"'): kind for name, _, kind in parts}


def _clickhouse(kind: str) -> str:
    fields = _fields(kind)
    if fields:
        return f"Array(Tuple({', '.join(f'{n} {_clickhouse(k)}' for n, k in fields.items())}))"
    if kind.endswith("[]"):
        return f"Array({_clickhouse(kind.removesuffix('[]'))})"
    return f"Nullable({_CLICKHOUSE.get(kind, kind)})"


class ClickHouse:
    """ClickHouse within this process, as chdb brings it, with its default settings."""

    def __init__(self, files: Files) -> None:
        from chdb.session import Session  # noqa: PLC0415 - an extra

        self.session = Session()
        for name, file in files.items():
            types = columns_of(file).items()
            columns = ", ".join(f"`{c}` {_clickhouse(t)}" for c, t in types)
            self.session.query(f"CREATE TABLE {name} ({columns}) ENGINE = Memory")
            self.session.query(f"INSERT INTO {name} SELECT * FROM file('{file}', Parquet)")

    def rows(self, sql: str) -> Texts:
        """The answer as text, NULL as None."""
        return _read(self.session.query(sql, "CSVWithNames").bytes().decode())


class Postgres:
    """A PostgreSQL server that is reached by its socket only."""

    def __init__(self, socket: Path) -> None:
        self.command = [program("psql"), "-h", str(socket), "-U", "reader", "-d", "postgres"]
        self.command += ["-X", "-q", "-v", "ON_ERROR_STOP=1"]

    def run(self, sql: str, data: str = "") -> str:
        """Output of statements."""
        command = [*self.command, "-c", sql]
        done = subprocess.run(command, input=data, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stdout

    def rows(self, sql: str) -> Texts:
        """The answer as text, NULL as None."""
        return _read(self.run(f"COPY ({sql}) TO STDOUT (FORMAT csv, HEADER, NULL '{_NULL}')"))

    def load(self, files: Files) -> None:
        """Makes the tables of the files."""
        for name, file in files.items():
            types = columns_of(file)
            defined = ", ".join(f'"{c}" {self._type(f"{name}_{c}", t)}' for c, t in types.items())
            self.run(f'CREATE TABLE "{name}" ({defined})')
            text = _written(file, types)
            self.run(f"COPY \"{name}\" FROM STDIN (FORMAT csv, NULL '{_NULL}')", text)

    def _type(self, name: str, kind: str) -> str:
        """Type of a column; that of a list of structs is made by this name."""
        fields = _fields(kind)
        if not fields:
            return _POSTGRES.get(kind, kind)
        listed = ", ".join(f'"{n}" {_POSTGRES.get(k, k)}' for n, k in fields.items())
        self.run(f'CREATE TYPE "{name}" AS ({listed})')
        return f'"{name}"[]'


def _read(text: str) -> Texts:
    header, *lines = csv.reader(io.StringIO(text))
    return [
        {n: None if v == _NULL else v for n, v in zip(header, line, strict=True)} for line in lines
    ]


def _written(file: Path, types: Mapping[str, str]) -> str:
    """Rows of a file as PostgreSQL reads them."""
    picked = []
    for name, kind in types.items():
        items, cells = f'"{name}"', [f"v.{field}" for field in _fields(kind)]
        if cells:
            texts = [f"coalesce(replace(CAST({c} AS VARCHAR), ' ', 'T'), '')" for c in cells]
            joined = " || ',' || ".join(texts)
            row = f"'\"(' || {joined} || ')\"'"
            items = f"list_transform({items}, lambda v: {row})"
        listed = f"'{{' || array_to_string({items}, ',') || '}}'"
        picked.append(listed if kind.endswith("[]") else f"CAST({items} AS VARCHAR)")
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        rows = con.execute(f"SELECT {', '.join(picked)} FROM '{file}'").fetchall()
    return "".join(",".join(map(_cell, row)) + "\n" for row in rows)


def _cell(value: str | None) -> str:
    return _NULL if value is None else '"' + value.replace('"', '""') + '"'


def program(name: str) -> str:
    """A program of PostgreSQL, also where Debian hides it from the search path."""
    found = shutil.which(name)
    if found is None:
        hidden = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
        found = str(hidden[-1]) if hidden else ""
    return found


@contextmanager
def postgres(files: Files) -> Iterator[Postgres]:
    """Starts a server with a cluster of its own, loads the files, and ends it."""
    # Not in a folder of pytest: only its user may enter those, and a socket's path is short.
    folder = Path(tempfile.mkdtemp(prefix="questline-"))
    lower: list[str] = []
    if os.geteuid() == 0:  # PostgreSQL does not run as root
        lower = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
        shutil.chown(folder, "postgres", "postgres")

    def control(name: str, *arguments: str) -> None:
        command = [*lower, program(name), "-D", str(folder / "data"), *arguments]
        subprocess.run(command, check=True, capture_output=True, cwd=folder)

    try:
        control("initdb", "-U", "reader", "-A", "trust", "-E", "UTF8", "--locale=C", "-N")
        options = f"-k {folder} -c listen_addresses='' -c fsync=off -c timezone=UTC -c jit=off"
        control("pg_ctl", "-l", str(folder / "log"), "-w", "-o", options, "start")
        try:
            server = Postgres(folder)
            server.load(files)
            yield server
        finally:
            control("pg_ctl", "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(folder)


def differences(
    found: Sequence[Mapping[str, Any]], expected: pa.Table, *, ordered: bool = True
) -> list[str]:
    """What two answers differ in; `found` may be text."""
    if len(found) != expected.num_rows:
        return [f"{len(found)} rows, expected {expected.num_rows}"]
    if found and list(found[0]) != expected.column_names:
        return [f"columns {list(found[0])}, expected {expected.column_names}"]
    kinds = {field.name: field.type for field in expected.schema}
    mine = [[_plain(row[n], kind) for n, kind in kinds.items()] for row in found]
    wanted = [[_plain(row[n], kind) for n, kind in kinds.items()] for row in expected.to_pylist()]
    if not ordered:
        mine, wanted = sorted(mine, key=_place), sorted(wanted, key=_place)
    return [
        f"row {i} {name}: {value!r}, expected {other!r}"
        for i, pair in enumerate(zip(mine, wanted, strict=True))
        for name, value, other in zip(kinds, *pair, strict=True)
        if not _same(value, other)
    ]


def _plain(value: Any, kind: pa.DataType) -> Any:
    """A value, or the text that an engine writes for it, as one form."""
    if pa.types.is_list(kind):
        return _words(value)
    if value is None:
        return None
    if pa.types.is_boolean(kind):
        return str(value).lower() in {"t", "true", "1"}
    if pa.types.is_floating(kind):
        return float(value)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind):
        return Decimal(value)
    text = re.sub(r"\+00(:00)?$", "", str(value))
    return text.rstrip("0").rstrip(".") if "." in text and pa.types.is_timestamp(kind) else text


def _words(value: Any) -> list[str]:
    """What a list of an engine holds, whatever it puts around it."""
    # Arrays of ClickHouse are never NULL.
    items = value if isinstance(value, list) else [value or ""]
    flat = [v for i in items for v in (i.values() if isinstance(i, dict) else [i])]
    text = re.sub(r"(\.\d*?)0+(?!\d)|\+00(:00)?", r"\1", " ".join(map(str, flat)))
    return sorted(set(re.findall(r"[a-z]+|\d+", text)) - _KEYS)


def _place(row: list[Any]) -> str:
    return repr([value for value in row if not isinstance(value, float)])


def _same(value: Any, other: Any) -> bool:
    if isinstance(value, float) and isinstance(other, float):
        return math.isclose(value, other, rel_tol=1e-9, abs_tol=1e-12)
    return bool(value == other)
