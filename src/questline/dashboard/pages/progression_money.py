"""Progression and money: levels, features, purchases and ads."""

import streamlit as st

from questline.dashboard import charts
from questline.dashboard.cards import Tile, card, draw, tiles
from questline.dashboard.questions import Lake

MONEY = [
    Tile("ARPU", "arpu", "arpu"),
    Tile("ARPPU", "arppu", "arppu"),
    Tile("Conversion to payer", "conversion", "conversion"),
    Tile("Gross purchases", "revenue", "gross_usd"),
    Tile("Refunds", "revenue", "refunded_usd"),
    Tile("Net purchases", "revenue", "net_usd"),
    Tile("Ad revenue", "ad_revenue", "ad_revenue_usd"),
    Tile("eCPM", "ad_revenue", "ecpm_usd"),
]


def progression_money(lake: Lake) -> None:
    """Draws the page."""
    st.subheader("Progression")
    with card("Players who reach and complete each level", "level_funnel"):
        draw(charts.levels(lake.ask("level_funnel").rows()), "No level was played.")
    left, right = st.columns(2)
    with left, card("Feature adoption", "feature_adoption"):
        features = list(lake.analytics.features)
        asked = [lake.ask("feature_adoption", feature=name).rows() for name in features]
        rows = [row for found in asked for row in found]
        draw(
            charts.rates(rows, "feature", "adoption", "adopters", "eligible"),
            "No feature is described: see [features] in questline.toml.",
        )
    with right, card("Achievements", "achievements"):
        rows = lake.ask("achievements").rows()
        draw(
            charts.rates(rows, "achievement_id", "unlock_rate", "unlockers", "players"),
            "No achievement was unlocked.",
        )
    st.subheader("Money")
    tiles(lake, MONEY)
