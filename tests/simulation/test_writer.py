from __future__ import annotations

import gzip
import hashlib
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from questline.simulation import SimulationConfig, simulate
from questline.simulation.writer import file_name

_Row = tuple[Any, ...]
_NAMES = (
    "event_id, player_id, event_type, timestamp, session_id, sent_at, received_at, "
    "app_version, platform, country, properties"
)
_COLUMNS = "{" + ", ".join(f"{name}: 'VARCHAR'" for name in _NAMES.split(", ")) + "}"


def _reader(pattern: str, kind: str) -> str:
    if kind == "jsonl":
        columns = _COLUMNS.replace("properties: 'VARCHAR'", "properties: 'JSON'")
        return f"read_json('{pattern}', format = 'newline_delimited', columns = {columns})"
    if kind == "csv":
        return f"read_csv('{pattern}', header = true, all_varchar = true)"
    return f"read_parquet('{pattern}')"


def _rows(folder: Path, kind: str, compression: str) -> list[_Row]:
    pattern = folder / file_name("events-*", kind, compression)
    sql = f"SELECT {_NAMES}::VARCHAR FROM {_reader(str(pattern), kind)} ORDER BY event_id"
    rows = duckdb.sql(sql).fetchall()
    return [(*row[:-1], json.loads(row[-1], parse_float=Decimal)) for row in rows]


@pytest.mark.parametrize("compression", ["none", "gzip", "zstd"])
@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_write_rows_formats_hold_the_same_rows(
    small_world_rows: list[_Row], tmp_path: Path, kind: str, compression: str
) -> None:
    out = tmp_path / "out"
    simulate(
        SimulationConfig(days=8, users=800, seed=5, out=out, format=kind, compression=compression)
    )
    assert _rows(out, kind, compression) == small_world_rows
    assert (out / file_name("players", kind, compression)).is_file()


@pytest.fixture(scope="module")
def small_world_rows(tmp_path_factory: pytest.TempPathFactory) -> list[_Row]:
    out = tmp_path_factory.mktemp("plain")
    simulate(SimulationConfig(days=8, users=800, seed=5, out=out))
    rows = _rows(out, "jsonl", "none")
    assert len(rows) > 5_000
    assert any(row[4] is None for row in rows) or all(row[2] != "refund" for row in rows)
    return rows


@pytest.mark.parametrize(
    ("kind", "compression"), [("csv", "none"), ("jsonl", "gzip"), ("parquet", "zstd")]
)
def test_write_rows_bytes_are_reproducible(tmp_path: Path, kind: str, compression: str) -> None:
    digests = []
    for name in ("a", "b"):
        out = tmp_path / name
        simulate(SimulationConfig(days=2, users=200, out=out, format=kind, compression=compression))
        digests.append(
            {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in sorted(out.iterdir())}
        )
    assert digests[0] == digests[1]


def test_write_rows_gzip_is_complete_and_undated(tmp_path: Path) -> None:
    simulate(SimulationConfig(days=1, users=200, out=tmp_path, compression="gzip"))
    packed = (tmp_path / "events-2026-01-01.jsonl.gz").read_bytes()
    assert packed[4:8] == b"\0\0\0\0"
    assert gzip.decompress(packed).endswith(b"}\n")


def test_write_rows_empty_days_have_readable_files(tmp_path: Path) -> None:
    for kind in ("csv", "parquet"):
        simulate(SimulationConfig(days=1, users=1, seed=3, out=tmp_path / kind, format=kind))
        found = _rows(tmp_path / kind, kind, "none")
        assert isinstance(found, list)
