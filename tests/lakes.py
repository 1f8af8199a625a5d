"""Lakes for tests: built by the real pipeline in a folder, read back as plain rows."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from oracle_contract import OracleSettings
from questline.ingestion.mapping import NATIVE, Mapping
from questline.lake.publication import attach_views, read_pointer
from questline.lake.schemas import TABLES
from questline.pipeline import RunSummary, run
from questline.settings import Settings

TRANSPORT = {"batch", "file", "line", "rejected_at", "recorded_at", "times_seen", "seen_in"}
TRANSPORT |= {"raw_hash", "payload_hash"}
"""What two lakes of the same rows may differ in."""

Run = list[tuple[str, bytes]]


def settings_for(folder: Path, **options: Any) -> Settings:
    """Settings of a lake in `folder`, with a few exchange rates."""
    rates = {"EUR": {"2020-01-01": "1.1"}, "JPY": {"2020-01-01": "0.0065"}}
    options.setdefault("exchange_rates", rates)
    options.setdefault("threads", 2)
    return Settings(raw=folder / "raw", lake=folder / "lake", memory_limit_mb=1000, **options)


def settings_of(chosen: OracleSettings, folder: Path, **options: Any) -> Settings:
    """The project's settings that mean what those of the oracle mean."""
    known = asdict(chosen)
    known["complete_until"] = known["complete_until"] or "auto"
    return settings_for(folder, **known, **options)


def deliver(
    settings: Settings,
    files: Iterable[tuple[str, bytes]],
    *,
    mapping: Mapping = NATIVE,
    as_of: datetime | None = None,
    full: bool = False,
) -> RunSummary:
    """Writes (or appends to) the files and runs the pipeline once."""
    settings.raw.mkdir(parents=True, exist_ok=True)
    for name, content in files:
        with (settings.raw / name).open("ab") as handle:
            handle.write(content)
    return run(settings, mapping, as_of=as_of, full=full)


def rows_of(lake: Path, table: str, *, comparable: bool = True) -> list[dict[str, Any]]:
    """Rows of a published table; comparable: in a fixed order, without transport columns."""
    pointer = read_pointer(lake)
    assert pointer is not None
    with duckdb.connect() as con:
        attach_views(con, pointer)
        con.execute("SET TimeZone = 'UTC'")
        names = [c.name for c in TABLES[table].columns if not comparable or c.name not in TRANSPORT]
        shown = ", ".join(
            f'epoch_us("{c.name}") AS "{c.name}"' if c.type == "TIMESTAMPTZ" else f'"{c.name}"'
            for c in TABLES[table].columns
            if c.name in names and not c.type.startswith("STRUCT")
        )
        packed = ", ".join(
            f'CAST("{c.name}" AS VARCHAR) AS "{c.name}"'
            for c in TABLES[table].columns
            if c.name in names and c.type.startswith("STRUCT")
        )
        picked = ", ".join(p for p in (shown, packed) if p)
        order = " ORDER BY ALL" if comparable else ""
        found = con.execute(f"SELECT {picked} FROM {table}{order}")
        columns = [d[0] for d in found.description or []]
        return [dict(zip(columns, row, strict=True)) for row in found.fetchall()]


def snapshot(lake: Path) -> dict[str, list[dict[str, Any]]]:
    """Every table but the ledger, in comparable form."""
    return {name: rows_of(lake, name) for name in TABLES if name != "ledger"}


def asked(lake: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query over the published tables."""
    pointer = read_pointer(lake)
    assert pointer is not None
    with duckdb.connect() as con:
        attach_views(con, pointer)
        con.execute("SET TimeZone = 'UTC'")
        return con.execute(sql).fetchall()
