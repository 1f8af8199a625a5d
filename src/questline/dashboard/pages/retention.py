"""Retention: who comes back, pooled and by cohort."""

from __future__ import annotations

from typing import Any

from questline.dashboard import charts
from questline.dashboard.cards import Tile, chart_card, tiles
from questline.dashboard.questions import Lake

TILES = [
    Tile(f"Day {n}", "retention", "retention", {"days": [n]}, all_days=True)
    for n in (1, 3, 7, 14, 30)
]
CURVE = list(range(31))
CELLS = list(range(1, 15))
MOST_COHORTS = 45
COHORT = {False: "acquisition_date", True: "cohort_week"}
NOTHING = "No cohort of these filters was observed for long enough."


def retention(lake: Lake) -> None:
    """Draws the page."""
    tiles(lake, TILES, in_a_row=5)
    chart_card(
        *(lake, "Players who are back N days after acquisition"),
        lake.question("retention", days=CURVE, all_days=True),
        lambda found: charts.retention_curve(found.rows()[1:]),
        NOTHING,
    )
    weekly = lake.days > MOST_COHORTS
    split: dict[str, Any] = {"by": "cohort_week"} if weekly else {"cohorts": "day"}
    chart_card(
        *(lake, f"By {'week' if weekly else 'day'} of acquisition"),
        lake.question("retention", days=CELLS, **split),
        lambda found: charts.cohort_heatmap(found.rows(), COHORT[weekly]),
        NOTHING,
    )
