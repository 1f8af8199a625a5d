"""Reading: input files become rows of one shape, whatever their format.

Plain files go through DuckDB's vectorised readers. Files that these stumble on (carriage returns,
NUL bytes, invalid UTF-8, very long lines, ragged CSV) go through a careful reader, line by line.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from questline.contract import Reason
from questline.ingestion.expressions import (
    ENVELOPE_TEXT,
    PLAYER_TEXT,
    mapped_columns,
    native_columns,
    native_csv_columns,
)
from questline.ingestion.mapping import Source
from questline.ingestion.scan import Scan, compression_of, open_bytes
from questline.lake.store import quote

BATCH_LINES = 50_000


@dataclass(frozen=True)
class Input:
    """One file, or the new part of one, to be read in this run.

    `path` is a link or a slice with a harmless name; `relative` is what people know it by;
    `start` is the offset in the whole file at which a slice begins.
    """

    fid: int
    path: Path
    relative: str
    source: Source
    scan: Scan
    batch: str
    as_of: datetime
    as_of_explicit: bool
    modified_ns: int = 0
    start: int = 0


def register_inputs(con: duckdb.DuckDBPyConnection, inputs: list[Input]) -> None:
    """Writes the table `inputs` that joins a file name to its fid and as-of."""
    con.execute(
        "CREATE OR REPLACE TABLE inputs (fid INTEGER, filename VARCHAR, as_of TIMESTAMPTZ, "
        "as_of_explicit BOOLEAN)"
    )
    rows = [(i.fid, str(i.path), i.as_of, i.as_of_explicit) for i in inputs]
    if rows:
        con.executemany("INSERT INTO inputs VALUES (?, ?, ?, ?)", rows)


def readings(con: duckdb.DuckDBPyConnection, inputs: list[Input]) -> Iterator[tuple[Source, str]]:
    """SQL statements that together read every input once, each with its source block.

    Columns: fid, line (NULL where numbering would cost a pass), raw, found, the contract's fields
    as text, as_of, as_of_explicit.
    """
    fast: dict[str, list[Input]] = {}
    for item in inputs:
        if item.scan.rows == 0:
            continue
        if item.source.format == "jsonl" and item.scan.plain:
            fast.setdefault(item.source.name + compression_of(item.path), []).append(item)
        elif item.source.format == "jsonl":
            for _ in _careful_jsonl(con, item):
                yield item.source, _json_rows(item.source, "careful", item.fid)
        elif item.source.format == "parquet":
            yield item.source, _parquet_rows(con, item)
        else:
            yield from ((item.source, sql) for sql in _csv(con, item))
    for group in fast.values():
        yield group[0].source, _json_rows(group[0].source, _text_lines(group), None)


def raw_lines(item: Input, numbers: set[int]) -> dict[int, str]:
    """The text of some lines of a text input, by line number; blank lines keep their number."""
    found: dict[int, str] = {}
    for number, text, _reason in _lines(item, 16_000_000):
        if number in numbers:
            found[number] = text
            if len(found) == len(numbers):
                break
    return found


def _text_lines(group: list[Input]) -> str:
    paths = ", ".join(quote(str(i.path)) for i in group)
    compression = compression_of(group[0].path)
    return (
        "(SELECT filename, NULL::BIGINT AS line, raw, NULL::VARCHAR AS found "
        f"FROM read_csv([{paths}], "
        "columns={'raw': 'VARCHAR'}, delim='\\x01', quote='', escape='', header=false, "
        "auto_detect=false, strict_mode=false, max_line_size=17000000, filename=true, "
        f"compression='{compression}'))"
    )


def _json_rows(source: Source, relation: str, fid: int | None) -> str:
    key = "fid" if fid is not None else "filename"
    checked = f"""
        SELECT {key}, line, raw, CASE WHEN found IS NOT NULL THEN found
            WHEN NOT json_valid(raw) THEN '{Reason.MALFORMED_JSON}'
            WHEN NOT starts_with(ltrim(raw, ' \t\r'), '{{') THEN '{Reason.NOT_AN_OBJECT}'
            END AS found
        FROM {relation}"""
    if source.native:
        names = PLAYER_TEXT if source.feeds == "players" else (*ENVELOPE_TEXT, "properties")
        form = "{" + ", ".join(f'"{n}": "JSON"' for n in names) + "}"
        opened = f"json_transform(CASE WHEN found IS NULL THEN raw END, {quote(form)}) AS opened"
        columns = native_columns(source, "opened")
    else:
        opened = "CASE WHEN found IS NULL THEN raw::JSON END AS j"
        columns = mapped_columns(source, None)
    return _finish(source, f"SELECT *, {opened} FROM ({checked})", columns, "raw", key)


def _parquet_rows(con: duckdb.DuckDBPyConnection, item: Input) -> str:
    relation = f"read_parquet({quote(str(item.path))}, file_row_number=true)"
    described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    types = {row[0]: row[1] for row in described if row[0] != "file_row_number"}
    packed = ", ".join(f'{quote(n)}, "{n}"' for n in types)
    base = (
        f"SELECT {item.fid} AS fid, file_row_number + 1 AS line, NULL::VARCHAR AS found, "
        f"CAST(json_object({packed}) AS VARCHAR) AS raw, * FROM {relation}"
    )
    if not item.source.native:
        columns = mapped_columns(item.source, None)
        return _finish(
            item.source, f"SELECT *, raw::JSON AS j FROM ({base})", columns, "raw", "fid"
        )
    names = PLAYER_TEXT if item.source.feeds == "players" else (*ENVELOPE_TEXT, "properties")
    columns = {n: _parquet_text(n, types.get(n)) for n in names}
    renamed = ", ".join(f'{columns[n]} AS "_{n}"' for n in names)
    picked = f"SELECT fid, line, found, raw, {renamed} FROM ({base})"
    return _finish(item.source, picked, {n: f'"_{n}"' for n in names}, "raw", "fid")


def _parquet_text(name: str, kind: str | None) -> str:
    if kind is None:
        return "NULL::VARCHAR"
    if name == "properties":
        text = f'"{name}"' if kind == "VARCHAR" else f'CAST(to_json("{name}") AS VARCHAR)'
        return f"CASE WHEN json_valid({text}) THEN CAST(json({text}) AS VARCHAR) ELSE {text} END"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', \"{name}\"), '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f'CAST("{name}" AS VARCHAR)'


def _csv(con: duckdb.DuckDBPyConnection, item: Input) -> Iterator[str]:
    header = _csv_header(item)
    careful = not item.scan.plain or len(set(header)) != len(header)
    if not careful:
        relation = _csv_relation(item, header)
        try:
            count = con.execute(f"SELECT count(*) FROM {relation}").fetchone()
            careful = count is None or count[0] != item.scan.rows
        except duckdb.Error:
            careful = True
    if not careful:
        base = (
            f"SELECT {item.fid} AS fid, row_number() OVER () + 1 AS line, NULL::VARCHAR AS raw, "
            f"NULL::VARCHAR AS found, * FROM {relation}"
        )
        yield _csv_rows(item, header, base)
        return
    for _ in _careful_csv(con, item, header):
        yield _csv_rows(item, header, "SELECT * FROM careful")


def _csv_relation(item: Input, header: list[str]) -> str:
    columns = ", ".join(f"{quote(n)}: 'VARCHAR'" for n in header)
    return (
        f"read_csv({quote(str(item.path))}, columns={{{columns}}}, header=true, "
        f"delim={quote(item.source.delimiter)}, quote='\"', escape='\"', auto_detect=false, "
        "strict_mode=true, max_line_size=17000000, nullstr='', "
        f"compression='{compression_of(item.path)}')"
    )


def _csv_rows(item: Input, header: list[str], base: str) -> str:
    if item.source.native:
        columns = native_csv_columns(item.source, header)
        if "properties" in columns:
            text = columns["properties"]
            columns["properties"] = (
                f"CASE WHEN json_valid({text}) THEN CAST(json({text}) AS VARCHAR) ELSE {text} END"
            )
    else:
        columns = mapped_columns(item.source, header)
    cells = ", ".join(f"coalesce(\"{n.replace(chr(34), chr(34) * 2)}\", '')" for n in header)
    renamed = ", ".join(f'{sql} AS "_{n}"' for n, sql in columns.items())
    content = f"concat_ws(chr(31), {cells}) AS cells"
    picked = f"SELECT fid, line, raw, found, {content}, {renamed} FROM ({base})"
    return _finish(item.source, picked, {n: f'"_{n}"' for n in columns}, "cells", "fid")


def _finish(source: Source, base: str, columns: dict[str, str], content: str, key: str) -> str:
    if source.feeds == "events" and source.ids != "field":
        tag = quote(source.name)
        if source.ids == "keep":
            ordinal = f"row_number() OVER (PARTITION BY {key}, {content}) AS ordinal"
            base = f"SELECT *, {ordinal} FROM ({base})"
            columns["event_id"] = f"md5({tag} || chr(31) || {content} || chr(31) || ordinal)"
        else:
            columns["event_id"] = f"md5({tag} || chr(31) || {content})"
    picked = ", ".join(f'{sql} AS "{n}"' for n, sql in columns.items())
    return (
        f"SELECT fid, line, raw, found, {picked}, as_of, as_of_explicit "
        f"FROM ({base}) JOIN inputs USING ({key})"
    )


def _lines(item: Input, max_line_bytes: int) -> Iterator[tuple[int, str, str | None]]:
    """Number, text and reason of each non-empty line; undecodable bytes are replaced."""
    number = 0
    with open_bytes(item.path, compression_of(item.path)) as handle:
        for line in handle:
            number += 1
            body = line.rstrip(b"\n").rstrip(b"\r")
            if number == 1:
                body = body.removeprefix(b"\xef\xbb\xbf")
            if not body:
                continue
            yield number, *_decode(body, max_line_bytes)


def _decode(body: bytes, max_line_bytes: int) -> tuple[str, str | None]:
    if len(body) > max_line_bytes:
        return body[:65_536].decode("utf-8", "replace").replace("\x00", "\ufffd"), Reason.TOO_LARGE
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        return body.decode("utf-8", "replace").replace("\x00", "\ufffd"), Reason.INVALID_ENCODING
    if "\x00" in text:
        return text.replace("\x00", "\ufffd"), Reason.INVALID_ENCODING
    return text, None


def _careful_jsonl(con: duckdb.DuckDBPyConnection, item: Input) -> Iterator[None]:
    rows: list[tuple[int, str, str | None]] = []
    for row in _lines(item, max_line_bytes(con)):
        rows.append(row)
        if len(rows) >= BATCH_LINES:
            yield from _register(con, item.fid, rows)
            rows = []
    if rows:
        yield from _register(con, item.fid, rows)


def max_line_bytes(con: duckdb.DuckDBPyConnection) -> int:
    """The limit the run was started with, kept as a variable of the connection."""
    row = con.execute("SELECT getvariable('max_line_bytes')").fetchone()
    return int(row[0]) if row and row[0] is not None else 1_000_000


def _register(
    con: duckdb.DuckDBPyConnection, fid: int, rows: list[tuple[int, str, str | None]]
) -> Iterator[None]:
    table = pa.table(
        {
            "fid": pa.array([fid] * len(rows), pa.int32()),
            "line": pa.array([r[0] for r in rows], pa.int64()),
            "raw": pa.array([r[1] for r in rows], pa.string()),
            "found": pa.array([r[2] for r in rows], pa.string()),
        }
    )
    con.register("careful", table)
    yield None
    con.unregister("careful")


def _csv_header(item: Input) -> list[str]:
    with open_bytes(item.path, compression_of(item.path)) as handle:
        first = handle.readline(1 << 20).decode("utf-8", "replace").removeprefix("\ufeff")
    names = next(csv.reader([first.rstrip("\r\n")], delimiter=item.source.delimiter), [])
    return [n or f"column{i}" for i, n in enumerate(names)]


def _careful_csv(con: duckdb.DuckDBPyConnection, item: Input, header: list[str]) -> Iterator[None]:
    seen: list[tuple[int, str, str | None]] = []

    def texts() -> Iterator[str]:
        for line in _lines(item, max_line_bytes(con)):
            seen.append(line)
            yield line[1] + "\n"

    names = [n if n not in header[:i] else f"{n}_{i}" for i, n in enumerate(header)]
    rows: list[list[str | None]] = []
    reader = csv.reader(texts(), delimiter=item.source.delimiter)
    next(reader, None)
    seen.clear()
    for cells in reader:
        found = next((s[2] for s in seen if s[2] is not None), None)
        if found is None and len(cells) != len(header):
            found = Reason.MALFORMED_JSON
        padded: list[str | None] = [*cells, *([None] * len(header))]
        text = "\n".join(s[1] for s in seen)
        rows.append([text, found, str(seen[0][0]), *padded[: len(header)]])
        seen.clear()
    columns: dict[str, pa.Array] = {
        "fid": pa.array([item.fid] * len(rows), pa.int32()),
        "line": pa.array([int(r[2] or 0) for r in rows], pa.int64()),
        "raw": pa.array([r[0] for r in rows], pa.string()),
        "found": pa.array([r[1] for r in rows], pa.string()),
    }
    for index, name in enumerate(names):
        columns[name] = pa.array([r[3 + index] for r in rows], pa.string())
    con.register("careful", pa.table(columns))
    yield None
    con.unregister("careful")
