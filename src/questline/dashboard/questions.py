"""The one way in which a page gets a number: a metric asked of the published lake, remembered."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

import questline
from questline.api import Analytics, Result
from questline.dashboard.filters import Filters
from questline.lake.publication import read_pointer
from questline.settings import Settings, load_settings


@dataclass(frozen=True)
class Lake:
    """One published version of a lake, with the filters of the reader."""

    analytics: Analytics
    folder: Path
    filters: Filters = Filters()  # noqa: RUF009 - frozen

    def ask(self, metric: str, *, cohorts_of_the_log: bool = False, **options: object) -> Result:
        """A metric under the filters.

        Args:
            metric: A name of the catalogue.
            cohorts_of_the_log: Without a chosen period, leave out players from before the log.
            options: Options of the metric, and `by`.

        Raises:
            UsageError: a name or a value is wrong.
        """
        start = self.filters.start
        if cohorts_of_the_log and start is None:
            start = self.analytics.facts.complete_from
        where = {"platform": list(self.filters.platforms)} if self.filters.platforms else {}
        asked = {"start": start, "end": self.filters.end, "where": where, **options}
        return _answer(str(self.folder), self.analytics.facts.version, metric, asked)


def open_lake(settings: Settings | None = None) -> Lake | None:
    """The lake's newest version, None where nothing is published.

    Raises:
        QuestlineError: the settings or the lake's pointer are damaged.
    """
    settings = settings or load_settings()
    pointer = read_pointer(settings.lake)
    if pointer is None:
        return None
    return Lake(_opened(str(settings.lake), pointer.facts.version), settings.lake)


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(folder: str, version: int) -> Analytics:
    """The lake as of a version; both arguments are the key under which it is remembered."""
    del version
    return questline.open(folder)


@st.cache_data(max_entries=500, show_spinner=False)
def _answer(folder: str, version: int, metric: str, asked: dict[str, Any]) -> Result:
    return _opened(folder, version).result(metric, **asked)


@st.cache_data(max_entries=50, show_spinner=False)
def platforms_of(folder: str, version: int) -> list[str]:
    """The platforms that players have."""
    return [str(value) for value in _opened(folder, version).values("platform")]
