"""Overview: how many play, how long, whether they return, what they bring in."""

import streamlit as st

from questline.dashboard import charts
from questline.dashboard.cards import Tile, card, draw, tiles
from questline.dashboard.questions import Lake
from questline.metrics import Kind

DAILY = {"per": "day"}
TILES = [
    Tile("Daily players", "dau", "players", row="last", trend="players"),
    Tile("New players", "new_players", "players", row="last", trend="players"),
    Tile("Day-1 retention", "retention", "retention", {"days": [1]}),
    Tile(
        *("Sessions per DAU", "sessions_per_dau", "sessions_per_dau"),
        trend="sessions_per_dau",
        trend_options=DAILY,
    ),
    Tile(
        *("Median session", "session_length", "median_seconds"),
        trend="median_seconds",
        trend_options=DAILY,
    ),
    Tile("ARPDAU", "arpdau", "arpdau_total", trend="arpdau_total", trend_options=DAILY),
    Tile(
        *("Conversion to payer", "conversion", "conversion"),
        trend="conversion",
        trend_options=DAILY,
    ),
    Tile("Revenue", "revenue", "revenue_usd", trend="revenue_usd", trend_options=DAILY),
]
NOTHING = "Nothing to draw for these filters."


def overview(lake: Lake) -> None:
    """Draws the page."""
    tiles(lake, TILES)
    with card("Daily players, new and returning", "dau"):
        parts = {"returning_players": "Returning", "new_players": "New"}
        rows = lake.ask("dau").rows()
        draw(charts.stacked_days(rows, parts, Kind.COUNT), NOTHING)
    left, right = st.columns(2)
    with left, card("Revenue by day", "revenue"):
        parts = {"net_usd": "Purchases, net of refunds", "ad_revenue_usd": "Ads"}
        rows = lake.ask("revenue", per="day").rows()
        draw(charts.stacked_days(rows, parts, Kind.USD), NOTHING)
    with right, card("ARPDAU", "arpdau"):
        rows = lake.ask("arpdau", per="day").rows()
        draw(charts.days(rows, "arpdau_total", "ARPDAU", Kind.USD_EACH), NOTHING)
