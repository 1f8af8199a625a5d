"""The days that a report is about, and the equal periods before them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from questline.errors import UsageError
from questline.lake.facts import LakeFacts


@dataclass(frozen=True)
class Period:
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self) -> int:
        """How many they are."""
        return (self.last - self.first).days + 1

    def moved(self, days: int) -> Period:
        """As many days, that much later."""
        step = timedelta(days=days)
        return Period(self.first + step, self.last + step)

    def earlier(self, times: int = 1) -> Period:
        """The equal period before, or the one that many before."""
        return self.moved(-times * self.days)

    def __str__(self) -> str:
        """The days as a person writes them.

        >>> print(Period(date(2026, 1, 23), date(2026, 1, 29)))
        23 to 29 Jan 2026
        >>> print(Period(date(2025, 12, 29), date(2026, 1, 4)))
        29 Dec 2025 to 4 Jan 2026
        """
        return f"{self.short} {self.last:%Y}"

    @property
    def short(self) -> str:
        """The same without the year, where all days are of one.

        >>> print(Period(date(2026, 1, 28), date(2026, 2, 3)).short)
        28 Jan to 3 Feb
        """
        first, last = self.first, self.last
        if first == last:
            return f"{last:%-d %b}"
        if first.year != last.year:
            return f"{first:%-d %b %Y} to {last:%-d %b}"
        if first.month != last.month:
            return f"{first:%-d %b} to {last:%-d %b}"
        return f"{first:%-d} to {last:%-d %b}"


def reported(facts: LakeFacts, last: date | None, days: int) -> Period:
    """The days of a report that ends with `last`, else with the last complete day.

    Raises:
        UsageError: no day is complete, or that one is not.
    """
    if facts.complete_from is None or facts.complete_until is None:
        raise UsageError("No day of the lake is complete yet, so there is nothing to report.")
    last = last or facts.complete_until
    if not facts.complete_from <= last <= facts.complete_until:
        raise UsageError(
            f"--to == {last}, must be a complete day: from {facts.complete_from} to "
            f"{facts.complete_until}."
        )
    return Period(max(last - timedelta(days=days - 1), facts.complete_from), last)


def joined(period: Period, earlier: Period | None) -> Period:
    """Both together, where there is an earlier one."""
    return period if earlier is None else Period(earlier.first, period.last)


def before(facts: LakeFacts, period: Period, lag: int = 0) -> Period | None:
    """The equal period before; None where it, or what came `lag` days earlier, was not observed."""
    found = period.earlier()
    seen = facts.complete_from is not None and facts.complete_from <= found.moved(-lag).first
    return found if seen else None
