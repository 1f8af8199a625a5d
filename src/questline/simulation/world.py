"""The whole simulation: play day by day, write the files, say what was written.

Memory is bounded by the players who have not left, not by the length of the log. Text is made by a
pool of threads and written in order.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa

from questline.errors import UsageError
from questline.simulation.blocks import COUNTRY_CODES
from questline.simulation.config import SimulationConfig
from questline.simulation.folder import (
    GENERATOR,
    SOURCE_FILE,
    discard,
    prepare,
    publish,
    temporary,
)
from questline.simulation.key import Key, truth_folder
from questline.simulation.log import Log
from questline.simulation.places import CHANNELS, PLATFORMS, USD_RATES
from questline.simulation.players import Players, player_ids, version_names, versions
from questline.simulation.roster import Roster
from questline.simulation.text import chosen, times
from questline.simulation.writer import encoded, file_name, writing

Progress = Callable[[int, int], None]
"""Called with the number of days written and the number of days."""

PLAYER_SCHEMA = pa.schema(
    [
        (name, pa.large_string())
        for name in ("player_id", "acquired_at", "platform", "country", "channel", "app_version")
    ]
)


@dataclass(frozen=True)
class Summary:
    """What one simulation wrote."""

    out: Path
    truth: Path
    files: int
    bytes: int
    events: int
    """Lines of event files, dirty ones included."""
    players: int
    active_players: int
    sessions: int
    """By the answer key, which ends a session after thirty minutes without an event."""
    dirty: int
    """Lines that are spoiled."""
    first_day: date
    last_day: date
    replaced: bool
    """Whether the folder held an earlier simulation."""


def metadata(players: Players, config: SimulationConfig) -> pa.Table:
    """What the game knows of its players, as text."""
    rows = np.arange(len(players), dtype=np.int64)
    version = versions(players, rows, players.day, config)
    columns = {
        "player_id": player_ids(config.seed, players.code),
        "acquired_at": times(players.acquired_ms),
        "platform": chosen(PLATFORMS, players.platform),
        "country": chosen(COUNTRY_CODES, players.country),
        "channel": chosen(CHANNELS, players.channel),
        "app_version": chosen(version_names(config), version),
    }
    return pa.table(columns, schema=PLAYER_SCHEMA)


def _source(config: SimulationConfig) -> str:
    facts = {
        "complete_from": config.start.isoformat(),
        "complete_until": config.last_day.isoformat(),
        "seed": config.seed,
        "days": config.days,
        "users": None if config.installs_per_day else config.total_users,
        "installs_per_day": config.installs_per_day,
        "preset": config.preset,
        "dirt": config.dirt,
        "exchange_rates": {code: {"1970-01-01": rate} for code, rate in USD_RATES.items()},
        "generator": GENERATOR,
    }
    return json.dumps(facts, indent=2) + "\n"


def _play(config: SimulationConfig, key: Key, log: Log, progress: Progress | None) -> Roster:
    people = file_name("players", config.format, config.compression)
    path = temporary(config.out / people)
    with writing(path, PLAYER_SCHEMA, config.format, config.compression) as write:

        def arrived(new: Players) -> None:
            key.add_players(new)
            write(encoded(metadata(new, config), config.format))

        roster = Roster(config, arrived)
        for day in range(config.days):
            log.write_day(day, roster.plays(day))
            key.close_day(day, roster.arrivals)
            if progress is not None:
                progress(day + 1, config.days)
    log.finish()
    log.names += [people, SOURCE_FILE]
    temporary(config.out / SOURCE_FILE).write_text(_source(config), encoding="utf-8", newline="\n")
    return roster


def simulate(config: SimulationConfig, progress: Progress | None = None) -> Summary:
    """Plays a world and writes it, and its answer key beside the folder.

    The folder gets one event file a UTC day, the players and `_source.json`.
    Files of an earlier simulation in the folder are replaced once all new ones are complete.

    Raises:
        UsageError: the folder holds event files that are not simulated, or cannot be written.
    """
    replaced = prepare(config.out)
    try:
        try:
            with Key(config) as key, Log(config, key) as log:
                roster = _play(config, key, log, progress)
            publish(config.out, log.names)
            key.finish()
        finally:
            discard(config.out)
            discard(truth_folder(config.out))
    except OSError as error:
        raise UsageError(
            f"--out {config.out}: {error.strerror or error}. Make room or name another folder."
        ) from error
    return Summary(
        out=config.out,
        truth=key.folder,
        files=len(log.names),
        bytes=sum((config.out / name).stat().st_size for name in log.names),
        events=log.events,
        players=sum(roster.arrivals.values()),
        active_players=roster.active_players,
        sessions=sum(day.sessions for day in key.real.days.values()),
        dirty=log.dirty,
        first_day=config.start,
        last_day=config.last_day,
        replaced=replaced,
    )
