"""One player: who he is, and what he did on some days."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import streamlit as st

from questline import timeline
from questline.capped import Capped
from questline.dashboard import charts_players
from questline.dashboard.breakdown import SPLITS
from questline.dashboard.cards import card, draw, failed
from questline.dashboard.controls import choice
from questline.dashboard.filters import ATTRIBUTES, LENGTHS
from questline.dashboard.listing import MOMENT, facts, listing
from questline.dashboard.questions import Lake
from questline.dashboard.readings import read, soon
from questline.dashboard.text import literal
from questline.metrics import Kind
from questline.metrics.display import brief, cell

USUAL = "14 days"
WHOLE = "Whole day"
Row = dict[str, Any]
column = st.column_config
SESSIONS = {
    "started_at": column.DatetimeColumn("Start", format=MOMENT),
    "ended_at": column.DatetimeColumn("End", format=MOMENT),
    "length_seconds": column.NumberColumn("Seconds", format="%.0f"),
    "events": column.NumberColumn("Events", format="localized"),
    "levels": column.NumberColumn("Levels won", format="localized"),
    "revenue_usd": column.NumberColumn("Revenue", format="$%.4f"),
    "closed_by": column.TextColumn("Closed by"),
}
EVENTS = {
    "event_ts": column.DatetimeColumn("Time", format=MOMENT),
    "event_type": column.TextColumn("Type"),
    "level": column.NumberColumn("Level", width="small"),
    "amount_usd": column.NumberColumn("Money", format="$%.4f", width="small"),
    "properties": column.TextColumn("Properties", width="large"),
    "app_version": column.TextColumn("Version", width="small"),
    "session_id": column.TextColumn("Session"),
    "event_id": column.TextColumn("Event"),
}
PURCHASES = {
    "purchased_at": column.DatetimeColumn("Time", format=MOMENT),
    "product_id": column.TextColumn("Product"),
    "gross_usd": column.NumberColumn("Price", format="dollar"),
    "refunded_usd": column.NumberColumn("Refunded", format="dollar"),
    "net_usd": column.NumberColumn("Net", format="dollar"),
    "transaction_id": column.TextColumn("Transaction"),
}


def player(lake: Lake, player_id: str) -> None:
    """Draws the profile and the time line of a player."""
    known = False
    with card(lake, f"Player {player_id}"):
        found = read(lake, timeline.profile, player_id).to_pylist()
        if found:
            facts(_profile(found[0]))
            known = True
        else:
            st.caption(f"No player of this lake has the id {literal(player_id)}.")
    if known:
        try:
            _time_line(lake, player_id)
        except Exception as error:  # noqa: BLE001 - the rest of the page stands
            failed("The time line", error)


def _profile(row: Mapping[str, Any]) -> list[tuple[str, str]]:
    """A player in names and values."""
    source = "" if row["acquisition_source"] == "metadata" else " (first event)"
    seen = [f"{v['experiment']}: {v['variant']}" for v in row["variants"] or ()]
    paid = f"{brief(row['net_usd'], Kind.USD)} in {row['purchases']:,}"
    return [
        ("Acquired", _day(row["acquisition_date"]) + source),
        ("Last active", _day(row["last_day"])),
        ("Active days", cell(row["active_days"], Kind.COUNT)),
        ("Sessions", cell(row["sessions"], Kind.COUNT)),
        ("Time played", brief(row["playtime_seconds"], Kind.SECONDS)),
        ("Events", cell(row["events"], Kind.COUNT)),
        ("Levels won", cell(row["level_completes"], Kind.COUNT)),
        ("Paid, net", paid),
        ("Ads watched", cell(row["ads"], Kind.COUNT)),
        ("Ad revenue", brief(row["ad_revenue_usd"], Kind.USD)),
        *((ATTRIBUTES[name], str(row[name] or "")) for name in SPLITS),
        ("Device", str(row["device"] or "")),
        *([("Experiments", ", ".join(seen))] if seen else []),
    ]


def _day(day: date | None) -> str:
    return "-" if day is None else f"{day:%-d %b %Y}"


def _time_line(lake: Lake, player_id: str) -> None:
    """What the player did on some days, and on the last of them."""
    played = read(lake, timeline.days_of, player_id)["event_date"].to_pylist()
    if not played:
        st.caption("This player is known from metadata and has no event yet.")
        return
    zone = lake.analytics.facts.reporting_zone
    with st.container(horizontal=True, vertical_alignment="bottom"):
        length: int = choice("Days", LENGTHS, "player_span", USUAL)
        named = {day.isoformat(): day for day in played}
        until = st.selectbox(
            *("Until", list(named)),
            key="player_until",
            bind="query-params",
            width=150,
            label_visibility="collapsed",
            help="The days on which the player did something",
        )
    last = named[until or next(iter(named))]
    first = last - timedelta(days=length - 1)
    readings = (timeline.sessions, timeline.events, timeline.purchases)
    for reading in readings:
        soon(lake, reading, player_id, first, last)
    sessions, events, purchases = (read(lake, r, player_id, first, last) for r in readings)
    bars, ticks = sessions.table.to_pylist(), events.table.to_pylist()
    with card(lake, f"The days until {last:%-d %b %Y}"):
        draw(charts_players.days_of_player(bars, ticks, first, last))
        st.caption(f"The clock is that of {literal(zone)}. {literal(_cut(sessions, events))}")
    with card(lake, f"What happened on {last:%a %-d %b %Y}"):
        _day_of(bars, ticks, last)
    with card(lake, "Events, sessions and purchases of these days"):
        names = ["Events", "Sessions", "Purchases"]
        for tab, found, columns, name in zip(
            st.tabs(names),
            (events, sessions, purchases),
            (EVENTS, SESSIONS, PURCHASES),
            names,
            strict=True,
        ):
            with tab:
                if found.total:
                    listing(found, columns, name.lower())
                else:
                    st.caption(f"No {name.lower()} on these days.")


def _day_of(sessions: list[Row], events: list[Row], day: date) -> None:
    """A day by type of event, or one session of it."""
    starts = {f"{s['started_at']:%H:%M:%S}": s for s in sessions if s["session_date"] == day}
    chosen = WHOLE
    if len(starts) > 1:
        chosen = st.selectbox(
            *("Session", [WHOLE, *sorted(starts)]),
            key="player_session",
            bind="query-params",
            width=150,
            label_visibility="collapsed",
            help="The whole day, or the session that began at this time",
        )
    one = starts.get(chosen or WHOLE)
    if one is None:
        events = [e for e in events if e["event_date"] == day]
    else:
        events = [e for e in events if one["started_at"] <= e["event_ts"] <= one["ended_at"]]
        sessions = [one]
    draw(charts_players.by_type(sessions, events), "No event on this day.")


def _cut(sessions: Capped, events: Capped) -> str:
    """What a chart leaves out because there is too much of it."""
    return " ".join(
        f"Only the latest {found.table.num_rows:,} of {found.total:,} {what} are drawn."
        for found, what in ((sessions, "sessions"), (events, "events"))
        if found.total > found.table.num_rows
    )
