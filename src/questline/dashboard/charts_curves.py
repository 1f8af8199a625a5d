"""Curves with their intervals, one or a few side by side, as pure functions of rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import altair as alt

from questline.dashboard.charts import (
    BAND,
    BLUE,
    FEW_POINTS,
    ORANGE,
    PALE_BAND,
    SMALL,
    SPAN,
    Rows,
    coloured,
    plain,
    sized,
)
from questline.dashboard.parts import Parts
from questline.metrics import Kind
from questline.metrics.display import cell, interval

ROOM = 0.3
"""Part of the values' height by which a wide interval may make the axis longer."""
Tips = Mapping[str, tuple[str, Kind]]
"""Columns that the pointer shows: their titles and kinds."""


@dataclass(frozen=True)
class Measure:
    """The column that a curve draws, and the ends of its 95 % interval."""

    column: str
    title: str
    kind: Kind
    low: str | None = None
    high: str | None = None


def curve(
    rows: Rows,
    x: tuple[str, str],
    measure: Measure,
    tips: Tips,
    *,
    parts: Parts | None = None,
    marked: str | None = None,
) -> alt.LayerChart | None:
    """A line with its interval as a band, or a line and band for each part of the rows.

    Args:
        rows: Rows of an answer; those without a value are not drawn.
        x: Column of whole numbers from left to right, and its title.
        measure: What is drawn.
        tips: What the pointer shows besides.
        parts: The parts that are drawn; None where the rows have none.
        marked: Flag whose rows get a mark of their own.
    """
    told_apart = rows if parts is None else parts.named(rows)
    known = [row for row in told_apart if row[measure.column] is not None]
    if not known:
        return None
    base = alt.Chart(plain(_told(known, measure, tips))).encode(x=_along(*x))
    paint: dict[str, Any] = {"color": BLUE}
    if parts is not None:
        paint = {}
        base = base.encode(color=coloured(parts.names, known))
    y = _upwards(known, measure)
    layers = []
    if measure.low is not None and measure.high is not None:
        band = base.mark_area(
            opacity=PALE_BAND if parts else BAND, clip=True, tooltip=None, **paint
        )
        low = _upwards(known, measure, measure.low)
        layers.append(band.encode(y=low, y2=f"{measure.high}:Q"))
    points = max(Counter(row.get("part") for row in known).values())
    dots = alt.OverlayMarkDef(size=30, **paint) if points <= FEW_POINTS else False
    layers.append(base.mark_line(strokeWidth=2, point=dots, tooltip=None, **paint).encode(y=y))
    if marked is not None:
        diamond = base.transform_filter(f"datum.{marked}").mark_point(
            shape="diamond",
            filled=True,
            size=120,
            opacity=1,
            tooltip=None,
            **(paint and {"color": ORANGE}),
        )
        layers.append(diamond.encode(y=y))
    hover = base.mark_circle(size=160, opacity=0)
    layers.append(hover.encode(y=y, tooltip=_tooltips(x, measure, tips, parts)))
    return sized(alt.layer(*layers))


def tip(column: str, title: str) -> alt.Tooltip:
    """What the pointer shows of a column that `told` made text of."""
    return alt.Tooltip(f"{column}_text:N", title=title)


def told(rows: Rows, tips: Tips) -> list[dict[str, Any]]:
    """Rows with what the pointer shows as `NAME_text`; unknown is a dash and never 0.

    >>> told([{"x": 0.25, "y": None}], {"x": ("X", Kind.SHARE), "y": ("Y", Kind.SHARE)})
    [{'x': 0.25, 'y': None, 'x_text': '25.0 %', 'y_text': '-'}]
    """
    return [
        {**row, **{f"{c}_text": cell(row[c], kind) for c, (_, kind) in tips.items()}}
        for row in rows
    ]


def _told(rows: Rows, measure: Measure, tips: Tips) -> list[dict[str, Any]]:
    found = told(rows, {measure.column: (measure.title, measure.kind), **tips})
    for row in found:
        if measure.low is not None and measure.high is not None:
            ends = row[measure.low], row[measure.high]
            row["interval_text"] = interval(*ends, measure.kind)
    return found


def _tooltips(
    x: tuple[str, str], measure: Measure, tips: Tips, parts: Parts | None
) -> list[alt.Tooltip]:
    found = [] if parts is None else [alt.Tooltip("part:N", title=parts.word)]
    found += [alt.Tooltip(f"{x[0]}:Q", title=x[1]), tip(measure.column, measure.title)]
    if measure.low is not None:
        found.append(tip("interval", "95 % interval"))
    return found + [tip(column, title) for column, (title, _) in tips.items()]


def _along(column: str, title: str) -> alt.X:
    """Whole numbers from left to right, as far as there are any."""
    axis = alt.Axis(format=",d", tickMinStep=1, grid=False, labelOverlap=True)
    return alt.X(f"{column}:Q", title=title, axis=axis, scale=alt.Scale(nice=False, zero=False))


def _upwards(rows: Rows, measure: Measure, column: str | None = None) -> alt.Y:
    """From 0 to the largest value; ends of intervals enter as far as there is room."""

    def known(column: str | None) -> list[float]:
        return [float(r[column]) for r in rows if column is not None and r[column] is not None]

    values = known(measure.column)
    top, bottom = max(values), min(0.0, *values)
    room = ROOM * (max(abs(top), abs(bottom)) or 1)
    highest = max([top, *known(measure.high)])
    lowest = min([bottom, *known(measure.low)])
    domain = [max(lowest, bottom - room), min(highest, top + room) or 1]
    axis = alt.Axis(labelExpr=_written(measure.kind, domain), tickCount=5)
    return alt.Y(
        f"{column or measure.column}:Q",
        title=None,
        axis=axis,
        scale=alt.Scale(domain=domain, nice=measure.kind is not Kind.SHARE),
    )


def _written(kind: Kind, domain: list[float]) -> str:
    """How the axis writes a number; small ones need more digits to differ."""
    if kind is Kind.SECONDS:
        return SPAN
    small = max(map(abs, domain)) < SMALL
    formats = {
        Kind.SHARE: ".1%" if small else ".0%",
        Kind.USD_EACH: "$,.3f" if small else "$,.2f",
        Kind.NUMBER: ",.1f",
    }
    return f"format(datum.value, '{formats.get(kind, '~s')}')"
