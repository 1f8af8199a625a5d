"""Commands that bring data in and tell what came: run, status."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import duckdb
import typer

from questline.cli.output import print_pairs, progress, readable
from questline.engines.choice import ENGINES
from questline.errors import UsageError
from questline.ingestion.mapping import load_mapping
from questline.lake.publication import Pointer, attach_views, read_pointer
from questline.pipeline import RunSummary
from questline.pipeline import run as run_pipeline
from questline.settings import load_settings

Raw = Annotated[Path | None, typer.Option("--raw", metavar="DIR", help="Folder of raw files.")]
Lake = Annotated[Path | None, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")]
MappingName = Annotated[
    str | None,
    typer.Option("--mapping", metavar="FILE|NAME", help="How foreign logs are read."),
]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Instead of questline.toml.")
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the app."""
    for command in (run, status):
        app.command()(command)


def run(
    *,
    raw: Raw = None,
    lake: Lake = None,
    mapping: MappingName = None,
    engine: Annotated[
        str,
        typer.Option(
            metavar="|".join(ENGINES),
            help="What works. Spark builds the derived tables from all events each time.",
        ),
    ] = "duckdb",
    master: Annotated[
        str | None,
        typer.Option(metavar="URL", help="Where Spark runs: local[2], spark://host:7077."),
    ] = None,
    as_of: Annotated[
        str | None, typer.Option(metavar="TIME", help="Judge age and future against this time.")
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="Read every file again and rebuild every table.")
    ] = False,
    settings: SettingsFile = None,
) -> None:
    """Take in what is new in the raw folder and publish the lake."""
    chosen = load_mapping(mapping)
    made = load_settings(settings, **{**chosen.settings, **given(raw=raw, lake=lake)})
    with progress() as report:
        summary = run_pipeline(
            made,
            chosen,
            as_of=_instant(as_of),
            full=full,
            engine=engine,
            master=master,
            report=report,
        )
    _print_run(summary, made.lake)


def status(*, lake: Lake = None, settings: SettingsFile = None) -> None:
    """Tell what came in, what was refused, and how far the numbers reach."""
    made = load_settings(settings, **given(lake=lake))
    pointer = published(made.lake)
    con = duckdb.connect()
    attach_views(con, pointer)
    facts = pointer.facts
    rows = con.execute("""
        SELECT coalesce(sum(lines_in), 0), coalesce(sum(accepted), 0),
            coalesce(sum(duplicates), 0), coalesce(sum(rejected), 0),
            count(DISTINCT CASE WHEN file <> '' THEN file END) FROM ledger""").fetchone()
    lines, accepted, duplicates, refused, files = rows or (0,) * 5
    newest = con.execute("SELECT max(event_date) FROM player_days WHERE events > 0").fetchone()
    facts_rows = [
        ("lake version", str(facts.version)),
        ("published", pointer.published_at),
        ("files", f"{files:,}"),
        ("lines in", f"{lines:,}"),
        ("accepted", f"{accepted:,}"),
        ("duplicates", f"{duplicates:,}"),
        ("rejected", f"{refused:,}"),
        ("complete from", str(facts.complete_from or "no events yet")),
        ("complete until", str(facts.complete_until or "no complete day yet")),
        ("newest day", str(newest[0] if newest and newest[0] else "none")),
        ("reporting zone", facts.reporting_zone),
    ]
    print_pairs(facts_rows)
    _print_waiting(con)


def given(**options: object) -> dict[str, object]:
    """The options that were given."""
    return {k: v for k, v in options.items() if v is not None}


def published(lake: Path) -> Pointer:
    """What readers of the lake see.

    Raises:
        UsageError: nothing is published there.
    """
    pointer = read_pointer(lake)
    if pointer is None:
        raise UsageError(f"No lake at {lake}. Build it with `questline run`.")
    return pointer


def _instant(text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"--as-of == {text!r}, must be an ISO 8601 time such as 2026-01-31T00:00:00Z."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _print_run(summary: RunSummary, lake: Path) -> None:
    dates = summary.dates
    span = f"{len(dates):,}" + (f", {dates[0]} to {dates[-1]}" if dates else "")
    files = f"{summary.files:,}"
    if summary.unchanged:
        files += f" new or changed, {summary.unchanged:,} unchanged"
    rows = [("files", files), ("lines in", f"{summary.lines_in:,}")]
    rows.append(("accepted", f"{summary.accepted:,}"))
    rows.append(("duplicates", f"{summary.duplicates:,}"))
    rows.append(("rejected", f"{sum(summary.rejected.values()):,}"))
    rows += [(f"  {reason}", f"{n:,}") for reason, n in sorted(summary.rejected.items())]
    rows += [
        ("dates rebuilt", span),
        ("complete until", str(summary.facts.complete_until or "no complete day yet")),
        ("seconds", f"{summary.seconds:,.1f}"),
        ("events a second", f"{summary.events_per_second:,.0f}"),
    ]
    done = "Published version" if summary.published else "Nothing new; still version"
    typer.echo(f"{done} {summary.version} of {lake}")
    print_pairs(rows)
    for file, problem in summary.incomplete:
        typer.echo(
            f"Not taken: {readable(f'{file} ({problem})')}. It is tried again when it changes."
        )
    for file, why in summary.skipped:
        typer.echo(f"Skipped: {readable(file)} ({why}).")
    if summary.rejected:
        typer.echo("See the refused rows with `questline rejected`.")


def _print_waiting(con: duckdb.DuckDBPyConnection) -> None:
    waiting = con.execute("""
        SELECT file FROM ledger WHERE file <> '' AND kind <> 'replayed'
        QUALIFY row_number() OVER (PARTITION BY file ORDER BY run_id DESC) = 1
            AND kind = 'incomplete' ORDER BY file""").fetchall()
    for (file,) in waiting:
        typer.echo(
            f"Not taken yet: {readable(file)} is incomplete; it is tried again when it changes."
        )
