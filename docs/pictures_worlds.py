"""The worlds behind the pictures: simulated, taken in by the pipeline, and asked."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ibis import _

import questline
from questline.api import Analytics
from questline.ingestion.mapping import NATIVE
from questline.pipeline import run
from questline.settings import load_settings
from questline.simulation import SimulationConfig, simulate

SETTINGS = Path(__file__).parents[1] / "questline.toml"
SEED, DAYS = 42, 30
HOURS_FROM_UTC = {"BR": -3, "JP": 9, "DE": 1, "GB": 0, "FR": 1, "IT": 1, "ES": 1}
"""Simulated countries with a single zone, in winter."""
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class World:
    """A lake that the pipeline built of a simulation, and the simulation's answer key."""

    lake: Analytics
    truth: dict[str, Any]


def world(folder: Path, name: str, users: int, preset: str) -> World:
    """Simulates and runs the pipeline."""
    raw, lake = folder / name, folder / f"{name}_lake"
    config = SimulationConfig(
        days=DAYS, users=users, seed=SEED, preset=preset, format="parquet", out=raw
    )
    summary = simulate(config)
    settings = load_settings(SETTINGS, raw=raw, lake=lake)
    run(settings, NATIVE)
    truth = json.loads((summary.truth / "world.json").read_text(encoding="utf-8"))
    return World(questline.open(lake, settings), truth["real"])


def retention_rows(worlds: dict[str, World], last_day: int) -> tuple[Rows, Rows]:
    """Shares by preset and day: as measured, and as the key has them."""
    measured, truth = [], []
    for preset, found in worlds.items():
        asked = found.lake.result("retention", days=list(range(1, last_day + 1))).rows()
        measured += [
            {"day": r["day_number"], "share": float(r["retention"]), "preset": preset}
            for r in asked
        ]
        truth += [
            {"day": int(day), "share": back / players, "preset": preset}
            for day, (back, players) in found.truth["retention"].items()
            if int(day) <= last_day
        ]
    return measured, truth


def session_hours(found: World) -> Rows:
    """Share of sessions by local hour, apart for weekdays and weekends."""
    players = found.lake.table("players").select("player_id", "country")
    local = (
        found.lake.table("sessions")
        .join(players, "player_id")
        .filter(_.country.isin(list(HOURS_FROM_UTC)))
        .mutate(at=_.started_at.epoch_seconds() + _.country.cases(*HOURS_FROM_UTC.items()) * 3600)
    )
    # 1970 began on a Thursday.
    days = local.mutate(hour=(_.at // 3600) % 24, weekend=((_.at // 86_400) + 3) % 7 >= 5)
    counted = days.group_by("weekend", "hour").aggregate(sessions=_.count())
    rows: Rows = found.lake.read(counted.order_by("weekend", "hour")).to_pylist()
    for weekend in (False, True):
        part = [r for r in rows if r["weekend"] == weekend]
        total = sum(r["sessions"] for r in part)
        for row in part:
            row["share"] = row["sessions"] / total
    return rows


def concentration(found: World) -> Rows:
    """Share of revenue by share of payers, from those who spend most on."""
    purchases = found.lake.table("purchases")
    paid = purchases.group_by("player_id").aggregate(usd=_.gross_usd.sum())
    ranked = sorted((float(r["usd"]) for r in found.lake.read(paid).to_pylist()), reverse=True)
    total, so_far = sum(ranked), 0.0
    rows: Rows = [{"payers": 0.0, "revenue": 0.0}]
    for number, usd in enumerate(ranked, 1):
        so_far += usd
        rows.append({"payers": number / len(ranked), "revenue": so_far / total})
    return rows


def levels_reached(found: World, last_level: int) -> Rows:
    """Share of players who arrived in the log and reached each level of the story."""
    first_day = found.lake.facts.complete_from
    days = [str(d) for d in found.lake.values("acquisition_date") if d >= first_day]
    rows: Rows = []
    for mode in ("story", "boss"):
        rows += found.lake.result(
            "level_funnel", where={"acquisition_date": days}, mode=mode
        ).rows()
    rows.sort(key=lambda row: row["level"])
    everybody = rows[0]["reached"]
    return [{"level": r["level"], "share": r["reached"] / everybody} for r in rows[:last_level]]


def attempts_per_win(found: World, last_level: int) -> tuple[Rows, Rows]:
    """Attempts a win of each level, all players: as measured, and as the key has them."""
    measured = [
        {"level": r["level"], "attempts": float(r["attempts_per_success"])}
        for r in found.lake.result("level_funnel").rows()[:last_level]
    ]
    known = found.truth["levels"]
    truth = [
        {"level": n, "attempts": known[str(n)]["attempts"] / known[str(n)]["wins"]}
        for n in range(1, last_level + 1)
    ]
    return measured, truth
