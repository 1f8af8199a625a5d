"""Controls that pages on cohorts share: which cohorts count, and by what the players are split."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

ALL, IN_PERIOD = "All observed", "Acquired in the period"
NOT_SPLIT = "Nothing"
SPLITS = {
    NOT_SPLIT: None,
    "Platform": "platform",
    "Country": "country",
    "Channel": "channel",
    "First version": "first_version",
}
PLURALS = {
    "platform": "platforms",
    "country": "countries",
    "channel": "channels",
    "first_version": "versions",
}
UNKNOWN = "(unknown)"
MOST = 5
"""Lines in one chart that one can still tell apart."""


def all_cohorts(key: str, names: Sequence[str] = (ALL, IN_PERIOD)) -> bool:
    """Asks which cohorts count; whether it is all of them, whatever the period."""
    chosen = st.segmented_control(
        "Cohorts", names, default=names[0], required=True, key=key, wrap=True, bind="query-params"
    )
    return chosen != names[1]


def split_by(key: str) -> str | None:
    """Asks by which attribute the players are split."""
    chosen = st.selectbox("Break down by", list(SPLITS), key=key, bind="query-params", width=140)
    return SPLITS.get(chosen or NOT_SPLIT)


@dataclass(frozen=True)
class Parts:
    """Rows of the largest values of an attribute, each named in `series`, and of how many."""

    rows: list[dict[str, Any]]
    order: list[str]
    known: int
    by: str

    @property
    def said(self) -> str:
        """What was left out, in a sentence; nothing if all values are there."""
        if self.known <= len(self.order):
            return ""
        return f"The {len(self.order)} largest of {self.known} {PLURALS[self.by]}."


def largest(rows: Iterable[Mapping[str, Any]], by: str, size: str, most: int = MOST) -> Parts:
    """The rows of the values with the largest `size`, in that order; a value may have many rows.

    A value of nobody is none.

    >>> rows = [{"country": c, "players": n} for c, n in (("DE", 3), (None, 2), ("US", 9))]
    >>> found = largest(rows, "country", "players", most=2)
    >>> found.order, found.said
    (['US', 'DE'], 'The 2 largest of 3 countries.')
    """
    sizes: dict[str, int] = {}
    named = _named(rows, by)
    for row in named:
        sizes[row["series"]] = max(sizes.get(row["series"], 0), row[size] or 0)
    order = sorted((n for n in sizes if sizes[n]), key=lambda name: (-sizes[name], name))
    return Parts(_kept(named, order[:most]), order[:most], len(order), by)


def same(rows: Iterable[Mapping[str, Any]], parts: Parts) -> Parts:
    """The rows of the values that `parts` has, so that they have the same colours."""
    return replace(parts, rows=_kept(_named(rows, parts.by), parts.order))


def _named(rows: Iterable[Mapping[str, Any]], by: str) -> list[dict[str, Any]]:
    return [{**row, "series": UNKNOWN if row[by] is None else str(row[by])} for row in rows]


def _kept(rows: list[dict[str, Any]], order: Sequence[str]) -> list[dict[str, Any]]:
    return [row for row in rows if row["series"] in order]
