"""The pipeline: the order of the stages, from raw files to a published lake."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from statistics import median

from questline.errors import DataError, UsageError
from questline.ingestion.discover import (
    Discovery,
    Request,
    Statement,
    discover,
    read_statement,
)
from questline.ingestion.load import Counts, load
from questline.ingestion.mapping import Mapping
from questline.ingestion.refuse import ChangedTailError
from questline.lake.facts import LakeFacts
from questline.lake.ledger import latest_entries
from questline.lake.publication import Pointer, lock, publish, read_pointer, write_views
from questline.lake.scratch import scratch
from questline.lake.store import Store
from questline.models.rebuild import rebuild
from questline.models.rules import Rules
from questline.settings import Settings


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
    report: Callable[[str], None] = lambda _: None,
) -> RunSummary:
    """Takes in what is new in the raw folder and publishes a new version of the lake.

    Raises:
        UsageError: settings, mapping or raw folder are wrong.
        DataError: the data stopped the run; the published version stays as it was.
        LockedError: another run holds the lake.
    """
    if not settings.raw.is_dir():
        raise UsageError(
            f"No raw folder at {settings.raw}. Put event files there, or run `questline simulate`."
        )
    with lock(settings.lake):
        try:
            return _run(settings, mapping, as_of, full, report)
        except ChangedTailError:
            report("an accepted last line changed: rebuilding in full")
            return _run(settings, mapping, as_of, True, report)  # noqa: FBT003 - the restart is full


def _run(
    settings: Settings,
    mapping: Mapping,
    as_of: datetime | None,
    full: bool,  # noqa: FBT001 - private
    report: Callable[[str], None],
) -> RunSummary:
    started = time.monotonic()
    before = read_pointer(settings.lake)
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}-{secrets.token_hex(2)}"
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
        )
        entries = latest_entries(store)
        found = discover(request, entries, report)
        if full and before:
            _check_nothing_lost(found, set(entries), request)
            store.clear()
        counts = Counts()
        dates: tuple[date, ...] = ()
        changed = full or before is None or found.inputs or found.incomplete
        if changed:
            counts = load(con, store, request, found, report)
            dates = rebuild(con, store, settings, _rules(settings), report).dates
        facts = _facts(store, settings, read_statement(settings.raw), before)
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


def _check_nothing_lost(found: Discovery, known: set[str], request: Request) -> None:
    there = {i.relative for i in found.inputs} | {f[0] for f in found.incomplete}
    gone = sorted(known - there)
    if gone:
        raise DataError(
            f"Files that the lake was built from are gone from {request.raw}: {gone[0]}"
            + (f" and {len(gone) - 1} more" if len(gone) > 1 else "")
            + ". A full rebuild would lose their events. Bring them back, or start a new lake "
            "with --lake."
        )


def _facts(
    store: Store, settings: Settings, statement: Statement, before: Pointer | None
) -> LakeFacts:
    inactive = ", ".join(f"'{t}'" for t in settings.inactive_event_types) or "''"
    rows = store.con.execute(
        f"SELECT event_date, sum(events) FROM {store.select('daily')} "
        f"WHERE event_type NOT IN ({inactive}) GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    counts = [(d, int(n)) for d, n in rows]
    row = store.con.execute(
        f"SELECT count(*), count(acquired_at) FROM {store.select('registrations')}"
    ).fetchone()
    first = settings.complete_from or statement.complete_from or (counts[0][0] if counts else None)
    last: date | None
    if settings.complete_until != "auto":
        last = settings.complete_until
    else:
        last = statement.complete_until or newest_complete_day(counts)
    if first is None or last is None or last < first or not counts:
        first, last = (first if counts else None), None
    return LakeFacts(
        version=before.facts.version + 1 if before else 1,
        complete_from=first,
        complete_until=last,
        reporting_zone=settings.reporting_zone,
        session_rule=settings.session_rule,
        session_timeout_minutes=settings.session_timeout_minutes,
        max_session_days=settings.max_session_days,
        inactive_event_types=settings.inactive_event_types,
        has_metadata=bool(row and row[0]),
        acquisition_known=bool(row and row[1]),
    )


def newest_complete_day(counts: list[tuple[date, int]]) -> date | None:
    """The day before the newest day that holds at least 1 % of what is usual.

    Usual is the median of the seven days with events before it; one event with a wrong clock
    cannot move the end of the log.

    >>> days = [(date(2026, 1, n), 1000) for n in range(1, 9)]
    >>> newest_complete_day([*days, (date(2031, 1, 1), 1)])
    datetime.date(2026, 1, 7)
    """
    for index in range(len(counts) - 1, -1, -1):
        usual = [n for _, n in counts[max(0, index - 7) : index]]
        if not usual or counts[index][1] >= 0.01 * median(usual):
            return counts[index][0] - timedelta(days=1)
    return None
