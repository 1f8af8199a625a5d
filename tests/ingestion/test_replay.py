"""Replay: refused rows tried again after a fix, and what is left of them."""

import csv
import gzip
import io
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakes import Run, asked, deliver, rows_of, settings_for, snapshot
from questline.contract import Reason
from questline.errors import UsageError
from questline.ingestion.mapping import NATIVE, Mapping
from questline.pipeline import replay
from questline.settings import Settings

AS_OF = datetime(2026, 1, 20, tzinfo=UTC)
RATES = {"GBP": {"2020-01-01": "1.3"}}
Row = dict[str, Any]


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def event(number: int, kind: str = "login", **properties: Any) -> Row:
    return {
        "event_id": uuid(number),
        "player_id": uuid(900),
        "event_type": kind,
        "timestamp": "2026-01-05T12:00:00Z",
        "properties": properties,
    }


def bought(number: int, **more: Any) -> Row:
    return event(number, "purchase", price=2, currency="GBP", **more)


def lines(*rows: Row | str) -> bytes:
    texts = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    return "".join(f"{text}\n" for text in texts).encode()


def table(*rows: Row, delimiter: str = ",") -> bytes:
    sink = io.StringIO()
    writer = csv.DictWriter(sink, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows([{**row, "properties": json.dumps(row["properties"])} for row in rows])
    return sink.getvalue().encode()


def parquet(*rows: Row) -> bytes:
    """Times are timestamps and properties are text."""
    sink = io.BytesIO()
    typed = [
        {
            **row,
            "timestamp": datetime.fromisoformat(row["timestamp"]),
            "properties": json.dumps(row["properties"]),
        }
        for row in rows
    ]
    pq.write_table(pa.Table.from_pylist(typed), sink)
    return sink.getvalue()


def poor(folder: Path, **options: Any) -> Settings:
    """Settings without a rate for the pound."""
    return settings_for(folder, **options)


def rich(folder: Path, **options: Any) -> Settings:
    """Settings with that rate."""
    return settings_for(folder, exchange_rates=RATES, **options)


def ledger(lake: Path) -> list[tuple[Any, ...]]:
    return asked(
        lake,
        "SELECT file, kind, lines_in, accepted, duplicates, rejected, rejected_by_reason "
        "FROM ledger ORDER BY run_id, file, lines_in DESC",
    )


def fresh(folder: Path, made: Settings, mapping: Mapping = NATIVE) -> dict[str, Any]:
    """Tables of a new lake of the same files."""
    other = made.model_copy(update={"lake": folder / "fresh"})
    deliver(other, [], mapping=mapping, as_of=AS_OF)
    return snapshot(other.lake)


DIRTY = (event(1), bought(2), bought(2), bought(3, note='a "b", c'), event(4, "level_start"))
FORMATS: dict[str, Callable[[], bytes]] = {
    "a.jsonl": lambda: lines(*DIRTY, "half"),
    "a.jsonl.gz": lambda: gzip.compress(lines(*DIRTY, "half")),
    "a.ndjson": lambda: lines(*DIRTY, "half").replace(b"\n", b"\r\n"),
    "a.csv": lambda: table(*DIRTY) + b"ragged,row\n",
    "a.csv.gz": lambda: gzip.compress(b"\xef\xbb\xbf" + table(*DIRTY)),
    "a.parquet": lambda: parquet(*DIRTY),
}


@pytest.mark.parametrize("name", FORMATS)
def test_rows_of_every_format_pass_after_a_fix(tmp_path: Path, name: str) -> None:
    deliver(poor(tmp_path), [(name, FORMATS[name]())], as_of=AS_OF)
    summary = replay(rich(tmp_path), NATIVE)
    assert summary.published
    counts = summary.outcome.counts
    assert (counts.accepted, counts.duplicates, summary.outcome.left) == (2, 1, {})
    assert snapshot(rich(tmp_path).lake) == fresh(tmp_path, rich(tmp_path))


def test_the_ledger_counts_no_line_twice(tmp_path: Path) -> None:
    files = [("a.jsonl", lines(*DIRTY)), ("b.jsonl", lines(bought(2), "half"))]
    deliver(poor(tmp_path), files, as_of=AS_OF)
    replay(rich(tmp_path), NATIVE)
    gone = '{"unknown_currency": %d}'
    assert ledger(tmp_path / "lake") == [
        ("a.jsonl", "new", 5, 1, 0, 4, '{"missing_field": 1, "unknown_currency": 3}'),
        ("b.jsonl", "new", 2, 0, 0, 2, '{"malformed_json": 1, "unknown_currency": 1}'),
        ("a.jsonl", "replayed", 0, 2, 1, -3, gone % -3),
        ("b.jsonl", "replayed", 0, 0, 1, -1, gone % -1),
    ]


def test_second_replay_changes_nothing(tmp_path: Path) -> None:
    deliver(poor(tmp_path), [("a.jsonl", lines(*DIRTY, "half"))], as_of=AS_OF)
    first = replay(rich(tmp_path), NATIVE)
    before = rows_of(tmp_path / "lake", "rejected", comparable=False)
    second = replay(rich(tmp_path), NATIVE)
    assert (second.published, second.version) == (False, first.version)
    assert second.outcome.counts.rejected == {"malformed_json": 1, "missing_field": 1}
    assert rows_of(tmp_path / "lake", "rejected", comparable=False) == before


def test_refused_again_keeps_its_place_under_another_reason(tmp_path: Path) -> None:
    twice = event(2, "dig")
    twice["session_id"] = 5
    strict = poor(tmp_path, max_line_bytes=1_000)
    twice["properties"] = {"pad": "x" * 1_000}
    files = [("a.jsonl", lines(event(1), twice, twice)), ("b.jsonl", lines(twice))]
    deliver(strict, files, as_of=AS_OF)
    summary = replay(poor(tmp_path), NATIVE)
    assert summary.outcome.counts.rejected == {"invalid_id": 3}
    (row,) = rows_of(tmp_path / "lake", "rejected", comparable=False)
    assert (row["reason"], row["file"], row["line"]) == ("invalid_id", "a.jsonl", 2)
    assert (row["times_seen"], row["raw"]) == (3, json.dumps(twice))
    assert ledger(tmp_path / "lake")[2:] == [
        (name, "replayed", 0, 0, 0, 0, f'{{"invalid_id": {n}, "too_large": -{n}}}')
        for name, n in (("a.jsonl", 2), ("b.jsonl", 1))
    ]


def test_only_the_reason_that_was_asked_for(tmp_path: Path) -> None:
    content = lines(event(1, "dig"), bought(2))
    deliver(poor(tmp_path, unknown_event_types="reject"), [("a.jsonl", content)], as_of=AS_OF)
    summary = replay(rich(tmp_path), NATIVE, reason="unknown_event_type")
    assert summary.outcome.counts.accepted == 1
    assert [r["reason"] for r in rows_of(tmp_path / "lake", "rejected")] == ["unknown_currency"]


def test_copies_are_judged_against_the_lake(tmp_path: Path) -> None:
    known, other = event(1, "dig"), event(2, "dig", n=1)
    known["received_at"] = other["received_at"] = "2026-01-05T12:00:00Z"
    late = {**event(2, "dig", n=2), "received_at": "2026-01-05T13:00:00Z"}
    deliver(poor(tmp_path), [("a.jsonl", lines(known, other))], as_of=AS_OF)
    strict = poor(tmp_path, unknown_event_types="reject")
    deliver(strict, [("b.jsonl", lines(known, late))], as_of=AS_OF)
    summary = replay(poor(tmp_path), NATIVE)
    assert (summary.outcome.counts.duplicates, summary.outcome.counts.accepted) == (1, 0)
    (row,) = rows_of(tmp_path / "lake", "rejected", comparable=False)
    assert (row["reason"], row["file"], row["line"]) == ("id_collision", "b.jsonl", 2)
    assert snapshot(tmp_path / "lake") == fresh(tmp_path, poor(tmp_path))


def test_replayed_copy_may_win(tmp_path: Path) -> None:
    late = {**bought(1, transaction_id="t"), "received_at": "2026-01-05T13:00:00Z"}
    late["properties"]["currency"] = "USD"
    early = {**bought(2, transaction_id="t"), "received_at": "2026-01-05T12:00:00Z"}
    deliver(poor(tmp_path), [("a.jsonl", lines(late, early))], as_of=AS_OF)
    replay(rich(tmp_path), NATIVE)
    (paid,) = rows_of(tmp_path / "lake", "events")
    assert paid["event_id"] == uuid(2)
    assert snapshot(tmp_path / "lake") == fresh(tmp_path, rich(tmp_path))


def test_metadata_is_tried_again(tmp_path: Path) -> None:
    form = {"fields": {"player_id": "id", "acquired_at": "since"}, "feeds": "players"}
    block = {**form, "name": "people", "path": "people.csv", "format": "csv"}
    wrong = Mapping.model_validate({"source": [block]})
    right = Mapping.model_validate({"source": [{**block, "timestamp_format": "%d.%m.%Y"}]})
    made = poor(tmp_path)
    files = [("people.csv", b"id,since\nanna,05.01.2026\nben,early\n")]
    assert deliver(made, files, mapping=wrong, as_of=AS_OF).rejected == {"invalid_timestamp": 2}
    assert replay(made, right).outcome.counts.accepted == 1
    assert snapshot(made.lake) == fresh(tmp_path, made, right)


def test_equal_rows_that_are_kept_stay_separate(tmp_path: Path) -> None:
    fields = {"player_id": "who", "event_type": "what", "timestamp": "when"}
    block = {"name": "log", "path": "*.csv", "format": "csv", "ids": "keep", "fields": fields}
    right = Mapping.model_validate({"source": [{**block, "timestamp_format": "iso_local"}]})
    made = poor(tmp_path)
    content = b"who,what,when\n" + b"anna,dig,2026-01-05 12:00:00\n" * 2
    wrong = Mapping.model_validate({"source": [block]})
    deliver(made, [("a.csv", content), ("b.csv", content)], mapping=wrong, as_of=AS_OF)
    deliver(made, [("a.csv", b"anna,dig,2026-01-05 12:00:00\n")], mapping=wrong, as_of=AS_OF)
    replay(made, right)
    assert len(rows_of(made.lake, "events")) == 3
    assert snapshot(made.lake) == fresh(tmp_path, made, right)


def test_foreign_logs_pass_once_there_is_a_mapping(tmp_path: Path) -> None:
    fields = {"player_id": "who", "event_type": "what", "timestamp": "when"}
    block = {"name": "log", "path": "a.jsonl", "format": "jsonl", "ids": "drop", "fields": fields}
    mapping = Mapping.model_validate({"source": [block]})
    made = poor(tmp_path)
    row = {"who": "anna", "what": "dig", "when": "2026-01-05T12:00:00Z"}
    deliver(made, [("a.jsonl", lines(row, row))], as_of=AS_OF)
    counts = replay(made, mapping).outcome.counts
    assert (counts.accepted, counts.duplicates) == (1, 1)
    deliver(made, [("a.jsonl", lines("half"))], mapping=mapping, as_of=AS_OF)
    with pytest.raises(UsageError, match=r"block 'log'.*--mapping"):
        replay(made, NATIVE)


def long(number: int) -> Row:
    return bought(number, pad="x" * 70_000)


def test_long_rows_are_fetched_from_their_file(tmp_path: Path) -> None:
    strict = poor(tmp_path, max_line_bytes=100_000)
    more = bought(4, pad="y" * 100_000)
    files = [
        ("a.jsonl", lines(long(1), event(2), more, more)),
        ("b.csv", table(long(11), event(12), bought(13, pad="y" * 100_000))),
    ]
    deliver(strict, files, as_of=AS_OF)
    summary = replay(rich(tmp_path), NATIVE)
    assert (summary.outcome.counts.accepted, summary.outcome.left) == (4, {})
    assert snapshot(tmp_path / "lake") == fresh(tmp_path, rich(tmp_path))


def test_rows_without_text_or_file_are_left(tmp_path: Path) -> None:
    made = poor(tmp_path, max_line_bytes=100_000)
    files: Run = [
        ("a.jsonl", lines(long(1), bought(2))),
        ("b.csv", table(bought(3))),
        ("c.parquet", parquet(bought(4))),
        ("d.jsonl", b"\xff\xfe\n"),
        ("e.csv", table(bought(5)) + b'"open'),
    ]
    deliver(made, files, as_of=AS_OF)
    for name in ("a.jsonl", "c.parquet"):
        (made.raw / name).unlink()
    (made.raw / "b.csv").write_bytes(b"other,header\n")
    summary = replay(rich(tmp_path), NATIVE)
    assert summary.outcome.counts.accepted == 2
    assert summary.outcome.left == {
        "longer than what is kept of a row, and not found in the raw files any more": 1,
        "CSV or Parquet, and the file is gone or changed": 2,
        "bytes that are no text; edit these rows": 1,
        "not one row by itself": 1,
    }


@pytest.mark.parametrize("reason", ["id_collision", "duplicate_transaction", "invalid_encoding"])
def test_reasons_that_no_fix_changes(tmp_path: Path, reason: str) -> None:
    deliver(poor(tmp_path), [("a.jsonl", lines(event(1)))], as_of=AS_OF)
    with pytest.raises(UsageError, match="--reason"):
        replay(poor(tmp_path), NATIVE, reason=reason)


def test_unknown_reason_names_those_there_are(tmp_path: Path) -> None:
    deliver(poor(tmp_path), [("a.jsonl", lines(event(1)))], as_of=AS_OF)
    with pytest.raises(UsageError, match=f"must be one of {', '.join(Reason)}"):
        replay(poor(tmp_path), NATIVE, reason="ugly")


def test_nothing_is_replayed_without_a_lake_or_by_other_rules(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No lake at"):
        replay(poor(tmp_path), NATIVE)
    assert not (tmp_path / "lake").exists()
    deliver(poor(tmp_path), [("a.jsonl", lines("half"))], as_of=AS_OF)
    with pytest.raises(UsageError, match="reporting_zone"):
        replay(poor(tmp_path, reporting_zone="Europe/Berlin"), NATIVE)


def test_a_replay_is_no_reading_of_the_file(tmp_path: Path) -> None:
    """The as-of of the first reading judges the rows, and what the file grows by later."""
    soon = {**bought(1), "timestamp": "2026-01-19T23:00:00Z"}
    later = {**event(2), "timestamp": "2026-01-20T02:00:00Z"}
    deliver(poor(tmp_path), [("a.jsonl", lines(soon))], as_of=AS_OF)
    replay(rich(tmp_path), NATIVE)
    again = deliver(rich(tmp_path), [], as_of=AS_OF)
    assert (again.unchanged, again.published) == (1, False)
    summary = deliver(rich(tmp_path), [("a.jsonl", lines(later))])
    assert summary.rejected == {"timestamp_in_future": 1}


def test_replayed_tail_that_goes_on_is_rebuilt(tmp_path: Path) -> None:
    tail = json.dumps(bought(1)).encode()
    deliver(poor(tmp_path), [("a.jsonl", lines(event(2)) + tail)], as_of=AS_OF)
    assert replay(rich(tmp_path), NATIVE).outcome.counts.accepted == 1
    summary = deliver(rich(tmp_path), [("a.jsonl", b" and more\n")], as_of=AS_OF)
    assert summary.rebuilt_fully
    assert snapshot(tmp_path / "lake") == fresh(tmp_path, rich(tmp_path))


def test_refused_tail_that_goes_on_is_withdrawn_from_its_file_alone(tmp_path: Path) -> None:
    made = poor(tmp_path)
    deliver(made, [("a.jsonl", b"half"), ("b.jsonl", b"half\n")], as_of=AS_OF)
    deliver(made, [("a.jsonl", b" a word\n")], as_of=AS_OF)
    replay(made, NATIVE)
    found = rows_of(made.lake, "rejected", comparable=False)
    assert sorted((r["raw"], r["times_seen"], r["file"]) for r in found) == [
        ("half", 1, "b.jsonl"),
        ("half a word", 1, "a.jsonl"),
    ]
