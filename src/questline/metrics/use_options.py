"""Options of engagement and of features in use."""

from __future__ import annotations

from questline.errors import UsageError
from questline.metrics.options import (
    Option,
    ages,
    choice,
    flag,
    text,
)


def power_window(value: object) -> int:
    """A window of the power-user curve.

    Raises:
        UsageError: it is not 7, 28 or 30.
    """
    return int(choice("window", "7", "28", "30")(str(value)))


def lapses(value: object) -> tuple[int, ...]:
    """Lengths in days from `14,30` or from a list, in order and without repeats.

    Raises:
        UsageError: one is not a whole number from 1 to 3650.
    """
    found = ages(value)
    if found[0] == 0:
        raise UsageError(f"days == {value!r}, must be 1 or more, such as 14,30.")
    return found


FEATURE = Option("feature", "One feature of the settings; all of them if not given.", text)

INTERVAL = Option(
    "interval",
    "`day`, `week` (from Monday) or `4weeks` (four such weeks, counted from Monday, 1 January "
    "1900, so that they are the same for every period and lake).",
    choice("interval", "day", "week", "4weeks"),
)

POWER_WINDOW = Option(
    "window",
    "Days that count: 7, 28 (whole weeks, so that no weekday weighs more) or 30.",
    power_window,
)

FULL_EXPOSURE = Option(
    "full_exposure",
    "Only players acquired before the window, who could have been active on each of its days.",
    flag,
)

CYCLE = Option(
    "cycle",
    "`week`: one row a weekday and hour; `day`: one row an hour.",
    choice("cycle", "week", "day"),
)

LAPSES = Option("days", "Days without activity, such as 14,30.", lapses)

DAYS_OF_USE = Option(
    "days", "Day numbers after the first use, such as 1,7; 0 is the day of the first use.", ages
)

DAYS_TO_ADOPT = Option(
    "days", "Day numbers, such as 0,1,7,30; 0 is the day on which a player became eligible.", ages
)
