"""Pictures of a funnel: how far people come, what splits them, how long they take."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import altair as alt

from questline.dashboard.charts import BLUE, GREY, HEIGHT, Rows, plain
from questline.dashboard.parts import named
from questline.metrics import Kind
from questline.metrics.display import brief, cell, interval
from questline.metrics.options import shown

ROW = 62
BAR = 14
MOST_SPLITS = 12
COUNTS = ("players", "entries")
WHOLE = alt.Scale(domain=[0, 1], nice=False)


def counted(row: Mapping[str, Any]) -> str:
    """The column that counts: players or entries.

    >>> counted({"step": 1, "entries": 3})
    'entries'
    """
    return next(name for name in COUNTS if name in row)


def steps(rows: Rows) -> alt.LayerChart | None:
    """A bar a step: blue who came, pale who came to the step before and no further."""
    if not rows or not rows[0][counted(rows[0])]:
        return None
    base = alt.Chart(plain(_steps(rows))).encode(
        y=alt.Y("step:O", axis=None, scale=alt.Scale(paddingInner=0, paddingOuter=0)),
        tooltip=[
            alt.Tooltip("event:N", title="Step"),
            alt.Tooltip("count:N", title=counted(rows[0]).capitalize()),
            alt.Tooltip("of_first:N", title="Of the first step"),
            alt.Tooltip("interval:N", title="95 % interval"),
            alt.Tooltip("of_before:N", title="Of the step before"),
            alt.Tooltip("pending:N", title="Window not over yet"),
            alt.Tooltip("median:N", title="Median time"),
            alt.Tooltip("p90:N", title="90 % within"),
        ],
    )
    width = alt.X("conversion:Q", axis=None, scale=WHOLE)
    came = base.mark_bar(size=BAR, color=BLUE, cornerRadius=2).encode(x=width)
    before = base.mark_bar(size=BAR, color=BLUE, opacity=0.18, cornerRadius=2).encode(
        x=alt.X("earlier:Q", axis=None, scale=WHOLE)
    )
    left = alt.XValue(0)
    right = alt.XValue("width")
    above = {"dy": -BAR, "baseline": "bottom", "fontSize": 13, "color": BLUE}
    room = alt.ExprRef("width - 120")
    name = base.mark_text(align="left", limit=room, fontWeight="bold", **above)
    told = base.mark_text(align="right", **above)
    under = base.mark_text(align="left", dy=BAR, baseline="top", fontSize=11, color=GREY)
    chart = alt.layer(
        before,
        came,
        name.encode(x=left, text="label:N"),
        told.encode(x=right, text="told:N"),
        under.encode(x=left, text="under:N"),
    )
    return chart.properties(height=ROW * len(rows) + 8)


def _steps(rows: Rows) -> list[dict[str, Any]]:
    made = []
    earlier = 1.0
    for row in rows:
        count = cell(row[counted(row)], Kind.COUNT)
        of_first = cell(row["conversion"], Kind.SHARE)
        of_before = cell(row["step_conversion"], Kind.SHARE)
        median = brief(row["median_seconds"], Kind.SECONDS)
        under = []
        if row["step"] > 1 and row["step_conversion"] is not None:
            under.append(f"{of_before} of the step before")
        if row["step"] > 1 and row["median_seconds"] is not None:
            under.append(f"median {median}")
        if row["pending"]:
            under.append(f"{cell(row['pending'], Kind.COUNT)} pending")
        made.append(
            {
                "step": row["step"],
                "event": row["event"],
                "label": f"{row['step']} · {row['event']}",
                "count": count,
                "conversion": row["conversion"] or 0.0,
                "earlier": max(earlier, row["conversion"] or 0.0),
                "told": f"{count} · {of_first}",
                "under": " · ".join(under),
                "of_first": of_first,
                "of_before": of_before,
                "interval": interval(row["low"], row["high"], Kind.SHARE),
                "pending": cell(row["pending"], Kind.COUNT),
                "median": median,
                "p90": brief(row["p90_seconds"], Kind.SECONDS),
            }
        )
        if not row["event"].endswith("?"):
            earlier = row["conversion"] or 0.0
    return made


def by_value(rows: Rows, split: str, most: int = MOST_SPLITS) -> list[dict[str, Any]]:
    """One row a value of the split: `name` and the answer's rows by step, the largest first."""
    found: dict[Any, dict[int, Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[split], {})[row["step"]] = row
    largest = sorted(found.items(), key=lambda pair: -pair[1][1][counted(pair[1][1])])
    return [{"name": named(value), "steps": by_step} for value, by_step in largest[:most]]


def split(rows: Rows, column: str) -> alt.LayerChart | None:
    """Share of the first step that came to the last one, by value, with its interval."""
    points = []
    for value in by_value(rows, column):
        last = value["steps"][max(value["steps"])]
        if last["conversion"] is None:
            continue
        low, high = last["low"], last["high"]
        points.append(
            {
                "name": value["name"],
                "conversion": last["conversion"],
                "low": low,
                "high": high,
                "told": cell(last["conversion"], Kind.SHARE),
                "interval": interval(low, high, Kind.SHARE),
                "came": cell(last[counted(last)], Kind.COUNT),
                "began": cell(value["steps"][1][counted(last)], Kind.COUNT),
            }
        )
    if not points:
        return None
    base = alt.Chart(plain(points)).encode(
        y=alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=120)),
        tooltip=[
            alt.Tooltip("name:N", title="Name"),
            alt.Tooltip("told:N", title="Last step of first"),
            alt.Tooltip("interval:N", title="95 % interval"),
            alt.Tooltip("came:N", title="Came to the last step"),
            alt.Tooltip("began:N", title="Came to the first step"),
        ],
    )
    axis = alt.Axis(format="~%", tickCount=4)
    most = min(1.2 * max(point["high"] for point in points), 1.2)
    x = alt.X("conversion:Q", title=None, axis=axis, scale=alt.Scale(domain=[0, most]))
    bars = base.mark_bar(color=BLUE, size=BAR, cornerRadiusEnd=2).encode(x=x)
    spread = base.mark_rule(color=GREY, strokeWidth=2).encode(x=alt.X("low:Q"), x2="high:Q")
    label = base.mark_text(align="left", dx=6, color=BLUE).encode(x="high:Q", text="told:N")
    return alt.layer(bars, spread, label).properties(height=max(120, 30 * len(points) + 40))


