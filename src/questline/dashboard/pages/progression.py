"""Progression: how far players get, how hard the levels are, and where players leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from questline.api import Result
from questline.dashboard import charts_levels
from questline.dashboard.cards import Tile, card, chart_card, draw, tiles
from questline.dashboard.charts import Rows
from questline.dashboard.charts_curves import of_largest
from questline.dashboard.questions import Lake, Question
from questline.dashboard.split import curves_card
from questline.dashboard.text import literal
from questline.metrics import Kind
from questline.metrics.display import cell

ALL_MODES = "All modes"
TOGETHER, APART = "Together", "Side by side"
MOST_VERSIONS = 4
FEW_PLAYERS = 30
"""Levels that fewer players reached are drawn only if the reader asks for them."""
MOST_SPIKES = 5
NONE_IN_LOG = "This log holds no attempts of levels, so there is no progression to show."
NONE_FOUND = "Nobody played a level in this period under these filters."
NONE_IN_RANGE = "No level of this range was played."
TOO_EARLY = "Nobody can be judged yet: it takes a week without activity to be gone."
NO_COHORT = "No cohort of these filters was observed for a week."
STARTED, WON = {"event": "level_start"}, {"event": "level_complete"}
DAILY = {"per": "day"}
TILES = [
    Tile(
        *("Players in levels", "event_trend", "players", STARTED),
        trend="players",
        trend_options=DAILY,
    ),
    Tile(*("Attempts begun", "event_trend", "events", STARTED), trend="events", trend_options=DAILY),
    Tile(
        *("Attempts per player", "event_trend", "events_per_player", STARTED),
        trend="events_per_player",
        trend_options=DAILY,
    ),
    Tile(*("Levels won", "event_trend", "events", WON), trend="events", trend_options=DAILY),
]
TIME, SURVIVAL, ONE = "Time of an attempt", "How far new players get", "Attempts to win a level"


@dataclass(frozen=True)
class View:
    """Which levels are looked at, and whether versions stand side by side."""

    options: dict[str, Any]
    first: int | None = None
    last: int | None = None
    apart: bool = False

    def picked(self, found: Result | Rows) -> list[dict[str, Any]]:
        """Rows of the levels that are looked at."""
        rows = found.rows() if isinstance(found, Result) else found
        return [dict(row) for row in rows if self.has(row["level"])]

    def has(self, level: int) -> bool:
        """Whether the level is one of them."""
        return (self.first is None or level >= self.first) and (
            self.last is None or level <= self.last
        )

    def by(self, size: str) -> tuple[str, str, str] | None:
        """What tells curves apart, for `curves_card`."""
        return ("version", "Version", size) if self.apart else None


def progression(lake: Lake) -> None:
    """Draws the page."""
    modes = Question("event_trend", {**STARTED, "by": "event.mode"})
    lake.soon(modes, lake.question("level_funnel"))
    if not lake.ask("level_funnel").rows():
        log = lake.answer(Question("level_funnel", {})).rows()
        st.info(NONE_FOUND if log else NONE_IN_LOG)
        return
    tiles(lake, TILES)
    view = _view(lake, modes)
    difficulty = lake.question("level_difficulty", **view.options)
    quits = lake.question("level_quits", **view.options)
    mode = {name: value for name, value in view.options.items() if name == "mode"}
    churn = lake.question("level_churn", **mode)
    lake.soon(difficulty, quits, churn)
    _funnel(lake, view)
    _difficulty(lake, difficulty, view)
    left, right = st.columns(2)
    with left:
        curves_card(
            *(lake, "Attempts that a win takes", difficulty, charts_levels.attempts),
            by=view.by("attempts"),
            most=MOST_VERSIONS,
            picked=view.picked,
            nothing=NONE_IN_RANGE,
        )
    with right:
        curves_card(
            *(lake, "Fails after which the player quits for a day", quits, charts_levels.quits),
            by=view.by("fails"),
            most=MOST_VERSIONS,
            picked=view.picked,
            nothing="Nobody failed a level of this range.",
        )
    left, right = st.columns(2)
    with left:
        chart_card(
            *(lake, "Players who never get past a level and are gone", churn),
            lambda found: charts_levels.churn(view.picked(found)),
            TOO_EARLY,
        )
    with right:
        _more(lake, view, mode)


def _view(lake: Lake, modes: Question) -> View:
    """The controls of the page."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        mode = _mode(lake, modes)
        options = {} if mode is None else {"mode": mode}
        rows = lake.ask("level_funnel", **options).rows()
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
        versions = st.segmented_control(
            "Versions of the game",
            [TOGETHER, APART],
            default=TOGETHER,
            required=True,
            key="progression_versions",
            bind="query-params",
        )
    apart = versions == APART
    if apart:
        options["versions"] = True
    if last is None and usual is not None:
        played = max(row["level"] for row in rows)
        st.caption(
            f"Levels up to {usual:,}, as far as {FEW_PLAYERS} players got; the highest played "
            f"is {played:,}."
        )
    return View(options, first, usual if last is None else last, apart)


