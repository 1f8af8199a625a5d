"""The answer key that a simulation leaves beside its raw files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, BinaryIO, TypeVar

import duckdb
import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from questline.errors import UsageError
from questline.ingestion.statement import SOURCE_FILE
from questline.lake.store import quote
from questline.verification.figures import At, Figures

WORLD_FILE = "world.json"
DIRT_FILE = "dirt.parquet"
DIRT_TYPES = {
    "file": "VARCHAR",
    "line": "BIGINT",
    "label": "VARCHAR",
    "reason": "VARCHAR",
    "raw_sha256": "VARCHAR",
}
"""The columns of a dirty line that are compared."""

Count = Annotated[int, Field(strict=True, ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class DayCounts(_Part):
    """What happened on one day."""

    events: Count
    dau: Count
    new: Count
    sessions: Count
    ad_impressions: Count
    ad_micros: Count


class PurchaseCounts(_Part):
    """What was paid in one currency; the amounts are millionths of it."""

    count: Count
    gross_micros: Count
    refunded_micros: Count


class LevelCounts(_Part):
    """What became of the attempts of one level."""

    attempts: Count
    wins: Count
    fails: Count


class Real(_Part):
    """What happened in the world."""

    accepted: Count
    days: dict[date, DayCounts] = Field(min_length=1)
    retention: dict[int, tuple[Count, Count]]
    purchases: dict[str, PurchaseCounts]
    levels: dict[int, LevelCounts]

    def figures(self) -> Figures:
        """Every number of it by the name it has in the file."""
        pairs = self.retention.items()
        return {
            "accepted": {"": self.accepted},
            **_columns("days", DayCounts, self.days),
            "retention.retained": {number: pair[0] for number, pair in pairs},
            "retention.players": {number: pair[1] for number, pair in pairs},
            **_columns("purchases", PurchaseCounts, self.purchases),
            **_columns("levels", LevelCounts, self.levels),
        }


class Recoverable(Real):
    """What a perfect pipeline finds in the raw files."""

    duplicates: Count
    rejected: dict[str, Count]

    def figures(self) -> Figures:
        """Every number of it by the name it has in the file."""
        refused: dict[At, int] = dict(self.rejected.items())
        counts: Figures = {"duplicates": {"": self.duplicates}, "rejected": refused}
        return {"accepted": {"": self.accepted}, **counts, **super().figures()}


class World(_Part):
    """`world.json`: which simulation it is of, and its numbers."""

    seed: int
    days: int
    start: date
    last_day: date
    zone: str
    preset: str | None = None
    dirt: float | None = None
    recoverable: Recoverable
    real: Real


class _Source(_Part):
    """What the raw folder says of the simulation it holds."""

    seed: int
    days: int
    start: date = Field(validation_alias="complete_from")
    preset: str | None = None
    dirt: float | None = None


@dataclass(frozen=True)
class Key:
    """An answer key: the numbers of the world, and one row a dirty line."""

    folder: Path
    world: World
    dirt: pa.Table = field(repr=False)

    @property
    def empty(self) -> bool:
        """Whether the raw files hold no line of an event."""
        found = self.world.recoverable
        return not (found.accepted or found.duplicates or any(found.rejected.values()))

    @property
    def observable(self) -> bool:
        """Whether anybody plays on any day, so that a lake observes days."""
        return any(day.dau for day in self.world.recoverable.days.values())


def read_key(folder: Path, raw: Path) -> Key:
    """The answer key in `folder`, of the simulation whose raw files are in `raw`.

    Raises:
        UsageError: there is none, a file is missing or damaged, or it is of another simulation.
    """
    if not folder.is_dir():
        raise UsageError(
            f"No answer key at {folder}. `questline simulate` writes one beside its raw files; "
            "name its folder with --truth."
        )
    world = _read(World, folder / WORLD_FILE, _anew("the same seed"))
    source = _read(_Source, raw / SOURCE_FILE, _source_back(folder, world, raw))
    for name in _Source.model_fields:
        there, here = getattr(source, name), getattr(world, name)
        if there != here and None not in {there, here}:
            raise UsageError(
                f"The answer key at {folder} is of another simulation: its {name} is {here}, that "
                f"of {raw} is {there}. Name the key of these raw files with --truth."
            )
    return Key(folder, world, _dirt(folder / DIRT_FILE, _anew(f"seed {world.seed}")))


def _anew(seed: str) -> str:
    return f"Simulate again with {seed} and the same options, which writes the key anew"


def _source_back(folder: Path, world: World, raw: Path) -> str:
    """How the raw folder gets its word on the simulation back."""
    if not raw.is_dir():
        return f"There is no folder {raw}; name that of the raw files with --raw"
    return (
        f"If {raw} holds the raw files of {folder}, simulate again with seed {world.seed} and the "
        "same options, which writes it anew; if not, name their folder with --raw"
    )


def _opened(path: Path, todo: str) -> BinaryIO:
    try:
        return path.open("rb")
    except FileNotFoundError as error:
        raise UsageError(f"{path} is missing. {todo}.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}). {todo}.") from error


_Model = TypeVar("_Model", bound=BaseModel)


def _read(model: type[_Model], path: Path, todo: str) -> _Model:
    with _opened(path, todo) as file:
        content = file.read()
    try:
        return model.model_validate_json(content)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        what = f"{where}: {first['msg']}" if where else first["msg"]
        raise UsageError(f"{path} is damaged ({what}). {todo}.") from error


def _dirt(path: Path, todo: str) -> pa.Table:
    _opened(path, todo).close()
    picked = ", ".join(f"CAST({name} AS {kind}) AS {name}" for name, kind in DIRT_TYPES.items())
    nameless = "label IS NULL OR raw_sha256 IS NULL OR file IS NULL OR line IS NULL"
    try:
        with duckdb.connect() as con:
            con.execute(
                f"CREATE TABLE dirt AS SELECT {picked} FROM read_parquet({quote(str(path))})"
            )
            wrong = con.execute(f"SELECT 1 FROM dirt WHERE {nameless} LIMIT 1").fetchone()
            rows = con.execute("FROM dirt").to_arrow_table()
    except duckdb.Error as error:
        why = str(error).splitlines()[0]
        raise UsageError(f"{path} is damaged ({why}). {todo}.") from error
    if wrong:
        raise UsageError(f"{path} is damaged (a line without label, text, file or number). {todo}.")
    return rows


def _columns(
    name: str, model: type[BaseModel], rows: Mapping[Any, BaseModel]
) -> dict[str, dict[At, int]]:
    return {
        f"{name}.{column}": {at: getattr(row, column) for at, row in rows.items()}
        for column in model.model_fields
    }
