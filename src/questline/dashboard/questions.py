"""The one way in which a page gets a number: a metric asked of the published lake, remembered."""

from __future__ import annotations

import gc
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from typing import Any

import streamlit as st

import questline
from questline.api import Analytics, Result
from questline.dashboard.filters import Filters
from questline.lake.publication import Pointer, read_pointer
from questline.settings import Settings, load_settings

MOST_ANSWERS = 600
WORKERS = 3
MEMORY_MB = 288
"""For DuckDB in the server, which lives long; what needs more goes through the disk."""
MEMORY_SHARE = 0.3
"""Of the size of the lake's files, where that is more; never more than the settings allow."""


@dataclass(frozen=True)
class Question:
    """A metric with everything it is asked with: days, conditions, segments, options."""

    metric: str
    asked: dict[str, Any]

    @property
    def key(self) -> str:
        """The same for the same question."""
        return f"{self.metric} {sorted(self.asked.items())!r}"


@dataclass(frozen=True)
class Answers:
    """Answers of one version of a lake, worked out by a few threads; the latest are kept.

    Sessions that ask the same share one answer, also while it is being worked out.
    """

    analytics: Analytics
    most: int = MOST_ANSWERS
    _workers: ThreadPoolExecutor = field(
        default_factory=partial(ThreadPoolExecutor, WORKERS, "questline-ask"), repr=False
    )
    _found: OrderedDict[str, Future[Any]] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def soon(self, key: str, work: Callable[[], Any]) -> Future[Any]:
        """The answer of this key, begun if it is not there. What failed is tried anew."""
        with self._lock:
            found = self._found.get(key)
            if found is not None and not (found.done() and found.exception()):
                self._found.move_to_end(key)
                return found
            made = self._workers.submit(work)
            self._found[key] = made
            while len(self._found) > self.most:
                self._found.popitem(last=False)
            return made


@dataclass(frozen=True)
class Lake:
    """One published version of a lake, with the filters of the reader."""

    answers: Answers
    folder: Path
    published_at: str
    filters: Filters = Filters()  # noqa: RUF009 - frozen

    @property
    def analytics(self) -> Analytics:
        """The lake itself, for what is not a metric."""
        return self.answers.analytics

    def question(
        self,
        metric: str,
        *,
        before: bool = False,
        all_days: bool = False,
        **options: Any,  # noqa: ANN401 - whatever the metric takes
    ) -> Question:
        """A metric under the filters.

        Args:
            metric: A name of the catalogue.
            before: Ask about the equal period before; only where `Filters.before` is one.
            all_days: Leave the period of the filters out.
            options: Options of the metric, `by`, and `where` with conditions to add.
        """
        f = self.filters
        start, end = (None, None) if all_days else (f.start, f.end)
        if before:
            start, end = f.before(self.analytics.facts) or (start, end)
        more = options.pop("where", ())
        where = (*f.where, *((more,) if isinstance(more, str) else more))
        asked: dict[str, Any] = {"start": start, "end": end, "where": where}
        asked |= {"segment": f.segment, "exclude": f.exclude, **options}
        return Question(metric, {name: v for name, v in asked.items() if v not in (None, ())})

    def soon(self, *questions: Question) -> None:
        """Begins to work these out, while the page goes on."""
        for question in questions:
            self._future(question)

    def answer(self, question: Question) -> Result:
        """The answer, waited for with a sign of life.

        Raises:
            UsageError: a name or a value is wrong.
        """
        found: Result = waited(self._future(question))
        return found

    def ask(self, metric: str, **options: Any) -> Result:  # noqa: ANN401 - the same
        """The answer to `question` of the same arguments.

        Raises:
            UsageError: a name or a value is wrong.
        """
        return self.answer(self.question(metric, **options))

    def remembered(self, key: str, work: Callable[[], Any]) -> Any:  # noqa: ANN401 - any answer
        """What `work` gives, worked out once for this version of the lake under this key."""
        return waited(self.answers.soon(key, work))

    def values(self, attribute: str) -> list[Any]:
        """The known values of a player attribute."""
        found: list[Any] = self.remembered(
            f"values {attribute}", lambda: self.analytics.values(attribute)
        )
        return found

    @property
    def has_before(self) -> bool:
        """Whether the filters have an equal period before them to compare with."""
        return self.filters.before(self.analytics.facts) is not None

    @property
    def log_days(self) -> int:
        """How many observed days there are, whatever the filters say."""
        facts = self.analytics.facts
        if facts.complete_from is None or facts.complete_until is None:
            return 0
        return (facts.complete_until - facts.complete_from).days + 1

    @property
    def days(self) -> int:
        """How many observed days the filters ask for."""
        first, last = self.observed
        return 0 if first is None or last is None else max((last - first).days + 1, 0)

    @property
    def observed(self) -> tuple[date | None, date | None]:
        """First and last observed day of the filters."""
        facts = self.analytics.facts
        if facts.complete_from is None or facts.complete_until is None:
            return None, None
        first = max(self.filters.start or facts.complete_from, facts.complete_from)
        last = min(self.filters.end or facts.complete_until, facts.complete_until)
        return first, last

    def _future(self, question: Question) -> Future[Any]:
        def work() -> Result:
            return self.analytics.result(question.metric, **question.asked)

        return self.answers.soon(question.key, work)


def waited(found: Future[Any]) -> Any:  # noqa: ANN401 - any answer
    """The result of work under way; what takes longer than a moment shows that it goes on."""
    try:
        return found.result(timeout=0.4)
    except TimeoutError:
        if found.done():  # the work itself timed out
            raise
    with st.spinner("Reading the lake", show_time=True):
        return found.result()


def open_lake() -> Lake | None:
    """The lake's newest version, None where nothing is published.

    Raises:
        QuestlineError: the settings or the lake's pointer are damaged.
    """
    settings = load_settings()
    pointer = read_pointer(settings.lake)
    if pointer is None:
        return None
    stamp = f"{pointer.run_id} {settings.model_dump_json()}"
    return Lake(_opened(stamp, settings, pointer), settings.lake, pointer.published_at)


@st.cache_resource(max_entries=2, show_spinner=False)
def _opened(stamp: str, _settings: Settings, _pointer: Pointer) -> Answers:
    """The lake as of a run and the settings, both of which `stamp` names.

    The number of the version is no key: a lake made anew in the same folder counts from 1 again.
    """
    del stamp
    _set_aside()
    small = _settings.model_copy(update={"memory_limit_mb": memory_mb(_pointer, _settings)})
    return Answers(replace(questline.open(_settings.lake, small), keeps=True))


def memory_mb(pointer: Pointer, settings: Settings) -> int:
    """What DuckDB may hold in the server, by the size of the lake."""
    files = [Path(path) for paths in pointer.files.values() for path in paths]
    size = sum(file.stat().st_size for file in files if file.exists())
    return min(settings.memory_limit_mb, max(MEMORY_MB, int(size * MEMORY_SHARE / 1e6)))


@cache
def _set_aside() -> None:
    """Lets the garbage collector pass over what the server is made of, once.

    Looking through all modules again takes a tenth of a second, in which every reader waits.
    """
    gc.collect()
    gc.freeze()
