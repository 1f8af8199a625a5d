from __future__ import annotations

import gzip
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from hostile import line, lines
from lakes import deliver, settings_for
from literal import at, day, event, facts, lake, played
from questline import intake
from questline.api import Analytics
from questline.api import open as open_lake

Row = dict[str, Any]
NOW = datetime(2026, 1, 10, 12, tzinfo=UTC)


def entry(file: str, *counts: int, kind: str = "new", run: str = "r1", **more: Any) -> Row:
    """A reading of a file: lines, accepted, duplicates, rejected."""
    names = ("lines_in", "accepted", "duplicates", "rejected")
    row = {"batch": f"{run}-{file}", "run_id": run, "file": file, "kind": kind, "bytes": 10}
    row |= {"source": "native", "recorded_at": NOW, **dict(zip(names, counts, strict=True))}
    return row | more


def refused(reason: str, number: int, times: int = 1, **more: Any) -> Row:
    row = {
        "reason": reason,
        "message": "properties: absent",
        "raw": f"row {number}",
        "file": "a.jsonl",
        "line": number,
        "times_seen": times,
        "seen_in": [{"file": "a.jsonl", "line": number, "batch": "r1-a.jsonl", "times": times}],
        "rejected_at": NOW,
    }
    return row | more


def ledger(*rows: Row) -> Analytics:
    return lake(facts(9), ledger=list(rows))


def test_totals_add_up() -> None:
    moved = entry("", 0, -1, 0, 1, kind="restated", batch="r1-a")
    (row,) = intake.totals(
        ledger(entry("a", 10, 7, 2, 1), entry("b", 4, 4, 0, 0), moved)
    ).to_pylist()
    assert (row["files"], row["lines_in"], row["accepted"]) == (2, 14, 10)
    assert (row["duplicates"], row["rejected"], row["unexplained"]) == (2, 2, 0)
    assert row["entries_off"] == 0
    assert row["rejected_share"] == 2 / 14


def test_totals_show_what_does_not_add_up_in_the_whole_or_in_one_file() -> None:
    (lost,) = intake.totals(ledger(entry("a", 10, 7, 1, 1))).to_pylist()
    assert (lost["unexplained"], lost["entries_off"]) == (1, 1)
    (hidden,) = intake.totals(ledger(entry("a", 10, 9, 0, 0), entry("b", 10, 11, 0, 0))).to_pylist()
    assert (hidden["unexplained"], hidden["entries_off"]) == (0, 2)


def test_empty_ledger_is_zero_and_has_no_share() -> None:
    nothing = ledger()
    (row,) = intake.totals(nothing).to_pylist()
    assert (row["files"], row["lines_in"], row["entries_off"]) == (0, 0, 0)
    assert row["rejected_share"] is None
    assert intake.files(nothing).total == intake.runs(nothing).total == 0
    for reading in (
        intake.waiting,
        intake.reasons,
        intake.reasons_by_day,
        intake.reasons_by_event_day,
        intake.lateness,
    ):
        assert reading(nothing).num_rows == 0
    assert intake.newest_day(nothing) is None
    (fresh,) = intake.freshness(nothing).to_pylist()
    assert set(fresh.values()) == {None}


def test_files_have_their_latest_reading_and_all_counts() -> None:
    later = NOW + timedelta(days=1)
    made = ledger(
        entry("a", 10, 8, 0, 2),
        entry("a", 5, 5, 0, 0, kind="grown", run="r2", recorded_at=later, bytes=15),
        entry("a", 0, 1, 0, -1, kind="replayed", run="r3", recorded_at=later),
        entry("", 0, -1, 1, 0, kind="restated", run="r3", batch="r1-a", recorded_at=later),
        entry("b", 1, 1, 0, 0),
    )
    found = intake.files(made)
    first, second = found.table.to_pylist()
    assert found.total == 2
    assert (first["file"], first["kind"], first["readings"], first["bytes"]) == (
        "a",
        "grown",
        2,
        15,
    )
    assert (first["lines_in"], first["accepted"]) == (15, 13)
    assert (first["duplicates"], first["rejected"]) == (1, 1)
    assert second["file"] == "b"
    assert intake.files(made, most=1).table["file"].to_pylist() == ["a"]


def test_runs_come_latest_first() -> None:
    later = NOW + timedelta(days=1)
    made = ledger(
        entry("a", 3, 3, 0, 0),
        entry("b", 1, 1, 0, 0),
        entry("c", 2, 2, 0, 0, run="r2", recorded_at=later),
    )
    found = intake.runs(made).table.to_pylist()
    assert [(r["run_id"], r["files"], r["lines_in"]) for r in found] == [("r2", 1, 2), ("r1", 2, 4)]


def test_file_waits_until_a_later_reading_takes_it() -> None:
    nothing = (0, 0, 0, 0)
    made = ledger(
        entry("a", *nothing, kind="incomplete"),
        entry("b", *nothing, kind="incomplete"),
        entry("b", 1, 1, 0, 0, run="r2"),
        entry("c", 1, 1, 0, 0),
        entry("c", *nothing, kind="incomplete", run="r2"),
    )
    assert intake.waiting(made)["file"].to_pylist() == ["a", "c"]


def test_reasons_count_each_time_a_row_came_and_say_what_to_do() -> None:
    made = lake(
        facts(9),
        rejected=[refused("too_old", 1, 3), refused("missing_field", 2), refused("too_old", 3)],
    )
    found = intake.reasons(made).to_pylist()
    assert [(r["reason"], r["rows"], r["distinct_rows"]) for r in found] == [
        ("too_old", 4, 2), ("missing_field", 1, 1)
    ]  # fmt: skip
    assert "max_age_days" in found[0]["hint"]
    assert intake.reasons(made, "missing_field")["reason"].to_pylist() == ["missing_field"]


