"""The command line: `questline COMMAND`."""

import sys
from importlib import import_module
from types import ModuleType


def main(*before: str) -> None:
    """Runs the command line, with `before` put ahead of the arguments, and exits."""
    _loaded("app").run(*before)


def simulation() -> None:
    """Runs `questline simulate` alone, without lake and metrics: it starts in half the time."""
    sys.exit(_loaded("simulate").main())


def _loaded(name: str) -> ModuleType:
    """A module of this package; ends with a line where a library is missing."""
    try:
        return import_module(f"{__name__}.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("questline"):
            raise
        sys.exit(
            f"Error: {error.name} is missing for {sys.executable}. Run `pip install -r "
            "requirements.txt`, or use the Python that has it: after `make demo` .venv/bin/python."
        )
