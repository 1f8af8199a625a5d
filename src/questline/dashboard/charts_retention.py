"""Charts of who comes back: curves of shares with their band, cohorts, published games."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import altair as alt

from questline.dashboard.charts import (
    BAND,
    BLUE,
    DAY_LABEL,
    GREY,
    HEIGHT,
    PALE_BAND,
    SHADES,
    SMALL,
    Rows,
    coloured,
    day_axis,
    nearest,
    plain,
    sized,
)
from questline.dashboard.parts import Parts
from questline.metrics import Kind
from questline.metrics.benchmarks import MEDIANS_FROM, QUARTILES_FROM, Published
from questline.metrics.display import interval

DARK_CELL = 0.75
"""Cells above this part of the largest share are written on in white."""
INK = "currentColor"
"""The colour of the page's text, dark on light or light on dark."""
WEEKS = (0, 1, 3, 7, 14, 21, 28)
MONTHS = (0, 1, 7, 14, 30, 60, 90, 120, 150, 180)
ROW_HEIGHT = 23
TALL = 320
"""Height of a chart with several lines."""
SIZE = "n"
"""Head of the column with the players of each cohort."""
BUCKETS = {"day": "{:%a %-d %b %Y}", "week": "week from {:%a %-d %b %Y}", "month": "{:%B %Y}"}
MONTH_LABEL = "timeFormat(toDate(datum.value + 'T00:00'), '%b %Y')"


def share_curve(
    rows: Rows,
    share: str,
    x_title: str,
    counts: Mapping[str, str],
    *,
    parts: Parts | None = None,
    step: bool = False,
    published: Iterable[Published] = (),
) -> alt.LayerChart | None:
    """A share by `day_number` with its 95 % interval as a band; what is unknown is left out.

    `counts` are columns of the tooltip with their titles. With `parts` each of them is a line.
    `step` is for shares that hold from one day to the next.
    """
    told_apart = rows if parts is None else parts.named(rows)
    known = _marks(told_apart, share, "day_number", "low", "high", "part", *counts)
    if not known:
        return None
    colour = alt.value(BLUE) if parts is None else coloured(parts.names, known)
    base = alt.Chart(plain(known)).encode(x=_days(known, x_title), color=colour)
    y = _share_axis(share, known)
    tips = [
        *([] if parts is None else [alt.Tooltip("part:N", title=parts.word)]),
        alt.Tooltip("day_number:Q", title="Day"),
        alt.Tooltip(f"{share}:Q", title="Share", format=".1%"),
        alt.Tooltip("interval:N", title="95 % interval"),
        *(alt.Tooltip(f"{name}:Q", title=title, format=",") for name, title in counts.items()),
    ]
    how: Any = "step-after" if step else "linear"
    opacity = PALE_BAND if parts is not None and len(parts.values) > 1 else BAND
    band = base.mark_area(opacity=opacity, interpolate=how, tooltip=None).encode(
        y=_share_axis("low", known), y2="high:Q"
    )
    layers = [band, base.mark_line(strokeWidth=2, interpolate=how, tooltip=None).encode(y=y)]
    if not step:
        layers.append(base.mark_circle(size=24, opacity=1, tooltip=None).encode(y=y))
    layers.append(nearest(base.encode(y=y), tips))
    marks = _published(published, max(row["day_number"] for row in known))
    # Layers of one chart share their rows, which would be sent and checked once each otherwise.
    chart = alt.layer(alt.layer(*layers), *marks) if marks else alt.layer(*layers)
    return sized(chart, height=HEIGHT if parts is None else TALL)


