"""Charts as pure functions of rows; a blue and an orange that colour-blind eyes tell apart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt

from questline.metrics import Kind

BLUE, ORANGE = "#2B83BF", "#E69F00"
HEIGHT = 260
Rows = Sequence[Mapping[str, Any]]
FORMATS = {
    Kind.COUNT: "~s",
    Kind.NUMBER: ",.2f",
    Kind.SHARE: ".0%",
    Kind.USD: "$~s",
    Kind.USD_EACH: "$,.2f",
}
PRECISE = {Kind.COUNT: ",", Kind.SHARE: ".1%", Kind.USD: "$,.2f", Kind.USD_EACH: "$,.4f"}


def plain(rows: Rows) -> alt.Data:
    """Rows as Vega reads them: days as ISO text, decimals as numbers."""
    return alt.Data(values=[{name: _plain(value) for name, value in r.items()} for r in rows])


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return float(str(value))


def days(rows: Rows, column: str, title: str, kind: Kind) -> alt.LayerChart | None:
    """A line a day; days that are not complete are hollow points."""
    known = [row for row in rows if row[column] is not None]
    if not known:
        return None
    base = alt.Chart(plain(known)).encode(x=_day(), y=_value(column, kind))
    tips = [alt.Tooltip("event_date:T", title="Day", format="%a %-d %b %Y")]
    tips.append(alt.Tooltip(f"{column}:Q", title=title, format=PRECISE.get(kind, "")))
    line = base.mark_line(color=BLUE, strokeWidth=2)
    hover = base.mark_circle(size=160, opacity=0).encode(tooltip=tips)
    hollow = base.transform_filter("!datum.complete").mark_point(color=ORANGE, filled=False)
    return _sized(alt.layer(line, hollow, hover))


def stacked_days(rows: Rows, parts: Mapping[str, str], kind: Kind) -> alt.LayerChart | None:
    """Bars a day made of parts: column -> name; the first part is at the bottom."""
    long = [
        {"event_date": row["event_date"], "part": name, "value": row[column], "order": number}
        for row in rows
        for number, (column, name) in enumerate(parts.items())
        if row[column] is not None
    ]
    if not any(entry["value"] for entry in long):
        return None
    colours = alt.Scale(domain=list(parts.values()), range=[BLUE, ORANGE])
    chart = alt.Chart(plain(long)).mark_bar().encode(
        x=_day(band=True),
        y=_value("value", kind),
        color=alt.Color("part:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
        order="order:Q",
        tooltip=[
            alt.Tooltip("event_date:T", title="Day", format="%a %-d %b %Y"),
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("value:Q", title="Value", format=PRECISE[kind]),
        ],
    )  # fmt: skip
    return _sized(alt.layer(chart))


def retention_curve(rows: Rows) -> alt.LayerChart | None:
    """Share of players who are back, by day after acquisition; days not observed are left out."""
    known = [row for row in rows if row["retention"] is not None]
    if not known:
        return None
    x = alt.X("day_number:Q", title="Days after acquisition", axis=alt.Axis(tickMinStep=1))
    base = alt.Chart(plain(known)).encode(
        x=x,
        y=_value("retention", Kind.SHARE),
        tooltip=[
            alt.Tooltip("day_number:Q", title="Day"),
            alt.Tooltip("retention:Q", title="Retention", format=".1%"),
            alt.Tooltip("retained:Q", title="Came back", format=","),
            alt.Tooltip("players:Q", title="Of players", format=","),
        ],
    )
    return _sized(alt.layer(base.mark_line(color=BLUE), base.mark_circle(color=BLUE, size=40)))


def cohort_heatmap(rows: Rows) -> alt.LayerChart | None:
    """Cohorts by day after acquisition; a cell that was not observed is blank."""
    known = [row for row in rows if row["retention"] is not None]
    if not known:
        return None
    cohorts = len({row["acquisition_date"] for row in known})
    chart = alt.Chart(plain(known)).mark_rect(cornerRadius=2).encode(
        x=alt.X("day_number:O", title="Days after acquisition", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            "yearmonthdate(acquisition_date):O",
            title=None,
            axis=alt.Axis(format="%-d %b", labelOverlap=True),
        ),
        color=alt.Color(
            "retention:Q",
            scale=alt.Scale(scheme="blues", domainMin=0),
            legend=alt.Legend(format=".0%", title=None, orient="top", gradientLength=160),
        ),
        tooltip=[
            alt.Tooltip("acquisition_date:T", title="Acquired", format="%a %-d %b %Y"),
            alt.Tooltip("day_number:O", title="Day"),
            alt.Tooltip("retention:Q", title="Retention", format=".1%"),
            alt.Tooltip("retained:Q", title="Came back", format=","),
            alt.Tooltip("players:Q", title="Of players", format=","),
        ],
    )  # fmt: skip
    return _sized(alt.layer(chart), height=max(HEIGHT, 18 * cohorts + 80))


def levels(rows: Rows) -> alt.LayerChart | None:
    """How many players reach each level, and how many of them win it."""
    if not rows:
        return None
    x = alt.X("level:Q", title="Level", axis=alt.Axis(tickMinStep=1))
    base = alt.Chart(plain(rows)).encode(
        x=x,
        tooltip=[
            alt.Tooltip("level:Q", title="Level"),
            alt.Tooltip("reached:Q", title="Reached", format=","),
            alt.Tooltip("completed:Q", title="Completed", format=","),
            alt.Tooltip("completion_rate:Q", title="Completion", format=".1%"),
            alt.Tooltip("win_rate:Q", title="Attempts won", format=".1%"),
        ],
    )
    reached = base.mark_area(color=BLUE, opacity=0.25, line={"color": BLUE}).encode(
        y=_value("reached", Kind.COUNT)
    )
    completed = base.mark_line(color=ORANGE).encode(y=_value("completed", Kind.COUNT))
    hover = base.mark_circle(size=120, opacity=0).encode(y=_value("reached", Kind.COUNT))
    return _sized(alt.layer(reached, completed, hover))


def rates(
    rows: Rows, name: str, rate: str, part: str, whole: str, *, limit: int = 10
) -> alt.LayerChart | None:
    """Horizontal bars of a share by name, the largest first."""
    known = sorted((r for r in rows if r[rate] is not None), key=lambda r: -r[rate])[:limit]
    if not known:
        return None
    y = alt.Y(f"{name}:N", title=None, sort=None, axis=alt.Axis(labelLimit=180))
    base = alt.Chart(plain(known)).encode(
        y=y,
        x=alt.X(
            f"{rate}:Q",
            title=None,
            axis=alt.Axis(format=".0%", tickCount=5),
            scale=alt.Scale(domainMin=0),
        ),
        tooltip=[
            alt.Tooltip(f"{name}:N", title="Name"),
            alt.Tooltip(f"{rate}:Q", title="Share", format=".1%"),
            alt.Tooltip(f"{part}:Q", title="Players", format=","),
            alt.Tooltip(f"{whole}:Q", title="Of", format=","),
        ],
    )
    label = base.mark_text(align="left", dx=5, color=BLUE).encode(
        text=alt.Text(f"{rate}:Q", format=".1%")
    )
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=2)
    return _sized(alt.layer(bars, label), height=max(120, 30 * len(known) + 40))


def _day(*, band: bool = False) -> alt.X:
    axis = alt.Axis(format="%-d %b", labelOverlap=True, labelAngle=0, tickCount=8, grid=False)
    field = "yearmonthdate(event_date):T" if band else "event_date:T"
    return alt.X(field, title=None, axis=axis)


def _value(column: str, kind: Kind) -> alt.Y:
    axis = alt.Axis(format=FORMATS.get(kind, ""), tickCount=5)
    return alt.Y(f"{column}:Q", title=None, axis=axis)


def _sized(chart: alt.LayerChart, height: int = HEIGHT) -> alt.LayerChart:
    return chart.properties(height=height)
