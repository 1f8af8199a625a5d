"""Replay on random small worlds: refused under strict settings and tried again under the right
ones, or corrected by hand, rows give the lake that they would have given at once.
"""

import json
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from lakes import Run, asked, deliver, rows_of, settings_of, snapshot
from questline.ingestion.mapping import NATIVE
from questline.pipeline import replay
from questline.settings import Settings
from worlds import RandomWorld, delivered

CALM = settings(
    max_examples=10,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
STRICT: dict[str, Any] = {
    "exchange_rates": {},
    "unknown_event_types": "reject",
    "max_age_days": 1,
    "max_future_minutes": 0,
    "max_line_bytes": 1_000,
}


def lines_by_file(lake: Path) -> dict[str, int]:
    """Lines in by file; checks that the ledger counts every one of them, and every row, once."""
    ledger = rows_of(lake, "ledger", comparable=False)
    for row in ledger:
        assert row["lines_in"] == row["accepted"] + row["duplicates"] + row["rejected"]
        assert row["rejected"] == sum(json.loads(row["rejected_by_reason"]).values())
    stored = len(rows_of(lake, "events")) + len(rows_of(lake, "registrations"))
    assert sum(row["accepted"] for row in ledger) == stored
    lines: Counter[str] = Counter()
    for row in ledger:
        lines[row["file"]] += row["lines_in"]
    refused: Counter[str] = Counter()
    for row in ledger:
        refused[row["file"]] += row["rejected"]
    assert all(refused[file] >= 0 for file in refused if file)
    return {file: n for file, n in lines.items() if n}


def told(lake: Path) -> dict[str, object]:
    """Tables as far as they are settled: which copy of a loser is shown is left open."""
    lost = ("id_collision", "duplicate_transaction")
    tables = snapshot(lake)
    rows = [
        {**row, "raw": json.loads(row["raw"])["event_id"]} if row["reason"] in lost else row
        for row in tables["rejected"]
    ]
    return {**tables, "corrections": [], "rejected": sorted(rows, key=repr)}


def kept_reasons(made: Settings) -> list[tuple[Any, ...]]:
    """Reason, text and times of refused rows that did not lose to a copy."""
    seen = "list_sum(list_transform(seen_in, lambda e: e.times))"
    assert asked(made.lake, f"SELECT * FROM rejected WHERE times_seen <> {seen}") == []
    return asked(
        made.lake,
        "SELECT reason, raw_hash, times_seen FROM rejected WHERE payload_hash IS NULL ORDER BY ALL",
    )


@CALM
@given(delivered(), st.integers(1, 4))
def test_replay_after_a_mend_equals_a_lake_built_with_it(
    both: tuple[RandomWorld, list[Run]], place: int
) -> None:
    world, runs = both
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as other:
        right = settings_of(world.settings, Path(folder))
        strict = settings_of(replace(world.settings, **STRICT), Path(folder))
        for files in runs[:place]:
            deliver(strict, files, as_of=world.as_of)
        replay(right, NATIVE)
        again = replay(right, NATIVE)
        assert not again.published
        assert again.outcome.counts.accepted == again.outcome.counts.duplicates == 0
        for files in runs[place:]:
            deliver(right, files, as_of=world.as_of)
        fresh = settings_of(world.settings, Path(other))
        for files in runs:
            deliver(fresh, files, as_of=world.as_of)
        assert told(right.lake) == told(fresh.lake)
        assert kept_reasons(right) == kept_reasons(fresh)
        assert lines_by_file(right.lake) == lines_by_file(fresh.lake)
        deliver(right, [], as_of=world.as_of, full=True)
        assert told(right.lake) == told(fresh.lake)


@CALM
@given(delivered(), st.randoms(use_true_random=False))
def test_corrected_rows_equal_a_full_rebuild_that_remembers_them(
    both: tuple[RandomWorld, list[Run]], chance: Any
) -> None:
    world, runs = both
    usable = [line.decode() for line in world.lines if line.startswith(b"{")]
    with tempfile.TemporaryDirectory() as folder:
        made = settings_of(world.settings, Path(folder))
        for files in runs:
            deliver(made, files, as_of=world.as_of)
        refused = rows_of(made.lake, "rejected", comparable=False)
        texts = {r["raw_hash"]: r for r in refused if r["payload_hash"] is None}
        edits = [
            {"row": key, "raw": chance.choice([*usable, row["raw"], "{}"])}
            for key, row in sorted(texts.items())
            if "\n" not in row["raw"] and row["raw"].strip("\r") and "players" not in row["file"]
        ]
        rows = Path(folder) / "rows.jsonl"
        rows.write_text("".join(json.dumps(e) + "\n" for e in edits), encoding="utf-8")
        replay(made, NATIVE, rows=rows)
        assert not replay(made, NATIVE, rows=rows).published
        mended = told(made.lake)
        lines_by_file(made.lake)
        deliver(made, [], as_of=world.as_of, full=True)
        assert told(made.lake) == mended
        lines_by_file(made.lake)
