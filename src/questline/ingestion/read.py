"""Reading: input files become rows of one shape, whatever their format.

JSON Lines come as a stream of text columns; Parquet and plain CSV go through DuckDB's readers. CSV
on which these would stumble (carriage returns, NUL bytes, invalid UTF-8, very long or ragged rows)
goes through a careful reader, record by record.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

import duckdb

from questline.contract import Reason
from questline.ingestion.careful import TOLD, careful_csv, csv_header, max_line_bytes
from questline.ingestion.expressions import (
    ENVELOPE_TEXT,
    NOT_TEXT,
    PLAYER_TEXT,
    cell_name,
    identifier,
    mapped_columns,
    native_columns,
    native_csv_columns,
    native_form,
)
from questline.ingestion.inputs import Input
from questline.ingestion.lines import LineStream
from questline.ingestion.mapping import Source
from questline.ingestion.scan import compression_of
from questline.lake.store import quote

_TOLD = ", ".join(f.name for f in TOLD if f.name != "fid")
LINE_ROOM = "max_line_size=17000000, buffer_size=34000000"
"""Options of DuckDB's CSV reader: by itself it would take sixteen lines of room a thread."""


@dataclass(frozen=True)
class Reading:
    """A statement that reads some input once, and the number of rows it gives.

    Columns: fid, line, raw (NULL for plain CSV), found, the contract's fields as text, as_of,
    as_of_explicit, again. `stream` is what it reads, where that is no file of DuckDB's.
    """

    source: Source
    sql: str
    rows: int
    stream: LineStream | None = None

    def told(self) -> AbstractContextManager[None]:
        """Around the statement: what stopped the stream is raised as what it was."""
        return self.stream.told() if self.stream else nullcontext()


def readings(con: duckdb.DuckDBPyConnection, inputs: list[Input]) -> Iterator[Reading]:
    """Statements that together read every input once; to be run before the next is asked for."""
    streams: dict[str, list[Input]] = {}
    for item in inputs:
        if item.scan.rows == 0:
            continue
        if item.source.format == "jsonl":
            streams.setdefault(item.source.name, []).append(item)
        elif item.source.format == "parquet":
            yield Reading(item.source, _parquet_rows(con, item), item.scan.rows)
        else:
            yield from _csv(con, item)
    for group in streams.values():
        source, rows = group[0].source, sum(i.scan.rows for i in group)
        with _streamed(con, group) as stream:
            yield Reading(source, _json_rows(source), rows, stream)


@contextmanager
def _streamed(con: duckdb.DuckDBPyConnection, group: list[Input]) -> Iterator[LineStream]:
    """The lines of these files as the table `lines`, which can be read once."""
    stream = LineStream(group, max_line_bytes(con))
    con.register("lines", stream.capsule())
    try:
        yield stream
    finally:
        con.unregister("lines")


def _json_rows(source: Source) -> str:
    malformed = quote(Reason.MALFORMED_JSON)
    checked = f"""
        SELECT fid, {_TOLD}, line, raw, CASE WHEN found IS NOT NULL THEN found
            WHEN NOT json_valid(raw) THEN {malformed}
            WHEN starts_with(raw, '{{') THEN NULL
            WHEN NOT starts_with(ltrim(raw, ' \t\r'), '{{') THEN '{Reason.NOT_AN_OBJECT}'
            END AS found
        FROM lines"""
    if source.native:
        form = quote(native_form(source))
        opened = f"json_transform(CASE WHEN found IS NULL THEN raw END, {form}) AS opened"
        columns = native_columns(source, "opened")
        stored = "opened.properties::VARCHAR" if source.feeds == "events" else None
    else:
        opened = "CASE WHEN found IS NULL THEN raw::JSON END AS j"
        columns = mapped_columns(source, None)
        stored = "raw"
    base = f"SELECT *, {opened} FROM ({checked})"
    if stored:
        base = (
            f"SELECT * REPLACE (CASE WHEN found IS NULL AND {_not_finite(stored)} "
            f"THEN {malformed} ELSE found END AS found) FROM ({base})"
        )
    return _finish(source, base, columns, "raw")


def _not_finite(text: str) -> str:
    """Whether JSON holds NaN or an infinity, which DuckDB's reader takes and JSON does not have.

    Looked for outside strings only where the text has something that looks like one. Only text
    that is stored is worth the look; a comma before a closing bracket, which the reader takes
    too, is gone once it has read.
    """
    strings = r'"(?:[^"\\]|\\.)*"'
    outside = f"regexp_replace({text}, {quote(strings)}, '\"\"', 'g')"
    looks = f"contains(lower({text}), 'nan') OR contains(lower({text}), 'inf')"
    return f"CASE WHEN {looks} THEN regexp_matches({outside}, '(?i)nan|inf') ELSE false END"


def parquet_texts(con: duckdb.DuckDBPyConnection, path: Path) -> list[str]:
    """The rows of a Parquet file as JSON, in their order."""
    rows, _ = _numbered_rows(con, path)
    return [row[0] for row in con.execute(f"SELECT raw FROM ({rows}) ORDER BY line").fetchall()]


def _numbered_rows(con: duckdb.DuckDBPyConnection, path: Path) -> tuple[str, dict[str, str]]:
    """SQL of a Parquet file's rows with number and text, and the types of its columns."""
    relation = f"read_parquet({quote(str(path))})"
    described = con.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()
    types = {row[0]: row[1] for row in described}
    own = "file_row_number" in map(str.lower, types)
    number = "row_number() OVER ()" if own else "file_row_number + 1"
    packed = ", ".join(f"{quote(n)}, {identifier(n)}" for n in types)
    rows = (
        f"SELECT {number} AS line, CAST(json_object({packed}) AS VARCHAR) AS raw, * FROM {relation}"
    )
    return rows, types


