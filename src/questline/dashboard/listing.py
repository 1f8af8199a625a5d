"""Facts and lists that no metric gives: pairs of a name and a value, rows with their number."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import streamlit as st

from questline.capped import Capped
from questline.dashboard.tables import floats
from questline.dashboard.text import literal

MOMENT = "YYYY-MM-DD HH:mm:ss"
"""How a table writes a moment."""
WIDTH = 140
"""Pixels of a fact: two of them side by side on a phone."""


def facts(pairs: Iterable[tuple[str, str]]) -> None:
    """Names and values side by side, as many in a row as fit; values are text."""
    with st.container(horizontal=True, gap="small"):
        for name, value in pairs:
            with st.container(width=WIDTH, gap=None):
                st.caption(literal(name))
                st.text(value or "-")


def listing(found: Capped, columns: Mapping[str, Any], what: str, **more: Any) -> Any:  # noqa: ANN401
    """Rows with these columns, and below how many there are if these are not all.

    Returns what `st.dataframe` returns.
    """
    shown = st.dataframe(
        floats(found.table.select(list(columns))),
        column_config=dict(columns),
        hide_index=True,
        placeholder="",
        width="stretch",
        **more,
    )
    if found.total > found.table.num_rows:
        st.caption(f"The latest {found.table.num_rows:,} of {found.total:,} {literal(what)}.")
    return shown