def test_reasons_by_day_of_reading_and_of_the_event() -> None:
    later = NOW + timedelta(days=2)
    places = [
        {"file": "a", "line": 1, "batch": "r1-a", "times": 2},
        {"file": "b", "line": 1, "batch": "r2-b", "times": 1},
    ]
    rows = [
        refused("too_old", 1, 3, seen_in=places, client_date=day(1)),
        refused("malformed_json", 2, 1, seen_in=[{**places[0], "times": 1}]),
    ]
    made = lake(
        facts(9),
        rejected=rows,
        ledger=[entry("a", 3, 0, 0, 3), entry("b", 1, 0, 0, 1, run="r2", recorded_at=later)],
    )
    found = [(r["day"], r["reason"], r["rows"]) for r in intake.reasons_by_day(made).to_pylist()]
    assert found == [
        (NOW.date(), "malformed_json", 1), (NOW.date(), "too_old", 2), (later.date(), "too_old", 1)
    ]  # fmt: skip
    of_event = intake.reasons_by_event_day(made).to_pylist()
    assert [(r["day"], r["rows"]) for r in of_event] == [(day(1), 3), (None, 1)]


def test_days_of_wrong_clocks_are_one_before_and_one_after_the_log() -> None:
    days = [day(-400), day(-3), day(2), day(9), day(10), day(500)]
    rows = [refused("too_old", n, client_date=d) for n, d in enumerate(days)]
    found = intake.reasons_by_event_day(lake(facts(9), rejected=rows)).to_pylist()
    assert [(r["day"], r["rows"]) for r in found] == [
        (day(0), 2), (day(2), 1), (day(9), 1), (day(10), 2)
    ]  # fmt: skip


def test_examples_are_cut_and_say_how_long_they_were() -> None:
    rows = [refused("too_old", 2, raw="x" * 5_000), refused("too_old", 1), refused("too_large", 3)]
    made = lake(facts(9), rejected=rows)
    short, long = intake.examples(made, "too_old").to_pylist()
    assert (short["line"], short["raw"]) == (1, "row 1")
    assert (len(long["raw"]), long["raw_length"]) == (intake.MOST_CHARACTERS, 5_000)
    assert intake.examples(made, "too_old", 1, 2)["raw"].to_pylist() == ["ro"]
    assert intake.examples(made, "too_old", 0).num_rows == 0


def test_lateness_counts_steps_that_include_their_bound() -> None:
    waits = [0, 60, 61, 3_600, 700_000]
    rows = [
        event("a", "login", at(1), received_at=at(1) + timedelta(seconds=wait)) for wait in waits
    ]
    rows.append(event("a", "login", at(1)))
    rows.append(event("a", "login", at(5), received_at=at(5)))
    made = lake(facts(9), events=rows)
    found = intake.lateness(made, day(1), day(2)).to_pylist()
    counts = {r["waited"]: r["events"] for r in found if r["events"]}
    assert counts == {"up to 1 min": 2, "up to 10 min": 1, "up to 1 h": 1, "longer": 1}
    assert [r["share_at_most"] for r in found] == [0.4, 0.6, 0.8, 0.8, 0.8, 0.8, 0.8, 1]
    assert sum(r["events"] for r in intake.lateness(made).to_pylist()) == 6
    assert intake.lateness(made, day(7), day(8)).num_rows == 0


def test_clocks_count_what_the_server_saw() -> None:
    rows = [
        event("a", "login", at(1), received_at=at(1), time_quality="corrected"),
        event("a", "login", at(1), received_at=at(1), time_quality="uncorrected"),
        event("a", "login", at(1), time_quality="uncorrected"),
    ]
    (row,) = intake.clocks(lake(facts(9), events=rows)).to_pylist()
    assert row == {"events": 3, "received": 2, "corrected": 1}


def test_freshness_is_of_the_newest_day_with_an_event() -> None:
    made = lake(
        facts(9),
        player_days=[played("a", 2, events=1), played("a", 3, events=0)],
        events=[event("a", "login", at(2), received_at=at(4)), event("a", "login", at(1))],
        ledger=[entry("a", 2, 2, 0, 0)],
    )
    assert intake.newest_day(made) == day(2)
    (row,) = intake.freshness(made).to_pylist()
    assert row == {
        "newest_day": day(2), "newest_event": at(2), "newest_received": at(4), "newest_file": NOW
    }  # fmt: skip


def test_real_run_says_what_became_of_each_line(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    bad = line(9, properties="[]") + b"\nno json\nno json\n"
    whole = gzip.compress(lines(5), mtime=0)
    deliver(made, [("a.jsonl", lines(1, 2, 2) + bad), ("b.jsonl.gz", whole[:-9])])
    deliver(made, [("c.jsonl", lines(3) + b"no json\n")])
    analytics = open_lake(made.lake, made)
    (row,) = intake.totals(analytics).to_pylist()
    assert (row["lines_in"], row["accepted"], row["duplicates"], row["rejected"]) == (8, 3, 1, 4)
    assert (row["unexplained"], row["entries_off"]) == (0, 0)
    assert intake.waiting(analytics)["file"].to_pylist() == ["b.jsonl.gz"]
    by_reason = {r["reason"]: r["rows"] for r in intake.reasons(analytics).to_pylist()}
    assert by_reason == {"malformed_json": 3, "invalid_property": 1}
    assert sum(intake.reasons_by_day(analytics)["rows"].to_pylist()) == 4
    counts = {r["file"]: r["lines_in"] for r in intake.files(analytics).table.to_pylist()}
    assert counts == {"a.jsonl": 6, "b.jsonl.gz": 0, "c.jsonl": 2}
