"""Overview: how many play, how long, whether they return, what they bring in."""

from __future__ import annotations

import streamlit as st

from questline.dashboard import charts
from questline.dashboard.cards import DAILY, Tile, chart_card, tiles
from questline.dashboard.charts_money import INCOME
from questline.dashboard.questions import Lake
from questline.metrics import Kind

TILES = [
    Tile("Daily players", "dau", "players", row="last", trend="players"),
    Tile("New players", "dau", "new_players", row="last", trend="new_players"),
    Tile(
        *("Day-1 retention", "retention", "retention", {"days": [1]}),
        trend="retention",
        trend_options={"cohorts": "day"},
    ),
    Tile(
        *("Sessions per DAU", "sessions_per_dau", "sessions_per_dau"),
        trend="sessions_per_dau",
        trend_options=DAILY,
    ),
    Tile(
        *("Median session", "session_length", "median_seconds"),
        trend="median_seconds",
        trend_options=DAILY,
        good=None,
    ),
    Tile("ARPDAU", "arpdau", "arpdau_total", trend="arpdau_total", trend_options=DAILY),
    Tile(
        *("Conversion to payer", "conversion", "conversion"),
        trend="conversion",
        trend_options=DAILY,
    ),
    Tile("Revenue", "revenue", "revenue_usd", trend="revenue_usd", trend_options=DAILY),
]
PLAYERS = {"returning_players": "Returning", "new_players": "New"}


def overview(lake: Lake) -> None:
    """Draws the page."""
    dau, revenue = lake.question("dau"), lake.question("revenue", per="day")
    arpdau = lake.question("arpdau", per="day")
    lake.soon(dau, revenue, arpdau)
    tiles(lake, TILES)
    chart_card(
        *(lake, "Daily players, new and returning", dau),
        lambda found: charts.stacked_days(found.rows(), PLAYERS, Kind.COUNT),
    )
    left, right = st.columns(2)
    with left:
        chart_card(
            *(lake, "Revenue by day", revenue),
            lambda found: charts.stacked_days(found.rows(), INCOME, Kind.USD),
        )
    with right:
        chart_card(
            *(lake, "ARPDAU", arpdau),
            lambda found: charts.days(found.rows(), "arpdau_total", "ARPDAU", Kind.USD_EACH),
        )
