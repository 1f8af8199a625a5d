"""Controls that pages on cohorts share: which cohorts count, and by what the players are split."""

from __future__ import annotations

from collections.abc import Iterable

import streamlit as st

from questline.dashboard.controls import choice
from questline.dashboard.filters import ATTRIBUTES

ALL, IN_PERIOD = "All observed", "Acquired in the period"
NOT_SPLIT = "Nothing"
SPLITS = ("platform", "country", "channel", "first_version")


def all_cohorts(key: str, in_period: str = IN_PERIOD) -> bool:
    """Asks which cohorts count; whether it is all of them, whatever the period."""
    asked: bool = choice("Cohorts", {ALL: True, in_period: False}, key, titled=True)
    return asked


def split_by(key: str, attributes: Iterable[str] = SPLITS, width: int = 140) -> str | None:
    """Asks by which attribute the players are split."""
    able = {ATTRIBUTES[name]: name for name in attributes}
    chosen = st.selectbox(
        "Break down by", [NOT_SPLIT, *able], key=key, bind="query-params", width=width
    )
    return able.get(chosen or NOT_SPLIT)
