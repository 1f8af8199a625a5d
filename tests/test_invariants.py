"""The invariants of the path, on random small worlds: order, batching and repetition do not
matter, an incremental lake equals a rebuilt one, no line is lost, and what was observed does not
change when later days arrive.
"""

import json
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings

import questline
from lakes import Run, deliver, rows_of, settings_of, snapshot
from worlds import STARTS, RandomWorld, delivered, worlds

CALM = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def build(world: RandomWorld, runs: list[Run], *, full: bool = False) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        made = settings_of(world.settings, Path(folder))
        for files in runs:
            summary = deliver(made, files, as_of=world.as_of)
            assert summary.lines_in == (
                summary.accepted + summary.duplicates + sum(summary.rejected.values())
            )
        if full:
            deliver(made, [], as_of=world.as_of, full=True)
        ledger = rows_of(made.lake, "ledger", comparable=False)
        for row in ledger:
            assert row["lines_in"] == row["accepted"] + row["duplicates"] + row["rejected"]
        stored = len(rows_of(made.lake, "events")) + len(rows_of(made.lake, "registrations"))
        assert sum(row["accepted"] for row in ledger) == stored
        lines = [x for files in runs for _, c in files for x in c.split(b"\n") if x]
        assert full or sum(row["lines_in"] for row in ledger) == len(lines)
        return told(snapshot(made.lake))


def told(tables: dict[str, list[dict[str, Any]]]) -> dict[str, object]:
    """Tables as far as they are settled.

    Of copies that say the same in other words, which one stands in `rejected` for an event that
    lost against another is left open.
    """
    lost = ("id_collision", "duplicate_transaction")
    rows = [
        {**row, "raw": json.loads(row["raw"])["event_id"]} if row["reason"] in lost else row
        for row in tables["rejected"]
    ]
    return {**tables, "rejected": sorted(rows, key=repr)}


def whole(world: RandomWorld, runs: list[Run]) -> list[Run]:
    """All lines in one file, beside the metadata."""
    people = [(name, text) for run in runs for name, text in run if name.startswith("players")]
    return [[("all.jsonl", b"".join(line + b"\n" for line in world.lines)), *people]]


@CALM
@given(delivered())
def test_order_batching_and_repetition_do_not_matter(both: tuple[RandomWorld, list[Run]]) -> None:
    world, runs = both
    assert build(world, runs) == build(world, whole(world, runs))


@CALM
@given(delivered())
def test_incremental_equals_full(both: tuple[RandomWorld, list[Run]]) -> None:
    assert build(*both) == build(*both, full=True)


def id_of(line: bytes) -> str | None:
    try:
        return str(json.loads(line)["event_id"])
    except ValueError:
        return None


def observed(world: RandomWorld, lines: list[bytes]) -> tuple[set[str], list[dict[str, Any]]]:
    """Ids accepted up to the seventh day, and what can be said of these days."""
    first = STARTS[world.settings.reporting_zone]
    last = first + timedelta(days=6)
    chosen = replace(world.settings, complete_from=first, complete_until=last)
    with tempfile.TemporaryDirectory() as folder:
        made = settings_of(chosen, Path(folder))
        text = b"".join(line + b"\n" for line in lines)
        deliver(made, [("all.jsonl", text)], as_of=world.as_of)
        lake = questline.open(made.lake, made)
        ids = {r["event_id"] for r in rows_of(made.lake, "events") if r["event_date"] <= last}
        rows = lake.result("retention", days=[0, 1, 2, 5, 6, 9], cohorts=True).rows()
        seen = [r for r in rows if r["acquisition_date"] <= last]
        return ids, [*seen, *lake.result("dau").rows(), *lake.result("stickiness").rows()]


@CALM
@given(worlds(dirty=False))
def test_what_was_observed_does_not_change_when_later_days_arrive(world: RandomWorld) -> None:
    ids, later = observed(world, world.lines)
    known = [line for line in world.lines if id_of(line) in ids]
    if known:
        assert observed(world, known) == (ids, later)
        days = {r["day_number"]: r for r in later if "day_number" in r}
        assert 9 not in days or days[9]["retention"] is None
