"""Observation: which days of the log are known as a whole, and the other facts of a lake."""

from datetime import date, timedelta
from statistics import median

from questline.ingestion.statement import Statement
from questline.lake.facts import LakeFacts
from questline.lake.publication import Pointer
from questline.lake.store import Store
from questline.settings import Settings


def facts_of(
    store: Store, settings: Settings, statement: Statement, before: Pointer | None
) -> LakeFacts:
    """What the lake says of itself once its tables are built; `before` is the published version."""
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
