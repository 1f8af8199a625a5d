"""Hostile input: literal lines, files and headers, and what one run made of all of them."""

import gzip
import io
import json
from collections.abc import Mapping as MappingOf
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lakes import deliver, rows_of, settings_for
from questline.ingestion.mapping import NATIVE, Mapping

AS_OF = datetime(2026, 1, 10, tzinfo=UTC)
NOON = "2026-01-05T12:00:00Z"
PLAYER = "00000000-0000-4000-8000-00000000000a"
HEADER = ("event_id", "player_id", "event_type", "timestamp", "properties")
NEIGHBOUR = "good neighbour.jsonl"
NEIGHBOURS = range(999_000, 999_003)
Row = dict[str, Any]


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def line(number: int, kind: str = "login", properties: str = "{}", more: str = "") -> bytes:
    """A line of the contract; `more` are members behind the envelope, as JSON."""
    head = {"event_id": uuid(number), "player_id": PLAYER, "event_type": kind, "timestamp": NOON}
    text = json.dumps(head, ensure_ascii=False)[:-1]
    return f'{text}, "properties": {properties}{more}}}'.encode()


def lines(*numbers: int) -> bytes:
    return b"".join(line(n) + b"\n" for n in numbers)


def record(number: int, *more: str, kind: str = "login", properties: str = "{}") -> str:
    """A record of CSV; `more` are cells behind those of the contract."""
    return ",".join((uuid(number), PLAYER, kind, NOON, properties, *more)) + "\n"


def header(*more: str) -> str:
    return ",".join((*HEADER, *more)) + "\n"


def parquet(*numbers: int, codec: str = "zstd", **columns: Any) -> bytes:
    """A Parquet file of these rows; `columns` replace or, where None, leave out its own."""
    own = {
        "event_id": [uuid(n) for n in numbers],
        "player_id": [PLAYER] * len(numbers),
        "event_type": ["login"] * len(numbers),
        "timestamp": [NOON] * len(numbers),
        "properties": ["{}"] * len(numbers),
    }
    return written(pa.table({k: v for k, v in (own | columns).items() if v is not None}), codec)


def written(table: pa.Table, codec: str = "zstd", **options: Any) -> bytes:
    sink = io.BytesIO()
    pq.write_table(table, sink, compression=codec, **options)
    return sink.getvalue()


def packed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)


def zstd(content: bytes) -> bytes:
    return bytes(pa.compress(content, codec="zstd", asbytes=True))


class Taken(NamedTuple):
    """A file that was read: its lines, those accepted, and the others by reason."""

    lines: int
    accepted: int
    rejected: MappingOf[str, int] = {}
    duplicates: int = 0


class Judged:
    """What one run made of the files, beside a good neighbour."""

    def __init__(
        self, folder: Path, files: MappingOf[str, bytes], mapping: Mapping = NATIVE, **options: Any
    ) -> None:
        self.settings = settings_for(folder, **options)
        beside = [(NEIGHBOUR, lines(*NEIGHBOURS))]
        self.summary = deliver(
            self.settings, [*files.items(), *beside], mapping=mapping, as_of=AS_OF
        )
        ledger = rows_of(self.settings.lake, "ledger", comparable=False)
        self.ledger: dict[str, Row] = {r["file"]: r for r in ledger}
        self.events: dict[str, Row] = {
            r["event_id"]: r for r in rows_of(self.settings.lake, "events", comparable=False)
        }
        self.rejected: list[Row] = rows_of(self.settings.lake, "rejected", comparable=False)

    def outcome(self, file: str) -> Taken | str:
        """The counts of the ledger, or why nothing of the file was taken."""
        entry = self.ledger[file]
        reasons = json.loads(entry["rejected_by_reason"])
        assert entry["lines_in"] == entry["accepted"] + entry["duplicates"] + sum(reasons.values())
        if entry["kind"] == "incomplete":
            assert entry["lines_in"] == 0
            return dict(self.summary.incomplete)[file]
        return Taken(entry["lines_in"], entry["accepted"], reasons, entry["duplicates"])

    def refused(self, file: str) -> list[Row]:
        """Refused rows of a file, by line."""
        found = [r for r in self.rejected if r["file"] == file]
        return sorted(found, key=lambda r: (r["line"], r["reason"]))

    def check_neighbour(self) -> None:
        """The good file was taken whole, whatever lay beside it."""
        assert self.outcome(NEIGHBOUR) == Taken(len(NEIGHBOURS), len(NEIGHBOURS))
        assert {uuid(n) for n in NEIGHBOURS} <= set(self.events)

    def check_refused(self, file: str) -> None:
        """Every refused row of the file is kept: with text, line and a message."""
        outcome = self.outcome(file)
        if isinstance(outcome, str):
            assert self.refused(file) == []
            return
        seen: dict[str, int] = {}
        for row in self.refused(file):
            assert row["raw"], row
            assert len(row["raw"]) <= 65_536
            assert row["line"] >= 1
            assert row["message"]
            seen[row["reason"]] = seen.get(row["reason"], 0) + row["times_seen"]
        assert seen == outcome.rejected
