"""Players: look one up, and how all of them come, stay and go."""

from __future__ import annotations

from functools import partial

import pyarrow as pa
import streamlit as st

from questline import timeline
from questline.capped import Capped
from questline.contract.envelope import MAX_ID_CHARACTERS
from questline.dashboard import charts_players
from questline.dashboard.cards import card, chart_card
from questline.dashboard.controls import choice
from questline.dashboard.listing import listing
from questline.dashboard.player import player
from questline.dashboard.questions import Lake
from questline.timeline import Order

ORDERS = {
    "Recently active": Order.RECENT,
    "Biggest payers": Order.PAYERS,
    "Most sessions": Order.SESSIONS,
}
LIST_HEIGHT = 330
INTERVALS = {"Days": "day", "Weeks": "week", "4 weeks": "4weeks"}
WINDOWS = {"L7": 7, "L28": 28}
FEW_DAYS = 35
NO_WINDOW = "Not every day of this window was observed."
column = st.column_config
PICKS = {
    "player_id": column.TextColumn("Player", width="medium"),
    "last_day": column.DateColumn("Last active", format="YYYY-MM-DD"),
    "active_days": column.NumberColumn("Active days", format="localized"),
    "sessions": column.NumberColumn("Sessions", format="localized"),
    "net_usd": column.NumberColumn("Paid, net", format="dollar"),
}


def players(lake: Lake) -> None:
    """Draws the page."""
    # What is usual depends on the log alone, so that it is the same in every link.
    above = st.container()
    left, right = st.columns(2)
    with left:
        usual = "Days" if lake.log_days <= FEW_DAYS else "Weeks"
        interval = choice("Intervals", INTERVALS, "player_interval", usual)
        flows = lake.question("lifecycle", interval=interval)
    with right:
        usual = "L28" if lake.log_days >= WINDOWS["L28"] else "L7"
        window = choice("Window", WINDOWS, "player_window", usual)
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
    player(lake, player_id)


def _pick(lake: Lake) -> None:
    """Short lists; a click on a row looks the player up."""
    with card(lake, "Choose a player"):
        order: Order = choice("Order", ORDERS, "player_order")
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
