"""Replay: refused rows are judged again, by the rules of now, without reading their files again.

The rows of each reading of a file go into a slice, an input like any other. Their old verdicts are
taken back, so that the ledger and `rejected` count every line once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain, groupby
from pathlib import Path
from typing import NamedTuple

import duckdb
import pyarrow as pa

from questline.contract import Reason
from questline.errors import UsageError
from questline.ingestion.careful import MAX_RAW
from questline.ingestion.deduplicate import LOSING
from questline.ingestion.discover import Discovery, Request
from questline.ingestion.inputs import Input
from questline.ingestion.load import Counts, load
from questline.ingestion.mapping import NATIVE, Source
from questline.ingestion.origins import Origins
from questline.ingestion.scan import Scan
from questline.ingestion.slices import (
    TextSlice,
    header_of,
    is_one_row,
    parquet_slice,
    scan_slice,
    whole_texts,
)
from questline.ingestion.standing import open_places, open_withdrawn
from questline.lake.ledger import Entry, latest_entries
from questline.lake.store import Store

BYTES = "bytes that are no text; edit these rows"
TEXT = "longer than what is kept of a row, and not found in the raw files any more"
FILE = "CSV or Parquet, and the file is gone or changed"
SOURCE = "no source block of the mapping reads the file"
RECORD = "not one row by itself"


class Row(NamedTuple):
    """A refused row as one reading of a file brought it; `raw` is None where not kept whole."""

    batch: str
    file: str
    line: int
    times: int
    reason: str
    raw_hash: str
    raw: str | None


class Failure(NamedTuple):
    """An edited row that is refused again."""

    file: str
    line: int
    reason: str
    field: str | None


@dataclass
class Outcome:
    """What became of the rows: `left` were not tried, by why; `unchanged` were not edited."""

    counts: Counts = field(default_factory=Counts)
    left: dict[str, int] = field(default_factory=dict)
    unchanged: int = 0
    failed: list[Failure] = field(default_factory=list)


class Gathered:
    """Inputs of a replay, and the rows that are `left` out, by why."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        self.found = Discovery()
        self.left: Counter[str] = Counter()
        open_withdrawn(con)
        open_places(con)

    def add(self, item: Input, rows: list[tuple[Row, int]]) -> None:
        """Takes an input that holds each of these rows so many times."""
        self.found.inputs.append(item)
        self.found.kinds[item.fid] = "replayed"
        back: Counter[str] = Counter()
        for row, times in rows:
            back[row.reason] += times
        self.found.returned[item.fid] = dict(back)
        table: dict[str, list[str] | list[int]] = {
            "reason": [row.reason for row, _ in rows],
            "raw_hash": [row.raw_hash for row, _ in rows],
            "batch": [item.batch] * len(rows),
            "times": [times for _, times in rows],
        }
        self.insert("withdrawn", table)

    def insert(self, name: str, columns: dict[str, list[str] | list[int]]) -> None:
        """Adds rows to a table of the run."""
        self.con.register("more", pa.table(columns))
        self.con.execute(f"INSERT INTO {name} BY NAME SELECT * FROM more")
        self.con.unregister("more")


def replay_rows(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    request: Request,
    reason: str | None,
    report: Callable[[str], None],
) -> Outcome:
    """Judges the refused rows again, or those of one reason; commits what changes.

    Raises:
        UsageError: no replay can change rows of this reason, or the mapping was forgotten.
    """
    report("gather refused rows")
    work = _Slicing(con, store, request)
    rows = _rows(con, store, _tried(reason))
    for batch, of_batch in groupby(rows, key=lambda row: row.batch):
        work.take(batch, of_batch)
    gathered = work.gathered
    if reason is None:
        gathered.left[BYTES] += _count(con, store, Reason.INVALID_ENCODING)
    outcome = Outcome(left={why: n for why, n in gathered.left.items() if n})
    if gathered.found.inputs:
        outcome.counts = load(con, store, request, gathered.found, report)
    return outcome


def _tried(reason: str | None) -> list[str]:
    """The reasons whose rows are tried."""
    known = [str(r) for r in Reason]
    if reason in LOSING:
        raise UsageError(
            f"--reason == {reason!r}: these rows lost to another copy, which no fix changes. They "
            "are judged again whenever another copy arrives."
        )
    if reason == Reason.INVALID_ENCODING:
        raise UsageError(
            f"--reason == {reason!r}: no setting turns these bytes into text. Edit the rows: "
            f"`questline rejected --reason {reason} --out FILE`, then "
            "`questline replay --rows FILE`."
        )
    if reason is not None and reason not in known:
        raise UsageError(f"--reason == {reason!r}, must be one of {', '.join(known)}.")
    never = {*LOSING, str(Reason.INVALID_ENCODING)}
    return [reason] if reason else [r for r in known if r not in never]