def cohort_heatmap(rows: Rows, bucket: str = "day") -> alt.LayerChart | None:
    """Cohorts by day number with their size; a cell that was not observed is blank."""
    known = [
        {**mark, **_cohort(mark, bucket)}
        for mark in _marks(
            *(rows, "retention", "acquisition_date", "day_number", "retained", "players")
        )
    ]
    if not known:
        return None
    sizes = {
        row["acquisition_date"]: {
            **_cohort(row, bucket),
            "players": row["players"],
            "day_number": SIZE,
        }
        for row in rows
    }
    columns = [SIZE, *sorted({row["day_number"] for row in rows})]
    x = alt.X(
        "day_number:O",
        title="Percent back, by days after acquisition",
        sort=None,
        scale=alt.Scale(domain=columns),
        axis=alt.Axis(labelAngle=0, orient="top", labelOverlap=False, labelFlush=False),
    )
    y = alt.Y(
        "acquisition_date:O",
        title=None,
        axis=alt.Axis(
            labelExpr=MONTH_LABEL if bucket == "month" else DAY_LABEL,
            labelOverlap=False,
            labelFlush=False,
        ),
    )
    tips = [
        alt.Tooltip("acquired:N", title="Acquired"),
        alt.Tooltip("players:Q", title="Players", format=","),
    ]
    more = [
        alt.Tooltip("day_number:O", title="Day"),
        alt.Tooltip("retention:Q", title="Retention", format=".1%"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("retained:Q", title="Came back", format=","),
    ]
    base = alt.Chart(plain(known)).encode(x=x, y=y, tooltip=[tips[0], *more, tips[1]])
    colour = alt.Color(
        "retention:Q", scale=alt.Scale(range=SHADES, domainMin=0, nice=False), legend=None
    )
    dark = DARK_CELL * max(row["retention"] for row in known)
    cells = base.mark_rect(cornerRadius=2, stroke=None).encode(color=colour)
    digits = 1 if _small(known, "retention") else 0
    percent = base.transform_calculate(percent="100 * datum.retention")
    written = percent.mark_text(fontSize=11).encode(
        text=alt.Text("percent:Q", format=f".{digits}f"),
        color=alt.condition(f"datum.retention > {dark}", alt.value("white"), alt.value(INK)),
    )
    players = alt.Chart(plain(list(sizes.values()))).encode(x=x, y=y, tooltip=tips)
    counted = players.mark_text(fontSize=11, color=GREY).encode(
        text=alt.Text("players:Q", format=",")
    )
    return sized(alt.layer(alt.layer(cells, written), counted), height=ROW_HEIGHT * len(sizes) + 60)


def cohort_trend(rows: Rows, numbers: Sequence[int], bucket: str = "day") -> alt.LayerChart | None:
    """How retention of a few day numbers moved from cohort to cohort, with its interval."""
    seen = [r for r in rows if r["retention"] is not None and r["day_number"] in numbers]
    if not seen:
        return None
    columns = ("acquisition_date", "day_number", "low", "high", "retained", "players")
    known = [
        {**mark, **_cohort(mark, bucket), "part": f"Day {mark['day_number']}"}
        for mark in _marks(seen, "retention", *columns)
    ]
    names = [f"Day {n}" for n in numbers if any(row["day_number"] == n for row in known)]
    base = alt.Chart(plain(known)).encode(
        x=day_axis(seen, "acquisition_date"), color=coloured(names, known)
    )
    y = _share_axis("retention", known)
    tips = [
        alt.Tooltip("acquired:N", title="Acquired"),
        alt.Tooltip("part:N", title="Retention of"),
        alt.Tooltip("retention:Q", title="Share", format=".1%"),
        alt.Tooltip("interval:N", title="95 % interval"),
        alt.Tooltip("retained:Q", title="Came back", format=","),
        alt.Tooltip("players:Q", title="Of players", format=","),
    ]
    band = base.mark_area(opacity=BAND, tooltip=None).encode(
        y=_share_axis("low", known), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2, tooltip=None).encode(y=y)
    dots = base.mark_circle(size=24, opacity=1, tooltip=None).encode(y=y)
    return sized(alt.layer(band, line, dots, nearest(base.encode(y=y), tips)))


def _published(published: Iterable[Published], until: int) -> list[alt.Chart]:
    """Faint marks of published games on the days that the curve reaches."""
    rows = [
        {
            "day_number": p.day_number,
            "median": p.median,
            "lower": p.lower,
            "upper": p.upper,
            "medians_from": MEDIANS_FROM,
            "quartiles_from": QUARTILES_FROM,
        }
        for p in published
        if p.day_number <= until
    ]
    if not rows:
        return []
    base = alt.Chart(plain(rows)).encode(
        x="day_number:Q",
        tooltip=[
            alt.Tooltip("day_number:Q", title="Published, day"),
            alt.Tooltip("median:Q", title="Median game", format=".1%"),
            alt.Tooltip("medians_from:N", title="from"),
            alt.Tooltip("lower:Q", title="Lower quartile", format=".1%"),
            alt.Tooltip("upper:Q", title="Upper quartile", format=".1%"),
            alt.Tooltip("quartiles_from:N", title="from"),
        ],
    )
    span = base.transform_filter("isValid(datum.lower) && isValid(datum.upper)")
    tick = {"color": GREY, "thickness": 2, "size": 14, "opacity": 0.7, "orient": "horizontal"}
    return [
        span.mark_rule(color=GREY, strokeWidth=1, opacity=0.5).encode(y="lower:Q", y2="upper:Q"),
        *(
            base.transform_filter(f"isValid(datum.{end})").mark_tick(**tick).encode(y=f"{end}:Q")
            for end in ("lower", "upper")
        ),
        base.mark_point(shape="diamond", filled=True, size=70, color=GREY, opacity=0.9).encode(
            y="median:Q"
        ),
    ]


def _days(rows: Rows, title: str) -> alt.X:
    """Day numbers, of which those are named that people ask for."""
    numbers = {row["day_number"] for row in rows}
    named = [n for n in (WEEKS if max(numbers) <= 31 else MONTHS) if n in numbers]
    return alt.X(
        "day_number:Q",
        title=title,
        scale=alt.Scale(nice=False, domain=[min(numbers), max(numbers)], padding=8),
        axis=alt.Axis(values=named, grid=False, format="d"),
    )


def _share_axis(column: str, rows: Rows) -> alt.Y:
    """From 0 on; where all shares are 0, up to a little."""
    some = any(row[column] or row.get("high") for row in rows)
    scale = alt.Scale(zero=True) if some else alt.Scale(domain=[0, SMALL])
    digits = ".1%" if some and _small(rows, column) else ".0%"
    return alt.Y(f"{column}:Q", title=None, axis=alt.Axis(format=digits, tickCount=5), scale=scale)


def _small(rows: Rows, column: str) -> bool:
    return all((row[column] or 0) < SMALL for row in rows)


def _marks(rows: Rows, share: str, *columns: str) -> list[dict[str, Any]]:
    """Rows with a share, of which only what is drawn: Altair checks every value of them."""
    return [
        {name: row[name] for name in (share, *columns) if name in row}
        | {"interval": interval(row["low"], row["high"], Kind.SHARE)}
        for row in rows
        if row[share] is not None
    ]


def _cohort(row: Mapping[str, Any], bucket: str) -> dict[str, str]:
    """The first day of a cohort, and the cohort as a person reads it."""
    day: date = row["acquisition_date"]
    return {"acquisition_date": day.isoformat(), "acquired": BUCKETS[bucket].format(day)}
