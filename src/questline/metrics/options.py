"""Options of metrics: what each means and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from questline.errors import UsageError
from questline.metrics.selectors import NO_PROPERTIES, Selector, parse_selector

MOST_DAY_NUMBERS = 400
LARGEST_DAY_NUMBER = 3650
MOST_STEPS = 12
MOST_FOLLOW_UP = 365
MOST_OCCURRENCES = 1000
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True)
class Option:
    """One option; `parse` takes a Python value or the text of the command line."""

    name: str
    doc: str
    parse: Callable[[object], object]

    @property
    def flag(self) -> str:
        """As it is written on the command line."""
        return "--" + self.name.replace("_", "-")


def choice(name: str, *allowed: str) -> Callable[[object], str]:
    """A reader that takes one of the allowed words."""

    def parse(value: object) -> str:
        if value not in allowed:
            known = f"{', '.join(allowed[:-1])} or {allowed[-1]}"
            raise UsageError(f"{name} == {value!r}, must be {known}.")
        return str(value)

    return parse


class Span(NamedTuple):
    """Day numbers from `first` to `last`, counted from the day of acquisition."""

    first: int
    last: int

    def __str__(self) -> str:
        """As it is written: 7, or 8-14."""
        return f"{self.first}" if self.first == self.last else f"{self.first}-{self.last}"


def spans(value: object) -> tuple[Span, ...]:
    """Day numbers and spans of them from `1,7,8-14` or from a list, in order and without repeats.

    Raises:
        UsageError: one is not a whole number from 0 to 3650, or a span ends before it begins.
    """
    parts = value.split(",") if isinstance(value, str) else value
    parts = parts if isinstance(parts, Iterable) else [parts]
    found = [re.fullmatch(r"(\d{1,4})(?:-(\d{1,4}))?", str(part).strip()) for part in parts]
    days = sorted({Span(int(m[1]), int(m[2] or m[1])) for m in found if m})
    if None in found or not days or any(d.first > d.last for d in days):
        raise UsageError(
            f"days == {value!r}, must be whole numbers such as 1,7,30 or spans such as 1-3,4-7."
        )
    if max(d.last for d in days) > LARGEST_DAY_NUMBER or len(days) > MOST_DAY_NUMBERS:
        raise UsageError(
            f"days == {value!r}, must be 1 to {MOST_DAY_NUMBERS} numbers or spans from 0 to "
            f"{LARGEST_DAY_NUMBER}."
        )
    return tuple(days)


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


def event_types(value: object) -> tuple[str, ...]:
    """Steps of a funnel from `a,b,c` or from a list.

    Raises:
        UsageError: there is none, one is empty, or there are too many.
    """
    parts = value.split(",") if isinstance(value, str) else value
    steps = tuple(str(p).strip() for p in parts) if isinstance(parts, Iterable) else ()
    if not steps or not all(steps) or len(steps) > MOST_STEPS:
        raise UsageError(
            f"steps == {value!r}, must be 1 to {MOST_STEPS} event types such as "
            "session_start,level_start,level_complete."
        )
    return steps


def duration(value: object) -> timedelta:
    """A time from `90s`, `30m`, `12h` or `7d`, or from a timedelta.

    Raises:
        UsageError: it is not a time, or not above zero.
    """
    found = value
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,6})([smhd])", value.strip())):
        found = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not isinstance(found, timedelta) or found <= timedelta(0):
        raise UsageError(f"window == {value!r}, must be a time such as 90s, 30m, 12h or 7d.")
    return found


def flag(value: object) -> bool:
    """A yes or no."""
    return value is True or str(value).lower() == "true"


def cohorts(value: object) -> str | None:
    """`day`, `week` or `month`; in Python True is day and False is none.

    Raises:
        UsageError: it is another word.
    """
    if isinstance(value, bool):
        return "day" if value else None
    return choice("cohorts", "day", "week", "month")(value)


def selector(name: str) -> Callable[[object], Selector]:
    """A reader of one kind of events."""
    return lambda value: parse_selector(value, name)


def occurrences(value: object) -> int:
    """A number of events from 1 to 1000.

    Raises:
        UsageError: it is none.
    """
    if re.fullmatch(r"\d{1,4}", str(value)) and 1 <= int(str(value)) <= MOST_OCCURRENCES:
        return int(str(value))
    raise UsageError(f"at_least == {value!r}, must be a number from 1 to {MOST_OCCURRENCES}.")


def property_name(value: object) -> str:
    """The name of a property of events.

    Raises:
        UsageError: it is empty, or a column that is no property.
    """
    name = str(value).strip()
    if name and name not in NO_PROPERTIES:
        return name
    raise UsageError(
        f"property == {value!r}, must be a number that events carry, such as amount_usd or level."
    )


def text(value: object) -> str | None:
    """A name, or nothing."""
    return None if value is None else str(value)


def shown(value: object) -> str:
    """An option's value as it is written on the command line."""
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    if isinstance(value, timedelta):
        sizes = [("d", 86400), ("h", 3600), ("m", 60), ("s", 1)]
        seconds = value // timedelta(seconds=1)
        return next(f"{seconds // size}{unit}" for unit, size in sizes if seconds % size == 0)
    return "not set" if value is None or value is False else str(value)


PER = Option(
    "per",
    "`period`: one row for the whole period, ratios pooled as a ratio of sums; `day`: one a day.",
    choice("per", "period", "day"),
)
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
DENOMINATOR = Option(
    "denominator",
    "`active`: players active in the period; `registered`: players that metadata knows, or all "
    "that were ever seen where there is no metadata, acquired by the end of the period.",
    choice("denominator", "active", "registered"),
)
STEPS = Option("steps", "Event types in order, such as session_start,level_start.", event_types)
WINDOW = Option("window", "Longest time from first to last step: 90s, 30m, 12h, 7d.", duration)
FEATURE = Option("feature", "One feature of the settings; all of them if not given.", text)
MODE = Option("mode", "One game mode; all of them together if not given.", text)
