"""What a simulation may be told, checked once."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from math import exp
from pathlib import Path

from questline.errors import UsageError
from questline.simulation.experiments import Experiment
from questline.simulation.plan import Plan, load_plan
from questline.simulation.planted import HardLevel, Planted
from questline.simulation.presets import Preset

FORMATS = ("jsonl", "csv", "parquet")
COMPRESSIONS = ("none", "gzip", "zstd")
DEFAULT_START = date(2026, 1, 1)
DEFAULT_USERS = 5000
MAX_DAYS = 3660
MAX_USERS = 10_000_000
MAX_INSTALLS_PER_DAY = 1_000_000
MAX_DIRT = 0.5
FIRST_YEAR, LAST_YEAR = 1971, 2099
VERSION_LAG_DAYS = 3.0
"""Mean time until a player has a new version."""
_VERSION = re.compile(r"1\.(0|[1-9]\d{0,5})\.0", flags=re.ASCII)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{name} == {value!r}, must be one of: {', '.join(allowed)}.")


def _between(name: str, value: float, low: float, high: float) -> None:
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
    acquired during its `days`, which are UTC days. `installs_per_day` takes its place where the
    number of new players a day is wanted; more days then leave the bytes of earlier days as they
    are. `preset` names one of the presets or a TOML file, `plan` is what it says. `dirt` is the
    share of event lines that are spoiled. `threads` changes no byte.

    Raises:
        UsageError: a value is out of its range or not one of the allowed names.
    """

    days: int = 30
    users: int | None = None
    installs_per_day: int | None = None
    seed: int = 42
    start: date = DEFAULT_START
    preset: str = "puzzle"
    format: str = "jsonl"
    compression: str = "none"
    dirt: float = 0.0
    out: Path = Path("data/raw_events")
    threads: int = field(default_factory=lambda: os.cpu_count() or 1)
    plan: Plan = field(default_factory=Plan)

    def __post_init__(self) -> None:
        _between("--days", self.days, 1, MAX_DAYS)
        if self.users is not None and self.installs_per_day is not None:
            raise UsageError("--users and --installs-per-day exclude each other. Give one of them.")
        if self.installs_per_day is not None:
            _between("--installs-per-day", self.installs_per_day, 1, MAX_INSTALLS_PER_DAY)
        _between("--users", self.total_users, 1, MAX_USERS)
        _between("--seed", self.seed, 0, 2**63 - 1)
        _between("--dirt", self.dirt, 0.0, MAX_DIRT)
        _between("--threads", self.threads, 1, 256)
        if self.plan.name != self.preset:
            object.__setattr__(self, "plan", load_plan(self.preset))
        _one_of("--format", self.format, FORMATS)
        _one_of("--compression", self.compression, COMPRESSIONS)
        if self.dirt and self.format != "jsonl":
            raise UsageError(
                f"--dirt needs --format jsonl, not {self.format}: dirty lines are lines of JSON. "
                "Leave --dirt out, or choose jsonl."
            )
        _between("the year of --start", self.start.year, FIRST_YEAR, LAST_YEAR)
        if self.days > (date(LAST_YEAR, 12, 31) - self.start).days + 1:
            raise UsageError(f"--start {self.start} and --days {self.days} pass the year 2099.")
        self._check_plan()

    def _check_plan(self) -> None:
        """Whatever the plan names must be able to happen within the days of the log."""
        last = self.world.last_level
        for event in self.planted:
            place = f"{self.plan.name}: [planted.{event.name}]"
            self._check_day(f"{place} day", getattr(event, "day", 0))
            if isinstance(event, HardLevel):
                _between(f"{place} level", event.level, 1, last)
                self._check_version(f"{place} version", event.version)
        for experiment in self.experiments:
            place = f"{self.plan.name}: [experiments.{experiment.name}]"
            self._check_day(f"{place} starts", experiment.starts)
            for variant in experiment.variants:
                _between(f"{place} variants.{variant.name} level", variant.level, 0, last)

    def _check_day(self, name: str, day: int) -> None:
        if not 0 <= day < self.days:
            plural = "" if self.days == 1 else "s"
            raise UsageError(
                f"{name} == {day}, must be between 0 and {self.days - 1}: "
                f"the log has {self.days} day{plural}, counted from 0."
            )

    def _check_version(self, name: str, version: str) -> None:
        known = self._versions_in_log()
        if version in known:
            return
        found = _VERSION.fullmatch(version)
        first = self._first_day(int(found[1])) if found else 0
        why = "is not in this log"
        if found and first >= self.days:
            plural = "" if self.days == 1 else "s"
            why = f"exists from day {first} on, and the log has {self.days} day{plural}"
        elif found:
            why = "is one that players no longer have when the log begins"
        raise UsageError(f"{name} == {version!r} {why}; must be one of: {', '.join(known)}.")

    def _first_day(self, release: int) -> int:
        """The day of the log on which a version appears; before the log it is negative."""
        return release * self.world.release_days - self.world.live_days_before_log

    def _versions_in_log(self) -> list[str]:
        """Versions that come out before the log ends, and that players may still have in it."""
        before = self.world.live_days_before_log
        a_day = self.installs_per_day or self.total_users / (before + self.days)
        newest = (before + self.days - 1) // self.world.release_days
        names = []
        for release in range(newest + 1):
            # A player of day 0 has an older version if he is that slow to take the next one.
            lag = max(1 - self._first_day(release + 1), 0)
            arrived = min(before, (release + 1) * self.world.release_days)
            if not lag or arrived * a_day * exp(-lag / VERSION_LAG_DAYS) >= 1:
                names.append(f"1.{release}.0")
        return names

    @property
    def world(self) -> Preset:
        """The numbers of the preset."""
        return self.plan.world

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """What is tried out in this world."""
        return self.plan.experiments

    @property
    def planted(self) -> tuple[Planted, ...]:
        """What goes wrong or right in this world."""
        return self.plan.planted

    @property
    def total_users(self) -> int:
        """The number of players asked for; with `installs_per_day` their number is not fixed."""
        return DEFAULT_USERS if self.users is None else self.users

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
