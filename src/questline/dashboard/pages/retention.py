"""Retention: who comes back, pooled and by cohort."""

import streamlit as st

from questline.dashboard import charts
from questline.dashboard.cards import Tile, card, draw, tiles
from questline.dashboard.questions import Lake

TILES = [Tile(f"Day {n}", "retention", "retention", {"days": [n]}) for n in (1, 3, 7, 14, 30)]
CURVE = list(range(31))
CELLS = list(range(1, 15))
MOST_COHORTS = 45
COHORT = {False: "acquisition_date", True: "cohort_week"}
NOTHING = "No cohort of these filters was observed for long enough."


def retention(lake: Lake) -> None:
    """Draws the page."""
    tiles(lake, TILES, in_a_row=5)
    st.caption("The period chooses players by their day of acquisition. -: not observed yet.")
    with card("Players who are back N days after acquisition", "retention"):
        result = lake.ask("retention", days=CURVE)
        draw(charts.retention_curve(result.rows()[1:]), NOTHING)
        for note in result.notes:
            st.caption(note)
    weekly = lake.days > MOST_COHORTS
    with card(f"By {'week' if weekly else 'day'} of acquisition", "retention"):
        split = {"by": "cohort_week"} if weekly else {"cohorts": True}
        rows = lake.ask("retention", cohorts_of_the_log=True, days=CELLS, **split).rows()
        draw(charts.cohort_heatmap(rows, COHORT[weekly]), NOTHING)
        st.caption("Blank: that day is not complete yet. Rest on a cell for its players.")
