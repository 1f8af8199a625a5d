"""The headline numbers, each with its change and the days behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

from questline.lake.facts import LakeFacts
from questline.metrics.display import brief, change
from questline.report.period import Period, before, joined
from questline.report.questions import Answers, Question

PER_DAY = {"per": "day"}
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Tile:
    """One number: a column of a metric's answer.

    `row` says which row of several. `line` is metric, column and options of the small line. With
    `lag` the question is about players acquired that many days earlier, so that what they do on
    that day falls into the period. `good` says whether more is better; None where neither is.
    """

    label: str
    metric: str
    column: str
    options: Mapping[str, Any] = field(default_factory=dict)
    row: Literal["only", "last"] = "only"
    line: tuple[str, str, Mapping[str, Any]] | None = None
    lag: int = 0
    good: Literal["more", "less"] | None = "more"

    def now(self, period: Period) -> Question:
        """What the number answers."""
        return Question(self.label, self.metric, period.moved(-self.lag), self.options)

    def before(self, earlier: Period) -> Question:
        """The same of the equal period before."""
        said = f"{self.label}, the period before"
        return Question(said, self.metric, earlier.moved(-self.lag), self.options)

    def days(self, period: Period, earlier: Period | None) -> Question:
        """What the small line draws: the days of both periods."""
        metric, _, options = self.line or (self.metric, self.column, dict(self.options) | PER_DAY)
        return Question(
            f"{self.label} by day", metric, joined(period, earlier).moved(-self.lag), options
        )


def _retention(day: int) -> Tile:
    asked = {"days": [day]}
    line = ("retention", "retention", {**asked, "cohorts": "day"})
    return Tile(f"Day-{day} retention", "retention", "retention", asked, line=line, lag=day)


TILES = (
    Tile("Daily players", "dau", "players", row="last", line=("dau", "players", {})),
    Tile(
        *("New players", "install_ratio", "new_players"),
        line=("new_players", "players", {}),
    ),
    _retention(1),
    _retention(7),
    Tile("Sessions per DAU", "sessions_per_dau", "sessions_per_dau"),
    Tile("Median session", "session_length", "median_seconds", good=None),
    Tile("ARPDAU", "arpdau", "arpdau_total"),
    Tile("Conversion to payer", "conversion", "conversion"),
    Tile("Revenue", "revenue", "revenue_usd"),
)


@dataclass(frozen=True)
class Shown:
    """A tile as it is drawn: `value` as the metric gave it, `text` as a person reads it."""

    label: str
    note: str
    metric: str
    value: object
    text: str
    moved: str | None
    mood: Literal["better", "worse", "same"]
    earlier: list[float | None]
    days: list[float | None]


def asked(facts: LakeFacts, period: Period) -> Iterator[Question]:
    """Everything that the tiles ask."""
    for tile in TILES:
        earlier = before(facts, period, tile.lag)
        yield tile.now(period)
        if earlier is not None:
            yield tile.before(earlier)
        yield tile.days(period, earlier)


def shown(answers: Answers, facts: LakeFacts, period: Period) -> list[Shown]:
    """The tiles with their numbers."""
    return [_shown(tile, answers, period, before(facts, period, tile.lag)) for tile in TILES]


def _shown(tile: Tile, answers: Answers, period: Period, earlier: Period | None) -> Shown:
    kind = answers[tile.now(period)].entry.kind(tile.column)
    row = _row(answers, tile.now(period))
    past = None if earlier is None else _row(answers, tile.before(earlier))[tile.column]
    moved = change(row[tile.column], past, kind)
    begins = period.moved(-tile.lag).first
    line = _line(tile, answers[tile.days(period, earlier)].rows())
    return Shown(
        label=tile.label,
        note=_note(tile, row, period),
        metric=tile.metric,
        value=row[tile.column],
        text=brief(row[tile.column], kind),
        moved=moved,
        mood=_mood(tile, moved),
        earlier=[value for day, value in line if day < begins],
        days=[value for day, value in line if day >= begins],
    )


def _row(answers: Answers, question: Question) -> dict[str, Any]:
    """The one row, or the row of the last day."""
    return answers[question].rows()[-1]


def _note(tile: Tile, row: Mapping[str, Any], period: Period) -> str:
    """Which days or players the number is of, where not of the whole period."""
    if row[tile.column] is None and row.get("observable_on"):
        return f"observed on {row['observable_on']:%-d %b %Y}"
    if tile.row == "last":
        return f"on {row['event_date']:%-d %b}"
    return f"acquired {period.moved(-tile.lag).short}" if tile.lag else ""


def _mood(tile: Tile, moved: str | None) -> Literal["better", "worse", "same"]:
    if moved is None or tile.good is None or not any(c in "123456789" for c in moved):
        return "same"
    return "better" if moved.startswith("+") == (tile.good == "more") else "worse"


def _line(tile: Tile, rows: Rows) -> list[tuple[date, float | None]]:
    """The values of the small line with their days."""
    column = tile.line[1] if tile.line else tile.column
    day = "acquisition_date" if tile.lag else "event_date"
    return [(row[day], None if row[column] is None else float(row[column])) for row in rows]
