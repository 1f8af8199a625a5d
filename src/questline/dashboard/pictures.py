"""Which picture an answer gets, chosen by what its columns are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt
import pyarrow as pa
import pyarrow.compute as pc

from questline.api import Result
from questline.dashboard import charts_any as charts
from questline.dashboard import charts_funnels
from questline.dashboard.charts import Rows
from questline.dashboard.parts import named
from questline.metrics import Kind
from questline.metrics.display import cell, interval

COUNTED = (
    *("weekday", "level", "attempt", "hour", "day_number", "active_days", "days", "step", "bin"),
)
"""Columns of whole numbers that say what a row is of; all others of this kind are measured."""
BESIDE = ("interval_end", "event")
"""Columns that say again what another one says."""
MEASURED = (Kind.COUNT, Kind.NUMBER, Kind.SHARE, Kind.USD, Kind.USD_EACH, Kind.SECONDS)
MOST_ROWS = 20_000
"""Of an answer with more rows only the largest names are drawn."""
FUNNELS: Mapping[str, Callable[[Rows], alt.TopLevelMixin | None]] = {
    "funnel": charts_funnels.steps,
    "funnel_times": charts_funnels.times,
}
"""Answers that have a picture of their own."""
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Shape:
    """What the rows of an answer are of: `along` runs over days or numbers, `apart` are names."""

    along: str | None
    apart: tuple[str, ...]
    of_days: bool = False
    banded: bool = False
    """Whether the names are days or numbers, which have an order and are too many for colours."""

    @property
    def in_bars(self) -> bool:
        """Whether a bar a name says it."""
        return self.along is None or self.along == "step"

    @property
    def most(self) -> int:
        """How many names fit into the picture."""
        if self.banded:
            return charts.MOST_BANDS
        return charts.MOST_BARS if self.in_bars else charts.MOST_LINES


def keys(result: Result) -> list[str]:
    """The columns that say what a row is of; they come first in every answer."""
    found = []
    for column in result.table.schema:
        kind = result.entry.kind(column.name)
        if kind in (Kind.DATE, Kind.TEXT) or column.name in COUNTED:
            found.append(column.name)
        else:
            break
    return [name for name in found if name not in BESIDE]


def measures(result: Result) -> list[str]:
    """The columns that can be drawn, the metric's own number first."""
    said = set(keys(result))
    names = [
        name
        for name in result.table.column_names
        if name not in said and result.entry.kind(name) in MEASURED
    ]
    return sorted(names, key=lambda name: name != result.value)


def shape(result: Result) -> Shape:
    """What kind of picture the rows make."""
    names = keys(result)
    days = {f.name for f in result.table.schema if pa.types.is_date(f.type)}
    along = next((n for n in names if n in ("event_date", "interval_start")), None)
    numbers = [n for n in names if n in COUNTED]
    if along is None:
        along = next(iter([*numbers[::-1], *[n for n in names if n in days]]), None)
    apart = tuple(n for n in names if n != along)
    ordered = [n for n in apart if n in days or n in COUNTED]
    return Shape(along, apart, along in days, banded=bool(ordered) and along != "step")


@dataclass(frozen=True)
class Picture:
    """A chart of an answer, None where the table says it better, and what it leaves out."""

    chart: alt.TopLevelMixin | None
    left_out: str | None = None


def picture(result: Result, column: str) -> Picture:
    """Draws one column of an answer."""
    found, asked = shape(result), result.table
    if asked.num_rows > MOST_ROWS:
        if found.along is not None:
            said = f"{asked.num_rows:,} rows are too many to draw; narrow the question."
            return Picture(None, said)
        asked = asked.take(pc.select_k_unstable(asked, charts.MOST_BARS, [(column, "descending")]))
    rows = asked.to_pylist()
    if result.metric in FUNNELS and result.by is None and column == result.value:
        return Picture(FUNNELS[result.metric](rows))
    if found.banded and len(found.apart) > 1:
        return Picture(None, "This has more sides than a chart; the table shows them.")
    kind = result.entry.kind(column)
    own = column == result.value and {"low", "high"} <= set(result.table.column_names)
    points = [_point(row, found, column, kind, own=own) for row in rows]
    points = [point for point in points if point["y"] is not None]
    if not points:
        return Picture(None)
    whole = asked is result.table
    names = len({point["name"] for point in points}) if whole else result.table.num_rows
    said = f"{found.most} of {names:,} are drawn; the table has all."
    return Picture(_drawn(points, found, kind), said if names > found.most else None)


def _drawn(points: Rows, found: Shape, kind: Kind) -> alt.TopLevelMixin:
    title = None if found.of_days else (found.along or "").replace("_", " ").capitalize()
    if found.in_bars:
        return charts.bars(points, kind, sort=found.along is None and found.apart != ("tier",))
    if found.banded:
        return charts.heatmap(points, kind, title, newest=found.apart[0] not in COUNTED)
    return charts.lines(points, kind, title) if found.apart else charts.line(points, kind, title)


def _point(
    row: Mapping[str, Any], found: Shape, column: str, kind: Kind, *, own: bool
) -> dict[str, Any]:
    """A row as every chart here reads it: names of columns may hold anything, these do not.

    `own` says that the interval of the row is that of the column.
    """
    apart = [*found.apart, *(["event"] if found.along == "step" else [])]
    low, high = (row["low"], row["high"]) if own else (None, None)
    return {
        "x": row[found.along] if found.along else None,
        "y": row[column],
        "name": " · ".join(_named(name, row[name]) for name in apart),
        "complete": row.get("complete", True) is not False,
        "low": low,
        "high": high,
        "told": cell(row[column], kind),
        "interval": interval(low, high, kind),
    }


def _named(column: str, value: object) -> str:
    if column == "weekday" and isinstance(value, int):
        return WEEKDAYS[value - 1]
    return named(value)
