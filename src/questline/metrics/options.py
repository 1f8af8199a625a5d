"""Options of metrics: what each means and how its text is read."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from functools import partial
from typing import Literal, NamedTuple

from questline.errors import UsageError
from questline.metrics.selectors import NO_PROPERTIES, Selector, parse_selector

MOST_DAY_NUMBERS = 400
LARGEST_DAY_NUMBER = 3650
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


def duration(value: object, name: str = "window") -> timedelta:
    """A time from `90s`, `30m`, `12h` or `7d`, or from a timedelta.

    Raises:
        UsageError: it is not a time, or not above zero.
    """
    found = value
    if isinstance(value, str) and (match := re.fullmatch(r"(\d{1,6})([smhd])", value.strip())):
        found = timedelta(**{_UNITS[match[2]]: int(match[1])})
    if not isinstance(found, timedelta) or found <= timedelta(0):
        raise UsageError(f"{name} == {value!r}, must be a time such as 90s, 30m, 12h or 7d.")
    return found


def durations(name: str) -> Callable[[object], tuple[timedelta, ...]]:
    """A reader of several times, such as `1h,2d`; `0s` is one of them."""

    def parse(value: object) -> tuple[timedelta, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        listed = parts if isinstance(parts, Iterable) else [parts]
        try:
            return tuple(
                timedelta(0) if str(part).strip() in {"0", "0s", "0:00:00"} else duration(part)
                for part in listed
            )
        except UsageError as error:
            raise UsageError(
                f"{name} == {value!r}, must be times such as 90s, 30m, 12h or 7d."
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


def power_window(value: object) -> int:
    """A window of the power-user curve.

    Raises:
        UsageError: it is not 7, 28 or 30.
    """
    return int(choice("window", "7", "28", "30")(str(value)))


def ages(value: object) -> tuple[int, ...]:
    """Day numbers from `0,1,7` or from a list, in order and without repeats.

    Raises:
        UsageError: one is a span, or not a whole number from 0 to 3650.
    """
    found = spans(value)
    if any(span.first != span.last for span in found):
        raise UsageError(f"days == {value!r}, must be single numbers such as 1,7,30.")
    return tuple(span.first for span in found)


def lapses(value: object) -> tuple[int, ...]:
    """Lengths in days from `14,30` or from a list, in order and without repeats.

    Raises:
        UsageError: one is not a whole number from 1 to 3650.
    """
    found = ages(value)
    if found[0] == 0:
        raise UsageError(f"days == {value!r}, must be 1 or more, such as 14,30.")
    return found


def share(name: str) -> Callable[[object], float]:
    """A reader of a number from 0 up to, but not including, 1."""

    def parse(value: object) -> float:
        text_ = str(value).strip()
        if re.fullmatch(r"0?\.\d{1,9}|0", text_):
            return float(text_)
        raise UsageError(f"{name} == {value!r}, must be a share from 0 to below 1, such as 0.05.")

    return parse


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


def day_cohorts(value: object) -> str | None:
    """`day`; in Python True is day and False is none.

    Raises:
        UsageError: it is another word.
    """
    if value not in {True, False, "day"}:
        raise UsageError(f"cohorts == {value!r}, must be day.")
    return "day" if value else None


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
DENOMINATOR = Option(
    "denominator",
    "`active`: players active in the period; `registered`: players that metadata knows, or all "
    "that were ever seen where there is no metadata, acquired by the end of the period.",
    choice("denominator", "active", "registered"),
)
FEATURE = Option("feature", "One feature of the settings; all of them if not given.", text)
MODE = Option("mode", "One game mode; all of them together if not given.", text)
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

Refunds = Literal["purchase_date", "refund_date"]
Money = Literal["total", "iap", "ads"]
MOST_USD = 1_000_000_000
LONGEST_WINDOW = timedelta(days=LARGEST_DAY_NUMBER)


def window_of_days(value: object) -> timedelta:
    """A number of whole days from `90d` or from a timedelta.

    Raises:
        UsageError: it is not, or longer than 3650 days.
    """
    try:
        found = duration(value)
    except UsageError:
        found = timedelta(0)
    if not timedelta(0) < found <= LONGEST_WINDOW or found % timedelta(days=1):
        raise UsageError(
            f"window == {value!r}, must be 1 to {LARGEST_DAY_NUMBER} whole days, such as 90d."
        )
    return found


def cuts(value: object) -> tuple[Decimal, Decimal]:
    """Two amounts of US dollars in order from `10,100` or from a list.

    Raises:
        UsageError: there are not two, one is not above zero, or they are not in order.
    """
    parts = value.split(",") if isinstance(value, str) else value
    try:
        low, high = (Decimal(str(part).strip()) for part in parts)  # type: ignore[attr-defined]
        fine = 0 < low < high < MOST_USD and all(c == round(c, 6) for c in (low, high))
    except (InvalidOperation, TypeError, ValueError):
        fine = False
    if not fine:
        raise UsageError(
            f"cuts == {value!r}, must be two amounts of US dollars, the lower one first, such as "
            "10,100."
        )
    return low, high


REFUNDS = Option(
    "refunds",
    "Day on which money that was paid back is taken off. `purchase_date`: the day of the purchase, "
    "which restates the past; `refund_date`: the day of the refund, as daily cash.",
    choice("refunds", "purchase_date", "refund_date"),
)
DAY_NUMBERS = Option("days", "Day numbers, such as 0,7,30; 0 is the day of acquisition.", ages)
MONEY = Option(
    "revenue",
    "`total`: net purchases and ads; `iap`: net purchases; `ads`: ads.",
    choice("revenue", "total", "iap", "ads"),
)
LEAST_PAYERS = Option(
    "least_payers",
    "Below so many payers shares and Gini are not shown.",
    whole("least_payers", 1, 999_999_999),
)
TRAILING = Option(
    "window", "Days up to the end of the period whose purchases count, such as 90d.", window_of_days
)
CUTS = Option(
    "cuts",
    "Net spend in US dollars from which a payer is a dolphin, and a whale, such as 10,100.",
    cuts,
)
ADS_BY = Option(
    "ads_by",
    "What an ad is told apart by: `placement`, `format` or `both`.",
    choice("ads_by", "placement", "format", "both"),
)
REASONS = Option("reasons", "One row a reason of the change instead of one a currency.", flag)


LARGEST_LEVEL = 999_999_999
MOST_NEIGHBOURS = 50
VERSIONS = Option(
    "versions",
    "One row a level and version of the game in which the attempt began, `version`; by "
    "first_version splits by the version at acquisition instead.",
    flag,
)
NEIGHBOURS = Option(
    "neighbours",
    "How many played levels before and after a level it is compared with.",
    whole("neighbours", 1, MOST_NEIGHBOURS),
)
DROP = Option(
    "drop",
    "Least drop of the win rate below the neighbours that makes a spike: 0.05 is five points.",
    share("drop"),
)
WITHIN = Option(
    "within",
    "A fail counts as a quit if no attempt follows within this time: 30m, 12h, 1d, 7d.",
    partial(duration, name="within"),
)
INACTIVE = Option(
    "inactive",
    "Days without activity after which a player counts as gone: 7, or 14 for a final figure.",
    whole("inactive", 1, MOST_FOLLOW_UP),
)
LAST_LEVEL = Option(
    "last_level",
    "The last level that there is to play; the highest one anybody started if not given.",
    whole("last_level", 0, LARGEST_LEVEL),
)
LEVEL = Option("level", "One level; all of them if not given.", whole("level", 0, LARGEST_LEVEL))
BY_DAY = Option(
    "by_day",
    "Day number by which a level must have been started to count as reached.",
    whole("by_day", 0, LARGEST_DAY_NUMBER),
)
