from __future__ import annotations

from pathlib import Path

import pytest

from questline.errors import UsageError
from questline.simulation import SimulationConfig, simulate, world


def _names(folder: Path) -> set[str]:
    return {p.name for p in folder.iterdir()}


def test_prepare_earlier_simulation_is_replaced_exactly(tmp_path: Path) -> None:
    for name in ("notes.txt", ".gitkeep", "questline.toml"):
        (tmp_path / name).write_text("mine", encoding="utf-8")
    simulate(SimulationConfig(days=3, users=100, out=tmp_path, format="csv", compression="gzip"))
    assert "players.csv.gz" in _names(tmp_path)
    simulate(SimulationConfig(days=1, users=100, out=tmp_path))
    assert _names(tmp_path) == {
        "notes.txt",
        ".gitkeep",
        "questline.toml",
        "_source.json",
        "players.jsonl",
        "events-2026-01-01.jsonl",
    }
    assert (tmp_path / "notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    "name", ["events-2026-01-01.jsonl", "players.csv", "export.parquet", "log.json.gz"]
)
def test_prepare_foreign_files_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine", encoding="utf-8")
    with pytest.raises(UsageError, match="not from a simulation") as caught:
        simulate(SimulationConfig(days=1, users=10, out=tmp_path))
    assert "\n" not in str(caught.value)
    assert _names(tmp_path) == {name}


def test_prepare_foreign_file_beside_a_simulation_is_refused(tmp_path: Path) -> None:
    simulate(SimulationConfig(days=1, users=50, out=tmp_path))
    (tmp_path / "deeper").mkdir()
    (tmp_path / "deeper" / "events-2026-01-01.jsonl").write_text("{}\n", encoding="utf-8")
    before = (tmp_path / "events-2026-01-01.jsonl").read_bytes()
    with pytest.raises(UsageError, match="not from a simulation"):
        simulate(SimulationConfig(days=1, users=50, seed=7, out=tmp_path))
    assert (tmp_path / "events-2026-01-01.jsonl").read_bytes() == before


def test_prepare_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="--out"):
        simulate(SimulationConfig(days=1, users=10, out=tmp_path / "out"))


def test_simulate_failure_leaves_the_earlier_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    simulate(SimulationConfig(days=2, users=100, out=tmp_path))
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}

    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(world, "metadata", full)
    with pytest.raises(UsageError, match="No space left"):
        simulate(SimulationConfig(days=2, users=100, seed=8, out=tmp_path))
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir()} == before


def test_simulate_remains_of_a_killed_run_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".simulated-events-2026-01-09.jsonl.tmp").write_text("{", encoding="utf-8")
    simulate(SimulationConfig(days=1, users=20, out=tmp_path))
    assert _names(tmp_path) == {"_source.json", "players.jsonl", "events-2026-01-01.jsonl"}
