"""The invariants of the path, on random small worlds: order, batching and repetition do not
matter, an incremental lake equals a rebuilt one, and no line is lost.
"""

import json
import random
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import questline
from lakes import Run, deliver, rows_of, settings_for, snapshot
from small_worlds import START, deliveries, world

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


def id_of(line: str) -> str | None:
    try:
        return str(json.loads(line)["event_id"])
    except ValueError:
        return None


def observed(lines: list[str], **options: Any) -> tuple[set[str], list[dict[str, Any]]]:
    """Ids accepted up to the seventh day, and what can be said of these days."""
    last = (START + timedelta(days=6)).date()
    with tempfile.TemporaryDirectory() as folder:
        made = settings_for(
            Path(folder), complete_until=last, complete_from=START.date(), **options
        )
        for files in whole(lines):
            deliver(made, files)
        lake = questline.open(made.lake, made)
        ids = {r["event_id"] for r in rows_of(made.lake, "events") if r["event_date"] <= last}
        rows = lake.result("retention", days=[0, 1, 2, 5, 6, 9], cohorts=True).rows()
        seen = [r for r in rows if r["acquisition_date"] <= last]
        return ids, [*seen, *lake.result("dau").rows(), *lake.result("stickiness").rows()]


@CALM
@given(SEEDS)
def test_what_was_observed_does_not_change_when_later_days_arrive(seed: int) -> None:
    lines = world(random.Random(seed))
    ids, later = observed(lines)
    known = [line for line in lines if id_of(line) in ids]
    if known:
        assert observed(known) == (ids, later)
        days = {r["day_number"]: r for r in later if "day_number" in r}
        assert 9 not in days or days[9]["retention"] is None
