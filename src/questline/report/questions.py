"""What a report asks: every question once, all of them worked out side by side."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from questline.api import Analytics, Names, Result
from questline.metrics.attributes import Where
from questline.report.period import Period

WORKERS = 4


@dataclass(frozen=True)
class Chosen:
    """Which players a report is about, as the command line takes it."""

    where: Where = ()
    segment: Names = ()
    exclude: Names | None = None


@dataclass(frozen=True)
class Question:
    """A metric of some days; `said` tells what the report uses the answer for."""

    said: str
    metric: str
    period: Period
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """The same for the same question."""
        return f"{self.metric} {self.period} {sorted(self.options.items())!r}"


@dataclass(frozen=True)
class Answers:
    """Answers by question."""

    questions: tuple[Question, ...]
    found: Mapping[str, Result] = field(repr=False)

    def __getitem__(self, question: Question) -> Result:
        """The answer."""
        return self.found[question.key]

    def by_metric(self) -> dict[str, list[tuple[str, Result]]]:
        """What each metric was asked for, and the answer; the same answer once."""
        told: dict[str, dict[str, list[str]]] = {}
        for question in self.questions:
            uses = told.setdefault(question.metric, {}).setdefault(question.key, [])
            if question.said not in uses:
                uses.append(question.said)
        return {
            metric: [("; ".join(uses), self.found[key]) for key, uses in asked.items()]
            for metric, asked in told.items()
        }


def answered(analytics: Analytics, chosen: Chosen, questions: Iterable[Question]) -> Answers:
    """Asks all questions.

    Raises:
        UsageError: a condition, a segment or an option is wrong.
    """
    listed = tuple(questions)
    first = {question.key: question for question in listed}

    def ask(question: Question) -> Result:
        return analytics.result(
            question.metric,
            question.period.first,
            question.period.last,
            question.options.get("by"),
            chosen.where,
            segment=chosen.segment,
            exclude=chosen.exclude,
            **{name: value for name, value in question.options.items() if name != "by"},
        )

    with ThreadPoolExecutor(WORKERS, "questline-report") as pool:
        return Answers(listed, dict(zip(first, pool.map(ask, first.values()), strict=True)))
