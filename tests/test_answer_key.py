"""What a perfect pipeline gets from a dirty simulation, this one gets, however the files come."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

import questline
from lakes import settings_for
from questline.ingestion.mapping import NATIVE
from questline.pipeline import run
from questline.settings import load_settings
from questline.simulation import SimulationConfig, simulate
from questline.verification import verify
from questline.verification.answers import ask
from questline.verification.key import read_key

ROOT = Path(__file__).parents[1]
RATES = load_settings(ROOT / "questline.toml").exchange_rates


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A month of dirty logs."""
    out = tmp_path_factory.mktemp("dirty") / "raw"
    summary = simulate(SimulationConfig(users=1_200, dirt=0.03, seed=11, out=out))
    assert summary.dirty > 2_000
    return out


def verified(raw: Path, lake: Path) -> tuple[str, ...]:
    """What differs between a lake and the key of the raw folder."""
    key = read_key(raw.with_name("raw_truth"), raw)
    return verify(key, ask(questline.open(lake), key)).differing


def test_verify_passes_after_one_run(raw: Path, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, exchange_rates=RATES)
    settings = settings.model_copy(update={"raw": raw})
    run(settings, NATIVE)
    assert verified(raw, settings.lake) == ()


def _pieces(raw: Path, chance: random.Random) -> Iterator[tuple[str, bytes]]:
    """Event files cut between lines, under names that say nothing; late files last."""
    late: list[tuple[str, bytes]] = []
    for path in sorted(raw.glob("events-*")):
        lines = path.read_bytes().splitlines(keepends=True)
        cuts = sorted(chance.sample(range(len(lines)), min(3, len(lines))))
        for low, high in zip([0, *cuts], [*cuts, len(lines)], strict=True):
            part = (f"part-{chance.getrandbits(64):016x}.jsonl", b"".join(lines[low:high]))
            late.append(part) if path.stem == "events-late" else (yield part)
    yield from late


def test_verify_passes_with_files_shuffled_cut_and_fed_in_five_runs(
    raw: Path, tmp_path: Path
) -> None:
    settings = settings_for(tmp_path, exchange_rates=RATES)
    settings.raw.mkdir()
    for name in ("_source.json", "players.jsonl"):
        (settings.raw / name).write_bytes((raw / name).read_bytes())
    chance = random.Random(3)
    parts = list(_pieces(raw, chance))
    last, parts = parts[-4:], parts[:-4]
    chance.shuffle(parts)
    for part in (*(parts[i::4] for i in range(4)), last):
        for name, content in part:
            (settings.raw / name).write_bytes(content)
        run(settings, NATIVE)
    assert verified(raw, settings.lake) == ()


def test_verify_fails_when_a_line_is_missing(raw: Path, tmp_path: Path) -> None:
    settings = settings_for(tmp_path, exchange_rates=RATES)
    settings.raw.mkdir()
    for path in raw.iterdir():
        (settings.raw / path.name).write_bytes(path.read_bytes())
    victim = settings.raw / "events-2026-01-07.jsonl"
    lines = victim.read_bytes().splitlines(keepends=True)
    clean = next(i for i, line in enumerate(lines) if b'"event_type":"level_start"' in line)
    victim.write_bytes(b"".join(lines[:clean] + lines[clean + 1 :]))
    run(settings, NATIVE)
    assert any("days.events" in line for line in verified(raw, settings.lake))


def test_without_dirt_the_two_worlds_are_one(tmp_path: Path) -> None:
    config = SimulationConfig(days=4, users=600, seed=3, out=tmp_path / "raw")
    clean = json.loads((simulate(config).truth / "world.json").read_text(encoding="utf-8"))
    extra = {"duplicates": 0, "rejected": {}}
    assert clean["recoverable"] == {**clean["real"], **extra}
    dirty = simulate(replace(config, dirt=0.1))
    again = json.loads((dirty.truth / "world.json").read_text(encoding="utf-8"))
    assert again["real"] == clean["real"]
    assert again["recoverable"] != clean["recoverable"]
