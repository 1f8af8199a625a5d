"""The Python API: open a lake, ask for a metric, get a table with its definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa

from questline.engines.base import Engine
from questline.engines.choice import open_engine
from questline.errors import UsageError
from questline.formats import csv_bytes
from questline.lake.facts import LakeFacts
from questline.lake.publication import read_pointer
from questline.lake.schemas import TABLES
from questline.metrics import CATALOGUE, Attribute, Entry, Scope, Tables, entry
from questline.metrics.attributes import Day, Where
from questline.metrics.command import command_line
from questline.metrics.compiled import metric_sql
from questline.metrics.queries import Queries
from questline.metrics.scope import make_scope
from questline.settings import Declared, Feature, Settings, load_settings

NO_PERIOD = "No period was chosen: every cohort with an observed day counts."
"""A note of answers about cohorts."""

Names = str | Iterable[str]
"""One name or several."""


@dataclass(frozen=True)
class Result:
    """The answer to one question, with everything needed to read it rightly."""

    metric: str
    title: str
    table: pa.Table = field(repr=False)
    definition: str = field(repr=False)
    formula: str
    unit: str
    value: str
    start: date | None
    end: date | None
    by: str | None
    where: tuple[str, ...]
    segments: tuple[str, ...]
    options: Mapping[str, object]
    complete_from: date | None
    complete_until: date | None
    reporting_zone: str
    lake_version: int
    command: str
    """The command line that gives the same rows."""
    excluded: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def entry(self) -> Entry:
        """The metric in the catalogue: columns, kinds and options."""
        return entry(self.metric)

    def rows(self) -> list[dict[str, Any]]:
        """The rows as dictionaries."""
        rows: list[dict[str, Any]] = self.table.to_pylist()
        return rows

    def to_csv(self) -> bytes:
        """The table as CSV, byte for byte what `questline metric --format csv` prints."""
        return csv_bytes(self.table)

    def to_pandas(self) -> Any:  # noqa: ANN401 - pandas has no types here
        """The table as a pandas DataFrame."""
        return self.table.to_pandas()

    def to_polars(self) -> Any:  # noqa: ANN401 - Polars is not a dependency
        """The table as a Polars DataFrame.

        Raises:
            UsageError: Polars is not installed.
        """
        try:
            polars = import_module("polars")
        except ImportError as error:
            raise UsageError("Polars is not installed. Run `pip install polars`.") from error
        return polars.from_arrow(self.table)


@dataclass(frozen=True)
class Analytics:
    """One published version of a lake, ready to be asked.

    `result` and `read` may be called from several threads; expressions from `metric` and
    `tables` run on one connection and belong to one thread.
    """

    engine: Engine = field(repr=False)
    facts: LakeFacts
    tables: Tables = field(repr=False)
    all_tables: Mapping[str, ibis.Table] = field(repr=False)
    declared: Declared = field(default_factory=Declared)
    lake: Path | None = None
    """The folder, for commands that give the same answer."""
    keeps: bool = False
    """Whether parts of answers are kept, for those who ask again and again; DuckDB only."""

    @cached_property
    def _queries(self) -> Queries:
        tables = self.tables.numbering(self.engine.numbers)
        return Queries(self.engine, tables, keeps=self.keeps)

    @property
    def catalogue(self) -> Mapping[str, Entry]:
        """Every metric by name."""
        return CATALOGUE

    @property
    def features(self) -> Mapping[str, Feature]:
        """The features that the settings declare."""
        return self.declared.features

    def scope(
        self,
        start: Day = None,
        end: Day = None,
        by: str | None = None,
        where: Where = (),
        *,
        segment: Names = (),
        exclude: Names | None = None,
    ) -> Scope:
        """The period, the players and the split that a question is about.

        Raises:
            UsageError: a day, a condition, an attribute or a segment is wrong.
        """
        return make_scope(
            self.facts,
            self.declared,
            start=start,
            end=end,
            by=by,
            where=where,
            segment=segment,
            exclude=exclude,
        )

    def metric(
        self,
        name: str,
        start: Day = None,
        end: Day = None,
        by: str | None = None,
        where: Where = (),
        *,
        segment: Names = (),
        exclude: Names | None = None,
        **options: object,
    ) -> ibis.Table:
        """A metric as an Ibis expression: nothing runs before `.to_pandas()`, `.to_polars()`, ...

        Args:
            name: A metric of the catalogue.
            start: First day; the first observed day if not given.
            end: Last day; the last observed day if not given.
            by: Player attribute that splits the result; `event.NAME` where events are counted.
            where: Conditions such as `platform=ios`, or a mapping of attribute to values.
            segment: Segments of the settings to whose players the question is confined.
            exclude: Segments to leave out; those that the settings exclude if not given, nobody
                with `none`.
            options: Options of the metric, such as `days=[1, 7, 30]`.

        Raises:
            UsageError: a name or a value is wrong.
        """
        scope = self.scope(start, end, by, where, segment=segment, exclude=exclude)
        return entry(name).compute(self.tables, scope, **options)

    def result(
        self,
        name: str,
        start: Day = None,
        end: Day = None,
        by: str | None = None,
        where: Where = (),
        *,
        segment: Names = (),
        exclude: Names | None = None,
        **options: object,
    ) -> Result:
        """Runs a metric; takes what `metric` takes. Safe to call from several threads.

        Raises:
            UsageError: a name or a value is wrong.
        """
        found = entry(name)
        scope = self.scope(start, end, by, where, segment=segment, exclude=exclude)
        parsed = found.parse(options, self.declared)
        table = self.engine.run(self._queries.of(found, scope, options))
        known = self.facts.complete_until is not None
        return Result(
            metric=name,
            title=found.title,
            table=table,
            definition=found.definition,
            formula=found.formula,
            unit=found.unit,
            value=found.value,
            start=scope.first if known or scope.asked_from else None,
            end=scope.last if known or scope.asked_to else None,
            by=by,
            where=(*map(str, scope.where), *(f"event.{c}" for c in scope.event_where)),
            segments=tuple(map(str, scope.segments)),
            options=parsed,
            complete_from=self.facts.complete_from,
            complete_until=self.facts.complete_until,
            reporting_zone=self.facts.reporting_zone,
            lake_version=self.facts.version,
            command=command_line(found, scope, options, self.lake),
            excluded=_excluded(found, scope),
            notes=_notes(found, scope),
        )

    def sql(
        self,
        name: str,
        dialect: str = "duckdb",
        *,
        start: Day = None,
        end: Day = None,
        by: str | None = None,
        where: Where = (),
        segment: Names = (),
        exclude: Names | None = None,
        **options: object,
    ) -> str:
        """A metric as SQL over tables of the lake's names; required options have an example.

        Raises:
            UsageError: the dialect cannot express it, or a name or value is wrong.
        """
        scope = self.scope(start, end, by, where, segment=segment, exclude=exclude)
        return metric_sql(name, scope, dialect, **options)

    def explain(self, name: str) -> str:
        """What a metric means: definition, formula, columns, options and SQL, as Markdown."""
        from questline.metrics.document import section  # noqa: PLC0415 - only when asked

        return f"{section(entry(name))}\n\n```sql\n{self.sql(name)}\n```"

    def read(self, expr: ibis.Expr) -> pa.Table:
        """Runs any expression over `tables`; safe to call from several threads."""
        return self.engine.to_pyarrow(expr)

    def values(self, attribute: str) -> list[Any]:
        """The known values of a player attribute in order, as choices for `where` and `by`.

        Raises:
            UsageError: there is no such attribute.
        """
        column = Attribute(attribute).of(self.tables.players).name("value")
        known = self.tables.players.select(column).distinct()
        found: list[Any] = self.read(known.filter(known.value.notnull()))["value"].to_pylist()
        return sorted(found)

    def table(self, name: str) -> ibis.Table:
        """Any table of the lake, also those that no metric reads.

        Raises:
            UsageError: there is none of that name.
        """
        if name not in self.all_tables:
            raise UsageError(f"There is no table {name!r}. Tables: {', '.join(TABLES)}.")
        return self.all_tables[name]


def open(  # noqa: A001 - `questline.open` reads like the built-in it resembles
    lake: str | Path | None = None,
    settings: Settings | None = None,
    *,
    engine: str = "duckdb",
    master: str | None = None,
) -> Analytics:
    """Opens the published version of a lake; later runs do not change what it answers.

    Args:
        lake: Folder of the lake; the one of the settings if not given.
        settings: Settings with features, segments and funnels; `questline.toml` of this folder if
            not given.
        engine: What answers, duckdb or spark.
        master: Where Spark runs, as local[2] or spark://host:7077; all cores here if not given.

    Raises:
        UsageError: nothing is published there, or the engine is unknown or not installed.
    """
    settings = settings or load_settings()
    folder = Path(lake) if lake is not None else settings.lake
    pointer = read_pointer(folder)
    if pointer is None:
        raise UsageError(f"{folder} holds no published lake. Run `questline run` first.")
    chosen = open_engine(engine, settings.memory_limit_mb, settings.threads, master)
    opened = {n: chosen.table(pointer.files.get(n, []), spec) for n, spec in TABLES.items()}
    return Analytics(
        chosen, pointer.facts, Tables.of(opened), opened, settings.declared, lake=folder
    )


def _excluded(found: Entry, scope: Scope) -> tuple[str, ...]:
    """What the numbers leave out, in sentences."""
    facts = scope.facts
    said = [f"Left out: players of {segment}." for segment in scope.excluded]
    if facts.complete_from is None or facts.complete_until is None:
        return tuple(said)
    said.append(found.maturity)
    if scope.last > facts.complete_until:
        said.append(f"Days after {facts.complete_until} are not complete yet.")
    if scope.first < facts.complete_from:
        said.append(f"Days before {facts.complete_from} are before the log begins.")
    return tuple(said)


def _notes(found: Entry, scope: Scope) -> tuple[str, ...]:
    """What a reader should know about this lake."""
    if scope.facts.complete_until is None:
        if scope.facts.complete_from is None:
            return ("The lake holds no active event yet.",)
        return (
            f"No day is complete yet; --from and --to with a day since {scope.facts.complete_from} "
            "show unfinished ones.",
        )
    said = []
    if found.cohorts and scope.asked_from is None and scope.asked_to is None:
        said.append(NO_PERIOD)
    if found.acquisition and not scope.facts.acquisition_known:
        said.append(
            "No metadata gives acquisition dates: players who played before the log began count "
            "as new on their first day in it."
        )
    return tuple(said)
