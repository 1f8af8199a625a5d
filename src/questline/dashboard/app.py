"""The frame around every page: navigation, filters, states, and what the numbers are of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import streamlit as st

from questline.dashboard.access import admitted
from questline.dashboard.cards import failed
from questline.dashboard.filters import ATTRIBUTES, filter_bar, keep_in_address
from questline.dashboard.pages.explore import explore
from questline.dashboard.pages.features import features
from questline.dashboard.pages.funnels import funnels
from questline.dashboard.pages.monetization import monetization
from questline.dashboard.pages.overview import overview
from questline.dashboard.pages.players import players
from questline.dashboard.pages.progression import progression
from questline.dashboard.pages.quality import quality
from questline.dashboard.pages.retention import retention
from questline.dashboard.questions import Lake, open_lake
from questline.dashboard.text import literal
from questline.errors import QuestlineError
from questline.lake.publication import being_written

Page = Callable[[Lake], None]
PAGES: list[tuple[str, str, Page]] = [
    ("Overview", ":material/monitoring:", overview),
    ("Retention", ":material/replay:", retention),
    ("Monetization", ":material/payments:", monetization),
    ("Progression", ":material/stairs:", progression),
    ("Funnels", ":material/filter_alt:", funnels),
    ("Features", ":material/extension:", features),
    ("Players", ":material/person_search:", players),
    ("Explore", ":material/search:", explore),
    ("Data quality", ":material/fact_check:", quality),
]
ALWAYS = (quality, players)
"""Pages that have something to show where nobody is left under the filters."""


def main() -> None:
    """Draws the chosen page below the frame that all share."""
    st.set_page_config(page_title="Questline", page_icon="🧭", layout="wide")
    if not admitted():
        return
    shared: list[Lake] = []
    pages = {
        st.Page(
            partial(_on, shared, draw),
            title=title,
            icon=icon,
            url_path=draw.__name__,
            default=draw is overview,
        ): draw
        for title, icon, draw in PAGES
    }
    chosen = st.navigation(list(pages), position="top")
    keep_in_address(chosen.url_path)
    lake = _lake(pages[chosen])
    if lake is not None:
        shared.append(lake)
        chosen.run()
        _foot(lake)


def _on(shared: list[Lake], draw: Page) -> None:
    draw(shared[0])


def _lake(page: Page) -> Lake | None:
    """The lake under the filters; where there is nothing to show, says why and is None."""
    try:
        lake = open_lake()
        if lake is None:
            _no_lake()
            return None
        facts = lake.analytics.facts
        if facts.complete_until is None and page is not quality:
            st.info("The lake holds no complete day yet. Run the pipeline when more has come in.")
            return None
        known = {name: [str(value) for value in lake.values(name)] for name in ATTRIBUTES}
        lake = replace(lake, filters=filter_bar(facts, lake.analytics.declared, known))
        if page not in ALWAYS and _nobody(lake):
            st.info("Nobody played in this period under these filters. Widen them.")
            return None
    except QuestlineError as error:
        st.error(literal(error), icon=":material/error:")
        return None
    except Exception as error:  # noqa: BLE001 - the page says what happened
        failed("The lake", error)
        return None
    return lake


def _nobody(lake: Lake) -> bool:
    """Whether no player is left under the filters."""
    return not any(row["players"] for row in lake.ask("dau").rows())


def _foot(lake: Lake) -> None:
    """What all numbers of the page are of."""
    facts = lake.analytics.facts
    until, end = facts.complete_until, lake.filters.end
    later = " (later days are pale)" if until and end and end > until else ""
    said = [
        f"Complete from {facts.complete_from} until {until}{later}, {facts.reporting_zone}",
        f"lake version {facts.version}, published {lake.published_at[:16].replace('T', ' ')} UTC",
        str(lake.folder),
    ]
    if being_written(lake.folder):
        said.insert(0, "A run is writing a newer version; reload to see it")
    st.caption(" · ".join(map(literal, said)))


def _no_lake() -> None:
    st.info("There is no lake yet. Two commands make one of a simulated game:")
    st.code(
        "python src/event_generator.py --days 30 --users 5000\npython src/etl_pipeline.py",
        language="shell",
    )
    st.caption("Then reload this page. For logs of your own, see the README.")


if __name__ == "__main__":
    main()
