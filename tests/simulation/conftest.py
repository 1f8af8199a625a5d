from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from questline.simulation import SimulationConfig, Summary, simulate

_EVENTS = """
    CREATE TABLE events AS
    SELECT *, received_at - (sent_at - "timestamp") AS event_ts
    FROM read_json('{folder}/events-*.jsonl', format = 'newline_delimited', columns = {{
        event_id: 'VARCHAR', player_id: 'VARCHAR', event_type: 'VARCHAR',
        "timestamp": 'TIMESTAMP', session_id: 'VARCHAR', sent_at: 'TIMESTAMP',
        received_at: 'TIMESTAMP', app_version: 'VARCHAR', platform: 'VARCHAR',
        country: 'VARCHAR', properties: 'JSON'}}, filename = true)
"""
_PLAYERS = """
    CREATE TABLE players AS
    SELECT * FROM read_json('{folder}/players.jsonl', format = 'newline_delimited', columns = {{
        player_id: 'VARCHAR', acquired_at: 'TIMESTAMP', platform: 'VARCHAR',
        country: 'VARCHAR', channel: 'VARCHAR', app_version: 'VARCHAR'}})
"""


@pytest.fixture(scope="session")
def default_world(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """What the default command writes: 30 days, 5,000 players."""
    return simulate(SimulationConfig(out=tmp_path_factory.mktemp("default")))


@pytest.fixture(scope="session")
def small_world(tmp_path_factory: pytest.TempPathFactory) -> Summary:
    """A world that plain Python can read line by line."""
    out: Path = tmp_path_factory.mktemp("small")
    return simulate(SimulationConfig(days=8, users=800, seed=5, out=out))


@pytest.fixture(scope="session")
def raw(default_world: Summary) -> Iterator[duckdb.DuckDBPyConnection]:
    """The default world in tables `events` (with the corrected event_ts) and `players`."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(_EVENTS.format(folder=default_world.out))
        connection.execute(_PLAYERS.format(folder=default_world.out))
        yield connection
