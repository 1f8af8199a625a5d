"""Settings of a project: `questline.toml`, overridden by environment variables and options."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from questline.errors import UsageError

SETTINGS_FILE = "questline.toml"


class Feature(BaseModel):
    """A feature of the game whose adoption is measured.

    `event` is the value event; `where` compares its properties for equality; players count as
    eligible from `launched` on, and where `eligible` names one player attribute per key, only
    those players.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    event: str
    where: dict[str, str] = Field(default_factory=dict)
    launched: date | None = None
    eligible: dict[str, str] = Field(default_factory=dict)


class SegmentSettings(BaseModel):
    """A named set of players: those who match everything that is given.

    `where` holds conditions on attributes, as `--where` takes them; `players` lists ids; `event`
    selects events of which a player has done `at_least` so many, at any time.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    where: tuple[str, ...] = ()
    players: tuple[str, ...] = ()
    event: str | None = None
    at_least: int = Field(default=1, ge=1, le=1_000_000_000)

    @model_validator(mode="after")
    def _says_something(self) -> SegmentSettings:
        if not (self.where or self.players or self.event):
            raise ValueError("a segment needs where, players or event")
        if self.at_least > 1 and self.event is None:
            raise ValueError("at_least counts events; say which with event")
        return self


class FunnelSettings(BaseModel):
    """A named funnel: its steps, and any option of `questline metric funnel`."""

    model_config = ConfigDict(frozen=True, extra="allow")

    steps: tuple[str, ...]


class Declared(BaseModel):
    """What the settings declare by name, for questions to use."""

    model_config = ConfigDict(frozen=True)

    features: dict[str, Feature] = Field(default_factory=dict)
    segments: dict[str, SegmentSettings] = Field(default_factory=dict)
    funnels: dict[str, FunnelSettings] = Field(default_factory=dict)
    exclude: tuple[str, ...] = ()


class Settings(BaseSettings):
    """Everything a run may be told; units are in the names."""

    model_config = SettingsConfigDict(env_prefix="QUESTLINE_", frozen=True, extra="forbid")

    raw: Path = Path("data/raw_events")
    lake: Path = Path("data/processed")
    reporting_zone: str = "UTC"
    complete_from: date | None = None
    complete_until: date | Literal["auto"] = "auto"
    session_rule: Literal["gap", "client"] = "gap"
    session_timeout_minutes: int = Field(default=30, ge=1, le=1440)
    max_session_days: int = Field(default=3, ge=1, le=30)
    inactive_event_types: tuple[str, ...] = ("refund", "experiment_exposure")
    unknown_event_types: Literal["accept", "reject"] = "accept"
    max_line_bytes: int = Field(default=1_000_000, ge=1_000, le=16_000_000)
    max_future_minutes: int = Field(default=60, ge=0)
    max_age_days: int = Field(default=31, ge=1)
    exchange_rates: dict[str, dict[date, Decimal]] = Field(default_factory=dict)
    """USD for one unit of a currency, from the given day on. USD itself is always 1."""
    features: dict[str, Feature] = Field(default_factory=dict)
    segments: dict[str, SegmentSettings] = Field(default_factory=dict)
    funnels: dict[str, FunnelSettings] = Field(default_factory=dict)
    exclude: tuple[str, ...] = ()
    """Segments that every question leaves out, unless it says whom to leave out."""
    memory_limit_mb: int = Field(default=1600, ge=256)
    threads: int | None = Field(default=None, ge=1)

    @field_validator("reporting_zone")
    @classmethod
    def _known_zone(cls, zone: str) -> str:
        if zone not in _zones():
            raise ValueError(f"reporting_zone == {zone!r}, must be a name such as Europe/Berlin")
        return zone

    @model_validator(mode="after")
    def _known_segments(self) -> Settings:
        for name in self.exclude:
            if name not in self.segments:
                raise ValueError(f"exclude names {name!r}, which no [segments.{name}] declares")
        if "none" in self.segments:
            raise ValueError("a segment cannot be called none; that stands for leaving nobody out")
        return self

    @property
    def declared(self) -> Declared:
        """What is declared by name."""
        return Declared(
            features=self.features,
            segments=self.segments,
            funnels=self.funnels,
            exclude=self.exclude,
        )

    @property
    def zone(self) -> ZoneInfo:
        """The reporting time zone."""
        return ZoneInfo(self.reporting_zone)


def load_settings(path: Path | None = None, **overrides: object) -> Settings:
    """Reads `questline.toml` (or `path`); the environment wins over it, overrides over both.

    An override that is None is not given.

    Raises:
        UsageError: the file is missing, is not TOML, or holds an unknown or wrong setting.
    """
    file = path or Path(SETTINGS_FILE)
    values: dict[str, object] = {}
    if path is not None and not file.is_file():
        raise UsageError(f"No settings file at {file}. Give --settings an existing TOML file.")
    if file.is_file():
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
            raise UsageError(f"{file} is not readable as TOML: {error}. Mend the file.") from error
    try:
        values.update(EnvSettingsSource(Settings)())
        values.update({k: v for k, v in overrides.items() if v is not None})
        return Settings(**values)  # type: ignore[arg-type]  # pydantic checks the values
    except SettingsError as error:
        raise UsageError(f"The environment holds a wrong setting: {error}. Mend it.") from error
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "settings"
        raise UsageError(f"{file}: {name}: {_plain(first['msg'])}. Mend the setting.") from error


@cache
def _zones() -> set[str]:
    """Names of time zones, for which all files of the system's are looked at."""
    return available_timezones()


def _plain(message: str) -> str:
    """A message of the checks in the words of the file."""
    message = message.removeprefix("Value error, ")
    message = message.replace("valid tuple", 'list such as ["a", "b"]')
    return re.sub("valid dictionary( or instance of .*)?", "table", message)
