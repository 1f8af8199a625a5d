"""Progression: how far players get, how hard the levels are, and where players leave."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from questline.api import Result
from questline.dashboard import charts_levels
from questline.dashboard.cards import DAILY, Tile, card, chart_card, draw, tiles, tiles_soon
from questline.dashboard.charts import Rows
from questline.dashboard.controls import choice
from questline.dashboard.names import modes
from questline.dashboard.parts import Parts
from questline.dashboard.questions import Lake, Question
from questline.dashboard.split import answered, curves_card
from questline.dashboard.text import literal
from questline.metrics import Kind
from questline.metrics.display import cell

ALL_MODES = "All modes"
APART = "Side by side"
VERSIONS = {"Together": False, APART: True}
MOST_VERSIONS = 4
FEW_PLAYERS, FEW_LEVELS = 100, 40
"""Levels that fewer players reached are drawn only if the reader asks, or the game has no more."""
MOST_SPIKES = 5
NONE_IN_LOG = "This log holds no attempts of levels, so there is no progression to show."
NONE_FOUND = "Nobody played a level in this period under these filters."
NONE_IN_RANGE = "No level of this range was played."
TOO_EARLY = "Nobody can be judged yet: it takes a week without activity to be gone."
NO_COHORT = "No cohort of these filters was observed for a week."
STARTED = {"event": "level_start"}
TILES = [
    Tile(
        *("Players in levels", "event_trend", "players", STARTED),
        trend="players",
        trend_options=DAILY,
    ),
    Tile(
        *("Attempts begun", "event_trend", "events", STARTED), trend="events", trend_options=DAILY
    ),
    Tile(
        *("Attempts per player", "event_trend", "events_per_player", STARTED),
        trend="events_per_player",
        trend_options=DAILY,
    ),
]
QUITS, LOST, FAR = "Quits after a fail", "Players lost", "How far players get"
TIME, ONE = "Time of an attempt", "Attempts to win a level"
MORE = {name: name for name in (FAR, QUITS, LOST, TIME, ONE)}


@dataclass(frozen=True)
class View:
    """Which levels are looked at, and which versions stand side by side."""

    options: dict[str, Any]
    first: int | None = None
    last: int | None = None
    versions: Parts | None = None

    def picked(self, found: Result | Rows) -> list[dict[str, Any]]:
        """Rows of the levels that are looked at."""
        rows = found.rows() if isinstance(found, Result) else found
        return [dict(row) for row in rows if self.has(row["level"])]

    def has(self, level: int) -> bool:
        """Whether the level is one of them."""
        return (self.first is None or level >= self.first) and (
            self.last is None or level <= self.last
        )

    def parts(self) -> Callable[[Rows], Parts] | None:
        """What tells curves apart: the same versions in the same order in every card."""
        versions = self.versions
        return None if versions is None else lambda _: versions


def progression(lake: Lake) -> None:
    """Draws the page."""
    lake.soon(lake.question("level_funnel"))
    tiles_soon(lake, TILES)
    if answered(lake, lake.question("level_funnel")) == []:
        log = answered(lake, Question("level_funnel", {}))
        st.info(NONE_FOUND if log else NONE_IN_LOG)
        return
    above = st.container()
    view = _view(lake)
    difficulty = lake.question("level_difficulty", **view.options)
    lake.soon(difficulty)
    with above:
        tiles(lake, TILES)
    _funnel(lake, view)
    _difficulty(lake, difficulty, view)
    curves_card(
        *(lake, "Attempts a win takes", difficulty, charts_levels.attempts),
        parts=view.parts(),
        picked=view.picked,
        nothing=NONE_IN_RANGE,
    )
    _more(lake, view)


def _view(lake: Lake) -> View:
    """The controls of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = _mode(lake)
        options: dict[str, Any] = {} if mode is None else {"mode": mode}
        rows = answered(lake, lake.question("level_funnel", **options)) or []
        usual = usual_last(rows)
        first = st.number_input(
            "From level",
            *(0, None, None),
            placeholder="first",
            key="progression_from",
            bind="query-params",
            width=130,
        )
        last = st.number_input(
            "To level",
            *(0, None, None),
            placeholder="last" if usual is None else str(usual),
            key="progression_to",
            bind="query-params",
            width=130,
        )
        apart: bool = choice("Versions of the game", VERSIONS, "progression_versions", titled=True)
    parts = None
    if apart:
        options["versions"] = True
        split = answered(lake, lake.question("level_funnel", **options)) or []
        parts = Parts.of(split, "version", "Version", "attempts", MOST_VERSIONS, added=True)
    if last is None and usual is not None:
        played = max(row["level"] for row in rows)
        st.caption(
            f"Levels up to {usual:,}, as far as {FEW_PLAYERS} players got; the highest played "
            f"is {played:,}."
        )
    return View(options, first, usual if last is None else last, parts)


