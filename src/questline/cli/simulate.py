"""`questline simulate`: writes the raw files of a made-up game."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from questline.cli.launch import launch
from questline.cli.live import ForSeconds, Live, Rate, RollSeconds, check_options, run_live
from questline.simulation import SimulationConfig, Summary
from questline.simulation import simulate as write_world
from questline.simulation.config import (
    COMPRESSIONS,
    DEFAULT_START,
    DEFAULT_USERS,
    FORMATS,
    parse_start,
)
from questline.simulation.live import LiveSettings
from questline.simulation.presets import PRESETS


def _run(config: SimulationConfig) -> Summary:
    if not sys.stdout.isatty():
        return write_world(config)
    columns = (TextColumn("Writing"), BarColumn(), MofNCompleteColumn(), TextColumn("days"))
    with Progress(*columns, transient=True) as bar:
        task = bar.add_task("days", total=config.days)
        return write_world(config, lambda done, _: bar.update(task, completed=done))


def _report(summary: Summary, config: SimulationConfig, seconds: float) -> str:
    days = f"{config.days} days" if config.days > 1 else "1 day"
    people = "player" if summary.players == 1 else "players"
    rows = (
        (summary.events, "events", ""),
        (summary.sessions, "sessions", ""),
        (summary.players, people, f", {summary.active_players:,} of them active"),
        (summary.files, "files", f", {summary.bytes / 1e6:,.1f} MB, in {summary.out}"),
    )
    head = f"Simulated {days}, {summary.first_day} to {summary.last_day}, seed {config.seed}:"
    lines = [f"{number:>13,} {name}{rest}" for number, name, rest in rows]
    if summary.dirty:
        lines.insert(1, f"{summary.dirty:>13,} of their lines dirty, each named in the answer key")
    lines += [
        f"{seconds:>13.1f} seconds",
        f"Answer key in {summary.truth}; check with `questline verify`.",
    ]
    if summary.replaced:
        lines.append(
            "They replace the simulation that was there. A lake built from that one is of another "
            "world: delete it, or give `questline run` another --lake."
        )
    return "\n".join([head, *lines])


def simulate(
    context: typer.Context,
    *,
    days: Annotated[int, typer.Option(help="UTC days of log to write.")] = 30,
    users: Annotated[
        int | None,
        typer.Option(
            help=f"Players, those before the log included. [default: {DEFAULT_USERS}]",
        ),
    ] = None,
    installs_per_day: Annotated[
        int | None, typer.Option(help="New players a day, instead of --users.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Same seed and settings, same bytes.")] = 42,
    start: Annotated[
        str, typer.Option(metavar="DATE", help="First day of the log.")
    ] = DEFAULT_START.isoformat(),
    preset: Annotated[
        str,
        typer.Option(
            metavar="NAME|FILE",
            help=f"Kind of game: {', '.join(PRESETS)}, or a TOML file of your own.",
        ),
    ] = "puzzle",
    kind: Annotated[
        str, typer.Option("--format", metavar="|".join(FORMATS), help="Format of the files.")
    ] = "jsonl",
    compression: Annotated[
        str, typer.Option(metavar="|".join(COMPRESSIONS), help="Compression of the files.")
    ] = "none",
    dirt: Annotated[
        float, typer.Option(help="Share of event lines that are spoiled, each with a label.")
    ] = 0.0,
    threads: Annotated[
        int | None, typer.Option(help="Threads that make text; changes no byte.")
    ] = None,
    out: Annotated[
        Path, typer.Option(metavar="DIR", help="Folder; an earlier simulation is replaced.")
    ] = Path("data/raw_events"),
    live: Live = False,
    rate: Rate = 500,
    roll_seconds: RollSeconds = 5,
    for_seconds: ForSeconds = None,
) -> None:
    """Write raw event files of a simulated game: one file a day, the players, an answer key."""
    check_options(context, live=live)
    if live:
        run_live(
            LiveSettings(rate, seed, preset, kind, compression, roll_seconds, for_seconds, out)
        )
        return
    config = SimulationConfig(
        days=days,
        users=users,
        installs_per_day=installs_per_day,
        seed=seed,
        start=parse_start(start),
        preset=preset,
        format=kind,
        compression=compression,
        dirt=dirt,
        out=out,
        threads=threads or os.cpu_count() or 1,
    )
    began = time.perf_counter()
    summary = _run(config)
    typer.echo(_report(summary, config, time.perf_counter() - began))


def main(arguments: list[str] | None = None) -> int:
    """Runs the command alone and returns its exit code; a mistake is one line on stderr."""
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    app.command()(simulate)
    stopped = "Stopped; the files of an earlier simulation are unchanged."
    return launch(app, arguments, "event_generator.py", stopped)