def _parquet_rows(con: duckdb.DuckDBPyConnection, item: Input) -> str:
    rows, types = _numbered_rows(con, item.path)
    base = f"SELECT {item.fid} AS fid, NULL::VARCHAR AS found, * FROM ({rows})"
    if not item.source.native:
        columns = mapped_columns(item.source, None)
        opened = f"SELECT fid, line, found, raw, raw::JSON AS j, {_told(item)} FROM ({base})"
        return _finish(item.source, opened, columns, "raw")
    names = PLAYER_TEXT if item.source.feeds == "players" else (*ENVELOPE_TEXT, "properties")
    columns = {n: _parquet_text(n, types.get(n)) for n in names}
    renamed = ", ".join(f'{columns[n]} AS "_{n}"' for n in names)
    picked = f"SELECT fid, line, found, raw, {renamed}, {_told(item)} FROM ({base})"
    return _finish(item.source, picked, {n: f'"_{n}"' for n in names}, "raw")


def _parquet_text(name: str, kind: str | None) -> str:
    if kind is None:
        return "NULL::VARCHAR"
    if name == "properties":
        text = f'"{name}"' if kind == "VARCHAR" else f'CAST(to_json("{name}") AS VARCHAR)'
        return _object_text(text)
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"strftime(timezone('UTC', \"{name}\"), '%Y-%m-%dT%H:%M:%S.%fZ')"
    return f'CAST("{name}" AS VARCHAR)'


def _object_text(text: str) -> str:
    """Minified JSON; text that is not JSON is marked, so that nobody takes it for an object."""
    return (
        f"CASE WHEN NOT json_valid({text}) OR {_not_finite(text)} THEN {NOT_TEXT} || {text} "
        f"ELSE CAST(json({text}) AS VARCHAR) END"
    )


def _csv(con: duckdb.DuckDBPyConnection, item: Input) -> Iterator[Reading]:
    header = csv_header(item)
    careful = not item.scan.plain
    if not careful:
        relation = csv_relation(item, header)
        try:
            count = con.execute(f"SELECT count(*) FROM {relation}").fetchone()
            careful = count is None or count[0] != item.scan.rows
            careful = careful or (item.scan.open_ended and _overlooked(con, item, len(header)))
        except duckdb.Error:
            careful = True
    if not careful:
        base = (
            f"SELECT {item.fid} AS fid, row_number() OVER () + 1 AS line, NULL::VARCHAR AS raw, "
            f"NULL::VARCHAR AS found, {_told(item)}, * FROM {relation}"
        )
        yield Reading(item.source, _csv_rows(item, header, base), item.scan.rows)
        return
    for rows in careful_csv(con, item, header):
        yield Reading(item.source, _csv_rows(item, header, "SELECT * FROM careful"), rows)


def _overlooked(con: duckdb.DuckDBPyConnection, item: Input, width: int) -> bool:
    """Whether a line that ends in a delimiter has more cells than the header."""
    delimiter = quote(item.source.delimiter)
    unquoted = """regexp_replace(raw, '"([^"]|"")*"', '', 'g')"""
    with _streamed(con, [item]) as stream, stream.told():
        found = con.execute(
            f"SELECT count(*) FROM lines WHERE ends_with(raw, {delimiter}) "
            f"AND len(string_split({unquoted}, {delimiter})) <> {width}"
        ).fetchone()
    return found is None or found[0] > 0


def csv_relation(item: Input, header: list[str]) -> str:
    """The records of a plain CSV file, its cells as text."""
    columns = ", ".join(f"{cell_name(i)}: 'VARCHAR'" for i in range(len(header)))
    return (
        f"read_csv({quote(str(item.path))}, columns={{{columns}}}, header=true, "
        f"delim={quote(item.source.delimiter)}, quote='\"', escape='\"', auto_detect=false, "
        f"strict_mode=true, {LINE_ROOM}, nullstr='', "
        f"compression='{compression_of(item.path)}')"
    )


def _csv_rows(item: Input, header: list[str], base: str) -> str:
    if item.source.native:
        columns = native_csv_columns(item.source, header)
        if "properties" in columns:
            columns["properties"] = _object_text(columns["properties"])
    else:
        columns = mapped_columns(item.source, header)
    cells = ", ".join(f"coalesce({cell_name(i)}, '')" for i in range(len(header)))
    renamed = ", ".join(f'{sql} AS "_{n}"' for n, sql in columns.items())
    content = f"concat_ws(chr(31), {cells}) AS cells"
    head = f"fid, line, raw, found, {_TOLD}"
    picked = f"SELECT {head}, {content}, {renamed} FROM ({base})"
    return _finish(item.source, picked, {n: f'"_{n}"' for n in columns}, "cells")


def _told(item: Input) -> str:
    return (
        f"TIMESTAMPTZ {quote(item.as_of.isoformat())} AS as_of, "
        f"{item.as_of_explicit} AS as_of_explicit, false AS again"
    )


def _finish(source: Source, base: str, columns: dict[str, str], content: str) -> str:
    if source.feeds == "events" and source.ids != "field":
        tag = quote(source.name)
        if source.ids == "keep":
            ordinal = f"row_number() OVER (PARTITION BY fid, {content}) AS ordinal"
            base = f"SELECT *, {ordinal} FROM ({base})"
            columns["event_id"] = f"md5({tag} || chr(31) || {content} || chr(31) || ordinal)"
        else:
            columns["event_id"] = f"md5({tag} || chr(31) || {content})"
    picked = ", ".join(f'{sql} AS "{n}"' for n, sql in columns.items())
    return f"SELECT fid, line, raw, found, {picked}, {_TOLD} FROM ({base})"
