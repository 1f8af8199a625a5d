"""Commands about refused rows: what they are, and trying them again."""

from pathlib import Path
from typing import Annotated

import duckdb
import typer
from rich.console import Console

from questline import intake
from questline.api import open as open_lake
from questline.cli.lake import Lake, MappingName, Raw, SettingsFile, given, published
from questline.cli.output import print_pairs, progress, replacing
from questline.contract import Reason
from questline.errors import UsageError
from questline.formats import readable
from questline.ingestion.edits import rows_to_edit
from questline.ingestion.mapping import load_mapping
from questline.lake.publication import attach_views
from questline.pipeline import ReplaySummary
from questline.pipeline import replay as replay_pipeline
from questline.settings import load_settings

SHOWN = 200


def register(app: typer.Typer) -> None:
    """Adds the commands to the app."""
    for command in (rejected, replay):
        app.command()(command)


def rejected(
    *,
    reason: Annotated[str | None, typer.Option(help="Only this reason.")] = None,
    limit: Annotated[int, typer.Option(min=0, help="Examples per reason.")] = 3,
    out: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write the rows to a new file, to edit and replay them."),
    ] = None,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """Count the refused rows by reason, with examples, file, line and what to do."""
    made = load_settings(settings, **given(lake=lake))
    if reason is not None and reason not in list(Reason):
        raise UsageError(f"--reason == {reason!r}, must be one of {', '.join(Reason)}.")
    pointer = published(made.lake)
    if out is not None:
        con = duckdb.connect()
        attach_views(con, pointer)
        _write(con, reason, out)
        return
    analytics = open_lake(made.lake, made)
    refused = intake.reasons(analytics, reason).to_pylist()
    if not refused:
        typer.echo("No refused rows." if reason is None else f"No rows refused as {reason}.")
        return
    console = Console(highlight=False)
    for row in refused:
        name = row["reason"]
        console.print(f"[bold]{name}[/bold]  {row['rows']:,}", soft_wrap=True)
        console.print(f"  To do: {row['hint']}.", soft_wrap=True, markup=False)
        for example in intake.examples(analytics, name, limit, SHOWN).to_pylist():
            file, line = example["file"], example["line"]
            where = readable(f"{file}:{line}" if line is not None else file)
            console.print(f"  {where}  {example['message']}", soft_wrap=True, markup=False)
            console.print(f"    {_shown(example['raw'])}", soft_wrap=True, markup=False)


def _write(con: duckdb.DuckDBPyConnection, reason: str | None, out: Path) -> None:
    if out.exists():
        raise UsageError(f"{out} is there already. Choose another --out, or delete it first.")
    written = 0
    with replacing(out) as sink:
        for line in rows_to_edit(con, reason):
            sink.write(line)
            written += 1
    typer.echo(
        f"Wrote {written:,} rows to {out}. Mend their `raw`, then "
        f"`questline replay --rows {out}`; rows left as they are stay refused."
    )


def replay(
    *,
    reason: Annotated[str | None, typer.Option(help="Only rows of this reason.")] = None,
    rows: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Edited rows, as `rejected --out` wrote them."),
    ] = None,
    raw: Raw = None,
    lake: Lake = None,
    mapping: MappingName = None,
    settings: SettingsFile = None,
) -> None:
    """Try refused rows again, after a fix of settings or mapping, or edited in a file."""
    chosen = load_mapping(mapping)
    made = load_settings(settings, **{**chosen.settings, **given(raw=raw, lake=lake)})
    with progress() as report:
        summary = replay_pipeline(made, chosen, reason=reason, rows=rows, report=report)
    _print_replay(summary, made.lake)


def _print_replay(summary: ReplaySummary, lake: Path) -> None:
    dates, outcome = summary.dates, summary.outcome
    counts, failed = outcome.counts, outcome.failed
    span = f"{len(dates):,}" + (f", {dates[0]} to {dates[-1]}" if dates else "")
    rows = [("tried again", f"{counts.lines_in + len(failed):,}")]
    rows.append(("accepted", f"{counts.accepted:,}"))
    rows.append(("duplicates", f"{counts.duplicates:,}"))
    rows.append(("rejected", f"{sum(counts.rejected.values()) + len(failed):,}"))
    rows += [(f"  {reason}", f"{n:,}") for reason, n in sorted(counts.rejected.items())]
    rows += [("dates rebuilt", span), ("seconds", f"{summary.seconds:,.1f}")]
    done = "Published version" if summary.published else "Nothing changed; still version"
    typer.echo(f"{done} {summary.version} of {lake}")
    print_pairs(rows)
    if failed:
        first = failed[0]
        field = f" ({first.field})" if first.field else ""
        where = readable(f"{first.file}:{first.line}")
        typer.echo(
            f"Refused again: {len(failed):,} of the edited rows, first {where}: "
            f"{first.reason}{field}. They stay as they were; mend the file and replay it again."
        )
    if outcome.unchanged:
        typer.echo(f"Left as they are: {outcome.unchanged:,} rows that nobody edited since.")
    for why, count in sorted(outcome.left.items()):
        typer.echo(f"Not tried: {count:,} rows ({why}).")


def _shown(raw: str | None) -> str:
    text = readable(raw or "")
    return text if len(text) <= 160 else text[:157] + "..."
