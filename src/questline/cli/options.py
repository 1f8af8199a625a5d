"""Options of a metric on the command line, as its entry in the catalogue names them."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from questline.errors import UsageError
from questline.metrics import Entry

CONTEXT = {"allow_extra_args": True, "ignore_unknown_options": True}
"""Settings of a command that hands what it does not know itself to `metric_options`."""


def metric_options(found: Entry, arguments: Sequence[str]) -> dict[str, Any]:
    """Options of a metric from `--name value`, `--name=value` and, for a yes or no, `--name`.

    Raises:
        UsageError: the metric has no such option, or a value is missing or given twice.
    """
    known = {option.flag: option for option in found.options}
    options: dict[str, Any] = {}
    left = list(arguments)
    while left:
        flag, equals, value = left.pop(0).partition("=")
        option = known.get(flag)
        if option is None:
            raise UsageError(_unknown(found, flag))
        if option.name in options:
            raise UsageError(f"{flag} is given twice; give it once.")
        if option.is_flag:
            if equals:
                raise UsageError(f"{flag} takes no value; give it or leave it out.")
            options[option.name] = True
            continue
        if not equals and not left:
            raise UsageError(f"{flag} needs a value. {option.doc}")
        options[option.name] = value if equals else left.pop(0)
    return options


def _unknown(found: Entry, given: str) -> str:
    flags = [option.flag for option in found.options]
    if not given.startswith("-"):
        return f"{given!r} was not expected. `questline explain {found.name}` tells what is."
    close = get_close_matches(given, flags, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    allowed = f"Its own options: {', '.join(flags)}." if flags else "It has no options of its own."
    return (
        f"{found.name} has no option {given}.{hint} {allowed} "
        "All metrics take --from, --to, --by, --where, --segment and --exclude."
    )
