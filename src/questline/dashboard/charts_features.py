"""Charts of what players use: shares by name, adopters so far."""

from __future__ import annotations

from datetime import date

import altair as alt

from questline.dashboard.charts import (
    BAND,
    BLUE,
    GREY,
    Rows,
    day_axis,
    nearest,
    plain,
    sized,
    unfinished,
    value_axis,
)
from questline.metrics import Kind


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


def adopters(rows: Rows, launched: date | None = None) -> alt.LayerChart | None:
    """Players who had ever used a feature, by day; the day of its launch is marked."""
    known = [row for row in rows if row["adopters"] is not None]
    if not any(row["adopters"] for row in known):
        return None
    base = alt.Chart(plain(known)).encode(x=day_axis(known))
    tips = [
        alt.Tooltip("event_date_text:N", title="Day"),
        alt.Tooltip("adopters:Q", title="Adopters so far", format=","),
        alt.Tooltip("new_users:Q", title="New that day", format=","),
    ]
    y = value_axis("adopters", Kind.COUNT)
    area = base.mark_area(color=BLUE, opacity=BAND, tooltip=None).encode(y=y)
    line = base.mark_line(color=BLUE, strokeWidth=2, tooltip=None).encode(y=y)
    hover = nearest(base.encode(y=y, color=alt.value(BLUE)), tips)
    layers: list[alt.Chart] = [area, line, unfinished(base).encode(y=y), hover]
    if launched is not None and any(row["event_date"] == launched for row in known):
        layers += _launch(rows, launched)
    return sized(alt.layer(*layers))


def _launch(rows: Rows, launched: date) -> list[alt.Chart]:
    at = alt.Chart(plain([{"event_date": launched, "said": "Launch"}]))
    at = at.encode(x=day_axis(rows))
    return [
        at.mark_rule(color=GREY, strokeDash=[3, 3], tooltip=None),
        at.mark_text(color=GREY, align="left", dx=5, dy=8, tooltip=None).encode(
            y=alt.value(0), text="said:N"
        ),
    ]
