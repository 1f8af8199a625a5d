"""What a number means and how to get it elsewhere: definition, command, SQL, rows as CSV."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from questline.api import Result
from questline.dashboard.questions import Lake, Question
from questline.dashboard.tables import table
from questline.dashboard.text import literal
from questline.errors import QuestlineError

ICON = ":material/info:"


def about(lake: Lake, title: str, *questions: Question) -> None:
    """A small button that opens the explanation of one card."""
    if questions:
        named = {q.metric if len(questions) > 1 else title: q for q in questions}
        about_button(lake, named, "", key=title)


def about_button(lake: Lake, named: Mapping[str, Question], label: str, key: str = "") -> None:
    """A button that opens the explanation of one question or of several, by name."""
    pressed = st.button(
        label,
        key=f"about {key or ' '.join(named)}",
        icon=ICON,
        type="tertiary",
        help="What it means, who is left out, command, SQL and CSV",
    )
    if pressed:
        _dialog(lake, dict(named))


@st.dialog("About this number", width="large", icon=ICON)
def _dialog(lake: Lake, named: dict[str, Question]) -> None:
    names = list(named)
    chosen = names[0]
    if len(names) > 1:
        chosen = st.selectbox("Number", names, key="about which") or chosen
    try:
        explain(lake, named[chosen])
    except QuestlineError as error:
        st.warning(literal(error), icon=ICON)


def explain(lake: Lake, question: Question) -> None:
    """Everything about one answer."""
    result = lake.answer(question)
    meaning(result)
    st.markdown("**The same numbers from the command line**")
    command(result)
    rows, sql = st.tabs(["Rows", "SQL"])
    with rows:
        table(result)
        download(result)
    with sql:
        statement(lake, question)


def meaning(result: Result) -> None:
    """Definition, formula, and what the numbers are of."""
    found = result.entry
    st.markdown(f"**{literal(found.title)}.** {found.definition}")
    st.markdown(f"**Formula:** {result.formula} ({result.unit}).")
    period = f"{result.start or 'no day'} to {result.end or 'no day'}, {result.reporting_zone}"
    asked = [*result.where, *(f"players of {segment}" for segment in result.segments)]
    said = [f"Period {period}", *asked, *result.excluded, *result.notes]
    until = result.complete_until or "no complete day yet"
    said.append(f"Complete until {until}, lake version {result.lake_version}")
    st.caption(" · ".join(literal(text.rstrip(".")) for text in said))


def command(result: Result) -> None:
    """The command line that gives the same rows."""
    st.code(result.command, language="shell", wrap_lines=True)


def download(result: Result) -> None:
    """A button that gives all rows; they are written when it is pressed."""
    st.download_button(
        "CSV",
        result.to_csv,
        file_name=f"{result.metric}.csv",
        mime="text/csv",
        icon=":material/download:",
        on_click="ignore",
        help=f"{result.table.num_rows:,} rows, as `questline metric --format csv` prints them",
    )


def statement(lake: Lake, question: Question, dialect: str = "duckdb") -> None:
    """The question as SQL; a dialect that cannot express it says so in one line."""
    try:
        text = lake.remembered(
            f"sql {dialect} {question.key}",
            lambda: lake.analytics.sql(question.metric, dialect, **question.asked),
        )
    except QuestlineError as error:
        st.warning(literal(error), icon=ICON)
        return
    st.code(f"{text};", language="sql")
