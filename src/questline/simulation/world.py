"""The whole simulation: draw a world, write its files, say what was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from questline.errors import UsageError
from questline.simulation.behaviour import draw_activity, draw_sessions
from questline.simulation.blocks import (
    COUNTRY_CODES,
    achievement_block,
    ad_block,
    level_blocks,
    money_blocks,
    session_blocks,
    version_names,
    wallet_block,
)
from questline.simulation.config import SimulationConfig
from questline.simulation.economy import draw_ads, draw_purchases, draw_refunds
from questline.simulation.folder import (
    GENERATOR,
    SOURCE_FILE,
    discard,
    prepare,
    publish,
    temporary,
)
from questline.simulation.places import CHANNELS, PLATFORMS
from questline.simulation.players import Players, draw_players, versions
from questline.simulation.progression import draw_attempts
from questline.simulation.text import chosen, times
from questline.simulation.timetable import EVENT_SCHEMA, Timetable
from questline.simulation.wallet import draw_coins, draw_gems
from questline.simulation.writer import file_name, write_rows

Progress = Callable[[int, int], None]
"""Called with the number of days written and the number of days."""

PLAYER_SCHEMA = pa.schema(
    [
        (name, pa.large_string())
        for name in ("player_id", "acquired_at", "platform", "country", "channel", "app_version")
    ]
)
CHUNK_PLAYERS = 200_000


@dataclass(frozen=True)
class Summary:
    """What one simulation wrote."""

    out: Path
    files: int
    bytes: int
    events: int
    players: int
    active_players: int
    sessions: int
    first_day: date
    last_day: date


def draw_world(config: SimulationConfig) -> Timetable:
    """Draws everything that happens, from nothing but the settings."""
    players = draw_players(config)
    activity = draw_activity(players, config)
    sessions = draw_sessions(players, activity, config)
    attempts = draw_attempts(players, activity, sessions, config)
    ads = draw_ads(players, attempts, config)
    purchases = draw_purchases(players, activity, attempts, config)
    refunds = draw_refunds(purchases, config)
    coins = draw_coins(players, activity, attempts, ads, config)
    gems = draw_gems(players, activity, attempts, purchases, config)
    start, login, end = session_blocks(players, sessions, config)
    blocks = [
        start,
        login,
        *level_blocks(attempts),
        achievement_block(attempts),
        ad_block(attempts, ads),
        *money_blocks(players, attempts, purchases, refunds),
        wallet_block("coins", attempts, coins),
        wallet_block("gems", attempts, gems),
        end,
    ]
    return Timetable(config, players, sessions, blocks)


def _metadata(players: Players, config: SimulationConfig) -> Iterator[pa.Table]:
    for low in range(0, len(players), CHUNK_PLAYERS):
        rows = np.arange(low, min(low + CHUNK_PLAYERS, len(players)), dtype=np.int64)
        version = versions(players, rows, players.day[rows], config)
        yield pa.table(
            {
                "player_id": players.ids.take(pa.array(rows)),
                "acquired_at": times(players.acquired_ms[rows]),
                "platform": chosen(PLATFORMS, players.platform[rows]),
                "country": chosen(COUNTRY_CODES, players.country[rows]),
                "channel": chosen(CHANNELS, players.channel[rows]),
                "app_version": chosen(version_names(config), version),
            }
        )


def _source(config: SimulationConfig) -> str:
    facts = {
        "complete_from": config.start.isoformat(),
        "complete_until": config.last_day.isoformat(),
        "seed": config.seed,
        "days": config.days,
        "users": config.users,
        "preset": config.preset,
        "generator": GENERATOR,
    }
    return json.dumps(facts, indent=2) + "\n"


def _write(world: Timetable, progress: Progress | None) -> tuple[list[str], int]:
    config, names, events = world.config, [], 0
    for day in range(config.days):
        names.append(file_name(f"events-{config.day(day)}", config.format, config.compression))
        path = temporary(config.out / names[-1])
        tables = world.day(day)
        events += write_rows(path, tables, EVENT_SCHEMA, config.format, config.compression)
        if progress is not None:
            progress(day + 1, config.days)
    names.append(file_name("players", config.format, config.compression))
    path = temporary(config.out / names[-1])
    people = _metadata(world.players, config)
    write_rows(path, people, PLAYER_SCHEMA, config.format, config.compression)
    names.append(SOURCE_FILE)
    temporary(config.out / SOURCE_FILE).write_text(_source(config), encoding="utf-8", newline="\n")
    return names, events


def simulate(config: SimulationConfig, progress: Progress | None = None) -> Summary:
    """Draws a world and writes it: one event file a UTC day, players and `_source.json`.

    Files of an earlier simulation in the folder are replaced once all new ones are complete.

    Raises:
        UsageError: the folder holds event files that are not simulated, or cannot be written.
    """
    prepare(config.out)
    world = draw_world(config)
    try:
        try:
            names, events = _write(world, progress)
            publish(config.out, names)
        finally:
            discard(config.out)
    except OSError as error:
        raise UsageError(
            f"--out {config.out}: {error.strerror or error}. Make room or name another folder."
        ) from error
    return Summary(
        out=config.out,
        files=len(names),
        bytes=sum((config.out / name).stat().st_size for name in names),
        events=events,
        players=len(world.players),
        active_players=len(np.unique(world.sessions.player)),
        sessions=len(world.sessions),
        first_day=config.start,
        last_day=config.last_day,
    )
