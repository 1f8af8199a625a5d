"""Data quality: what came in, what was refused and why, how late and how fresh it is."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import streamlit as st

from questline import intake
from questline.capped import Capped
from questline.dashboard import charts_quality
from questline.dashboard.cards import card, draw, failed
from questline.dashboard.controls import choice
from questline.dashboard.listing import MOMENT, facts, listing
from questline.dashboard.questions import Lake
from questline.dashboard.readings import Reading, read, soon
from questline.dashboard.text import literal
from questline.formats import readable
from questline.lake.publication import being_written
from questline.metrics import Kind
from questline.metrics.display import brief, cell

READ, OF_EVENT = "Day it was read", "Day of the event"
MOST_EXAMPLES = 5
NOTHING_REFUSED = "No row was refused."
NO_SERVER_TIME = (
    "No event of this period carries the server's time (received_at), so nobody can tell how late "
    "it came."
)
column = st.column_config
COUNTS = {
    "lines_in": column.NumberColumn("Lines in", format="localized"),
    "accepted": column.NumberColumn("Accepted", format="localized"),
    "duplicates": column.NumberColumn("Duplicates", format="localized"),
    "rejected": column.NumberColumn("Rejected", format="localized"),
}
FILES = {
    "recorded_at": column.DatetimeColumn("Read (UTC)", format=MOMENT),
    "file": column.TextColumn("File", width="medium"),
    "kind": column.TextColumn("Last reading", width="small"),
    **COUNTS,
    "bytes": column.NumberColumn("Size", format="bytes"),
    "readings": column.NumberColumn("Readings", format="localized"),
    "source": column.TextColumn("Source"),
}
RUNS = {
    "recorded_at": column.DatetimeColumn("When (UTC)", format=MOMENT),
    "files": column.NumberColumn("Files", format="localized"),
    **COUNTS,
    "run_id": column.TextColumn("Run"),
}
WAITING = {
    "file": column.TextColumn("File", width="medium"),
    "bytes": column.NumberColumn("Size", format="bytes"),
    "recorded_at": column.DatetimeColumn("Tried (UTC)", format=MOMENT),
}


def quality(lake: Lake) -> None:
    """Draws the page."""
    period = lake.filters.start, lake.filters.end
    for reading in (
        intake.totals,
        intake.freshness,
        intake.reasons,
        intake.reasons_by_day,
        intake.waiting,
        intake.files,
        intake.runs,
    ):
        soon(lake, reading)
    soon(lake, intake.lateness, *period)
    soon(lake, intake.clocks, *period)
    _ledger(lake)
    _state(lake)
    left, right = st.columns(2)
    with left, card(lake, "Refused rows by reason"):
        draw(charts_quality.reasons(_rows(lake, intake.reasons)), NOTHING_REFUSED)
    with right, card(lake, "Refused rows over time"):
        _over_time(lake)
    with card(lake, "Examples of refused rows"):
        _examples(lake)
    left, right = st.columns(2)
    with left, card(lake, "How long events waited until the server had them"):
        _lateness(lake)
    with right, card(lake, "Files not taken yet"):
        _waiting(lake)
    with card(lake, "What was read"):
        _read_list(lake)


def _rows(lake: Lake, reading: Reading, *asked: object) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = read(lake, reading, *asked).to_pylist()
    return rows


def _ledger(lake: Lake) -> None:
    """The counts, and whether they add up."""
    try:
        row = _rows(lake, intake.totals)[0]
    except Exception as error:  # noqa: BLE001 - the rest of the page stands
        failed("The ledger", error)
        return
    shown = [
        ("Lines in", "lines_in", Kind.COUNT, "Lines of all files, counted from their bytes."),
        ("Accepted", "accepted", Kind.COUNT, "Lines that became events or players."),
        ("Duplicates", "duplicates", Kind.COUNT, "Lines that repeat an accepted one."),
        ("Rejected", "rejected", Kind.COUNT, "Lines that do not fit the contract."),
        ("Share refused", "rejected_share", Kind.SHARE, "Rejected / lines in."),
    ]
    for place, (label, name, kind, meaning) in zip(
        st.columns(len(shown), gap="small"), shown, strict=True
    ):
        with place:
            st.metric(label, brief(row[name], kind), help=meaning, border=True)
    said = conservation(row)
    if row["unexplained"] or row["entries_off"]:
        st.warning(said, icon=":material/error:")
    else:
        st.markdown(said)


def conservation(row: Mapping[str, Any]) -> str:
    """Whether every line that came in is accounted for, in a sentence."""
    if not row["lines_in"]:
        return "No line has come in yet."
    lines, accepted, duplicates, refused = (
        cell(row[name], Kind.COUNT) for name in ("lines_in", "accepted", "duplicates", "rejected")
    )
    sums = f"{accepted} accepted + {duplicates} duplicates + {refused} rejected"
    if row["unexplained"]:
        return (
            f"The ledger does not add up: {lines} lines came in, but {sums} differ from that by "
            f"{abs(row['unexplained']):,}. Build the lake anew with `questline run --full`."
        )
    if row["entries_off"]:
        return (
            f"The whole adds up, but {row['entries_off']:,} readings of a file do not. "
            "Build the lake anew with `questline run --full`."
        )
    return f"Every line is accounted for: {lines} lines in = {sums}."


def _state(lake: Lake) -> None:
    """How fresh the lake is, and which version one sees."""
    known = lake.analytics.facts
    with card(lake, "How fresh the lake is"):
        row = _rows(lake, intake.freshness)[0]
        writes = being_written(lake.folder)
        facts(
            [
                ("Lake version", str(known.version)),
                ("Published (UTC)", lake.published_at[:16].replace("T", " ")),
                ("Run going on", "yes, reload to see it" if writes else "no"),
                ("Complete from", str(known.complete_from or "no event yet")),
                ("Complete until", str(known.complete_until or "no complete day yet")),
                ("Newest event day", str(row["newest_day"] or "none")),
                ("Newest event (UTC)", _minute(row["newest_event"])),
                ("Newest upload (UTC)", _minute(row["newest_received"])),
                ("Newest file read (UTC)", _minute(row["newest_file"])),
                ("Files", f"{_rows(lake, intake.totals)[0]['files']:,}"),
            ]
        )


def _minute(moment: datetime | None) -> str:
    return "-" if moment is None else f"{moment:%Y-%m-%d %H:%M}"


def _over_time(lake: Lake) -> None:
    rows = _rows(lake, intake.reasons_by_day)
    if not rows:
        st.caption(NOTHING_REFUSED)
        return
    usual = READ if len({row["day"] for row in rows}) > 1 else OF_EVENT
    if choice("Day", {READ: True, OF_EVENT: False}, "quality_day", usual):
        draw(charts_quality.reasons_by_day(rows))
        return
    known = lake.analytics.facts
    rows = _rows(lake, intake.reasons_by_event_day)
    draw(charts_quality.reasons_by_day(rows, known.complete_from, known.complete_until))


def _examples(lake: Lake) -> None:
    """Rows of one reason as they came, and what to do about them."""
    rows = _rows(lake, intake.reasons)
    if not rows:
        st.caption(NOTHING_REFUSED)
        return
    hints = {row["reason"]: row["hint"] for row in rows}
    named = list(hints)
    chosen = st.selectbox(*("Reason", named), key="quality_reason", bind="query-params", width=320)
    reason = chosen or named[0]
    st.markdown(f"What to do: {hints[reason]}.")
    for example in _rows(lake, intake.examples, reason, MOST_EXAMPLES):
        _example(example)


def _example(row: Mapping[str, Any]) -> None:
    line = "" if row["line"] is None else f", line {row['line']:,}"
    said = [f"{row['file']}{line}", row["message"] or ""]
    if row["times_seen"] > 1:
        said.append(f"came {row['times_seen']:,} times")
    raw = row["raw"] or ""
    if (row["raw_length"] or 0) > len(raw):
        said.append(f"the first {len(raw):,} of {row['raw_length']:,} characters kept")
    st.caption(" · ".join(literal(readable(text)) for text in said if text))
    st.code(readable(raw) or "(empty)", language=None, wrap_lines=True)


def _lateness(lake: Lake) -> None:
    """The period of the filters only."""
    period = lake.filters.start, lake.filters.end
    draw(charts_quality.lateness(_rows(lake, intake.lateness, *period)), NO_SERVER_TIME)
    row = _rows(lake, intake.clocks, *period)[0]
    st.caption(
        f"Of {cell(row['events'], Kind.COUNT)} events of the period chosen above, "
        f"{cell(row['received'], Kind.COUNT)} carry the server's time and "
        f"{cell(row['corrected'], Kind.COUNT)} also the client's time of the upload, by which a "
        "wrong clock is set right. Other filters do not apply to this page."
    )


def _waiting(lake: Lake) -> None:
    found = read(lake, intake.waiting)
    if not found.num_rows:
        st.caption("Every file was taken.")
        return
    st.caption(
        "Their compression ends early or is broken. Nothing of them is counted; they are tried "
        "again when they change."
    )
    listing(Capped(found, found.num_rows), WAITING, "files")


def _read_list(lake: Lake) -> None:
    for tab, reading, columns, what in zip(
        st.tabs(["Files", "Runs"]),
        (intake.files, intake.runs),
        (FILES, RUNS),
        ("files", "runs"),
        strict=True,
    ):
        with tab:
            found: Capped = read(lake, reading)
            if found.total:
                listing(found, columns, what)
            else:
                st.caption("The ledger is empty.")