def _rows(con: duckdb.DuckDBPyConnection, store: Store, reasons: list[str]) -> Iterator[Row]:
    # A line that is too large was cut before its hash was taken.
    cut = f"reason = 'too_large' AND (octet_length(encode(raw)) >= {MAX_RAW} "
    cut += "OR contains(raw, chr(65533)))"
    with con.cursor() as own:
        own.execute(f"""
            SELECT e.batch, e.file, e.line, e.times, reason, raw_hash,
                CASE WHEN sha256(raw) = raw_hash AND NOT ({cut}) THEN raw END
            FROM (SELECT *, unnest(seen_in) AS e FROM {store.select("rejected", reasons)})
            ORDER BY e.batch, starts_with(raw, '{{') DESC, e.line, raw_hash""")
        while rows := own.fetchmany(10_000):
            yield from (Row(*row) for row in rows)


def _count(con: duckdb.DuckDBPyConnection, store: Store, reason: str) -> int:
    found = con.execute(
        f"SELECT coalesce(sum(times_seen), 0) FROM {store.select('rejected', [str(reason)])}"
    ).fetchone()
    return int(found[0]) if found else 0


def source_for(request: Request, entry: Entry) -> Source | None:
    """The block that reads a file now.

    Raises:
        UsageError: the file was read through a mapping, and none is given.
    """
    names = {block.name for block in request.mapping.source}
    if request.mapping == NATIVE and entry.source not in names:
        raise UsageError(
            f"{entry.file} was read by the source block {entry.source!r} of a mapping. Give the "
            "same --mapping to `questline replay`."
        )
    return request.mapping.source_of(entry.file)


class _Place(NamedTuple):
    """A row in a slice: the line on which it begins there and in its own file."""

    row: Row
    slice_line: int
    line: int


class _Slicing:
    """Writes one slice a reading, and notes where its rows stand."""

    def __init__(self, con: duckdb.DuckDBPyConnection, store: Store, request: Request) -> None:
        self.gathered = Gathered(con)
        self.request = request
        self.entries = latest_entries(store)
        self.origins = Origins(store, request)

    def take(self, batch: str, rows: Iterator[Row]) -> None:
        """Tries the rows of one reading, as far as their text or file is there."""
        first = next(rows)
        rows = chain((first,), rows)
        entry = self.entries[first.file]
        source = source_for(self.request, entry)
        origin = self.origins.unchanged(first.file, batch)
        if source is None or (origin is None and source.format != "jsonl"):
            self.gathered.left[FILE if source else SOURCE] += sum(row.times for row in rows)
            return
        fid = len(self.gathered.found.inputs)
        path = self.request.scratch / f"replay-{fid:07d}"
        if source.format == "parquet" and origin is not None:
            places = self._parquet(origin, path, rows)
        else:
            places = self._text(source, path, self.request.raw / first.file, rows)
        scan = scan_slice(path, source, self.request.settings.max_line_bytes)
        if scan.problem or scan.rows != len(places):
            self.gathered.left[RECORD] += len(places)
        elif places:
            self._add(replayed(fid, path, batch, source, entry, scan), places)

    def _text(self, source: Source, path: Path, origin: Path, rows: Iterator[Row]) -> list[_Place]:
        places: list[_Place] = []
        wanted: dict[str, Row] = {}
        with TextSlice(path, header_of(origin) if source.format == "csv" else None) as sink:
            for row in rows:
                if row.raw is None:
                    wanted[row.raw_hash] = row
                elif not is_one_row(row.raw, source):
                    self.gathered.left[RECORD] += row.times
                else:
                    text, bare = row.raw.encode(), row._replace(raw=None)
                    copies = (sink.add(text) for _ in range(row.times))
                    places += [_Place(bare, line, row.line) for line in copies]
            missing = Counter({row.raw_hash: row.times for row in wanted.values()})
            for line, raw_hash, body in whole_texts(origin, wanted):
                row = wanted[raw_hash]
                whole = is_one_row(body.decode("utf-8", "replace"), source)
                if whole and line >= row.line and missing[raw_hash]:
                    missing[raw_hash] -= 1
                    places.append(_Place(row, sink.add(body), line))
        self.gathered.left[TEXT] += missing.total()
        return places

    def _parquet(self, origin: Path, path: Path, rows: Iterator[Row]) -> list[_Place]:
        every = [row._replace(raw=None) for row in rows for _ in range(row.times)]
        parquet_slice(self.gathered.con, origin, path, [row.line for row in every])
        return [_Place(row, number, row.line) for number, row in enumerate(every, 1)]

    def _add(self, item: Input, places: list[_Place]) -> None:
        self.gathered.add(item, list(Counter(place.row for place in places).items()))
        columns: dict[str, list[int] | list[str]] = {
            "slice_line": [place.slice_line for place in places],
            "line": [place.line for place in places],
            "raw_hash": [place.row.raw_hash for place in places],
        }
        self.gathered.insert("places", {**columns, "fid": [item.fid] * len(places)})


def replayed(fid: int, path: Path, batch: str, source: Source, entry: Entry, scan: Scan) -> Input:  # noqa: PLR0917
    """A slice as an input that belongs to the reading which brought its rows."""
    return Input(
        fid=fid,
        path=path,
        relative=entry.file,
        source=source,
        scan=scan,
        batch=batch,
        as_of=entry.first_as_of,
        as_of_explicit=entry.first_as_of_explicit,
    )
