"""Commands that bring data in and tell what came: run, status."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from questline import intake
from questline.api import open as open_lake
from questline.cli.output import print_pairs, progress
from questline.engines.choice import ENGINES
from questline.errors import UsageError
from questline.formats import readable
from questline.ingestion.mapping import load_mapping
from questline.lake.publication import Pointer, read_pointer
from questline.pipeline import RunSummary
from questline.pipeline import run as run_pipeline
from questline.settings import load_settings

Raw = Annotated[Path | None, typer.Option("--raw", metavar="DIR", help="Folder of raw files.")]
Lake = Annotated[Path | None, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")]
MappingName = Annotated[
    str | None,
    typer.Option("--mapping", metavar="FILE|NAME", help="How foreign logs are read."),
]
COUNTS = ("files", "lines in", "accepted", "duplicates", "rejected")
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
    analytics = open_lake(made.lake, made)
    facts = analytics.facts
    counts = intake.totals(analytics).to_pylist()[0]
    facts_rows = [
        ("lake version", str(facts.version)),
        ("published", pointer.published_at),
        *((name, f"{counts[name.replace(' ', '_')]:,}") for name in COUNTS),
        ("complete from", str(facts.complete_from or "no events yet")),
        ("complete until", str(facts.complete_until or "no complete day yet")),
        ("newest day", str(intake.newest_day(analytics) or "none")),
        ("reporting zone", facts.reporting_zone),
    ]
    print_pairs(facts_rows)
    for file in intake.waiting(analytics)["file"].to_pylist():
        typer.echo(
            f"Not taken yet: {readable(file)} is incomplete; it is tried again when it changes."
        )


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
