"""Fuzzing of the line path: bent lines get the oracle's verdict from the fast and the careful
reader, and the same values where they are taken.

An hour by hand: `FUZZ_MINUTES=60 pytest tests/ingestion/test_fuzz.py -m slow -s`. A batch that
fails is shrunk and printed; it then goes into FOUND.
"""

import os
import re
import tempfile
import time
from collections import Counter
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

import oracle
from fuzz_lines import batches
from lakes import settings_of
from oracle_contract import OracleSettings
from questline.ingestion.discover import Request, discover
from questline.ingestion.load import load
from questline.ingestion.mapping import NATIVE
from questline.ingestion.validate import EVENT_COLUMNS
from questline.lake.publication import lock
from questline.lake.scratch import scratch
from questline.lake.store import Store

AS_OF = datetime(2026, 2, 20, tzinfo=UTC)
SETTINGS = OracleSettings(max_line_bytes=5_000)
CAREFUL = b'{"\xff\r'
"""A line with which a file needs the careful reader."""
TIMES = {"event_ts", "client_ts", "sent_at", "received_at"}
LENIENT = re.compile(rb",\s*[}\]]|nan|inf", re.IGNORECASE)
"""Where the path is more lenient than JSON (decision 0016), and the oracle is not."""
ARRIVAL = {"id_collision", "duplicate_transaction"}
"""Verdicts of copies: which of several texts stands in `rejected` is left open."""

ID = b"00000000-0000-4000-8000-00000000000"
"""An id without its last digit."""


def event(digit: int, kind: str, properties: str) -> bytes:
    """A line of the contract."""
    one = ID + str(digit).encode()
    return (
        b'{"event_id": "%b", "player_id": "%b", "event_type": "%b", '
        b'"timestamp": "2026-02-01T12:00:00Z", "properties": %b}'
    ) % (one, one, kind.encode(), properties.encode())


FOUND = {
    "zeros with a sign": [
        event(1, "refund", '{"transaction_id": "t1", "amount": -0.0, "currency": "USD"}'),
        event(2, "ad_watched", '{"revenue": -0.000000}'),
        event(3, "ad_watched", '{"revenue": -0.000001}'),
        event(4, "level_complete", '{"level": 1, "success": true, "time_spent": -0.0}'),
        event(5, "currency_change", '{"currency_name": "coins", "amount": -0.0, "balance": -0}'),
        event(6, "level_start", '{"level": -0}'),
    ],
    "a control character above ASCII in the type": [event(1, "x\u0094", "{}")],
    "copies that differ by an exponent": [
        event(1, "level_start", '{"level": 3, "x": -5.80257337089585e+16}'),
        event(1, "level_fail", '{"level": 3, "x": 100e-2}'),
    ],
    "copies that differ by a repeated key": [
        event(3, "level_complete", '{"level": 3, "attempt": 3, "attempt": 4}'),
        event(3, "ad_watched", '{"revenue": 4.99, "revenue": "x"}'),
    ],
    "copies that differ by an escape": [
        event(2, "login", '{"x": "\\u000e\\\\u000e"}'),
        event(2, "login", '{"x": "\\u001f"}'),
    ],
}


def plain(value: Any) -> Any:
    """Money without the zeros that say nothing."""
    return value.normalize() + 0 if isinstance(value, Decimal) else value


def read(content: bytes) -> tuple[Counter[tuple[str, str]], list[tuple[Any, ...]], int]:
    """What the path makes of a file: refused rows, events and the number of duplicates."""
    with tempfile.TemporaryDirectory() as made:
        chosen = settings_of(SETTINGS, Path(made))
        chosen.raw.mkdir()
        (chosen.raw / "fuzz.jsonl").write_bytes(content)
        with lock(chosen.lake), scratch(chosen) as (con, folder):
            store = Store(chosen.lake, con, {}, folder)
            request = Request(chosen, folder, NATIVE, "run", AS_OF, as_of_explicit=True)
            found = discover(request, {}, lambda _: None)
            counts = load(con, store, request, found, lambda _: None)
            names = [n for n in EVENT_COLUMNS if n in COMPARED]
            shown = ", ".join(f"epoch_us({n})" if n in TIMES else n for n in names)
            rows = con.execute(f"SELECT {shown} FROM added").fetchall()
            events = [tuple(map(plain, row)) for row in rows]
            refused = con.execute(
                f"SELECT reason, raw, times_seen FROM {store.select('rejected')}"
            ).fetchall()
            assert not found.incomplete
            return (
                Counter({(r, t): n for r, t, n in refused if r not in ARRIVAL}),
                events,
                counts.duplicates,
            )


COMPARED = {
    *("event_id", "player_id", "session_id", "event_type", "event_date", "time_quality"),
    *("platform", "app_version", "country", "fx_rate", "amount_usd", *TIMES, "level", "price"),
    *("currency", "transaction_id", "amount", "duration", "success", "variant", "product_id"),
}


def expected(
    content: bytes,
) -> tuple[Counter[tuple[str, str]], list[tuple[Any, ...]], int]:
    """The same by the oracle."""
    world = oracle.ingest([("fuzz.jsonl", content)], [], SETTINGS, AS_OF)
    epoch = datetime(1970, 1, 1, tzinfo=UTC)

    def shown(name: str, value: Any) -> Any:
        if name in TIMES and value is not None:
            span = value - epoch
            return (span.days * 86_400 + span.seconds) * 1_000_000 + span.microseconds
        return plain(value)

    names = [n for n in EVENT_COLUMNS if n in COMPARED]
    events = [tuple(shown(n, e[n]) for n in names) for e in world.events]
    refused = Counter((r, t) for r, t in world.rejected if r not in ARRIVAL)
    return refused, events, world.duplicates


def check(lines: list[bytes]) -> None:
    """Asserts that both readers agree with the oracle on a file of these lines."""
    lines = [line for line in lines if not LENIENT.search(line)]
    for extra in ([], [CAREFUL]):
        content = b"\n".join([*lines, *extra]) + b"\n"
        refused, events, duplicates = read(content)
        wanted, taken, copies = expected(content)
        assert refused == wanted, (refused - wanted, wanted - refused)
        assert sorted(events, key=repr) == sorted(taken, key=repr)
        assert duplicates == copies


@pytest.mark.parametrize("lines", FOUND.values(), ids=FOUND)
def test_what_fuzzing_found_stays_mended(lines: list[bytes]) -> None:
    check(lines)


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(batches(60, least=40))
def test_bent_lines_get_the_oracles_verdict(lines: list[bytes]) -> None:
    check(lines)


@pytest.mark.slow
def test_bent_lines_for_as_long_as_one_likes() -> None:
    ends = time.monotonic() + 60 * float(os.environ.get("FUZZ_MINUTES", "2"))
    tried = rounds = 0
    first = int(os.environ.get("FUZZ_SEED", time.time()))

    def count(lines: list[bytes]) -> None:
        nonlocal tried
        tried += len(lines)
        check(lines)

    while time.monotonic() < ends:
        rounds += 1
        quiet = settings(
            max_examples=50, deadline=None, database=None, suppress_health_check=list(HealthCheck)
        )
        seed(first + rounds)(quiet(given(batches(60, least=40))(count)))()
    print(f"{tried:,} lines in {rounds} rounds")
