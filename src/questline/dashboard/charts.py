"""Charts as pure functions of rows; a blue and an orange that colour-blind eyes tell apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt

from questline.metrics import Kind

BLUE, ORANGE = "#2B83BF", "#E69F00"
SHADES = ["rgba(43, 131, 191, 0.15)", BLUE]
"""From little to much, on a light and on a dark page."""
HEIGHT = 260
MOST_LABELS = 7
FEW_DAYS = 14
PALE = 0.4
DAY_LABEL = "timeFormat(toDate(datum.value + 'T00:00'), '%-d %b')"
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
    """Rows as Vega reads them: days as text, decimals as numbers.

    Days stay text to the end: as instants they would move with the time zone of the browser.
    `NAME_text` is a day as a person reads it.
    """
    made = [{name: _plain(value) for name, value in r.items()} for r in rows]
    for plain_row, row in zip(made, rows, strict=True):
        texts = {f"{n}_text": f"{v:%a %-d %b %Y}" for n, v in row.items() if isinstance(v, date)}
        plain_row.update(texts)
    return alt.Data(values=made)


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
    base = alt.Chart(plain(known)).encode(x=_day(known), y=value_axis(column, kind))
    tips = [alt.Tooltip("event_date_text:N", title="Day")]
    tips.append(alt.Tooltip(f"{column}:Q", title=title, format=PRECISE.get(kind, "")))
    dots = alt.OverlayMarkDef(size=30, color=BLUE) if len(known) <= FEW_DAYS else False
    line = base.mark_line(color=BLUE, strokeWidth=2, point=dots)
    hover = base.mark_circle(size=160, opacity=0).encode(tooltip=tips)
    hollow = base.transform_filter("!datum.complete").mark_point(color=ORANGE, filled=False)
    return sized(alt.layer(line, hollow, hover))


def stacked_days(rows: Rows, parts: Mapping[str, str], kind: Kind) -> alt.LayerChart | None:
    """Bars a day made of parts: column -> name; the first part is at the bottom.

    Days that are not complete are pale.
    """
    long = [
        {
            "event_date": row["event_date"],
            "complete": row["complete"],
            "part": name,
            "value": row[column],
            "order": number,
        }
        for row in rows
        for number, (column, name) in enumerate(parts.items())
        if row[column] is not None
    ]
    if not any(entry["value"] for entry in long):
        return None
    colours = alt.Scale(domain=list(parts.values()), range=[BLUE, ORANGE])
    chart = alt.Chart(plain(long)).mark_bar().encode(
        x=_day(rows),
        y=value_axis("value", kind),
        color=alt.Color("part:N", scale=colours, legend=alt.Legend(title=None, orient="top")),
        order="order:Q",
        opacity=alt.condition("datum.complete", alt.value(1), alt.value(PALE)),
        tooltip=[
            alt.Tooltip("event_date_text:N", title="Day"),
            alt.Tooltip("part:N", title="Part"),
            alt.Tooltip("value:Q", title="Value", format=PRECISE[kind]),
        ],
    )  # fmt: skip
    return sized(alt.layer(chart))


def retention_curve(rows: Rows) -> alt.LayerChart | None:
    """Share of players who are back, by day after acquisition; days not observed are left out."""
    known = [row for row in rows if row["retention"] is not None]
    if not known:
        return None
    x = alt.X(
        "day_number:Q",
        title="Days after acquisition",
        axis=alt.Axis(tickMinStep=1, grid=False),
    )
    base = alt.Chart(plain(known)).encode(
        x=x,
        y=value_axis("retention", Kind.SHARE),
        tooltip=[
            alt.Tooltip("day_number:Q", title="Day"),
            alt.Tooltip("retention:Q", title="Retention", format=".1%"),
            alt.Tooltip("retained:Q", title="Came back", format=","),
            alt.Tooltip("players:Q", title="Of players", format=","),
        ],
    )
    return sized(alt.layer(base.mark_line(color=BLUE), base.mark_circle(color=BLUE, size=40)))


def cohort_heatmap(rows: Rows, cohort: str = "acquisition_date") -> alt.LayerChart | None:
    """Cohorts (a column of days) by day number; a cell that was not observed is blank."""
    known = [row for row in rows if row["retention"] is not None]
    if not known:
        return None
    cohorts = len({row[cohort] for row in known})
    chart = alt.Chart(plain(known)).mark_rect(cornerRadius=2).encode(
        x=alt.X("day_number:O", title="Days after acquisition", axis=alt.Axis(labelAngle=0)),
        y=alt.Y(
            f"{cohort}:O",
            title=None,
            axis=alt.Axis(labelExpr=DAY_LABEL, labelOverlap=True),
        ),
        color=alt.Color(
            "retention:Q",
            scale=alt.Scale(range=SHADES, domainMin=0),
            legend=alt.Legend(format=".0%", title=None, orient="top", gradientLength=160),
        ),
        tooltip=[
            alt.Tooltip(f"{cohort}_text:N", title="Acquired"),
            alt.Tooltip("day_number:O", title="Day"),
            alt.Tooltip("retention:Q", title="Retention", format=".1%"),
            alt.Tooltip("retained:Q", title="Came back", format=","),
            alt.Tooltip("players:Q", title="Of players", format=","),
        ],
    )  # fmt: skip
    return sized(alt.layer(chart), height=max(HEIGHT, 18 * cohorts + 80))


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
    return sized(alt.layer(bars, label), height=max(120, 30 * len(known) + 40))


def _day(rows: Rows) -> alt.X:
    """One place a day, of which a few are named."""
    named = _some(row["event_date"].isoformat() for row in rows)
    axis = alt.Axis(
        values=named, labelExpr=DAY_LABEL, labelOverlap=True, labelAngle=0, grid=False, ticks=False
    )
    return alt.X("event_date:O", title=None, axis=axis)


def _some(days: Iterable[str]) -> list[str]:
    """At most `MOST_LABELS` of the days, evenly apart."""
    found = sorted(set(days))
    return found[:: -(-len(found) // MOST_LABELS) or 1]


def value_axis(column: str, kind: Kind) -> alt.Y:
    """The column upwards, its numbers as short as a person reads them."""
    axis = alt.Axis(labelExpr=f"format(datum.value, '{FORMATS.get(kind, '')}')", tickCount=5)
    return alt.Y(f"{column}:Q", title=None, axis=axis)


def sized(chart: alt.LayerChart, height: int = HEIGHT) -> alt.LayerChart:
    """The chart as high as charts of a card are."""
    return chart.properties(height=height)
