"""What a person or a program gets to see: aligned tables, CSV, JSON, Parquet."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pyarrow as pa
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from questline.api import Result
from questline.errors import UsageError
from questline.formats import WRITERS, readable, write_plain_csv
from questline.metrics import Kind
from questline.metrics.display import cell
from questline.metrics.options import shown

FORMATS = ("table", "csv", "json", "parquet")
_TEXT_KINDS = (Kind.TEXT, Kind.DATE, Kind.FLAG)


def chosen_format(given: str | None, out: Path | None, default: str, allowed: Sequence[str]) -> str:
    """The format that was asked for, by `--format` or by the name of the file.

    Raises:
        UsageError: there is no such format, or Parquet without a file.
    """
    suffix = out.suffix.lstrip(".").lower() if out is not None else ""
    found = given or (suffix if suffix in allowed else default)
    if found not in allowed:
        raise UsageError(f"--format == {found!r}, must be one of {', '.join(allowed)}.")
    if found == "parquet" and out is None:
        raise UsageError("Parquet is not for a terminal. Say where to with --out FILE.parquet.")
    return found


def show(result: Result, form: str, out: Path | None, *, verbatim: bool = False) -> None:
    """Prints a result or writes it to a file; CSV and JSON leave the statement to stderr."""
    if form == "table":
        text = table_text(result)
        if out is None:
            typer.echo(text, nl=False)
        else:
            with replacing(out) as sink:
                sink.write(text.encode())
        return
    table = result.table.replace_schema_metadata({"questline": "\n".join(statement(result))})
    send(table.schema, table.to_batches(), form, out, verbatim=verbatim)
    typer.echo(" · ".join((result.title, observation(result), *result.notes)), err=True)


def send(
    schema: pa.Schema,
    batches: Iterable[pa.RecordBatch],
    form: str,
    out: Path | None,
    *,
    verbatim: bool = False,
) -> None:
    """Writes rows piece by piece to a file, or to standard output.

    In CSV, text that a spreadsheet would execute gets an apostrophe before it, unless `verbatim`.
    """
    write = WRITERS[form] if not (verbatim and form == "csv") else write_plain_csv
    if out is None:
        write(schema, batches, typer.get_binary_stream("stdout"))
        return
    with replacing(out) as sink:
        write(schema, batches, sink)


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file that appears under its name only when it is whole; a device or a pipe stays one.

    Raises:
        UsageError: it cannot be written.
    """
    try:
        target = path.resolve()
        special = target.exists() and not target.is_file()
        part = target if special else target.with_name(f".{target.name}.{os.getpid()}.part")
        sink = part.open("wb")
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError
        why = error.strerror if isinstance(error, OSError) else "its links go round in a circle"
        raise UsageError(f"{path} cannot be written ({why}). Choose another --out.") from error
    try:
        with sink:
            yield sink
        if not special:
            part.replace(target)
    finally:
        if not special:
            part.unlink(missing_ok=True)


def table_text(result: Result) -> str:
    """The table that a person reads, and below it what the numbers mean."""
    entry = result.entry
    kinds = {name: entry.kind(name) for name in result.table.column_names}
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=result.title, title_justify="left")
    for name, kind in kinds.items():
        table.add_column(name, justify="left" if kind in _TEXT_KINDS else "right", no_wrap=True)
    for row in result.rows():
        table.add_row(*[cell(row[name], kind) for name, kind in kinds.items()])
    empty = [] if result.table.num_rows else ["No rows."]
    return "\n".join((aligned(table), *empty, *statement(result), ""))


def aligned(table: Table) -> str:
    """A table as text, as wide as it needs to be."""
    console = Console(file=io.StringIO(), width=100_000, color_system=None, highlight=False)
    with console.capture() as captured:
        console.print(table)
    return "\n".join(line.rstrip() for line in captured.get().splitlines())


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """Shows on a terminal what is going on; elsewhere nothing."""
    if not sys.stdout.isatty():
        yield lambda _: None
        return
    with Console().status("starting") as spinner:
        yield lambda step: spinner.update(Text(readable(step)[:100]))


def print_pairs(rows: list[tuple[str, str]]) -> None:
    """Names and values, one pair a line."""
    table = Table.grid(padding=(0, 2))
    for name, value in rows:
        table.add_row(name, value)
    Console(highlight=False).print(table)


def statement(result: Result) -> list[str]:
    """Definition, period and what the numbers leave out, one sentence or more a line."""
    given = {k: v for k, v in result.options.items() if v is not None and v is not False}
    asked = [f"{k} = {shown(v)}" for k, v in given.items() if v != ()]
    asked += [*result.where, *([f"by {result.by}"] if result.by else [])]
    asked += [f"players of {segment}" for segment in result.segments]
    lines = [
        result.entry.summary,
        f"Formula: {result.formula} ({result.unit}).",
        f"Period: {result.start or 'no day'} to {result.end or 'no day'}, "
        f"{result.reporting_zone}; {observation(result)}.",
    ]
    if asked:
        lines.append(f"Asked for: {', '.join(asked)}.")
    lines += result.excluded
    lines += [f"Note: {note}" for note in result.notes]
    return lines


def observation(result: Result) -> str:
    """How far the numbers reach, and of which version of the lake they are."""
    until = result.complete_until or "no complete day yet"
    return f"complete until {until}, lake version {result.lake_version}"
