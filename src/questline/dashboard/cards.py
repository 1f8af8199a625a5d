"""Tiles and cards: a number or a chart with its meaning, which fails alone."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import altair as alt
import streamlit as st

from questline.api import Result
from questline.dashboard.about import about, about_button
from questline.dashboard.questions import Lake, Question
from questline.dashboard.specs import spec
from questline.dashboard.text import literal
from questline.errors import QuestlineError
from questline.metrics.display import brief, change

LOG = logging.getLogger(__name__)
NOTHING = "Nothing to draw for these filters."
PARTIAL = "◐"
"""Marks a number of which a part could not be observed yet."""
DAILY = {"per": "day"}
"""Options of a metric that the small line of a tile draws by day."""

Row = Literal["only", "last"] | tuple[str, object]
Draw = Callable[[Result], alt.TopLevelMixin | None]


@dataclass(frozen=True)
class Tile:
    """One number: a column of a metric's answer.

    `row` says which row: the last day that is complete of a daily metric, or the row with a value
    in a column, as ("day_number", 7). `trend` is the column that the small line draws, from the
    same metric with `trend_options`. `good` says whether more is better, for the colour of the
    change; None where neither is. `all_days` asks about the whole observed time, whatever period
    is chosen.
    """

    label: str
    metric: str
    column: str
    options: dict[str, Any] = field(default_factory=dict)
    row: Row = "only"
    trend: str | None = None
    trend_options: dict[str, Any] = field(default_factory=dict)
    good: Literal["more", "less"] | None = "more"
    all_days: bool = False

    def question(self, lake: Lake) -> Question:
        """What the number answers."""
        return lake.question(self.metric, all_days=self.all_days, **self.options)

    def before(self, lake: Lake) -> Question | None:
        """The same of the equal period before, where there is one."""
        if self.all_days or not lake.has_before:
            return None
        return lake.question(self.metric, before=True, **self.options)

    def line(self, lake: Lake) -> Question | None:
        """What the small line draws."""
        if self.trend is None:
            return None
        options = self.options | self.trend_options
        return lake.question(self.metric, all_days=self.all_days, **options)


def tiles_soon(lake: Lake, wanted: Sequence[Tile]) -> None:
    """Begins to work out what tiles show."""
    for tile in wanted:
        asked = (tile.question(lake), tile.before(lake), tile.line(lake))
        lake.soon(*[question for question in asked if question is not None])


def tiles(lake: Lake, wanted: Sequence[Tile], in_a_row: int = 4) -> None:
    """Draws tiles side by side; on a phone one below the other."""
    tiles_soon(lake, wanted)
    for first in range(0, len(wanted), in_a_row):
        places = st.columns(in_a_row, gap="small")
        for place, tile in zip(places, wanted[first : first + in_a_row], strict=False):
            with place:
                _tile(lake, tile)
    about_button(lake, _explained(lake, wanted), "About these numbers")


def _explained(lake: Lake, wanted: Sequence[Tile]) -> dict[str, Question]:
    """The questions of tiles by label; tiles that share one stand together."""
    asked: dict[str, tuple[Question, list[str]]] = {}
    for tile in wanted:
        question = tile.question(lake)
        asked.setdefault(question.key, (question, []))[1].append(tile.label)
    return {", ".join(labels): question for question, labels in asked.values()}


def _tile(lake: Lake, tile: Tile) -> None:
    try:
        result = lake.answer(tile.question(lake))
        row = picked(result, tile.row)
        value = None if row is None else row[tile.column]
        kind = result.entry.kind(tile.column)
        moved = _change(lake, tile, value)
        label = tile.label
        if tile.row == "last" and row is not None:
            label += f", {_day(row)}"
        st.metric(
            f"{label} {PARTIAL}" if partial(lake, result) and value is not None else label,
            brief(value, kind),
            help=tooltip(result, column=tile.column),
            border=True,
            height="stretch",
            chart_data=_trend(lake, tile),
            delta=_why_not(row) if value is None else moved,
            delta_color="off" if value is None else _colour(tile, moved),
            delta_arrow="off" if value is None else "auto",
        )
    except Exception as error:  # noqa: BLE001 - one tile fails, not the page
        with st.container(border=True, height="stretch"):
            failed(tile.label, error)


def _change(lake: Lake, tile: Tile, value: object) -> str | None:
    """How far the number moved since the equal period before."""
    question = tile.before(lake)
    if question is None or value is None:
        return None
    result = lake.answer(question)
    row = picked(result, tile.row)
    earlier = None if row is None else row[tile.column]
    return change(value, earlier, result.entry.kind(tile.column))


def _colour(tile: Tile, moved: str | None) -> Literal["blue", "orange", "off"]:
    """Blue for the better and orange for the worse, which all eyes tell apart."""
    if tile.good is None or moved is None or set(moved) <= set("+-0. %p"):
        return "off"
    return "blue" if moved.startswith("+") == (tile.good == "more") else "orange"


def _trend(lake: Lake, tile: Tile) -> list[float] | None:
    question = tile.line(lake)
    if question is None or tile.trend is None:
        return None
    rows = lake.answer(question).rows()
    observed = [row[tile.trend] for row in rows if row.get("complete", True)]
    known = [float(value) for value in observed if value is not None]
    return known if len(known) > 1 else None


def partial(lake: Lake, result: Result) -> bool:
    """Whether days that were asked for could not enter the number yet."""
    until = lake.analytics.facts.complete_until
    return until is not None and result.end is not None and result.end > until


def _why_not(row: dict[str, Any] | None) -> str:
    """Why a number is missing."""
    day = (row or {}).get("observable_on")
    return f"observed on {day:%-d %b %Y}" if day else "nothing observed"


def _day(row: dict[str, Any]) -> str:
    return f"{row['event_date']:%-d %b}"


def picked(result: Result, which: Row) -> dict[str, Any] | None:
    """The row that a tile shows, None if there is none."""
    rows = result.rows()
    if which == "last":
        rows = [row for row in rows if row["complete"]][-1:]
    elif which != "only":
        column, value = which
        rows = [row for row in rows if row[column] == value]
    return rows[0] if rows else None


def tooltip(result: Result, column: str | None = None) -> str:
    """Tooltip: what the number means, its formula and what it leaves out; Markdown."""
    documented = next((o.doc for o in result.entry.outputs if o.name == column), None)
    said = [result.entry.summary, f"**Formula:** {result.formula}."]
    if documented and column != result.value:
        said.insert(1, f"**{column}:** {documented}")
    return "\n\n".join([*said, *map(literal, result.excluded)])


def chart_card(
    lake: Lake,
    title: str,
    question: Question,
    draw_it: Draw,
    nothing: str = NOTHING,
) -> None:
    """A framed chart of one question, with its meaning; what fails inside stays inside."""
    with card(lake, title, question):
        result = lake.answer(question)
        draw(draw_it(result), nothing)
        for note in result.notes:
            st.caption(literal(note))


@contextmanager
def card(lake: Lake, title: str, *questions: Question) -> Iterator[None]:
    """A framed card with a title; a button tells what the questions' numbers mean."""
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{literal(title)}**", width="content")
            about(lake, title, *questions)
        try:
            yield
        except Exception as error:  # noqa: BLE001 - one card fails, not the page
            failed(title, error)


def failed(title: str, error: Exception) -> None:
    """Says that something cannot be shown, and why."""
    if isinstance(error, QuestlineError):
        st.warning(literal(error), icon=":material/info:")
        return
    LOG.error("The card %r failed", title, exc_info=error)
    first = (str(error).splitlines() or [type(error).__name__])[0]
    said = f"{literal(title)} cannot be shown: {literal(first)}"
    st.warning(said, icon=":material/info:")


def draw(chart: alt.TopLevelMixin | None, nothing: str = NOTHING) -> None:
    """Draws a chart, or says why there is none."""
    if chart is None:
        st.caption(nothing)
    else:
        st.vega_lite_chart(spec(chart), width="stretch")
