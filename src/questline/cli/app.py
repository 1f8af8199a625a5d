"""The app with every command."""

import io
import sys

import typer

from questline.cli import (
    dashboard,
    housekeeping,
    lake,
    questions,
    rejected,
    report,
    summary,
    verify,
)
from questline.cli.launch import launch
from questline.cli.simulate import simulate


def build() -> typer.Typer:
    """The app with every command."""
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        help="Game telemetry in, right numbers out.",
    )
    app.command()(simulate)
    lake.register(app)
    rejected.register(app)
    housekeeping.register(app)
    questions.register(app)
    summary.register(app)
    verify.register(app)
    report.register(app)
    dashboard.register(app)
    return app


def run(*before: str) -> None:
    """Runs the command line, with `before` put ahead of the arguments, and exits."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            # A terminal that cannot show a character of some file's name gets its number.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(launch(build(), [*before, *sys.argv[1:]], "questline"))
