"""Funnels: steps put together by the reader, who drops off, and how long it takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from questline.api import Result
from questline.dashboard import charts_funnels as charts
from questline.dashboard.cards import card, draw
from questline.dashboard.controls import (
    condition_control,
    opened_before,
    option_controls,
    split_control,
)
from questline.dashboard.names import event_types, splits
from questline.dashboard.questions import Lake, Question
from questline.dashboard.text import literal
from questline.errors import UsageError
from questline.metrics import CATALOGUE, Kind
from questline.metrics.display import brief, cell, interval
from questline.metrics.options import shown
from questline.metrics.selectors import split as parts

USUAL = ("session_start", "level_start", "level_complete", "purchase")
"""The funnel of a page that was opened without one, as far as the lake has such events."""
USUAL_WINDOW = "1d"
WINDOWS = ("10m", "1h", "6h", "1d", "3d", "7d", "14d", "30d")
APART = ("steps", "funnel", "window")
"""Options that have a control of their own."""
MOST_VALUES = 200
MOST_ROWS = 20_000
NOBODY = "Nobody came to the first step in this period."
NO_TIMES = "Nobody came to the last step within the window."


@st.fragment
def funnels(lake: Lake) -> None:
    """Draws the page."""
    try:
        asked = _asked(lake)
    except UsageError as error:
        st.warning(literal(error), icon=":material/info:")
        return
    if asked is None:
        st.info("Choose the first event of the funnel, then those that follow.")
        return
    options, edges, by = asked
    whole = lake.question("funnel", **options)
    times = lake.question("funnel_times", **options, **edges)
    apart = None if by is None else lake.question("funnel", by=by, **options)
    lake.soon(*[question for question in (whole, apart, times) if question is not None])
    with card(lake, "How far players come", whole):
        _steps(lake.answer(whole))
    if apart is not None and by is not None:
        with card(lake, f"By {by}", apart):
            _split(lake.answer(apart))
    with card(lake, "Time from the first step to the last", times):
        _times(lake, whole, times)


def _asked(lake: Lake) -> tuple[dict[str, Any], dict[str, Any], str | None] | None:
    """Options of the funnel, those of the times alone, and the split; None without a step.

    Raises:
        UsageError: a declared funnel is wrong.
    """
    saved = _saved(list(lake.analytics.declared.funnels))
    times = CATALOGUE["funnel_times"]
    known = times.parse({"funnel": saved}, lake.analytics.declared) if saved else times.defaults
    chosen = [] if saved else _composed(lake)
    path = st.container()
    window, breakdown, conditions = st.columns([1, 2, 3], gap="small")
    with window:
        within = _window(saved, known["window"])
    with breakdown:
        by = split_control(splits(lake), "funnel_by", of_events=True)
    with conditions:
        where = condition_control("funnel_where", of_events=True)
    more = [option for option in times.options if option.name not in APART]
    prefix = f"funnel_{saved}" if saved else "funnel"
    keys = ["funnel_text", *(f"{prefix}_{option.name}" for option in more)]
    with st.expander("More options", expanded=opened_before(keys)):
        written = [] if saved else _written(chosen)
        options = option_controls(more, known, prefix)
    edges = {"edges": options.pop("edges")} if "edges" in options else {}
    steps = [step for text in written or chosen for part in parts(text) if (step := part.strip())]
    shown_steps = known["steps"] if saved else steps if written else ()
    if shown_steps:
        path.caption(" → ".join(map(literal, shown_steps)))  # type: ignore[call-overload]
    if not saved and not steps:
        return None
    what = {"funnel": saved} if saved else {"steps": tuple(steps)}
    return {**what, "window": within, "where": tuple(where), **options}, edges, by


def _saved(names: Sequence[str]) -> str | None:
    """One of the funnels that the settings declare, if they declare any."""
    if not names:
        return None
    return st.selectbox(
        "Saved funnel",
        names,
        index=None,
        placeholder="None: own steps",
        key="funnel_saved",
        bind="query-params",
        help="Declared in questline.toml.",
        width=320,
    )


def _composed(lake: Lake) -> list[str]:
    """The steps that the reader chose."""
    known = event_types(lake)
    return st.multiselect(
        "Steps, in their order",
        known,
        default=[name for name in USUAL if name in known] or known[:2],
        key="funnel_steps",
        bind="query-params",
        accept_new_options=True,
        select_all=False,
        wrap=True,
        placeholder="Choose an event, or type level_complete[level>=3]",
        help="An event type; with conditions as in level_complete[level>=3,mode=hard]; with ? at "
        "the end where a step may be left out. Type it and press Enter.",
    )


def _written(chosen: Sequence[str]) -> list[str]:
    """The steps as text, where the reader wrote them so; one may then be repeated."""
    text = st.text_input(
        "Steps as text, instead of those above",
        key="funnel_text",
        bind="query-params",
        placeholder=",".join(chosen),
        help="As the command line takes them, with commas between; a step may be repeated.",
    )
    return [text] if text.strip() else []


def _window(saved: str | None, known: object) -> str | None:
    """The longest time from first to last step; None where a saved funnel says it."""
    chosen: str | None = st.selectbox(
        "Window",
        WINDOWS,
        index=None if saved else WINDOWS.index(USUAL_WINDOW),
        placeholder=shown(known),
        key="funnel_saved_window" if saved else "funnel_window",
        bind="query-params",
        accept_new_options=True,
        help="Longest time from the first step to the last: 90s, 30m, 12h, 7d. An attempt counts "
        "once its window is over.",
    )
    return chosen


def _steps(result: Result) -> None:
    rows = result.rows()
    first, last = rows[0], rows[-1]
    column = charts.counted(first)
    if not first[column]:
        draw(None, _all_pending(result, first["pending"]) if first["pending"] else NOBODY)
        return
    share = cell(last["conversion"], Kind.SHARE)
    ends = interval(last["low"], last["high"], Kind.SHARE)
    st.markdown(
        f"**{share}** of {brief(first[column], Kind.COUNT)} {_word(result)} came to the last step "
        f"(95 % interval {ends})"
    )
    draw(charts.steps(rows))
    if first["pending"]:
        waiting = cell(first["pending"], Kind.COUNT)
        st.caption(
            f"Pending: {waiting} {_word(result)} more came to the first step, but their window of "
            f"{shown(result.options['window'])} goes past {result.complete_until}. They are in no "
            "share."
        )
    _notes(result)


def _all_pending(result: Result, pending: int) -> str:
    return (
        f"{cell(pending, Kind.COUNT)} {_word(result)} came to the first step, but no window of "
        f"{shown(result.options['window'])} is over yet. Choose a shorter window or more days."
    )


def _split(result: Result) -> None:
    """Conversion to the last step by value as bars, to each step as a table."""
    if result.table.num_rows > MOST_ROWS:
        st.caption(f"{result.table.num_rows:,} rows are too many to show; narrow the question.")
        return
    rows, column = result.rows(), result.table.column_names[0]
    draw(charts.split(rows, column), NOBODY)
    values = charts.by_value(rows, column, MOST_VALUES)
    if not values:
        return
    table, columns = _by_step(column, values)
    st.dataframe(table, column_config=columns, hide_index=True, width="stretch", height="auto")
    found = len({row[column] for row in rows})
    said = ["Share of the first step that came to the last one, and to each of them in the table"]
    if found > charts.MOST_SPLITS:
        drawn, listed = charts.MOST_SPLITS, min(found, MOST_VALUES)
        said.append(f"the largest {drawn} of {found:,} as bars, {listed} in the table")
    st.caption(f"{'; '.join(said)}.")
    _notes(result)


def _by_step(
    column: str, values: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, list[Any]], dict[str, Any]]:
    """The rows by value as columns of a table, with how each is shown."""
    steps = values[0]["steps"]
    first, last = min(steps), max(steps)
    count = charts.counted(steps[first])
    config = st.column_config
    table: dict[str, list[Any]] = {column: [value["name"] for value in values]}
    columns: dict[str, Any] = {column: config.TextColumn(pinned=True)}

    def add(name: str, step: int, measure: str, shown_as: Any) -> None:  # noqa: ANN401
        table[name] = [value["steps"][step][measure] for value in values]
        columns[name] = shown_as

    add(f"{first} {steps[first]['event']}", first, count, config.NumberColumn(format="localized"))
    for step in list(steps)[1:]:
        share = config.ProgressColumn(format="percent", min_value=0, max_value=1)
        add(f"{step} {steps[step]['event']}", step, "conversion", share)
    table["median time"] = [
        brief(value["steps"][last]["median_seconds"], Kind.SECONDS) for value in values
    ]
    add("pending", first, "pending", config.NumberColumn(format="localized"))
    return table, columns


def _times(lake: Lake, whole: Question, times: Question) -> None:
    """Median, ninetieth percentile and the shape of the times."""
    result = lake.answer(times)
    last = lake.answer(whole).rows()[-1]
    drawn = charts.times(result.rows())
    if drawn is not None:
        half, most = (brief(last[n], Kind.SECONDS) for n in ("median_seconds", "p90_seconds"))
        st.markdown(f"Half of them need at most **{half}**, nine in ten at most **{most}**")
    draw(drawn, NO_TIMES)
    _notes(result)


def _word(result: Result) -> str:
    return "attempts" if result.options["count"] == "entries" else "players"


def _notes(result: Result) -> None:
    for note in result.notes:
        st.caption(literal(note))
