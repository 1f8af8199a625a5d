"""`questline simulate --live`: a stream of events into files that appear one after the other."""

from __future__ import annotations

import signal
from types import FrameType, TracebackType
from typing import Annotated, Any

import typer

from questline.errors import UsageError
from questline.simulation.live import (
    MAX_RATE,
    LiveSettings,
    LiveSummary,
    SystemClock,
    stream_live,
)

Live = Annotated[
    bool,
    typer.Option(
        "--live",
        help="Events whose time is now, in small files, until Ctrl-C. Without an answer key.",
    ),
]
Rate = Annotated[int, typer.Option(help=f"With --live: events a second, 1 to {MAX_RATE}.")]
RollSeconds = Annotated[int, typer.Option(help="With --live: seconds that a file covers.")]
ForSeconds = Annotated[
    int | None,
    typer.Option("--for", metavar="SECONDS", help="With --live: end by itself after this time."),
]

ONLY_LIVE = {"rate": "--rate", "roll_seconds": "--roll-seconds", "for_seconds": "--for"}
NEVER_LIVE = {
    "days": "--days",
    "users": "--users",
    "installs_per_day": "--installs-per-day",
    "start": "--start",
    "dirt": "--dirt",
    "threads": "--threads",
}
NOTICEABLE_SECONDS = 1.0


class Stop:
    """Remembers the first Ctrl-C or request to end; a second one breaks off at once."""

    def __init__(self) -> None:
        self.signal = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> Stop:
        for number in (signal.SIGINT, signal.SIGTERM):
            self._before[number] = signal.signal(number, self._remember)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def __call__(self) -> bool:
        """Whether to end."""
        return self.signal != 0

    def _remember(self, number: int, _: FrameType | None) -> None:
        if self.signal:
            raise KeyboardInterrupt
        self.signal = number


def check_options(context: typer.Context, *, live: bool) -> None:
    """Refuses options that mean nothing here.

    Raises:
        UsageError: an option for a live stream was given without `--live`, or the reverse.
    """
    for name, option in (NEVER_LIVE if live else ONLY_LIVE).items():
        source = context.get_parameter_source(name)
        if source is None or source.name != "COMMANDLINE":
            continue
        if live:
            raise UsageError(
                f"{option} does not go with --live, which begins now and is clean. "
                f"Leave out {option} or --live."
            )
        raise UsageError(f"{option} needs --live. Add it, or leave out {option}.")


def run_live(settings: LiveSettings) -> None:
    """Streams until the end or a stop, and says what was written.

    Raises:
        typer.Exit: it was stopped; the code is 130 after Ctrl-C.
    """
    told = (
        f"About {settings.rate:,} events a second into {settings.out}, a new file every "
        f"{settings.roll_seconds} s; Ctrl-C ends it."
    )
    with Stop() as stop:
        clock = SystemClock()
        summary = stream_live(settings, clock, stop, lambda: typer.echo(told, err=True))
    typer.echo(report(summary))
    if stop():
        raise typer.Exit(128 + stop.signal)


def report(summary: LiveSummary) -> str:
    """One line about a stream that ended."""
    rate = summary.events / summary.seconds if summary.seconds else 0.0
    line = (
        f"Wrote {summary.events:,} events in {summary.files:,} files in {summary.seconds:,.1f} "
        f"seconds ({rate:,.0f} events/s) into {summary.out}."
    )
    if summary.behind_seconds > NOTICEABLE_SECONDS:
        line += f" The last event is {summary.behind_seconds:,.1f} s late: the rate is too high."
    return line