def usual_last(rows: Rows) -> int | None:
    """The last level that many played; None where all were, or there are few levels.

    >>> usual_last([{"level": n, "reached": 5_000 // n} for n in range(1, 101)])
    50
    """
    if len(rows) <= FEW_LEVELS:
        return None
    many = [row["level"] for row in rows if row["reached"] >= FEW_PLAYERS]
    if not many or max(many) == max(row["level"] for row in rows):
        return None
    return int(max(many))


def _mode(lake: Lake) -> str | None:
    """The game mode whose levels are looked at; None for all."""
    names = modes(lake)
    if len(names) < 2:
        return None
    chosen = st.selectbox(
        "Mode",
        [ALL_MODES, *names],
        key="progression_mode",
        bind="query-params",
        width=160,
        help="All modes together count levels of the same number as one level.",
    )
    return None if chosen in (None, ALL_MODES) else chosen


def _funnel(lake: Lake, view: View) -> None:
    question = lake.question("level_funnel", **view.options)
    if view.versions is not None:
        curves_card(
            *(lake, "Players who complete a level", question, charts_levels.completion),
            parts=view.parts(),
            picked=view.picked,
            nothing=NONE_IN_RANGE,
        )
        return
    chart_card(
        *(lake, "Players who reach a level", question),
        lambda found: charts_levels.levels(view.picked(found)),
        NONE_IN_RANGE,
    )


def _difficulty(lake: Lake, question: Question, view: View) -> None:
    """Win rate by level, and the levels that stand out in words."""
    with card(lake, "Attempts won", question):
        rows = view.picked(lake.answer(question))
        draw(charts_levels.difficulty(rows, view.versions), NONE_IN_RANGE)
        if rows:
            said = spikes(rows if view.versions is None else view.versions.named(rows))
            bullet = "- " if len(said) > 1 else ""
            st.caption("\n".join(f"{bullet}{line}" for line in said))


def spikes(rows: Rows) -> list[str]:
    r"""The levels that are far harder than their neighbours, the worst first; Markdown.

    >>> spikes([{"level": 3, "win_rate": 0.4, "neighbours_win_rate": 0.7, "difference": -0.3,
    ...     "spike": True}])
    ['Level 3\\: 40.0 % of attempts are won, of its neighbours 70.0 %.']
    """
    found = sorted((row for row in rows if row["spike"]), key=lambda row: row["difference"])
    said = [literal(_said(row)) for row in found[:MOST_SPIKES]]
    if len(found) > MOST_SPIKES:
        said.append(f"And {len(found) - MOST_SPIKES} more, marked in the chart.")
    return said or ["No level is certainly harder than its neighbours."]


def _said(row: Mapping[str, Any]) -> str:
    won, near = (cell(row[c], Kind.SHARE) for c in ("win_rate", "neighbours_win_rate"))
    version = f" in version {row['part']}" if "part" in row else ""
    return f"Level {row['level']:,}{version}: {won} of attempts are won, of its neighbours {near}."


def _more(lake: Lake, view: View) -> None:
    """One further look at the levels, as the reader chooses; each is asked only then."""
    chosen: str = choice("More about levels", MORE, "progression_more")
    mode = {name: value for name, value in view.options.items() if name == "mode"}
    if chosen == ONE:
        _one_level(lake, view, mode)
    elif chosen == LOST:
        chart_card(
            *(lake, "Players lost at a level"),
            lake.question("level_churn", **mode),
            lambda found: charts_levels.churn(view.picked(found)),
            TOO_EARLY,
        )
    elif chosen == TIME:
        chart_card(
            *(lake, "Time of an attempt, median"),
            lake.question("level_time", **mode),
            lambda found: charts_levels.time(view.picked(found)),
            NONE_IN_RANGE,
        )
    elif chosen == QUITS:
        curves_card(
            *(lake, "Quits for a day after a fail"),
            lake.question("level_quits", **view.options),
            charts_levels.quits,
            parts=view.parts(),
            picked=view.picked,
            nothing="Nobody failed a level of this range.",
        )
    else:
        chart_card(
            *(lake, "How far players get in a week"),
            lake.question("level_survival", all_days=True, **mode),
            lambda found: charts_levels.survival(view.picked(found)),
            NO_COHORT,
        )


def _one_level(lake: Lake, view: View, mode: dict[str, Any]) -> None:
    """How many attempts one level takes."""
    rows = view.picked(answered(lake, lake.question("level_difficulty", **mode)) or [])
    usual = min(rows, key=lambda row: row["win_rate"])["level"] if rows else 1
    level = st.number_input(
        "Level",
        *(0, None, None),
        placeholder=f"{usual}, the hardest",
        key="progression_level",
        bind="query-params",
        width=200,
    )
    asked = usual if level is None else level
    chart_card(
        *(lake, f"Players who won level {asked:,}"),
        lake.question("level_attempts_curve", level=asked, **mode),
        lambda found: charts_levels.tries(found.rows()),
        "Nobody played this level.",
    )
