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
    stamp: str
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
        return _answer(str(self.folder), self.stamp, metric, asked)

    @property
    def days(self) -> int:
        """How many observed days the filters ask for."""
        facts = self.analytics.facts
        if facts.complete_from is None or facts.complete_until is None:
            return 0
        first = max(self.filters.start or facts.complete_from, facts.complete_from)
        last = min(self.filters.end or facts.complete_until, facts.complete_until)
        return max((last - first).days + 1, 0)

    def platforms(self) -> list[str]:
        """The platforms that players have."""
        return _platforms(str(self.folder), self.stamp)


def open_lake(settings: Settings | None = None) -> Lake | None:
    """The lake's newest version, None where nothing is published.

    Raises:
        QuestlineError: the settings or the lake's pointer are damaged.
    """
    settings = settings or load_settings()
    pointer = read_pointer(settings.lake)
    if pointer is None:
        return None
    stamp = f"{pointer.run_id} {settings.model_dump_json()}"
    return Lake(_opened(str(settings.lake), stamp), settings.lake, stamp)


@st.cache_resource(max_entries=4, show_spinner=False)
def _opened(folder: str, stamp: str) -> Analytics:
    """The lake as of a run and the settings; both arguments are the key it is remembered under.

    The number of the version is no key: a lake made anew in the same folder counts from 1 again.
    """
    del stamp
    return questline.open(folder)


@st.cache_data(max_entries=500, show_spinner=False)
def _answer(folder: str, stamp: str, metric: str, asked: dict[str, Any]) -> Result:
    return _opened(folder, stamp).result(metric, **asked)


@st.cache_data(max_entries=50, show_spinner=False)
def _platforms(folder: str, stamp: str) -> list[str]:
    return [str(value) for value in _opened(folder, stamp).values("platform")]
