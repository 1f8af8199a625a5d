"""The frame around every page: navigation, filters, states, and what the numbers are of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from questline.dashboard.filters import filter_bar
from questline.dashboard.pages.overview import overview
from questline.dashboard.pages.progression_money import progression_money
from questline.dashboard.pages.retention import retention
from questline.dashboard.questions import Lake, open_lake
from questline.errors import QuestlineError

PAGES: list[tuple[str, str, Callable[[Lake], None]]] = [
    ("Overview", ":material/monitoring:", overview),
    ("Retention", ":material/replay:", retention),
    ("Progression and money", ":material/stairs:", progression_money),
]


def main() -> None:
    """Draws the chosen page below the frame that all share."""
    st.set_page_config(page_title="Questline", page_icon="🧭", layout="wide")
    shared: list[Lake] = []
    pages = [
        st.Page(
            partial(_on, shared, draw),
            title=title,
            icon=icon,
            url_path=draw.__name__,
            default=draw is overview,
        )
        for title, icon, draw in PAGES
    ]
    chosen = st.navigation(pages, position="top")
    st.header(chosen.title, anchor=False)
    lake = _lake()
    if lake is not None:
        shared.append(lake)
        chosen.run()
        facts = lake.analytics.facts
        later = (
            facts.complete_until and lake.filters.end and lake.filters.end > facts.complete_until
        )
        st.caption(
            f"Complete from {facts.complete_from} until {facts.complete_until}"
            f"{' (later days are pale)' if later else ''}, "
            f"{facts.reporting_zone} · lake version {facts.version} · {lake.folder}"
        )


def _on(shared: list[Lake], draw: Callable[[Lake], None]) -> None:
    draw(shared[0])


def _lake() -> Lake | None:
    """The lake under the filters; where there is nothing to show, says why and is None."""
    try:
        lake = open_lake()
        if lake is None:
            _no_lake()
            return None
        facts = lake.analytics.facts
        if facts.complete_until is None:
            st.info("The lake holds no complete day yet. Run the pipeline when more has come in.")
            return None
        lake = replace(lake, filters=filter_bar(facts, lake.platforms()))
        if _nobody(lake):
            st.info("Nobody played in this period on these platforms. Widen the filters.")
            return None
    except QuestlineError as error:
        st.error(str(error), icon=":material/error:")
        return None
    return lake


def _nobody(lake: Lake) -> bool:
    """Whether no player is left under the filters."""
    rows = lake.ask("arpu").rows()
    return not rows or not rows[0]["players"]


def _no_lake() -> None:
    st.info("There is no lake yet. Two commands make one of a simulated game:")
    st.code(
        "python src/event_generator.py --days 30 --users 5000\npython src/etl_pipeline.py",
        language="shell",
    )
    st.caption("Then reload this page. For logs of your own, see the README.")


if __name__ == "__main__":
    main()