def times(rows: Rows) -> alt.LayerChart | None:
    """Share of those who came to the last step, by how long they took."""
    if not any(row["share"] for row in rows):
        return None
    points = [
        {
            "bin": row["bin"],
            "name": f"≤ {_span(row['to_seconds'])}",
            "share": row["share"],
            "between": f"{_span(row['from_seconds'])} to {_span(row['to_seconds'])}",
            "told": cell(row["share"], Kind.SHARE),
            "within": cell(row["cumulative"], Kind.SHARE),
            "count": cell(row[counted(row)], Kind.COUNT),
        }
        for row in rows
    ]
    axis = alt.Axis(labelAngle=0, grid=False, ticks=False, labelOverlap=True)
    chart = alt.Chart(plain(points)).mark_bar(color=BLUE, cornerRadiusEnd=2).encode(
        x=alt.X("name:O", title=None, sort=None, axis=axis),
        y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=5)),
        tooltip=[
            alt.Tooltip("between:N", title="Took"),
            alt.Tooltip("count:N", title=counted(rows[0]).capitalize()),
            alt.Tooltip("told:N", title="Share"),
            alt.Tooltip("within:N", title="Up to there"),
        ],
    )  # fmt: skip
    return alt.layer(chart).properties(height=HEIGHT)


def _span(seconds: float) -> str:
    return shown(timedelta(seconds=seconds)) if seconds else "0"
