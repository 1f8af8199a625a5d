"""Retention: who comes back, pooled, by kind of player and by cohort."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import streamlit as st

from questline.api import NO_PERIOD, Result
from questline.dashboard.breakdown import all_cohorts, split_by
from questline.dashboard.cards import Tile, card, draw, tiles
from questline.dashboard.charts import Rows
from questline.dashboard.charts_retention import cohort_heatmap, cohort_trend, share_curve
from questline.dashboard.filters import ATTRIBUTES
from questline.dashboard.parts import Parts
from questline.dashboard.questions import Lake, Question
from questline.dashboard.text import literal
from questline.metrics.benchmarks import MEDIANS_FROM, QUARTILES_FROM, RETENTION

FOLLOW_UP = 14
RETURNED: dict[str, tuple[str, str]] = {
    "On day N": ("on_day", "Day {}"),
    "On day N or later": ("on_or_after", "Day {} or later"),
    "Once from day 1 to N": ("within", "Once by day {}"),
    "Every day from 1 to N": ("every_day", "Every day to {}"),
}
CLASSIC = "on_day"
SHOWN = [1, 3, 7, 14, 30]
"""Day numbers of the tiles and of the table."""
LENGTHS = ["30 days", "60 days", "90 days", "180 days"]
CELLS = [*range(1, 8), 10, 14, 21, 30]
TREND = [1, 7, 30]
BUCKETS = {"Automatic": None, "A day": "day", "A week": "week", "A month": "month"}
MOST_DAYS, MOST_WEEKS = 45, 60
"""Observed days, and weeks, above which cohorts are taken together."""
MOST_ROWS = 35
NOTHING = "No cohort of these filters was observed for long enough."
NOT_WHOLE = "No {} of acquisition was observed as a whole yet; take shorter cohorts."
MEANT = {
    True: "All cohorts of the log count, whatever the period above; day N is the share of those "
    "that are at least N days old.",
    False: "Only players acquired in the period above count; the newest of them cannot be seen "
    "on late days yet.",
}
LATER = {"on_or_after": f" Later means in the {FOLLOW_UP} days after day N, for all alike."}
PUBLISHED = (
    f"Grey, published mobile games of all genres: ◆ the median game ({MEDIANS_FROM}); bars from "
    f"the lower to the upper quartile ({QUARTILES_FROM}), on day 28 the upper one only."
)


@dataclass(frozen=True)
class Asked:
    """What the controls of the page say."""

    everybody: bool
    returned: str
    label: str
    by: str | None
    bucket: str | None
    days: int
    published: bool

    def question(self, lake: Lake, days: list[int], **more: Any) -> Question:  # noqa: ANN401
        """Retention as it is asked for."""
        return lake.question("retention", all_days=self.everybody, **self.options(days), **more)

    def options(self, days: list[int]) -> dict[str, Any]:
        """Options of the metric."""
        options: dict[str, Any] = {"days": days}
        if self.returned != CLASSIC:
            options["returned"] = self.returned
        if self.returned == "on_or_after":
            options["follow_up"] = FOLLOW_UP
        return options


def retention(lake: Lake) -> None:
    """Draws the page."""
    asked = _controls()
    bucket = _bucket(lake, asked)
    curve = asked.question(lake, list(range(1, asked.days + 1)), by=asked.by)
    cohorts = asked.question(lake, CELLS, cohorts=bucket)
    lake.soon(asked.question(lake, SHOWN), curve, cohorts)
    st.caption(MEANT[asked.everybody] + LATER.get(asked.returned, ""))
    tiles(lake, _tiles(asked), in_a_row=len(SHOWN))
    if asked.by is None:
        _pooled(lake, curve, asked)
    else:
        _split(lake, curve, asked, asked.by)
    _by_cohort(lake, cohorts, bucket)


def _controls() -> Asked:
    with st.container(horizontal=True, vertical_alignment="bottom", key="retention_controls"):
        everybody = all_cohorts("retention_cohorts")
        returned = st.selectbox(
            "Came back",
            list(RETURNED),
            key="retention_returned",
            bind="query-params",
            width=210,
            help="Day 0 is the day of acquisition, N is counted from it.",
        )
        by = split_by("retention_by")
        bucket = st.selectbox(
            "One cohort is",
            list(BUCKETS),
            key="retention_cohort",
            bind="query-params",
            width=130,
            help="Automatic: a day; a week or a month where there are many days.",
        )
        length = st.selectbox(
            "Up to", LENGTHS, key="retention_days", bind="query-params", width=110
        )
        name, label = RETURNED[returned]
        published = st.toggle(
            "Published games",
            value=True,
            key="retention_published",
            bind="query-params",
            disabled=name != CLASSIC,
            help="Medians and quartiles of published games, of classic retention only: on day N.",
        )
    days = int(length.partition(" ")[0])
    shown = published and name == CLASSIC
    return Asked(everybody, name, label, by, BUCKETS[bucket], days, shown)


def _tiles(asked: Asked) -> list[Tile]:
    return [
        Tile(
            *(asked.label.format(n), "retention", "retention", asked.options(SHOWN)),
            row=("day_number", n),
            all_days=asked.everybody,
        )
        for n in SHOWN
    ]


def _pooled(lake: Lake, question: Question, asked: Asked) -> None:
    with card(lake, "Back N days after acquisition", question):
        found = lake.answer(question)
        _curve(found.rows(), asked)
        _notes(found)


def _curve(rows: Rows, asked: Asked, parts: Parts | None = None) -> None:
    draw(
        share_curve(
            rows,
            "retention",
            "Days after acquisition",
            {"retained": "Came back", "players": "Of players"},
            parts=parts,
            published=RETENTION if asked.published else (),
        ),
        NOTHING,
    )
    if asked.published:
        st.caption(PUBLISHED)


def _notes(found: Result) -> None:
    """What a reader should know; which cohorts count the page has said already."""
    for note in found.notes:
        if note != NO_PERIOD:
            st.caption(literal(note))


def _split(lake: Lake, question: Question, asked: Asked, by: str) -> None:
    name = ATTRIBUTES[by].lower()
    with card(lake, f"Back N days after acquisition, by {name}", question):
        found = lake.answer(question)
        parts = Parts.of(found.rows(), by, ATTRIBUTES[by], "players")
        _curve(found.rows(), asked, parts)
        if parts.said:
            st.caption(parts.said)
        _notes(found)
    with card(lake, f"All by {name}", question):
        _table(lake.answer(question).rows(), by, asked)


def _table(found: Rows, by: str, asked: Asked) -> None:
    """One row a value with the day numbers of the tiles."""
    title = ATTRIBUTES[by]
    parts = Parts.of(found, by, title, "players", most=len(found))
    rows: dict[str, dict[str, Any]] = {name: {} for name in parts.names}
    days = {n: asked.label.format(n) for n in SHOWN}
    for row in parts.named(found):
        line = rows[row["part"]]
        line["Players"] = max(line.get("Players", 0), row["players"])
        if row["day_number"] in days:
            line[days[row["day_number"]]] = row["retention"]
    columns: dict[str, Any] = {title: st.column_config.TextColumn(pinned=True)}
    columns["Players"] = st.column_config.NumberColumn(
        format="localized", help="Observed, on the day number that has the most of them."
    )
    columns |= {d: st.column_config.NumberColumn(format="percent") for d in days.values()}
    lines = [{title: name, **line} for name, line in rows.items()]
    table = {column: [line.get(column) for line in lines] for column in columns}
    st.dataframe(
        pa.table(table), column_config=columns, hide_index=True, width="stretch", placeholder="-"
    )


def _bucket(lake: Lake, asked: Asked) -> str:
    """A day, a week or a month, as chosen; else the shortest with which not too many come out."""
    if asked.bucket is not None:
        return asked.bucket
    days = lake.log_days if asked.everybody else lake.days
    if days <= MOST_DAYS:
        return "day"
    return "week" if days <= 7 * MOST_WEEKS else "month"


def _by_cohort(lake: Lake, question: Question, bucket: str) -> None:
    nothing = NOTHING if bucket == "day" else NOT_WHOLE.format(bucket)
    with card(lake, f"By {bucket} of acquisition", question):
        rows, known = _latest(lake.answer(question).rows())
        draw(cohort_heatmap(rows, bucket), nothing)
        if known > MOST_ROWS:
            st.caption(f"The {MOST_ROWS} latest of {known} cohorts.")
    with card(lake, f"Over time, by {bucket} of acquisition", question):
        rows, _ = _latest(lake.answer(question).rows())
        draw(cohort_trend(rows, TREND, bucket), nothing)


def _latest(rows: list[dict[str, Any]]) -> tuple[list[dict[str, Any]], int]:
    """Rows of the latest cohorts, and how many there are that the log could see."""
    seen = min((r["acquisition_date"] for r in rows if r["observable"]), default=None)
    days = sorted({r["acquisition_date"] for r in rows if seen and r["acquisition_date"] >= seen})
    kept = set(days[-MOST_ROWS:])
    return [row for row in rows if row["acquisition_date"] in kept], len(days)
