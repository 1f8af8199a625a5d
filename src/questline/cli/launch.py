"""Starting a command: one readable line and the documented exit code instead of a traceback."""

import errno
import os
import sys
from typing import Any

import typer

from questline.errors import QuestlineError

PARSE_ERROR: type[Exception] = typer.BadParameter.__mro__[2]
"""What Typer raises for a wrong command line; it has no public name of its own."""

NO_ROOM = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is used up",
    errno.EFBIG: "a file may not grow further (the system limits its size, see `ulimit -f`)",
}
"""What the system may answer where it cannot store more."""

INTERRUPTED = 130
DATA_PROBLEM = 2


def launch(
    app: typer.Typer,
    arguments: list[str] | None,
    prog_name: str,
    stopped: str = "Stopped; what is published is unchanged.",
) -> int:
    """Runs the app and returns its exit code: 0 done, 1 a mistake, 2 data problem, 3 locked."""
    try:
        code: Any = app(arguments, prog_name=prog_name, standalone_mode=False)
    except BrokenPipeError:
        return 0
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    except RuntimeError as error:
        # So DuckDB says that Ctrl-C stopped a statement.
        if not isinstance(error.__cause__, KeyboardInterrupt):
            raise
        code = INTERRUPTED
    except expected() as error:
        return _say(*_told(error, prog_name))
    if code == INTERRUPTED:
        # Typer, too, gives no more than the number.
        return _say(stopped, INTERRUPTED)
    return code if isinstance(code, int) else 0


def expected() -> tuple[type[Exception], ...]:
    """What gets a line in place of a traceback.

    Of the tools only those that are loaded: loading the others takes longer than some commands.
    """
    tools = (("duckdb", "Error"), ("deltalake.exceptions", "DeltaError"))
    loaded = (getattr(sys.modules[tool], name) for tool, name in tools if tool in sys.modules)
    return (QuestlineError, PARSE_ERROR, OSError, *loaded)


def _told(error: Exception, prog_name: str) -> tuple[str, int]:
    """What to say of an error, and the exit code."""
    if isinstance(error, QuestlineError):
        return f"Error: {error}", error.exit_code
    if isinstance(error, PARSE_ERROR):
        message = " ".join(str(getattr(error, "format_message", error.__str__)()).split())
        return f"Error: {message.rstrip('.')}. See `{prog_name} --help`.", 1
    for code, what in NO_ROOM.items():
        # DuckDB and deltalake give the system's words without its number.
        if os.strerror(code) in str(error) or getattr(error, "errno", None) == code:
            return f"Error: {what}. Make room and run again; nothing is lost.", DATA_PROBLEM
    first = (str(error).splitlines() or [""])[0]
    return f"Error: {first.rstrip('.')}. Nothing was published.", DATA_PROBLEM


def _say(message: str, code: int) -> int:
    typer.echo(message, err=True)
    return code
