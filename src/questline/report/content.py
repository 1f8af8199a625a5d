"""Everything that a report says, collected from the answers of the lake."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from questline.api import Analytics, Result
from questline.intake import totals
from questline.lake.facts import LakeFacts
from questline.report import cards, tiles
from questline.report.card import Card
from questline.report.period import Period, before, reported
from questline.report.questions import Answers, Chosen, answered


@dataclass(frozen=True)
class Quality:
    """What became of all lines that came in, as `questline status` tells it."""

    lines: int
    accepted: int
    duplicates: int
    rejected: int
    files: int


@dataclass(frozen=True)
class Meaning:
    """What a metric means, and the command lines that give its numbers."""

    metric: str
    title: str
    definition: str
    formula: str
    unit: str
    maturity: str
    commands: list[tuple[str, str]]


@dataclass(frozen=True)
class Report:
    """A report without its looks."""

    period: Period
    earlier: Period | None
    asked: list[str]
    facts: LakeFacts
    tiles: list[tiles.Shown]
    cards: list[Card]
    notes: list[str]
    meanings: list[Meaning]
    quality: Quality


def collect(analytics: Analytics, chosen: Chosen, last: date | None, days: int) -> Report:
    """Asks the lake for everything.

    Raises:
        UsageError: the day is not complete, or a condition or a segment is wrong.
    """
    facts = analytics.facts
    period = reported(facts, last, days)
    questions = (*tiles.asked(facts, period), *cards.asked(facts, period))
    answers = answered(analytics, chosen, questions)
    notes = [note for _, found in _all(answers) for note in found.notes]
    return Report(
        period=period,
        earlier=before(facts, period),
        asked=_asked(analytics, chosen),
        facts=facts,
        tiles=tiles.shown(answers, facts, period),
        cards=list(cards.shown(answers, facts, period)),
        notes=list(dict.fromkeys(notes)),
        meanings=_meanings(answers),
        quality=_quality(analytics),
    )


def _all(answers: Answers) -> list[tuple[str, Result]]:
    return [pair for pairs in answers.by_metric().values() for pair in pairs]


def _asked(analytics: Analytics, chosen: Chosen) -> list[str]:
    """Which players the report is about, in words."""
    scope = analytics.scope(where=chosen.where, segment=chosen.segment, exclude=chosen.exclude)
    said = [str(condition) for condition in scope.where]
    said += [f"event.{condition}" for condition in scope.event_where]
    said += [f"only players of {segment}" for segment in scope.segments]
    return [*said, *(f"without players of {segment}" for segment in scope.excluded)]


def _meanings(answers: Answers) -> list[Meaning]:
    """Every metric of the report, once."""
    made = []
    for metric, pairs in answers.by_metric().items():
        found = pairs[0][1].entry
        made.append(
            Meaning(
                metric=metric,
                title=found.title,
                definition=found.definition,
                formula=found.formula,
                unit=found.unit,
                maturity=found.maturity,
                commands=[(said, result.command) for said, result in pairs],
            )
        )
    return made


def _quality(analytics: Analytics) -> Quality:
    (row,) = totals(analytics).to_pylist()
    return Quality(
        lines=row["lines_in"],
        accepted=row["accepted"],
        duplicates=row["duplicates"],
        rejected=row["rejected"],
        files=row["files"],
    )
