"""Tiles and cards: a number or a chart with its meaning, which fails alone."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

import altair as alt
import streamlit as st

from questline.api import Result
from questline.dashboard.questions import Lake
from questline.errors import QuestlineError
from questline.metrics import entry
from questline.metrics.display import brief

LOG = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tile:
    """One number: a column of a metric's answer.

    `row` says which row of a daily metric: the last day that is complete. `trend` is the column
    that the small line draws, from the same metric with `trend_options`.
    """

    label: str
    metric: str
    column: str
    options: dict[str, Any] = field(default_factory=dict)
    row: Literal["only", "last"] = "only"
    trend: str | None = None
    trend_options: dict[str, Any] = field(default_factory=dict)


def tiles(lake: Lake, wanted: list[Tile], in_a_row: int = 4) -> None:
    """Draws tiles side by side; on a phone one below the other."""
    for first in range(0, len(wanted), in_a_row):
        places = st.columns(in_a_row, gap="small")
        for place, tile in zip(places, wanted[first : first + in_a_row], strict=False):
            with place:
                _tile(lake, tile)


def _tile(lake: Lake, tile: Tile) -> None:
    try:
        result = lake.ask(tile.metric, **tile.options)
        row = picked(result, tile.row)
        value = None if row is None else row[tile.column]
        st.metric(
            tile.label if tile.row == "only" or row is None else f"{tile.label}, {_day(row)}",
            brief(value, result.entry.kind(tile.column)),
            help=meaning(result, column=tile.column),
            border=True,
            height="stretch",
            chart_data=_trend(lake, tile),
            delta=_why_not(row) if value is None else None,
            delta_color="off",
            delta_arrow="off",
        )
    except Exception as error:  # noqa: BLE001 - one tile fails, not the page
        with st.container(border=True, height="stretch"):
            failed(tile.label, error)


def _trend(lake: Lake, tile: Tile) -> list[float] | None:
    if tile.trend is None:
        return None
    rows = lake.ask(tile.metric, **tile.options, **tile.trend_options).rows()
    known = [float(r[tile.trend]) for r in rows if r["complete"] and r[tile.trend] is not None]
    return known if len(known) > 1 else None


def _why_not(row: dict[str, Any] | None) -> str:
    """Why a number is missing."""
    day = (row or {}).get("observable_on")
    return f"observed on {day:%-d %b %Y}" if day else "nothing observed"


def _day(row: dict[str, Any]) -> str:
    return f"{row['event_date']:%-d %b}"


def picked(result: Result, which: Literal["only", "last"]) -> dict[str, Any] | None:
    """The row that a tile shows, None if there is none."""
    rows = result.rows()
    if which == "last":
        rows = [row for row in rows if row["complete"]][-1:]
    return rows[0] if rows else None


def meaning(result: Result, column: str | None = None) -> str:
    """Tooltip: what the number means, its formula and what it leaves out; Markdown."""
    documented = next((o.doc for o in result.entry.outputs if o.name == column), None)
    said = [result.entry.summary, f"**Formula:** {result.formula}."]
    if documented and column != result.value:
        said.insert(1, f"**{column}:** {documented}")
    return "\n\n".join([*said, *result.excluded, f"`questline explain {result.metric}`"])


@contextmanager
def card(title: str, metric: str) -> Iterator[None]:
    """A framed card with a title and the metric's meaning; what fails inside stays inside."""
    with st.container(border=True, height="stretch"):
        found = entry(metric)
        st.markdown(f"**{title}**", help=f"{found.summary}\n\n**Formula:** {found.formula}.")
        try:
            yield
        except Exception as error:  # noqa: BLE001 - one card fails, not the page
            failed(title, error)


def failed(title: str, error: Exception) -> None:
    """Says that something cannot be shown, and why."""
    if isinstance(error, QuestlineError):
        st.warning(str(error), icon=":material/info:")
        return
    LOG.error("The card %r failed", title, exc_info=error)
    first = (str(error).splitlines() or [type(error).__name__])[0]
    st.warning(f"{title} cannot be shown: {first}", icon=":material/info:")


def draw(chart: alt.Chart | alt.LayerChart | None, nothing: str) -> None:
    """Draws a chart, or says why there is none."""
    if chart is None:
        st.caption(nothing)
    else:
        st.altair_chart(chart, width="stretch")
