"""A card of curves that one attribute or the version tells apart."""

from __future__ import annotations

from collections.abc import Callable

import altair as alt
import streamlit as st

from questline.api import Result
from questline.dashboard.cards import NOTHING, card, draw
from questline.dashboard.charts import Rows
from questline.dashboard.charts_curves import MOST_PARTS, of_largest
from questline.dashboard.questions import Lake, Question
from questline.dashboard.text import literal

Curves = Callable[[Rows, str | None], alt.TopLevelMixin | None]


def curves_card(
    lake: Lake,
    title: str,
    question: Question,
    curves: Curves,
    *,
    by: tuple[str, str, str] | None = None,
    most: int = MOST_PARTS,
    picked: Callable[[Result], Rows] = Result.rows,
    nothing: str = NOTHING,
) -> None:
    """A framed chart of one question, of one curve or of those of the largest values.

    Args:
        lake: The lake under the filters.
        title: Title of the card.
        question: What is asked.
        curves: Makes the chart of rows and of the word for what tells curves apart.
        by: Column that tells curves apart, the word for it, and the column of its size.
        most: So many curves at most.
        picked: The rows of the answer that are drawn.
        nothing: What is said if there is nothing to draw.
    """
    with card(lake, title, question):
        result = lake.answer(question)
        rows = picked(result)
        left_out = 0
        if by is not None:
            rows, left_out = of_largest(rows, by[0], by[2], most)
        draw(curves(rows, None if by is None else by[1]), nothing)
        if by is not None and left_out:
            kept = len({row["part"] for row in rows})
            st.caption(f"{by[1]}: the {kept} largest of {kept + left_out}.")
        for note in result.notes:
            st.caption(literal(note))
