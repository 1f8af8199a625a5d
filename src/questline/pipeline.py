"""The pipeline: the order of the stages, from raw files to a published lake."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from questline.engines.choice import check_engine, spark_engine
from questline.errors import DataError, UsageError
from questline.ingestion.discover import Discovery, Request, discover
from questline.ingestion.edits import replay_edits
from questline.ingestion.load import Counts, GrowingFileError, load
from questline.ingestion.mapping import Mapping
from questline.ingestion.refuse import ChangedTailError
from questline.ingestion.replay import Outcome, replay_rows
from questline.ingestion.spread import judge_on
from questline.ingestion.statement import Statement, read_statement
from questline.lake.facts import LakeFacts
from questline.lake.ledger import Entry, latest_entries
from questline.lake.publication import Pointer, lock, publish, read_pointer, write_views
from questline.lake.scratch import scratch
from questline.lake.store import Store
from questline.models.observation import facts_of
from questline.models.rebuild import rebuild
from questline.models.rules import Rules
from questline.models.whole import rebuild_whole
from questline.settings import Settings

if TYPE_CHECKING:
    from questline.engines.spark import SparkEngine


@dataclass(frozen=True)
class RunSummary:
    """What a run did; the command line prints it."""

    run_id: str
    version: int
    files: int
    unchanged: int
    lines_in: int
    accepted: int
    duplicates: int
    rejected: dict[str, int]
    incomplete: list[tuple[str, str]]
    skipped: list[tuple[str, str]]
    dates: tuple[date, ...]
    seconds: float
    facts: LakeFacts
    published: bool = True
    rebuilt_fully: bool = False
    rows: dict[str, int] = field(default_factory=dict)

    @property
    def events_per_second(self) -> float:
        """Lines read per second of the whole run."""
        return self.lines_in / self.seconds if self.seconds else 0.0


def run(
    settings: Settings,
    mapping: Mapping,
    *,
    as_of: datetime | None = None,
    full: bool = False,
    engine: str = "duckdb",
    master: str | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> RunSummary:
    """Takes in what is new in the raw folder and publishes a new version of the lake.

    Spark reads only what is new too, but builds the derived tables from all events each time.

    Raises:
        UsageError: settings, mapping, raw folder or engine are wrong.
        DataError: the data stopped the run; the published version stays as it was.
        LockedError: another run holds the lake.
    """
    if not settings.raw.is_dir():
        raise UsageError(
            f"No raw folder at {settings.raw}. Put event files there, or run `questline simulate`."
        )
    statement = read_statement(settings.raw)
    settings = statement.completed(settings)
    with _spark(engine, master, settings) as spark, lock(settings.lake):
        growing: frozenset[str] = frozenset()
        while True:
            try:
                return _run(
                    settings, statement, mapping, as_of, full, report, growing=growing, spark=spark
                )
            except ChangedTailError:
                report("an accepted last line changed: rebuilding in full")
                full = True
            except GrowingFileError as error:
                report("a file grew while it was read: reading a copy")
                growing |= error.files


@contextmanager
def _spark(engine: str, master: str | None, settings: Settings) -> Iterator[SparkEngine | None]:
    """The engine of Spark, where it was asked for."""
    check_engine(engine, master)
    if engine == "duckdb":
        yield None
        return
    spark = spark_engine(settings.memory_limit_mb, master)
    try:
        yield spark
    finally:
        spark.close()


def _run(  # noqa: PLR0917 - private
    settings: Settings,
    statement: Statement,
    mapping: Mapping,
    as_of: datetime | None,
    full: bool,  # noqa: FBT001 - private
    report: Callable[[str], None],
    *,
    growing: frozenset[str],
    spark: SparkEngine | None,
) -> RunSummary:
    started = time.monotonic()
    before = read_pointer(settings.lake)
    run_id = _new_id()
    with scratch(settings) as (con, folder):
        versions = before.versions if before else {}
        store = Store(settings.lake, con, versions, folder)
        store.restore_published()
        if before and not full:
            _check_same_rules(before, settings)
        request = Request(
            settings=settings,
            scratch=folder,
            mapping=mapping,
            run_id=run_id,
            as_of=as_of or datetime.now(UTC),
            as_of_explicit=as_of is not None,
            full=full,
            growing=growing,
        )
        entries = latest_entries(store)
        found = discover(request, entries, report)
        if full and before:
            _check_nothing_lost(found, entries, request)
            store.clear()
        counts = Counts()
        dates: tuple[date, ...] = ()
        changed = full or before is None or found.inputs or found.incomplete
        if changed:
            judge = judge_on(spark) if spark else None
            counts = load(con, store, request, found, report, judge=judge)
            if full and before:
                _check_nothing_lost(found, entries, request)
            rules = _rules(settings)
            if spark:
                dates = rebuild_whole(spark, store, settings, rules, report).dates
            else:
                dates = rebuild(con, store, settings, rules, report).dates
        facts = facts_of(store, settings, statement, before)
        if changed or before is None or facts != replace(before.facts, version=facts.version):
            publish(store, facts, run_id, before)
        else:
            facts = before.facts
            write_views(settings.lake)
    return RunSummary(
        run_id=run_id,
        version=facts.version,
        files=len(found.inputs),
        unchanged=found.unchanged,
        lines_in=counts.lines_in,
        accepted=counts.accepted,
        duplicates=counts.duplicates,
        rejected=counts.rejected,
        incomplete=[(f[0], f[1]) for f in found.incomplete],
        skipped=found.skipped,
        dates=dates,
        seconds=time.monotonic() - started,
        facts=facts,
        published=before is None or facts is not before.facts,
        rebuilt_fully=full,
    )


@dataclass(frozen=True)
class ReplaySummary:
    """What a replay did."""

    version: int
    outcome: Outcome
    dates: tuple[date, ...]
    seconds: float
    published: bool


def replay(
    settings: Settings,
    mapping: Mapping,
    *,
    reason: str | None = None,
    rows: Path | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> ReplaySummary:
    """Judges refused rows again: all, those of one reason, or edited ones from the file `rows`.

    Publishes only where that changes something.

    Raises:
        UsageError: there is no lake, or what is given does not fit it.
        DataError: the data stopped the run; the published version stays as it was.
        LockedError: another run holds the lake.
    """
    if reason is not None and rows is not None:
        raise UsageError("--reason and --rows exclude each other. Give one of them.")
    _published(settings)
    started = time.monotonic()
    statement = read_statement(settings.raw)
    settings = statement.completed(settings)
    with lock(settings.lake), scratch(settings) as (con, folder):
        before = _published(settings)
        store = Store(settings.lake, con, before.versions, folder)
        store.restore_published()
        _check_same_rules(before, settings)
        now = datetime.now(UTC)
        request = Request(settings, folder, mapping, _new_id(), now, as_of_explicit=False)
        versions = dict(store.versions)
        if rows is not None:
            outcome = replay_edits(con, store, request, rows, report)
        else:
            outcome = replay_rows(con, store, request, reason, report)
        facts, dates = before.facts, tuple[date, ...]()
        if store.versions != versions:
            dates = rebuild(con, store, settings, _rules(settings), report).dates
            facts = facts_of(store, settings, statement, before)
            publish(store, facts, request.run_id, before)
        else:
            write_views(settings.lake)
    seconds = time.monotonic() - started
    return ReplaySummary(facts.version, outcome, dates, seconds, facts is not before.facts)


def _published(settings: Settings) -> Pointer:
    pointer = read_pointer(settings.lake)
    if pointer is None:
        raise UsageError(f"No lake at {settings.lake}. Build it with `questline run`.")
    return pointer


def _new_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}"


def _rules(settings: Settings) -> Rules:
    return Rules(
        settings.session_rule,
        settings.session_timeout_minutes,
        settings.max_session_days,
        settings.inactive_event_types,
    )


def _check_same_rules(before: Pointer, settings: Settings) -> None:
    names = (
        "reporting_zone",
        "session_rule",
        "session_timeout_minutes",
        "max_session_days",
        "inactive_event_types",
    )
    for name in names:
        built, wanted = getattr(before.facts, name), getattr(settings, name)
        if built != wanted:
            raise UsageError(
                f"The lake was built with {name} = {built!r}, this run says {wanted!r}. Use the "
                "same --mapping and settings as before, or rebuild with these by --full."
            )


def _check_nothing_lost(found: Discovery, known: dict[str, Entry], request: Request) -> None:
    there = {i.relative for i in found.inputs}
    there |= {f[0] for f in found.incomplete if f[0] in known and not known[f[0]].taken}
    gone = sorted(set(known) - there)
    if gone:
        raise DataError(
            f"Files that the lake was built from are gone or broken in {request.raw}: {gone[0]}"
            + (f" and {len(gone) - 1} more" if len(gone) > 1 else "")
            + ". A full rebuild would lose their events. Bring them back, or start a new lake "
            "with --lake."
        )
