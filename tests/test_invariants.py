"""The invariants of the path, on random small worlds: order, batching and repetition do not
matter, an incremental lake equals a rebuilt one, and no line is lost.
"""

import random
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lakes import Run, deliver, rows_of, settings_for, snapshot
from small_worlds import deliveries, world

CALM = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
SEEDS = st.integers(min_value=0, max_value=2**32)


def build(runs: list[Run], *, full: bool = False) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        made = settings_for(Path(folder), reporting_zone="Europe/Berlin")
        for files in runs:
            summary = deliver(made, files)
            assert summary.lines_in == (
                summary.accepted + summary.duplicates + sum(summary.rejected.values())
            )
        if full:
            deliver(made, [], full=True)
        ledger = rows_of(made.lake, "ledger", comparable=False)
        for row in ledger:
            assert row["lines_in"] == row["accepted"] + row["duplicates"] + row["rejected"]
        stored = len(rows_of(made.lake, "events")) + len(rows_of(made.lake, "registrations"))
        assert sum(row["accepted"] for row in ledger) == stored
        content = b"".join(c for files in runs for _, c in files)
        assert full or sum(row["lines_in"] for row in ledger) == content.count(b"\n")
        return dict(snapshot(made.lake))


def whole(lines: list[str]) -> list[list[tuple[str, bytes]]]:
    return [[("all.jsonl", "".join(f"{line}\n" for line in lines).encode())]]


@CALM
@given(SEEDS)
def test_order_batching_and_repetition_do_not_matter(seed: int) -> None:
    rng = random.Random(seed)
    lines = world(rng)
    assert build(deliveries(lines, rng)) == build(whole(lines))


@CALM
@given(SEEDS)
def test_incremental_equals_full(seed: int) -> None:
    rng = random.Random(seed)
    runs = deliveries(world(rng), rng)
    assert build(runs) == build(runs, full=True)
