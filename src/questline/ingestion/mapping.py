"""Mappings: how foreign logs are read as events of the contract.

A mapping is a TOML file of one or more `[[source]]` blocks; the native contract is the mapping
that applies when none is given.
"""

from __future__ import annotations

import fnmatch
import tomllib
from importlib import resources
from pathlib import Path
from typing import Any, Literal

import duckdb
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from questline.contract import ENVELOPE, PLAYER_FIELDS
from questline.errors import UsageError

Feed = Literal["events", "players"]
Format = Literal["jsonl", "csv", "parquet"]


class Take(BaseModel):
    """The value of `take` where all of it matches the pattern `matching`; `given` stands for it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    take: str
    matching: str = "(?s).+"
    given: str | None = None

    @field_validator("matching")
    @classmethod
    def _pattern(cls, text: str) -> str:
        try:
            duckdb.execute("SELECT regexp_full_match('', ?)", [text])
        except duckdb.Error as error:
            raise ValueError(f"matching == {text!r}, must be a pattern: {error}") from error
        return text


Spec = str | Take | list[str | Take]
"""A column or dotted path, a template with {columns}, an `array[key].value`, one of these on a
condition, or alternatives: the first that is there."""


class Source(BaseModel):
    """One kind of input file.

    `path` is a glob on the path relative to the raw folder. `ids` says where event ids come from:
    a field (`fields.event_id`), or the row itself: `drop` treats equal rows as repeats, `keep` as
    separate events.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    path: list[str]
    format: Format
    feeds: Feed = "events"
    delimiter: str = ","
    native: bool = False
    ids: Literal["field", "drop", "keep"] = "field"
    timestamp_format: str = "iso"
    timestamp_zone: str = "UTC"
    fields: dict[str, Spec] = Field(default_factory=dict)
    events: dict[str, str] = Field(default_factory=dict)
    properties: dict[str, Spec] = Field(default_factory=dict)
    constants: dict[str, str | int | float | bool] = Field(default_factory=dict)
    optional: list[str] = Field(default_factory=list)

    @model_validator(mode="before")
    @classmethod
    def _one_or_many(cls, data: Any) -> Any:  # noqa: ANN401 - pydantic hands over anything
        if isinstance(data, dict) and isinstance(data.get("path"), str):
            data = {**data, "path": [data["path"]]}
        return data

    @model_validator(mode="after")
    def _known_fields(self) -> Source:
        allowed = {f.name for f in (PLAYER_FIELDS if self.feeds == "players" else ENVELOPE)}
        for name in self.fields:
            if name not in allowed or name == "properties":
                raise ValueError(f"fields.{name} is not a field; known are {sorted(allowed)}")
        if not self.native and self.feeds == "events":
            missing = [f for f in ("player_id", "timestamp") if f not in self.fields]
            if "event_type" not in self.fields and "event_type" not in self.constants:
                missing.append("event_type")
            if self.ids == "field" and "event_id" not in self.fields:
                missing.append("event_id (or ids = 'drop' or 'keep')")
            if missing:
                raise ValueError(f"source {self.name} gives no {', '.join(missing)}")
        return self

    def matches(self, relative: str) -> bool:
        """Whether this block reads the file."""
        name = relative.rsplit("/", 1)[-1]
        return any(fnmatch.fnmatchcase(t, p) for p in self.path for t in (relative, name))


class Mapping(BaseModel):
    """All blocks of a mapping, and the lake settings it brings."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = "native"
    description: str = ""
    uuid_ids: bool = False
    settings: dict[str, Any] = Field(default_factory=dict)
    source: list[Source]

    def source_of(self, relative: str) -> Source | None:
        """The first block that reads the file, or None."""
        return next((s for s in self.source if s.matches(relative)), None)


def _globs(stem: str, *endings: str) -> list[str]:
    return [f"{stem}.{e}{c}" for e in endings for c in ("", ".gz", ".zst")]


_NATIVE_FILES: tuple[tuple[Format, tuple[str, ...]], ...] = (
    ("jsonl", ("jsonl", "ndjson", "json")),
    ("csv", ("csv",)),
    ("parquet", ("parquet",)),
)
_FEEDS: tuple[tuple[Feed, str], ...] = (("players", "players*"), ("events", "*"))

NATIVE = Mapping(
    name="native",
    uuid_ids=True,
    source=[
        Source(
            name=f"{feed}-{kind}",
            path=_globs(stem, *endings),
            format=kind,
            feeds=feed,
            native=True,
        )
        for feed, stem in _FEEDS
        for kind, endings in _NATIVE_FILES
    ],
)
"""The contract's own files: any name, `players*` for player metadata."""


def known_mappings() -> list[str]:
    """Names of the mappings that come with the package."""
    folder = resources.files("questline.mappings")
    return sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".toml"))


def load_mapping(name: str | None) -> Mapping:
    """The mapping of a file path or of a name that comes with the package; None is native.

    Raises:
        UsageError: there is no such mapping, or it is not valid.
    """
    if name is None or name == "native":
        return NATIVE
    path = Path(name)
    if path.suffix == ".toml" or path.is_file():
        if not path.is_file():
            raise UsageError(
                f"No mapping file at {path}. Known names: {', '.join(known_mappings())}."
            )
        text = path.read_text(encoding="utf-8", errors="replace")
        stem = path.stem
    elif name in known_mappings():
        text = (resources.files("questline.mappings") / f"{name}.toml").read_text(encoding="utf-8")
        stem = name
    else:
        raise UsageError(
            f"No mapping named {name!r}. Give a TOML file, or one of {', '.join(known_mappings())}."
        )
    try:
        data = tomllib.loads(text)
        for number, block in enumerate(data.get("source", [])):
            block.setdefault("name", f"source{number + 1}")
        return Mapping(**{"name": stem, **data})
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"Mapping {name} is not TOML: {error}. Mend the file.") from error
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"Mapping {name}: {where}: {first['msg']}. Mend the file.") from error
