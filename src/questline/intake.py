"""What came in: the ledger's counts, refused rows with examples, how late and how fresh it is."""

from __future__ import annotations

from datetime import date, timedelta

import ibis
import pyarrow as pa
from ibis import _

from questline.api import Analytics
from questline.capped import Capped, capped
from questline.engines.instants import elapsed
from questline.ingestion.messages import hint

MOST_FILES = 500
MOST_RUNS = 200
MOST_CHARACTERS = 1_000
"""How much of a refused row an example shows."""

_MOVES = ("restated", "replayed")
"""Kinds of ledger entries that move counts of earlier readings and are none themselves."""

_COUNTS = ("lines_in", "accepted", "duplicates", "rejected")
_MICROSECONDS = 1_000_000
_DAY = timedelta(days=1)
LATENESS = {
    "up to 1 min": 60,
    "up to 10 min": 600,
    "up to 1 h": 3_600,
    "up to 6 h": 21_600,
    "up to 1 day": 86_400,
    "up to 3 days": 259_200,
    "up to 7 days": 604_800,
    "longer": None,
}
"""How long an event waited, in steps; the value is the upper bound in seconds, included."""

_LATENESS_SCHEMA = pa.schema(
    [
        ("waited", pa.string()),
        ("events", pa.int64()),
        ("share", pa.float64()),
        ("share_at_most", pa.float64()),
    ]
)


def totals(analytics: Analytics) -> pa.Table:
    """One row over the whole ledger.

    Columns: files, lines_in, accepted, duplicates, rejected; unexplained (lines in that are none of
    the three, 0 in a sound lake), entries_off (ledger entries, that is files and runs, whose own
    counts do not add up), rejected_share and duplicate_share of the lines in, NULL without any.
    """
    ledger = analytics.table("ledger")
    off = ledger.lines_in != ledger.accepted + ledger.duplicates + ledger.rejected
    rows = ledger.aggregate(
        files=ledger.file.nunique(where=ledger.file != ""),
        entries_off=off.sum().coalesce(0),
        **_summed(ledger),
    )
    lines = rows.lines_in.nullif(0)
    return analytics.read(
        rows.select(
            "files",
            *_COUNTS,
            "entries_off",
            unexplained=rows.lines_in - rows.accepted - rows.duplicates - rows.rejected,
            rejected_share=rows.rejected / lines,
            duplicate_share=rows.duplicates / lines,
        )
    )


def files(analytics: Analytics, most: int = MOST_FILES) -> Capped:
    """One row a file, the latest taken first, counts of all its readings together.

    Columns: file, kind (of the latest reading: new, grown, replaced, incomplete), source,
    readings, lines_in, accepted, duplicates, rejected, bytes, recorded_at. A verdict that changed
    later counts for the file whose line it is about.
    """
    ledger = analytics.table("ledger")
    named = ledger.filter(ledger.file != "").group_by("batch").aggregate(of_file=_.file.max())
    rows = ledger.left_join(named, "batch").select(ledger, "of_file")
    reading = rows.kind.notin(_MOVES)
    found = rows.group_by(file=rows.of_file).aggregate(
        kind=rows.kind.argmax(rows.run_id, where=reading),
        source=rows.source.argmax(rows.run_id, where=reading),
        readings=reading.sum(),
        **_summed(rows),
        bytes=rows.bytes.argmax(rows.run_id, where=reading),
        recorded_at=rows.recorded_at.max(where=reading),
    )
    return capped(analytics, found, ("recorded_at", "file"), most)


def runs(analytics: Analytics, most: int = MOST_RUNS) -> Capped:
    """One row a run that brought something, latest first.

    Columns: recorded_at, files, lines_in, accepted, duplicates, rejected, run_id.
    """
    ledger = analytics.table("ledger")
    found = ledger.group_by("run_id").aggregate(
        recorded_at=ledger.recorded_at.max(),
        files=ledger.file.nunique(where=ledger.file != ""),
        **_summed(ledger),
    )
    found = found.select("recorded_at", "files", *_COUNTS, "run_id")
    return capped(analytics, found, ("recorded_at", "run_id"), most)


def waiting(analytics: Analytics) -> pa.Table:
    """Files not taken yet, because their latest reading found them incomplete, by name.

    Columns: file, bytes, recorded_at.
    """
    ledger = analytics.table("ledger")
    readings = ledger.filter(ledger.file != "", ledger.kind != "replayed")
    readings = readings.mutate(
        place=ibis.row_number().over(group_by="file", order_by=ibis.desc("run_id"))
    )
    rows = readings.filter(readings.place == 0, readings.kind == "incomplete")
    return analytics.read(rows.select("file", "bytes", "recorded_at").order_by("file"))


def reasons(analytics: Analytics, reason: str | None = None) -> pa.Table:
    """Refused rows by reason, the most frequent first.

    Columns: reason, rows (each as often as it came), distinct_rows, hint (what to do).
    """
    refused = _refused(analytics, reason)
    found = refused.group_by("reason").aggregate(
        rows=refused.times_seen.sum(), distinct_rows=refused.count()
    )
    table = analytics.read(found.order_by(ibis.desc("rows"), "reason"))
    hints = pa.array([hint(name) for name in table["reason"].to_pylist()], pa.string())
    return table.append_column("hint", hints)