def usual_last(rows: Rows) -> int | None:
    """The last level that many played; None where all were, or none was.

    >>> usual_last([{"level": 1, "reached": 90}, {"level": 2, "reached": 31}, {"level": 9, "reached": 1}])
    2
    """
    many = [row["level"] for row in rows if row["reached"] >= FEW_PLAYERS]
    if not many or max(many) == max(row["level"] for row in rows):
        return None
    return int(max(many))


def _mode(lake: Lake, modes: Question) -> str | None:
    """The game mode whose levels are looked at; None for all."""
    known = [row for row in lake.answer(modes).rows() if row["event.mode"] is not None]
    names = [str(r["event.mode"]) for r in sorted(known, key=lambda r: -r["events"])]
    if len(names) < 2:  # noqa: PLR2004 - one mode is no choice
        return None
    chosen = st.selectbox(
        "Mode", [ALL_MODES, *names], key="progression_mode", bind="query-params", width=160
    )
    return None if chosen in (None, ALL_MODES) else chosen


def _funnel(lake: Lake, view: View) -> None:
    question = lake.question("level_funnel", **view.options)
    if view.apart:
        curves_card(
            *(lake, "Players of a level who complete it", question, charts_levels.completion),
            by=view.by("reached"),
            most=MOST_VERSIONS,
            picked=view.picked,
            nothing=NONE_IN_RANGE,
        )
        return
    chart_card(
        *(lake, "Players who reach and complete each level", question),
        lambda found: charts_levels.levels(view.picked(found)),
        NONE_IN_RANGE,
    )


def _difficulty(lake: Lake, question: Question, view: View) -> None:
    """Win rate by level, and the levels that stand out in words."""
    with card(lake, "Attempts that are won", question):
        rows = view.picked(lake.answer(question))
        if view.apart:
            rows, left_out = of_largest(rows, "version", "attempts", MOST_VERSIONS)
        draw(charts_levels.difficulty(rows, "Version" if view.apart else None), NONE_IN_RANGE)
        for line in spikes(rows):
            st.caption(line)


def spikes(rows: Rows) -> list[str]:
    r"""The levels that are far harder than their neighbours, the worst first; Markdown.

    >>> spikes([{"level": 3, "win_rate": 0.4, "neighbours_win_rate": 0.7, "difference": -0.3,
    ...     "spike": True}])
    ['Level 3: 40\\.0 % of attempts are won, of its neighbours 70\\.0 %\\.']
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


def _more(lake: Lake, view: View, mode: dict[str, Any]) -> None:
    """One further look at the levels, as the reader chooses."""
    chosen = st.segmented_control(
        "More about levels",
        [TIME, SURVIVAL, ONE],
        default=TIME,
        required=True,
        key="progression_more",
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    if chosen == ONE:
        _one_level(lake, view, mode)
        return
    if chosen == SURVIVAL:
        chart_card(
            *(lake, "New players who get to each level in their first week"),
            lake.question("level_survival", all_days=True, **mode),
            lambda found: charts_levels.survival(view.picked(found)),
            NO_COHORT,
        )
        return
    chart_card(
        *(lake, "Seconds of an attempt, median"),
        lake.question("level_time", **mode),
        lambda found: charts_levels.time(view.picked(found)),
        NONE_IN_RANGE,
    )


def _one_level(lake: Lake, view: View, mode: dict[str, Any]) -> None:
    """How many attempts one level takes."""
    rows = view.picked(lake.ask("level_difficulty", **mode))
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
        *(lake, f"Players who win level {asked:,} within so many attempts"),
        lake.question("level_attempts_curve", level=asked, **mode),
        lambda found: charts_levels.tries(found.rows()),
        "Nobody played this level.",
    )
