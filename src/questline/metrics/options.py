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
    def choices(self) -> tuple[str, ...]:
        """The words it may be, none if it is not one of a few."""
        return self.parse.allowed if isinstance(self.parse, OneOf) else ()

    @property
    def is_flag(self) -> bool:
        """Whether it is a yes or no, which takes no value on the command line."""
        return self.parse is flag


@dataclass(frozen=True)
class OneOf:
    """A reader that takes one of the allowed words."""

    name: str
    allowed: tuple[str, ...]

    def __call__(self, value: object) -> str:
        """The word.

        Raises:
            UsageError: it is none of them.
        """
        if value not in self.allowed:
            known = f"{', '.join(self.allowed[:-1])} or {self.allowed[-1]}"
            raise UsageError(f"{self.name} == {value!r}, must be {known}.")
        return str(value)


def choice(name: str, *allowed: str) -> OneOf:
    """A reader that takes one of the allowed words."""
    return OneOf(name, allowed)


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


def duration(value: object, name: str = "window") -> timedelta:
    """A time from `90s`, `30m`, `12h` or `7d`, or from a timedelta.

    Raises:
        UsageError: it is not a time, or not above zero.
    """
    found = value
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,6})([smhd])", value.strip())):
        found = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not isinstance(found, timedelta) or not timedelta(0) < found <= LONGEST:
        raise UsageError(
            f"{name} == {value!r}, must be a time such as 90s, 30m, 12h or 7d, "
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


def whole(name: str, least: int, most: int) -> Callable[[object], int]:
    """A reader of a whole number from `least` to `most`."""

    def parse(value: object) -> int:
        text_ = str(value).strip()
        if re.fullmatch(r"-?\d{1,9}", text_) and least <= int(text_) <= most:
            return int(text_)
        raise UsageError(f"{name} == {value!r}, must be a whole number from {least} to {most}.")

    return parse


def ages(value: object) -> tuple[int, ...]:
    """Day numbers from `0,1,7` or from a list, in order and without repeats.

    Raises:
        UsageError: one is a span, or not a whole number from 0 to 3650.
    """
    found = spans(value)
    if any(span.first != span.last for span in found):
        raise UsageError(f"days == {value!r}, must be single numbers such as 1,7,30.")
    return tuple(span.first for span in found)


def share(name: str) -> Callable[[object], float]:
    """A reader of a number from 0 up to, but not including, 1."""

    def parse(value: object) -> float:
        text_ = str(value).strip()
        if re.fullmatch(r"0?\.\d{1,9}|0", text_):
            return float(text_)
        raise UsageError(f"{name} == {value!r}, must be a share from 0 to below 1, such as 0.05.")

    return parse


def flag(value: object) -> bool:
    """A yes or no.

    Raises:
        UsageError: it is neither.
    """
    if str(value).lower() not in {"true", "false"}:
        raise UsageError(f"{value!r} was given where it is yes or no; must be true or false.")
    return str(value).lower() == "true"


def selector(name: str) -> Callable[[object], Selector]:
    """A reader of one kind of events."""
    return lambda value: parse_selector(value, name)


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
