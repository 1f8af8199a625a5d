"""What a simulation may be told, checked once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from questline.errors import UsageError
from questline.simulation.presets import PRESETS, Preset

FORMATS = ("jsonl", "csv", "parquet")
COMPRESSIONS = ("none", "gzip", "zstd")
DEFAULT_START = date(2026, 1, 1)
MAX_DAYS = 3660
MAX_USERS = 10_000_000
FIRST_YEAR, LAST_YEAR = 1971, 2099


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{name} == {value!r}, must be one of: {', '.join(allowed)}.")


def _between(name: str, value: int, low: int, high: int) -> None:
    if not low <= value <= high:
        raise UsageError(f"{name} == {value}, must be between {low} and {high}.")


def parse_start(text: str) -> date:
    """Reads a day such as 2026-01-01.

    Raises:
        UsageError: the text is not a date of that form.
    """
    try:
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, flags=re.ASCII):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise UsageError(f"--start == {text!r}, must be a date such as 2026-01-01.")


@dataclass(frozen=True)
class SimulationConfig:
    """Settings of one simulated world; the same settings give the same bytes.

    `users` counts every player of the world: those acquired before the log begins and those
    acquired during its `days`, which are UTC days.

    Raises:
        UsageError: a value is out of its range or not one of the allowed names.
    """

    days: int = 30
    users: int = 5000
    seed: int = 42
    start: date = DEFAULT_START
    preset: str = "puzzle"
    format: str = "jsonl"
    compression: str = "none"
    out: Path = Path("data/raw_events")

    def __post_init__(self) -> None:
        _between("--days", self.days, 1, MAX_DAYS)
        _between("--users", self.users, 1, MAX_USERS)
        _between("--seed", self.seed, 0, 2**63 - 1)
        _one_of("--preset", self.preset, tuple(PRESETS))
        _one_of("--format", self.format, FORMATS)
        _one_of("--compression", self.compression, COMPRESSIONS)
        _between("the year of --start", self.start.year, FIRST_YEAR, LAST_YEAR)
        if self.days > (date(LAST_YEAR, 12, 31) - self.start).days + 1:
            raise UsageError(f"--start {self.start} and --days {self.days} pass the year 2099.")

    @property
    def world(self) -> Preset:
        """The numbers of the preset."""
        return PRESETS[self.preset]

    @property
    def last_day(self) -> date:
        """Last simulated UTC day."""
        return self.start + timedelta(days=self.days - 1)

    @property
    def start_ms(self) -> int:
        """Midnight of the first day, in milliseconds since 1970 UTC."""
        midnight = datetime(self.start.year, self.start.month, self.start.day, tzinfo=UTC)
        return int(midnight.timestamp()) * 1000

    def day(self, index: int) -> date:
        """The UTC day with this index, 0 = the first day of the log."""
        return self.start + timedelta(days=index)
