"""`questline optimize`: fewer, larger files, and none that nobody needs."""

from pathlib import Path
from typing import Annotated

import typer

from questline.cli.output import print_pairs, progress
from questline.lake.housekeeping import RETAIN_HOURS, Amount, Housekeeping
from questline.lake.housekeeping import optimize as optimize_lake
from questline.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command()(optimize)


def optimize(
    *,
    retain_hours: Annotated[
        float,
        typer.Option(
            metavar="N",
            min=0,
            max=1_000_000,
            help="Keep files of older versions for readers that may still have them open.",
        ),
    ] = RETAIN_HOURS,
    lake: Annotated[
        Path | None, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="Instead of questline.toml.")
    ] = None,
) -> None:
    """Join the small files of the lake and delete what no version needs any more."""
    made = load_settings(settings, lake=lake)
    with progress() as report:
        done = optimize_lake(made, retain_hours=retain_hours, report=report)
    typer.echo(f"{_outcome(done)} {done.version} of {made.lake}")
    rows = [("files", f"{_amount(done.after)}, before {_amount(done.before)}")]
    if done.joined:
        rows.append(("joined", f"{done.joined:,} small files, now {done.into:,}"))
    if done.deleted.files:
        rows.append(("deleted", _amount(done.deleted)))
    if done.waiting.files:
        rows.append(("kept for a while", f"{_amount(done.waiting)}, of versions before the last"))
    if done.commits_deleted:
        rows.append(("log shortened", f"by {done.commits_deleted:,} commits"))
    print_pairs([*rows, ("seconds", f"{done.seconds:,.1f}")])


def _outcome(done: Housekeeping) -> str:
    if done.idle:
        return "Nothing to do; still version"
    return "Published version" if done.published else "Cleared up; still version"


def _amount(amount: Amount) -> str:
    return f"{amount.files:,} ({amount.bytes / 1e6:,.1f} MB)"
