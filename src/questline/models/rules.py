"""What the models need to know besides the data."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MICROSECONDS_PER_DAY = 86_400_000_000


@dataclass(frozen=True)
class Rules:
    """Session rule and activity rule of a lake."""

    session_rule: str = "gap"
    session_timeout_minutes: int = 30
    max_session_days: int = 3
    inactive_event_types: tuple[str, ...] = ("refund", "experiment_exposure")

    @property
    def gap_microseconds(self) -> int:
        """The longest gap inside a session."""
        if self.session_rule == "client":
            return self.max_session_microseconds
        return self.session_timeout_minutes * 60_000_000

    @property
    def max_session_microseconds(self) -> int:
        """How long a session may run before it is cut at a midnight."""
        return self.max_session_days * MICROSECONDS_PER_DAY

    @property
    def reach_days(self) -> int:
        """How far a new event can change other rows, in days on either side."""
        gap = -(-self.gap_microseconds // MICROSECONDS_PER_DAY)
        return self.max_session_days + gap + 1


def calendar(first: date, last: date, zone: ZoneInfo) -> list[tuple[date, datetime, datetime]]:
    """Each day with its first instant and the first instant after it, in UTC.

    >>> calendar(date(2026, 3, 29), date(2026, 3, 29), ZoneInfo("Europe/Berlin"))[0][1].hour
    23
    """
    days = [first + timedelta(days=n) for n in range((last - first).days + 2)]
    starts = [datetime.combine(d, time(), zone).astimezone(UTC) for d in days]
    return [(d, starts[i], starts[i + 1]) for i, d in enumerate(days[:-1])]
