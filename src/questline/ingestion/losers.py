"""Losing copies: what lost to another copy of its id or transaction, with the text it came as.

By batch and line a copy finds the text in its file, in the slice of a replay, or among the
corrections. The text is judged once more and counts only if it gives the copy: files change.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import NamedTuple

import duckdb
import pyarrow as pa

from questline.ingestion.deduplicate import LOSING, PAYLOAD
from questline.ingestion.discover import Discovery, Request, placed
from questline.ingestion.inputs import Input
from questline.ingestion.origins import Origins, row_texts
from questline.ingestion.read import parquet_texts, readings
from questline.ingestion.scan import BROKEN, Scan
from questline.ingestion.slices import TextSlice, header_of, is_one_row, parquet_slice, scan_slice
from questline.ingestion.standing import FIELD
from questline.ingestion.validate import EVENT_COLUMNS, validate_events
from questline.lake.ledger import latest_entries
from questline.lake.store import Store, quote

_FIRST_FID = 5_000_000
_FIRST_SLICE = 6_000_000
_UNSEEN = Scan(0, "", 0, plain=False, tail_offset=None)
_PLACES = pa.schema(
    {"fid": pa.int32(), "slice_line": pa.int64(), "batch": pa.string(), "line": pa.int64()}
)


class _Candidate(NamedTuple):
    """A text that a copy may have come as.

    `number` is its line in the input it was taken from; Parquet has no `raw`. Without a `line` it
    may be that of any copy of the batch.
    """

    batch: str
    line: int | None
    number: int
    raw: str | None


def locate_losers(
    con: duckdb.DuckDBPyConnection, store: Store, request: Request, found: Discovery
) -> list[Input]:
    """Makes the table `losers` and adds them to `refused`; those without a text come as JSON.

    Returns:
        The readings that brought some of them and are none of this run's inputs.
    """
    losing = ", ".join(quote(v) for v in LOSING)
    packed = ", ".join(f"'{n}': {n}" for n in EVENT_COLUMNS)
    con.execute(f"""
        CREATE OR REPLACE TABLE losers AS
        SELECT origin, event_id, client_date, payload_hash, verdict,
            coalesce(j.batch, b.batch) AS batch, line,
            (SELECT count(*) FROM judged c WHERE c.origin = 'new' AND c.event_id = j.event_id
                AND c.client_date = j.client_date AND c.payload_hash = j.payload_hash) AS times,
            to_json({{{packed}}})::VARCHAR AS spare
        FROM judged j LEFT JOIN batches b USING (fid)
        WHERE representative AND verdict IN ({losing})""")
    wanted: dict[str, set[int]] = defaultdict(set)
    for batch, line in con.execute(
        "SELECT batch, line FROM losers WHERE origin <> 'contested' ORDER BY ALL"
    ).fetchall():
        wanted[batch].add(line)
    # The lines of a row that is tried again are those of its file, not of the slice it is in.
    own = {i.batch: i for i in found.inputs if found.kinds[i.fid] != "replayed"}
    earlier = _earlier(con, store, request, set(wanted) - set(own))
    inputs = own | {i.batch: i for i in earlier}
    tried = [i for i in found.inputs if found.kinds[i.fid] == "replayed" and i.batch in wanted]
    groups = [
        (item, [*_of_file(con, item, wanted[item.batch]), *_of_corrections(con, item)])
        for item in inputs.values()
        if item.batch in wanted
    ]
    groups += [(item, [*_of_slice(con, item, wanted[item.batch])]) for item in tried]
    _judge(con, request, groups)
    _insert(con, list(inputs.values()))
    return earlier


def _earlier(
    con: duckdb.DuckDBPyConnection, store: Store, request: Request, batches: set[str]
) -> list[Input]:
    """Earlier readings under fids of their own; `path` is there if the file still holds them."""
    origins = Origins(store, request)
    entries = latest_entries(store) if batches else {}
    files = con.execute(
        f"SELECT DISTINCT batch, file FROM {store.select('ledger')} "
        "WHERE kind <> 'restated' ORDER BY ALL"
    ).fetchall()
    found: list[Input] = []
    for fid, (batch, file) in enumerate((f for f in files if f[0] in batches), _FIRST_FID):
        source = request.mapping.source_of(file)
        path = origins.unchanged(file, batch) if source else None
        there = placed(request.scratch, fid, path) if path else request.scratch / f"gone-{fid}"
        source = source or request.mapping.source[0]
        as_of, explicit = entries[file].first_as_of, entries[file].first_as_of_explicit
        found.append(Input(fid, there, file, source, _UNSEEN, batch, as_of, explicit))
    return found


def _of_file(con: duckdb.DuckDBPyConnection, item: Input, lines: set[int]) -> Iterator[_Candidate]:
    """What stands on these lines of the file now; nothing if it cannot be read any more."""
    if not item.path.exists():
        return
    if item.source.format == "parquet":
        yield from (_Candidate(item.batch, line, line, None) for line in sorted(lines))
        return
    texts: dict[int, str] = {}
    with suppress(*BROKEN):
        texts = row_texts(con, item, lines)
    for line, raw in texts.items():
        yield _Candidate(item.batch, line, line, raw)


def _of_corrections(con: duckdb.DuckDBPyConnection, item: Input) -> Iterator[_Candidate]:
    """The corrected texts of the file, whose lines may have moved since."""
    if item.source.format == "parquet":
        return
    texts = con.execute(
        "SELECT DISTINCT corrected FROM known_corrections WHERE file = ? ORDER BY ALL",
        [item.relative],
    ).fetchall()
    yield from (_Candidate(item.batch, None, 0, raw) for (raw,) in texts)


def _of_slice(con: duckdb.DuckDBPyConnection, item: Input, lines: set[int]) -> Iterator[_Candidate]:
    """What a replay tried again of these lines."""
    places = con.execute("SELECT slice_line, line FROM places WHERE fid = ?", [item.fid]).fetchall()
    lines_of = {number: line for number, line in sorted(places) if line in lines}
    if item.source.format == "parquet":
        yield from (_Candidate(item.batch, line, n, None) for n, line in lines_of.items())
        return
    for number, raw in row_texts(con, item, set(lines_of)).items() if lines_of else ():
        yield _Candidate(item.batch, lines_of[number], number, raw)


def _judge(
    con: duckdb.DuckDBPyConnection,
    request: Request,
    groups: list[tuple[Input, list[_Candidate]]],
) -> None:
    """Makes the table `located` (batch, line, client_date, payload_hash, raw) of the texts."""
    slices: list[Input] = []
    places: list[tuple[int, int, str, int | None]] = []
    texts: list[str] = []
    for item, candidates in groups:
        fid = _FIRST_SLICE + len(slices)
        made = replace(item, fid=fid, path=request.scratch / f"loser-{fid}", start=0, before=0)
        kept = _write_slice(con, item, made, candidates) if candidates else []
        if kept:
            scan = scan_slice(made.path, made.source, request.settings.max_line_bytes)
            slices.append(replace(made, scan=replace(scan, plain=False)))
            places += [(fid, number, c.batch, c.line) for number, c, _raw in kept]
            texts += [raw for _number, _c, raw in kept]
    con.execute(
        "CREATE OR REPLACE TABLE judged_texts "
        "(fid INTEGER, slice_line BIGINT, client_date DATE, payload_hash VARCHAR)"
    )
    for reading in readings(con, slices):
        sql = validate_events(reading.sql, reading.source, request.mapping, request.settings)
        with reading.told():
            con.execute(
                f"INSERT INTO judged_texts SELECT fid, line, client_date, {PAYLOAD} FROM ({sql}) "
                "WHERE reason IS NULL"
            )
    columns = [[p[n] for p in places] for n in range(len(_PLACES))]
    arrays = [pa.array(c, f.type) for c, f in zip(columns, _PLACES, strict=True)]
    table = pa.Table.from_arrays(arrays, schema=_PLACES)
    con.register("places_of_texts", table.append_column("raw", pa.array(texts, pa.string())))
    con.execute(
        "CREATE OR REPLACE TABLE located AS "
        "SELECT batch, p.line, client_date, payload_hash, any_value(raw) AS raw "
        "FROM places_of_texts p JOIN judged_texts USING (fid, slice_line) GROUP BY ALL"
    )
    con.unregister("places_of_texts")


def _write_slice(
    con: duckdb.DuckDBPyConnection, item: Input, made: Input, candidates: list[_Candidate]
) -> list[tuple[int, _Candidate, str]]:
    """Writes the candidates of one input; their lines in the slice and their texts."""
    if item.source.format == "parquet":
        return _write_rows(con, item, made, candidates)
    header = None
    if item.source.format == "csv":
        if not item.path.exists():
            return []
        header = header_of(item.path)
    with TextSlice(made.path, header) as sink:
        return [
            (sink.add(c.raw.encode()), c, c.raw)
            for c in candidates
            if c.raw is not None and is_one_row(c.raw, item.source)
        ]


def _write_rows(
    con: duckdb.DuckDBPyConnection, item: Input, made: Input, candidates: list[_Candidate]
) -> list[tuple[int, _Candidate, str]]:
    try:
        parquet_slice(con, item.path, made.path, [c.number for c in candidates])
        texts = parquet_texts(con, made.path)
    except duckdb.Error:
        # The file was damaged after it had been read.
        return []
    if len(texts) != len(candidates):
        return []
    return [(n, c, raw) for n, (c, raw) in enumerate(zip(candidates, texts, strict=True), 1)]


def _insert(con: duckdb.DuckDBPyConnection, inputs: list[Input]) -> None:
    kinds = pa.schema({"fid": pa.int32(), "batch": pa.string()})
    rows = [{"fid": i.fid, "batch": i.batch} for i in inputs]
    con.register("brought", pa.Table.from_pylist(rows, kinds))
    con.execute(f"""
        INSERT INTO refused BY NAME
        SELECT coalesce(b.fid, -1) AS fid, l.line, coalesce(t.raw, c.raw, l.spare) AS raw,
            l.verdict AS reason, {FIELD} AS field,
            l.event_id, l.client_date, l.payload_hash, greatest(l.times, 1) AS times
        FROM losers l LEFT JOIN brought b USING (batch)
        LEFT JOIN located t ON t.batch = l.batch AND t.line = l.line
            AND t.client_date = l.client_date AND t.payload_hash = l.payload_hash
        LEFT JOIN located c ON c.batch = l.batch AND c.line IS NULL
            AND c.client_date = l.client_date AND c.payload_hash = l.payload_hash
        WHERE l.origin <> 'contested'""")
    con.unregister("brought")