def reasons_by_day(analytics: Analytics) -> pa.Table:
    """Refused rows by the day (UTC) on which they were read, and reason: day, reason, rows."""
    ledger = analytics.table("ledger").filter(_.file != "")
    taken = ledger.group_by("batch").aggregate(recorded_at=_.recorded_at.min())
    refused = analytics.table("rejected")
    seen = refused.select("reason", "rejected_at", seen=refused.seen_in.unnest())
    seen = seen.select("reason", "rejected_at", batch=_.seen["batch"], times=_.seen["times"])
    seen = seen.left_join(taken, "batch").select(seen, "recorded_at")
    day = seen.recorded_at.coalesce(seen.rejected_at).date()
    return _by_day(analytics, seen.select("reason", "times", day=day))


def reasons_by_event_day(analytics: Analytics) -> pa.Table:
    """Refused rows by the day (UTC) that the row itself names, and reason: day, reason, rows.

    The day is NULL for rows that did not get so far that their time was read. Days that lie
    outside the observed ones are those of wrong clocks and have no end; rows of them count for
    the day before the first observed one, or the day after the last.
    """
    refused, known = analytics.table("rejected"), analytics.facts
    day = refused.client_date
    if known.complete_from is not None and known.complete_until is not None:
        early = ibis.date(known.complete_from - _DAY)
        late = ibis.date(known.complete_until + _DAY)
        day = ibis.cases((day < early, early), (day > late, late), else_=day)
    return _by_day(analytics, refused.select("reason", day=day, times=refused.times_seen))


def _by_day(analytics: Analytics, rows: ibis.Table) -> pa.Table:
    found = rows.group_by("day", "reason").aggregate(rows=rows.times.sum())
    return analytics.read(found.order_by("day", "reason"))


def examples(
    analytics: Analytics, reason: str, most: int = 3, characters: int = MOST_CHARACTERS
) -> pa.Table:
    """Some refused rows of a reason, by file and line.

    Columns: file, line, message, raw (its first `characters`), raw_length, times_seen,
    rejected_at. The text is as it came and may hold anything.
    """
    refused = _refused(analytics, reason).order_by("file", "line", "raw").limit(most)
    return analytics.read(
        refused.select(
            "file",
            "line",
            "message",
            "times_seen",
            "rejected_at",
            raw=refused.raw.left(characters),
            raw_length=refused.raw.length(),
        )
    )


def lateness(analytics: Analytics, first: date | None = None, last: date | None = None) -> pa.Table:
    """How long events of these days waited from their time to the server: received_at - event_ts.

    One row a step of `LATENESS`: waited, events, share, share_at_most (of this step and the
    shorter ones). Shares are of the events that carry a received_at; where none does, no row.
    """
    rows = _period(analytics, first, last)
    rows = rows.filter(rows.received_at.notnull())
    waited = elapsed(rows.received_at, rows.event_ts)
    bounds = [bound for bound in LATENESS.values() if bound is not None]
    steps = [(waited <= bound * _MICROSECONDS, number) for number, bound in enumerate(bounds)]
    step = ibis.cases(*steps, else_=len(bounds))
    found = analytics.read(rows.group_by(step=step).aggregate(events=rows.count()))
    counts = dict(zip(found["step"].to_pylist(), found["events"].to_pylist(), strict=True))
    everything, so_far = sum(counts.values()), 0
    made = []
    for number, name in enumerate(LATENESS if everything else ()):
        count = counts.get(number, 0)
        so_far += count
        shares = {"share": count / everything, "share_at_most": so_far / everything}
        made.append({"waited": name, "events": count, **shares})
    return pa.Table.from_pylist(made, schema=_LATENESS_SCHEMA)


def clocks(analytics: Analytics, first: date | None = None, last: date | None = None) -> pa.Table:
    """One row about the times of these days' events: events, received, corrected.

    *Received* carry a time of the server; *corrected* also that of the upload by the client's
    clock, so that the event's time could be set right.
    """
    rows = _period(analytics, first, last)
    return analytics.read(
        rows.aggregate(
            events=rows.count(),
            received=rows.received_at.count(),
            corrected=rows.count(where=rows.time_quality == "corrected"),
        )
    )


def newest_day(analytics: Analytics) -> date | None:
    """The latest day with an event, None without any."""
    days = analytics.tables.player_days
    newest = days.aggregate(newest=days.event_date.max(where=days.events > 0))
    found: date | None = analytics.read(newest)["newest"][0].as_py()
    return found


def freshness(analytics: Analytics) -> pa.Table:
    """One row: newest_day; newest_event and newest_received of that day; newest_file.

    The last is when the newest file was taken. What has not come is NULL; times are UTC.
    """
    day = newest_day(analytics)
    events = analytics.tables.events.filter(_.event_date == _date(day))
    ledger = analytics.table("ledger")
    of_day = events.aggregate(
        newest_event=events.event_ts.max(), newest_received=events.received_at.max()
    )
    taken = ledger.aggregate(newest_file=ledger.recorded_at.max())
    rows = of_day.cross_join(taken).mutate(newest_day=_date(day))
    return analytics.read(
        rows.select("newest_day", "newest_event", "newest_received", "newest_file")
    )


def _refused(analytics: Analytics, reason: str | None) -> ibis.Table:
    refused = analytics.table("rejected")
    return refused if reason is None else refused.filter(refused.reason == reason)


def _period(analytics: Analytics, first: date | None, last: date | None) -> ibis.Table:
    """Events of these days; a side that is not given is open."""
    events = analytics.tables.events
    if first is not None:
        events = events.filter(events.event_date >= ibis.date(first))
    if last is not None:
        events = events.filter(events.event_date <= ibis.date(last))
    return events


def _summed(ledger: ibis.Table) -> dict[str, ibis.NumericValue]:
    return {name: ledger[name].sum().coalesce(0) for name in _COUNTS}


def _date(day: date | None) -> ibis.DateValue:
    return ibis.null("date") if day is None else ibis.date(day)
