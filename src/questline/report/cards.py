"""The cards of a report, in their order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import altair as alt

from questline.dashboard.charts import Rows, stacked_days
from questline.lake.facts import LakeFacts
from questline.metrics import Kind
from questline.report import charts, movers
from questline.report.card import MOST_ROWS, Card, Table, table
from questline.report.period import Period, before, joined
from questline.report.questions import Answers, Question
from questline.report.svg import drawn

COHORTS = 4
LAST_DAY = 30
TOLD_DAYS = (1, 2, 3, 5, 7, 14, 21, 28)


@dataclass(frozen=True)
class Picture:
    """A chart of one answer; with `both` also of the days of the period before."""

    key: str
    title: str
    metric: str
    columns: Mapping[str, str]
    draw: Callable[[Rows], alt.LayerChart | None] = field(repr=False)
    note: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    both: bool = False

    def question(self, facts: LakeFacts, period: Period) -> Question:
        """What it draws."""
        days = joined(period, before(facts, period)) if self.both else period
        return Question(self.title, self.metric, days, self.options)

    def cards(self, answers: Answers, facts: LakeFacts, period: Period) -> Iterator[Card]:
        """The card, if there is anything to draw."""
        found = answers[self.question(facts, period)]
        rows = found.rows()
        chart = self.draw(rows[:MOST_ROWS])
        if chart is None:
            return
        said = [self.note] if self.note else []
        if self.both and before(facts, period) is not None:
            said.append(f"The period and the {period.days} days before it.")
        if len(rows) > MOST_ROWS:
            said.append(f"The first {MOST_ROWS} of {len(rows):,} rows.")
        told = table(found, self.columns, rows[:MOST_ROWS])
        svg = drawn(chart, self.title, self.key)
        yield Card(self.key, self.title, " ".join(said), self.metric, told, svg)


PLAYERS = Picture(
    *("players", "Daily players, new and returning", "dau"),
    {"event_date": "Day", "players": "Players", "new_players": "New"},
    lambda rows: stacked_days(
        rows, {"returning_players": "Returning", "new_players": "New"}, Kind.COUNT
    ),
    both=True,
)
REVENUE = Picture(
    *("revenue", "Revenue by day", "revenue"),
    {"event_date": "Day", "net_usd": "Purchases", "ad_revenue_usd": "Ads"},
    lambda rows: stacked_days(rows, {"net_usd": "Purchases", "ad_revenue_usd": "Ads"}, Kind.USD),
    note="Net of refunds.",
    options={"per": "day"},
    both=True,
)
LEVELS = Picture(
    *("levels", "Players at each level", "level_funnel"),
    {
        "level": "Level",
        "reached": "Played",
        "completed": "Won",
        "completion_rate": "Share won",
        "win_rate": "Attempts won",
    },
    charts.levels,
    note="Old players and new ones.",
)
ADS = Picture(
    *("ads", "Revenue of ads", "ad_performance"),
    {
        "placement": "Placement",
        "format": "Format",
        "ads": "Ads",
        "ad_revenue_usd": "Revenue",
        "ecpm_usd": "eCPM",
    },
    charts.ads,
    note="By placement and format.",
)


def asked(facts: LakeFacts, period: Period) -> Iterator[Question]:
    """Everything that the cards ask."""
    for picture in (PLAYERS, REVENUE, LEVELS, ADS):
        yield picture.question(facts, period)
    yield from _cohorts(facts, period).values()
    yield from movers.asked(facts, period)


def shown(answers: Answers, facts: LakeFacts, period: Period) -> Iterator[Card]:
    """The cards that have something to show."""
    yield from PLAYERS.cards(answers, facts, period)
    yield from REVENUE.cards(answers, facts, period)
    yield from _retention(answers, facts, period)
    yield from movers.cards(answers, facts, period)
    yield from LEVELS.cards(answers, facts, period)
    yield from ADS.cards(answers, facts, period)


def _cohorts(facts: LakeFacts, period: Period) -> dict[str, Question]:
    """Players acquired in the period and in those before it that were observed as a whole."""
    found = {}
    options = {"days": list(range(1, min(COHORTS * period.days, LAST_DAY) + 1))}
    for number in range(COHORTS):
        cohort = period.earlier(number)
        if number and facts.complete_from is not None and cohort.first < facts.complete_from:
            break
        said = f"Retention of players acquired {cohort.short}"
        found[cohort.short] = Question(said, "retention", cohort, options)
    return found


def _retention(answers: Answers, facts: LakeFacts, period: Period) -> Iterator[Card]:
    """A curve for each of the last cohorts."""
    cohorts = {name: answers[question] for name, question in _cohorts(facts, period).items()}
    chart = charts.curves({name: found.rows() for name, found in cohorts.items()})
    if chart is None:
        return
    columns = {"day_number": "Day", "players": "Players", "retained": "Back", "retention": "Share"}
    rows = []
    for name, found in cohorts.items():
        known = [row for row in found.rows() if row["retained"] is not None]
        told = [row for row in known if row["day_number"] in TOLD_DAYS]
        rows += [[name, *row] for row in table(found, columns, told).rows]
    told_rows = Table(["Acquired", *columns.values()], [False, True, True, True, True], rows)
    title = "Players who are back N days after acquisition"
    svg = drawn(chart, title, "retention")
    yield Card("retention", title, "By days of acquisition.", "retention", told_rows, svg)
