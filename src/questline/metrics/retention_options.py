"""Options of retention and of cohorts."""

from __future__ import annotations

import re

from questline.errors import UsageError
from questline.metrics.options import (
    Option,
    ages,
    choice,
    flag,
    property_name,
    selector,
    spans,
)

MOST_FOLLOW_UP = 365

MOST_OCCURRENCES = 1000


def follow_up(value: object) -> int:
    """A number of days from 1 to 365.

    Raises:
        UsageError: it is none.
    """
    if re.fullmatch(r"\d{1,3}", str(value)) and 1 <= int(str(value)) <= MOST_FOLLOW_UP:
        return int(str(value))
    raise UsageError(
        f"follow_up == {value!r}, must be a number of days from 1 to {MOST_FOLLOW_UP}."
    )


def cohorts(value: object) -> str | None:
    """`day`, `week` or `month`; in Python True is day and False is none.

    Raises:
        UsageError: it is another word.
    """
    if isinstance(value, bool):
        return "day" if value else None
    return choice("cohorts", "day", "week", "month")(value)


def day_cohorts(value: object) -> str | None:
    """`day`; in Python True is day and False is none.

    Raises:
        UsageError: it is another word.
    """
    if value not in {True, False, "day"}:
        raise UsageError(f"cohorts == {value!r}, must be day.")
    return "day" if value else None


def occurrences(value: object) -> int:
    """A number of events from 1 to 1000.

    Raises:
        UsageError: it is none.
    """
    if re.fullmatch(r"\d{1,4}", str(value)) and 1 <= int(str(value)) <= MOST_OCCURRENCES:
        return int(str(value))
    raise UsageError(f"at_least == {value!r}, must be a number from 1 to {MOST_OCCURRENCES}.")


DAYS = Option(
    "days",
    "Day numbers, such as 1,7,30, or spans of them, such as 1-3,4-7,8-14; 0 is the day of "
    "acquisition.",
    spans,
)

RETURNS = ("on_day", "on_or_after", "within", "every_day")

RETURNED = Option(
    "returned",
    "What counts for a day number N. `on_day`: active on day N, or on some day of a span; "
    "`on_or_after`: on day N or in the `follow_up` days after it; `within`: on some day from 1 "
    "to N; `every_day`: on each day from 1 to N.",
    choice("returned", *RETURNS),
)

LEFT = Option(
    "left", "One definition of a return, as `returned` of retention.", choice("left", *RETURNS)
)

RIGHT = Option("right", "The other one.", choice("right", *RETURNS))

FOLLOW_UP = Option("follow_up", "Days after day N that count, with `on_or_after`.", follow_up)

BALANCED = Option(
    "balanced",
    "Only cohorts for which every asked day was observed, so that all rows are of the same "
    "players.",
    flag,
)

COHORTS = Option(
    "cohorts",
    "Rows of each cohort instead of one pooled row: players who entered on one `day`, in one "
    "`week` from Monday on, or in one `month`.",
    cohorts,
)

DAY_COHORTS = Option(
    "cohorts",
    "`day`: rows of each day of acquisition instead of one pooled row.",
    day_cohorts,
)

CLOCK = Option(
    "clock",
    "`day`: day numbers are calendar days of the reporting zone; `24h`: periods of 24 hours from "
    "each player's own first moment.",
    choice("clock", "day", "24h"),
)

START_EVENT = Option(
    "start_event",
    "Players enter with this event instead of their acquisition: purchase, or "
    "level_complete[level>=3,mode=hard].",
    selector("start_event"),
)

ENTRIES = Option(
    "entries",
    "With `start_event`. `first`: a player enters once, with the first one in the log; `any`: he "
    "enters on every day on which he did it.",
    choice("entries", "first", "any"),
)

RETURN_EVENT = Option(
    "return_event",
    "Only this event is a return, written as `start_event`; any active event if not given.",
    selector("return_event"),
)

AT_LEAST = Option(
    "at_least",
    "Return events it takes on the days of a cell together; on each of them with `every_day`.",
    occurrences,
)

PROPERTY = Option(
    "property",
    "A number that return events carry, such as amount_usd: its sum, per player and per event.",
    property_name,
)

DAY_NUMBERS = Option("days", "Day numbers, such as 0,7,30; 0 is the day of acquisition.", ages)
