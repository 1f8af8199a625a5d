"""Explore: any metric with any of its options, as a chart, a table, CSV, SQL and a command."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from questline.api import Result
from questline.dashboard import pictures
from questline.dashboard.about import command, download, meaning, statement
from questline.dashboard.cards import draw, failed
from questline.dashboard.controls import (
    condition_control,
    label,
    opened_before,
    option_controls,
    split_control,
)
from questline.dashboard.names import splits
from questline.dashboard.parts import named
from questline.dashboard.questions import Lake, Question
from questline.dashboard.tables import table
from questline.dashboard.text import literal
from questline.engines.dialects import DIALECTS
from questline.errors import UsageError
from questline.metrics import CATALOGUE, Entry, entry
from questline.metrics.display import brief

FIRST = "dau"
SHOWN_OPTIONS = 4
"""More options than these are folded away."""
TABLE, SQL, MEANING = "Table", "SQL", "Definition"
NO_CHART = "This answer is a table."
EMPTY = "No row for these filters."


@st.fragment
def explore(lake: Lake) -> None:
    """Draws the page."""
    metric, breakdown, conditions = st.columns([4, 3, 3], gap="small")
    with metric:
        name = _metric()
    try:
        found = entry(name)
    except UsageError as error:
        st.warning(literal(error), icon=":material/info:")
        return
    with breakdown:
        by = split_control(splits(lake), "explore_by", of_events=found.event_properties)
    with conditions:
        where = condition_control("explore_where", of_events=found.event_properties)
    question = lake.question(found.name, by=by, where=tuple(where), **_options(found))
    lake.soon(question)
    with st.container(border=True):
        text, number = st.columns([3, 1], gap="small")
        text.markdown(f"**{literal(found.title)}**")
        text.caption(literal(found.summary))
        try:
            _answer(lake, question, number)
        except Exception as error:  # noqa: BLE001 - the card fails, not the page
            failed(found.title, error)


def _metric() -> str:
    """The chosen metric; an address may also name it as the command line does."""
    names = list(CATALOGUE)
    chosen: str = st.selectbox(
        "Metric",
        names,
        index=names.index(FIRST),
        format_func=_titled,
        key="explore_metric",
        bind="query-params",
        accept_new_options=True,
    )
    return meant(chosen)


def _titled(name: str) -> str:
    return f"{CATALOGUE[name].title} ({name})" if name in CATALOGUE else name


def meant(written: str) -> str:
    """The metric of a name, or the first whose title holds what was written.

    >>> meant("dau"), meant("lifetime"), meant("nothing such")
    ('dau', 'ltv', 'nothing such')
    """
    if written in CATALOGUE:
        return written
    close = [name for name in CATALOGUE if written.lower() in _titled(name).lower()]
    return close[0] if close else written


def _options(found: Entry) -> dict[str, Any]:
    """Options of the metric; the keys hold its name, so that no other metric gets them."""
    prefix = f"explore_{found.name}"
    written = {name: str(value) for name, value in found.example.items()}
    first, more = found.options[:SHOWN_OPTIONS], found.options[SHOWN_OPTIONS:]
    chosen = option_controls(first, found.defaults, prefix, written=written)
    if more:
        keys = [f"{prefix}_{option.name}" for option in more]
        with st.expander("More options", expanded=opened_before(keys)):
            chosen |= option_controls(more, found.defaults, prefix, written=written)
    return chosen


def _answer(lake: Lake, question: Question, number: DeltaGenerator) -> None:
    """The picture of an answer, and below it everything to take along."""
    result = lake.answer(question)
    if result.table.num_rows:
        _picture(result, number)
    else:
        st.caption(EMPTY)
    for note in result.notes:
        st.caption(literal(note))
    command(result)
    rows, sql, meant = st.tabs(
        [TABLE, SQL, MEANING], key="explore_tab", bind="query-params", on_change="rerun"
    )
    if rows.open:
        with rows:
            table(result)
            download(result)
    if sql.open:
        with sql:
            dialect = st.selectbox(
                "Dialect", DIALECTS, key="explore_dialect", bind="query-params", width=240
            )
            statement(lake, question, dialect)
    if meant.open:
        with meant:
            meaning(result)


def _picture(result: Result, number: DeltaGenerator) -> None:
    names = pictures.measures(result)
    if result.table.num_rows == 1:
        _numbers(result, names)
        return
    if not names:
        st.caption(NO_CHART)
        return
    column = names[0]
    if len(names) > 1:
        column = number.selectbox(
            "Number",
            names,
            format_func=label,
            key=f"explore_{result.metric}_number",
            bind="query-params",
            help="What the chart draws.",
        )
    drawn = pictures.picture(result, column)
    if drawn.chart is not None or drawn.left_out is None:
        draw(drawn.chart, NO_CHART)
    if drawn.left_out is not None:
        st.caption(drawn.left_out)


def _numbers(result: Result, names: list[str], in_a_row: int = 4) -> None:
    """One row as large numbers, the metric's own first."""
    row = result.rows()[0]
    docs = {output.name: output.doc for output in result.entry.outputs}
    said = [f"{label(n)}: {named(row[n])}" for n in pictures.keys(result)]
    if said:
        st.caption(" · ".join(map(literal, said)))
    for first in range(0, len(names), in_a_row):
        places = st.columns(in_a_row, gap="small")
        for place, name in zip(places, names[first : first + in_a_row], strict=False):
            with place:
                value = brief(row[name], result.entry.kind(name))
                st.metric(label(name), value, help=docs.get(name))
