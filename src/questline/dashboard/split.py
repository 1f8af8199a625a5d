"""A card of curves that an attribute or the version tells apart, and answers a page builds on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import altair as alt
import streamlit as st

from questline.api import Result
from questline.dashboard.cards import LOG, NOTHING, card, draw
from questline.dashboard.charts import Rows
from questline.dashboard.parts import Parts
from questline.dashboard.questions import Lake, Question
from questline.dashboard.text import literal

Curves = Callable[[Rows, Parts | None], alt.TopLevelMixin | None]


def curves_card(
    lake: Lake,
    title: str,
    question: Question,
    curves: Curves,
    *,
    parts: Callable[[Rows], Parts] | None = None,
    picked: Callable[[Result], Rows] = Result.rows,
    nothing: str = NOTHING,
    notes: bool = True,
) -> None:
    """A framed chart of one question: of one curve, or of one a part.

    Args:
        lake: The lake under the filters.
        title: Title of the card.
        question: What is asked.
        curves: Makes the chart of rows, and of the parts where there are some.
        parts: The parts of the answer's rows.
        picked: The rows of the answer that are drawn.
        nothing: What is said if there is nothing to draw.
        notes: Whether the answer's notes are said; a card beside may say the same.
    """
    with card(lake, title, question):
        result = lake.answer(question)
        rows = picked(result)
        if parts is None:
            draw(curves(rows, None), nothing)
        else:
            found = parts(result.rows())
            draw(curves(rows, found), nothing)
            if found.said:
                st.caption(found.said)
        for note in result.notes if notes else ():
            st.caption(literal(note))


def answered(lake: Lake, question: Question) -> list[dict[str, Any]] | None:
    """The rows by which a page decides what to show; None where the question fails.

    The card that shows the answer then says why there is none.
    """
    try:
        return lake.answer(question).rows()
    except Exception as error:  # noqa: BLE001 - its card fails, not the page
        LOG.debug("No answer to %s: %s", question.key, error)
        return None
