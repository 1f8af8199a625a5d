"""The filter bar that every page shares. The address holds it, so that a link gives the view."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from questline.lake.facts import LakeFacts

ALL, LAST_WEEK, LAST_MONTH, CHOSEN = "All days", "Last 7 days", "Last 28 days", "Choose days"
LENGTHS = {LAST_WEEK: 7, LAST_MONTH: 28}


@dataclass(frozen=True)
class Filters:
    """Days and platforms to look at; None is the whole observed time, no platform is all."""

    start: date | None = None
    end: date | None = None
    platforms: tuple[str, ...] = ()


def period(choice: str | None, days: Sequence[date], facts: LakeFacts) -> tuple[date | None, ...]:
    """First and last day of a choice; both are None for all days.

    A range of which only the first day is chosen yet is that day.

    >>> facts = LakeFacts(1, date(2026, 1, 1), date(2026, 1, 30))
    >>> period(LAST_WEEK, (), facts)
    (datetime.date(2026, 1, 24), datetime.date(2026, 1, 30))
    """
    if choice == CHOSEN and days:
        return min(days), max(days)
    if choice in LENGTHS and facts.complete_until is not None:
        return facts.complete_until - timedelta(days=LENGTHS[choice] - 1), facts.complete_until
    return None, None


def filter_bar(facts: LakeFacts, platforms: list[str]) -> Filters:
    """Draws the bar and returns what is chosen in it."""
    first, last = facts.complete_from, facts.complete_until
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        choice = st.segmented_control(
            "Period",
            [ALL, LAST_MONTH, LAST_WEEK, CHOSEN],
            default=ALL,
            required=True,
            key="period",
            wrap=True,
            bind="query-params",
        )
        days: Sequence[date] = ()
        if choice == CHOSEN and first is not None and last is not None:
            days = st.date_input("Days", (first, last), key="days", bind="query-params", width=260)
        chosen = st.multiselect(
            "Platform",
            platforms,
            placeholder="All platforms",
            key="platform",
            bind="query-params",
            width=300,
        )
    start, end = period(choice, days, facts)
    return Filters(start, end, tuple(chosen))
