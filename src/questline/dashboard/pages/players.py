"""Players: look one up, and how all of them come, stay and go."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial
from typing import Any

import pyarrow as pa
import streamlit as st

from questline import timeline
from questline.capped import Capped
from questline.contract.envelope import MAX_ID_CHARACTERS
from questline.dashboard import charts_players
from questline.dashboard.cards import card, chart_card, draw, failed
from questline.dashboard.listing import facts, listing
from questline.dashboard.questions import Lake
from questline.dashboard.readings import read, soon
from questline.dashboard.text import literal
from questline.metrics import Kind
from questline.metrics.display import brief, cell
from questline.timeline import Order

ORDERS = {
    "Recently active": Order.RECENT,
    "Biggest payers": Order.PAYERS,
    "Most sessions": Order.SESSIONS,
}
SPANS = {"7 days": 7, "14 days": 14, "28 days": 28, "90 days": 90}
SPAN = "14 days"
LIST_HEIGHT = 330
ATTRIBUTES = {
    "Platform": "platform",
    "Country": "country",
    "Channel": "channel",
    "First version": "first_version",
    "Device": "device",
}
INTERVALS = {"Days": "day", "Weeks": "week", "4 weeks": "4weeks"}
WINDOWS = {"L7": 7, "L28": 28}
FEW_DAYS = 35
NO_WINDOW = "Not every day of this window was observed."
WHOLE = "Whole day"
Row = dict[str, Any]
SECOND = "YYYY-MM-DD HH:mm:ss"
column = st.column_config
PICKS = {
    "player_id": column.TextColumn("Player", width="medium"),
    "last_day": column.DateColumn("Last active", format="YYYY-MM-DD"),
    "active_days": column.NumberColumn("Active days", format="localized"),
    "sessions": column.NumberColumn("Sessions", format="localized"),
    "net_usd": column.NumberColumn("Paid, net", format="dollar"),
}
SESSIONS = {
    "started_at": column.DatetimeColumn("Start", format=SECOND),
    "ended_at": column.DatetimeColumn("End", format=SECOND),
    "length_seconds": column.NumberColumn("Seconds", format="%.0f"),
    "events": column.NumberColumn("Events", format="localized"),
    "levels": column.NumberColumn("Levels won", format="localized"),
    "revenue_usd": column.NumberColumn("Revenue", format="$%.4f"),
    "closed_by": column.TextColumn("Closed by"),
}
EVENTS = {
    "event_ts": column.DatetimeColumn("Time", format=SECOND),
    "event_type": column.TextColumn("Type"),
    "level": column.NumberColumn("Level", width="small"),
    "amount_usd": column.NumberColumn("Money", format="$%.4f", width="small"),
    "properties": column.TextColumn("Properties", width="large"),
    "app_version": column.TextColumn("Version", width="small"),
    "session_id": column.TextColumn("Session"),
    "event_id": column.TextColumn("Event"),
}
PURCHASES = {
    "purchased_at": column.DatetimeColumn("Time", format=SECOND),
    "product_id": column.TextColumn("Product"),
    "gross_usd": column.NumberColumn("Price", format="dollar"),
    "refunded_usd": column.NumberColumn("Refunded", format="dollar"),
    "net_usd": column.NumberColumn("Net", format="dollar"),
    "transaction_id": column.TextColumn("Transaction"),
}


def players(lake: Lake) -> None:
    """Draws the page."""
    above = st.container()
    left, right = st.columns(2)
    with left:
        interval = _choice("Intervals", INTERVALS, _usual_interval(lake), "player_interval")
        flows = lake.question("lifecycle", interval=interval)
    with right:
        window = _choice("Window", WINDOWS, _usual_window(lake), "player_window")
        habits = lake.question("power_users", window=window)
    lake.soon(flows, habits)
    with above:
        _look_up(lake)
    with left:
        chart_card(
            *(lake, "Players who come, stay and stay away", flows),
            lambda found: charts_players.lifecycle(found.rows()),
        )
    with right:
        chart_card(
            *(lake, f"On how many of {window} days players are active", habits),
            lambda found: charts_players.power_users(found.rows()),
            NO_WINDOW,
        )


def _usual_interval(lake: Lake) -> str:
    return "Days" if lake.days <= FEW_DAYS else "Weeks"


def _usual_window(lake: Lake) -> str:
    known = lake.analytics.facts
    if known.complete_from is None or known.complete_until is None:
        return "L28"
    return "L28" if (known.complete_until - known.complete_from).days >= 27 else "L7"


def _choice(label: str, options: Mapping[str, Any], usual: str, key: str) -> Any:  # noqa: ANN401
    chosen = st.segmented_control(
        *(label, list(options)),
        default=usual,
        required=True,
        key=key,
        bind="query-params",
        label_visibility="collapsed",
    )
    return options[chosen or usual]


def _look_up(lake: Lake) -> None:
    """The field for an id; below it the player, or a list to pick one from."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        typed = st.text_input(
            "Player",
            key="player_id",
            bind="query-params",
            placeholder="Id of a player",
            max_chars=MAX_ID_CHARACTERS,
            width=420,
            label_visibility="collapsed",
            icon=":material/person_search:",
        )
        player_id = (typed or "").strip()
        if player_id:
            st.button("Other players", key="player_back", on_click=_chosen, args=("",))
    if not player_id:
        _pick(lake)
        return
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


def _pick(lake: Lake) -> None:
    """Short lists; a click on a row looks the player up."""
    with card(lake, "Choose a player"):
        order: Order = _choice("Order", ORDERS, next(iter(ORDERS)), "player_order")
        f = lake.filters
        scope = lake.analytics.scope(
            f.start, f.end, where=f.where, segment=f.segment, exclude=f.exclude
        )
        found: pa.Table = lake.remembered(
            f"players {order} {f!r}", lambda: timeline.pick(lake.analytics, order, scope)
        )
        if not found.num_rows:
            st.caption("No player for these filters.")
            return
        ids = found["player_id"].to_pylist()
        listing(
            *(Capped(found, found.num_rows), PICKS, "players"),
            on_select=partial(_picked, ids),
            selection_mode="single-row",
            key="player_picks",
            height=LIST_HEIGHT,
        )
        st.caption(
            f"At most {timeline.MOST_PLAYERS} players who were active in this period under these "
            "filters. Click at the left of a row to look the player up."
        )


def _picked(ids: list[str]) -> None:
    rows = st.session_state["player_picks"].selection.rows
    if rows:
        _chosen(ids[rows[0]])


def _chosen(player_id: str) -> None:
    st.session_state["player_id"] = player_id


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
        *((name, str(row[name_of] or "")) for name, name_of in ATTRIBUTES.items()),
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
        length: int = _choice("Days", SPANS, SPAN, "player_span")
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
