"""Options of metrics: what each means and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from questline.errors import UsageError

MOST_DAY_NUMBERS = 400
LARGEST_DAY_NUMBER = 3650
MOST_FOLLOW_UP = 365
LONGEST = timedelta(days=3650)
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

    @property
    def is_flag(self) -> bool:
        """Whether it is a yes or no, which takes no value on the command line."""
        return self.parse is flag


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


def duration(value: object) -> timedelta:
    """A time from `90s`, `30m`, `12h` or `7d`, or from a timedelta.

    Raises:
        UsageError: it is not a time, or not above zero.
    """
    found = value
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,6})([smhd])", value.strip())):
        found = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not isinstance(found, timedelta) or not timedelta(0) < found <= LONGEST:
        raise UsageError(
            f"window == {value!r}, must be a time such as 90s, 30m, 12h or 7d, "
            f"at most {LONGEST.days}d."
        )
    return found


def durations(name: str) -> Callable[[object], tuple[timedelta, ...]]:
    """A reader of several times, such as `1h,2d`; `0s` is one of them."""

    def parse(value: object) -> tuple[timedelta, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        listed = parts if isinstance(parts, Iterable) else [parts]
        try:
            return tuple(
                timedelta(0)
                if re.fullmatch(r"0[smhd]?|0:00:00", str(part).strip())
                else duration(part)
                for part in listed
            )
        except UsageError as error:
            raise UsageError(
                f"{name} == {value!r}, must be times such as 90s, 30m, 12h or 7d, "
                f"at most {LONGEST.days}d."
            ) from error

    return parse


def flag(value: object) -> bool:
    """A yes or no.

    Raises:
        UsageError: it is neither.
    """
    if str(value).lower() not in {"true", "false"}:
        raise UsageError(f"{value!r} was given where it is yes or no; must be true or false.")
    return str(value).lower() == "true"


def text(value: object) -> str | None:
    """A name, or nothing."""
    return None if value is None else str(value)


def shown(value: object) -> str:
    """An option's value as it is written on the command line."""
    if isinstance(value, tuple) and not value:
        return "not set"
    if isinstance(value, tuple) and not isinstance(value, Span):
        return ",".join(shown(part) if isinstance(part, timedelta) else str(part) for part in value)
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
COHORTS = Option("cohorts", "One row a day of acquisition instead of one pooled row.", flag)
DENOMINATOR = Option(
    "denominator",
    "`active`: players active in the period; `registered`: players that metadata knows, or all "
    "that were ever seen where there is no metadata, acquired by the end of the period.",
    choice("denominator", "active", "registered"),
)
FEATURE = Option("feature", "One feature of the settings; all of them if not given.", text)
MODE = Option("mode", "One game mode; all of them together if not given.", text)
