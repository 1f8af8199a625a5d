"""The filter bar that every page shares. The address holds it, so that a link gives the view."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import streamlit as st

from questline.dashboard.text import literal
from questline.lake.facts import LakeFacts
from questline.metrics.segments import NONE
from questline.settings import Declared

ALL, CHOSEN = "All days", "Choose days"
LENGTHS = {"7 days": 7, "14 days": 14, "28 days": 28, "90 days": 90}
PERIODS = [*LENGTHS, ALL, CHOSEN]
ATTRIBUTES = {
    "platform": "Platform",
    "country": "Country",
    "channel": "Channel",
    "first_version": "First version",
    "cohort_week": "Acquired in the week of",
}
"""The attributes that the bar filters by; `platform` and the rest are keys of the address."""


SHOWN = "page shown"
"""Where the session remembers the page that the reader saw last."""


@dataclass(frozen=True)
class Filters:
    """What the reader looks at.

    Without days it is the whole observed time. `where` holds conditions as `--where` takes them.
    `exclude` is None where the settings decide who is left out. `compared` asks for the change
    against the equal period before.
    """

    start: date | None = None
    end: date | None = None
    where: tuple[str, ...] = ()
    segment: tuple[str, ...] = ()
    exclude: tuple[str, ...] | None = None
    compared: bool = True

    def before(self, facts: LakeFacts) -> tuple[date, date] | None:
        """The equal period just before; None where it was not observed as a whole.

        >>> facts = LakeFacts(1, date(2026, 1, 1), date(2026, 1, 30))
        >>> Filters(date(2026, 1, 24), date(2026, 1, 30)).before(facts)
        (datetime.date(2026, 1, 17), datetime.date(2026, 1, 23))
        """
        if not self.compared or self.start is None or self.end is None:
            return None
        length = self.end - self.start + timedelta(days=1)
        first, last = self.start - length, self.start - timedelta(days=1)
        if facts.complete_from is None or first < facts.complete_from:
            return None
        return first, last


def usual(facts: LakeFacts) -> str:
    """The period of a page that was opened without one: the longest with as many days before it.

    >>> usual(LakeFacts(1, date(2026, 1, 1), date(2026, 1, 30)))
    '14 days'
    """
    if facts.complete_from is None or facts.complete_until is None:
        return ALL
    observed = (facts.complete_until - facts.complete_from).days + 1
    fitting = [name for name, days in LENGTHS.items() if 2 * days <= observed and days <= 28]
    return fitting[-1] if fitting else ALL


def period(choice: str | None, days: Sequence[date], facts: LakeFacts) -> tuple[date | None, ...]:
    """First and last day of a choice; both are None for all days.

    A range of which only the first day is chosen yet is that day.

    >>> facts = LakeFacts(1, date(2026, 1, 1), date(2026, 1, 30))
    >>> period("7 days", (), facts)
    (datetime.date(2026, 1, 24), datetime.date(2026, 1, 30))
    """
    if choice == CHOSEN and days:
        return min(days), max(days)
    if choice in LENGTHS and facts.complete_until is not None:
        return facts.complete_until - timedelta(days=LENGTHS[choice] - 1), facts.complete_until
    return None, None


def filter_bar(
    facts: LakeFacts, declared: Declared, values: Mapping[str, Sequence[str]]
) -> Filters:
    """Draws the bar and returns what is chosen in it; `values` are those of each attribute."""
    first, last = facts.complete_from, facts.complete_until
    with st.container(horizontal=True, vertical_alignment="bottom", key="filters"):
        choice = st.segmented_control(
            "Period",
            PERIODS,
            default=usual(facts),
            required=True,
            key="period",
            wrap=True,
            bind="query-params",
            label_visibility="collapsed",
        )
        days: Sequence[date] = ()
        if choice == CHOSEN and first is not None and last is not None:
            days = st.date_input(
                "Days",
                (first, last),
                key="days",
                bind="query-params",
                width=240,
                label_visibility="collapsed",
            )
        with st.popover("Filters", icon=":material/filter_list:", width=140):
            where = tuple(
                f"{name}={value}"
                for name, label in ATTRIBUTES.items()
                for value in _chosen(name, label, values.get(name, ()))
            )
            segment, exclude = _segments(declared)
        compared = st.toggle("Compare", value=True, key="compare", bind="query-params")
    start, end = period(choice, days, facts)
    filters = Filters(start, end, where, segment, exclude, compared)
    if told := _told(filters):
        st.caption(told)
    return filters


def keep_in_address(page: str) -> None:
    """Says the filters again where the reader comes from another page.

    On a change of the page the browser keeps in the address only what widgets on display are bound
    to, and those of the closed popover are not. What is set here is written into the address.
    """
    if st.session_state.get(SHOWN, page) != page:
        for key in (*ATTRIBUTES, "segment", "exclude"):
            if key in st.session_state:
                st.session_state[key] = st.session_state[key]
    st.session_state[SHOWN] = page


def _chosen(name: str, label: str, values: Sequence[str]) -> list[str]:
    if not values:
        return []
    return st.multiselect(
        label, values, placeholder="All", key=name, bind="query-params", width=320
    )


def _segments(declared: Declared) -> tuple[tuple[str, ...], tuple[str, ...] | None]:
    """Segments to keep and to leave out."""
    names = list(declared.segments)
    if not names:
        st.caption("Segments, such as testers to leave out, are declared in questline.toml.")
        return (), None
    kept = st.multiselect(
        "Only segments", names, placeholder="Everybody", key="segment", bind="query-params"
    )
    left_out = st.multiselect(
        "Without segments",
        names,
        default=list(declared.exclude),
        placeholder="Nobody is left out",
        key="exclude",
        bind="query-params",
    )
    same = set(left_out) == set(declared.exclude)
    return tuple(kept), None if same else tuple(left_out) or (NONE,)


def _told(filters: Filters) -> str:
    """The filters besides the period, in words; Markdown."""
    said = [condition.partition("=")[2] for condition in filters.where]
    said += [f"only {name}" for name in filters.segment]
    if filters.exclude is not None:
        named = [name for name in filters.exclude if name != NONE]
        said.append(f"without {', '.join(named)}" if named else "nobody left out")
    return f"Filtered: {' · '.join(map(literal, said))}" if said else ""
