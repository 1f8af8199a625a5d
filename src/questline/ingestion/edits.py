"""Edits: refused rows written to a file, where people mend their text, and read back from it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import duckdb

from questline.errors import UsageError
from questline.ingestion.corrections import (
    admit_corrected,
    judge_corrections,
    known_corrections,
    remember,
)
from questline.ingestion.deduplicate import LOSING
from questline.ingestion.discover import Request
from questline.ingestion.inputs import Input
from questline.ingestion.load import open_staging, settle
from questline.ingestion.origins import Origins
from questline.ingestion.replay import (
    Failure,
    Gathered,
    Outcome,
    Row,
    replayed,
    source_for,
)
from questline.ingestion.scan import Scan
from questline.ingestion.slices import TextSlice, header_of, is_one_row
from questline.lake.ledger import latest_entries
from questline.lake.store import Store, quote

_COLUMNS = ("row", "reason", "field", "message", "file", "line", "raw")
_NOT_LOSING = f"reason NOT IN ({', '.join(quote(r) for r in LOSING)})"


def rows_to_edit(con: duckdb.DuckDBPyConnection, reason: str | None) -> Iterator[bytes]:
    """One line of JSON for each refused row of the view `rejected` that an edit can help."""
    found = con.execute(
        "SELECT raw_hash, reason, field, message, file, line, raw FROM rejected "
        f"WHERE {_NOT_LOSING} AND reason = coalesce(?, reason) "
        "ORDER BY reason, file, line, raw_hash",
        [reason],
    )
    while rows := found.fetchmany(10_000):
        for row in rows:
            told = dict(zip(_COLUMNS, row, strict=True))
            yield json.dumps(told, ensure_ascii=False).encode() + b"\n"


class Edit(NamedTuple):
    """A row of the file: its key (the hash of the text that was refused) and its text now."""

    number: int
    row: str
    raw: str


def read_edits(path: Path) -> list[Edit]:
    """The rows of a file that `rows_to_edit` began.

    Raises:
        UsageError: it cannot be read, or a line is not such a row.
    """
    edits: dict[str, Edit] = {}
    try:
        with path.open(encoding="utf-8-sig", newline="\n") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    edit = _edit(path, number, line)
                    if edits.setdefault(edit.row, edit).raw != edit.raw:
                        raise _wrong(path, number, "the same row stands above with another text")
    except (OSError, UnicodeDecodeError) as error:
        told = error.strerror if isinstance(error, OSError) else "not UTF-8"
        raise UsageError(f"{path} cannot be read ({told}). Give a file of rows.") from error
    return list(edits.values())


def _edit(path: Path, number: int, line: str) -> Edit:
    try:
        told = json.loads(line)
        row, raw = told["row"], told["raw"]
        raw.encode()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _wrong(path, number, 'not a JSON object with "row" and "raw" as text') from error
    if not isinstance(row, str) or not isinstance(raw, str):
        raise _wrong(path, number, 'not a JSON object with "row" and "raw" as text')
    return Edit(number, row, raw)


def _wrong(path: Path, number: int, what: str) -> UsageError:
    return UsageError(
        f"{path}, line {number}: {what}. Mend the line, or write the file anew with "
        "`questline rejected --out FILE`."
    )


def replay_edits(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    request: Request,
    path: Path,
    report: Callable[[str], None],
) -> Outcome:
    """Judges edited rows by their new text, remembers those that pass, and commits the change.

    Raises:
        UsageError: the file does not fit the refused rows of the lake.
    """
    report("read edited rows")
    work = _Editing(con, store, request, path)
    work.propose(read_edits(path))
    work.judge()
    outcome = Outcome(unchanged=work.unchanged, failed=work.failed)
    if work.gathered.found.inputs:
        staging = open_staging(con, store, request, work.gathered.found.inputs)
        staging.close()
        admit_corrected(con, staging, "edited_rows")
        remember(store)
        outcome.counts = settle(staging, request, work.gathered.found, report)
    return outcome


class _Editing:
    """Compares edits with the refused rows, and puts those that pass in their place."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, store: Store, request: Request, path: Path
    ) -> None:
        self.con = con
        self.store = store
        self.request = request
        self.path = path
        self.entries = latest_entries(store)
        self.origins = Origins(store, request)
        self.gathered = Gathered(con)
        self.unchanged = 0
        self.failed: list[Failure] = []
        self._rows: list[Row] = []
        self._stubs: dict[str, Input] = {}
        con.execute(
            "CREATE OR REPLACE TABLE edited_rows "
            "(fid INTEGER, line BIGINT, file VARCHAR, raw_hash VARCHAR)"
        )
        known_corrections(con, store)

    def propose(self, edits: list[Edit]) -> None:
        """Checks the edits; those that change something become known corrections."""
        con = self.con
        con.execute("CREATE OR REPLACE TABLE edits (raw_hash VARCHAR, corrected VARCHAR)")
        self.gathered.insert(
            "edits", {"raw_hash": [e.row for e in edits], "corrected": [e.raw for e in edits]}
        )
        standing = self._standing()
        for edit in edits:
            rows = standing.get(edit.row, [])
            if not rows:
                self._check_done(edit)
            if not rows or edit.raw == rows[0].raw:
                self.unchanged += 1
                continue
            for row in rows:
                self._check(edit, row)
            self._rows += rows
        names = sorted({row.raw_hash for row in self._rows})
        con.execute(
            "CREATE OR REPLACE TABLE proposed AS "
            "SELECT e.file, min(e.line) AS line, raw_hash, corrected "
            f"FROM ({self._refused()}) JOIN edits USING (raw_hash) "
            "WHERE list_contains(?, raw_hash) GROUP BY ALL",
            [names],
        )
        con.execute(
            "DELETE FROM known_corrections "
            "WHERE (file, raw_hash) IN (SELECT (file, raw_hash) FROM proposed)"
        )
        con.execute("INSERT INTO known_corrections BY NAME SELECT * FROM proposed")

    def _refused(self) -> str:
        return (
            "SELECT reason, raw_hash, raw, unnest(seen_in) AS e "
            f"FROM {self.store.select('rejected')} "
            f"WHERE {_NOT_LOSING} AND raw_hash IN (SELECT raw_hash FROM edits)"
        )

    def _standing(self) -> dict[str, list[Row]]:
        found = self.con.execute(
            "SELECT e.batch, e.file, e.line, e.times, reason, raw_hash, raw "
            f"FROM ({self._refused()}) ORDER BY ALL"
        ).fetchall()
        standing: dict[str, list[Row]] = defaultdict(list)
        for row in found:
            standing[row[5]].append(Row(*row))
        return standing

    def _check_done(self, edit: Edit) -> None:
        """An edit of an earlier replay may be replayed again; it changes nothing."""
        known = self.con.execute(
            "SELECT bool_or(corrected = ?) FROM known_corrections WHERE raw_hash = ?",
            [edit.raw, edit.row],
        ).fetchone()
        done = known[0] if known else None
        if done is None:
            raise _wrong(self.path, edit.number, "no row with this key is refused any more")
        if not done:
            raise _wrong(self.path, edit.number, "this row was corrected before, to another text")

    def _check(self, edit: Edit, row: Row) -> None:
        if row.file not in self._stubs:
            self._stubs[row.file] = self._stub(edit, row)
        source = self._stubs[row.file].source
        if not is_one_row(edit.raw, source):
            raise _wrong(self.path, edit.number, "the text is not one row")

    def _stub(self, edit: Edit, row: Row) -> Input:
        """A file without rows, but with the header of the one that was read."""
        entry = self.entries[row.file]
        source = source_for(self.request, entry)
        if source is None:
            raise _wrong(self.path, edit.number, f"no source block reads {row.file}")
        if source.format == "parquet":
            raise _wrong(
                self.path, edit.number, f"{row.file} is Parquet, whose rows have no text to edit"
            )
        if source.ids == "keep":
            why = f'{row.file} is read with ids = "keep", which count equal rows; mend the file'
            raise _wrong(self.path, edit.number, why)
        header = None
        if source.format == "csv":
            origin = self.origins.unchanged(row.file, row.batch)
            if origin is None:
                raise _wrong(
                    self.path, edit.number, f"{row.file} is gone or changed, and with it its header"
                )
            header = header_of(origin)
        with TextSlice(self.request.scratch / f"edited-{len(self._stubs):07d}", header) as sink:
            return replayed(0, sink.path, row.batch, source, entry, _NOTHING)

    def judge(self) -> None:
        """Gathers the rows whose new text passes; notes the others."""
        if not self._rows:
            return
        judge_corrections(self.con, self.request, list(self._stubs.values()))
        self.con.execute("""
            CREATE OR REPLACE TABLE passed_corrections AS
            SELECT p.* FROM proposed p JOIN correction_verdicts v USING (file, raw_hash)
            WHERE v.reason IS NULL""")
        failed = self.con.execute("""
            SELECT p.file, p.line, v.reason, v.field
            FROM proposed p JOIN correction_verdicts v USING (file, raw_hash)
            WHERE v.reason IS NOT NULL ORDER BY ALL""").fetchall()
        self.failed = [Failure(*row) for row in failed]
        passed = set(self.con.execute("SELECT file, raw_hash FROM passed_corrections").fetchall())
        readings: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows:
            if (row.file, row.raw_hash) in passed:
                readings[row.batch].append(row)
        for fid, (batch, rows) in enumerate(readings.items()):
            self._gather(fid, batch, rows)

    def _gather(self, fid: int, batch: str, rows: list[Row]) -> None:
        stub = self._stubs[rows[0].file]
        scan = replace(_NOTHING, rows=sum(row.times for row in rows))
        item = replace(stub, fid=fid, batch=batch, scan=scan)
        self.gathered.add(item, [(row, row.times) for row in rows])
        hashes = [row.raw_hash for row in rows for _ in range(row.times)]
        columns: dict[str, list[int] | list[str]] = {
            "fid": [fid] * len(hashes),
            "line": [row.line for row in rows for _ in range(row.times)],
            "file": [item.relative] * len(hashes),
            "raw_hash": hashes,
        }
        self.gathered.insert("edited_rows", columns)


_NOTHING = Scan(0, "", 0, plain=True, tail_offset=None)
