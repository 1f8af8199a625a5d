"""Charts that only the report has, as pure functions of rows; their look is the dashboard's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import altair as alt

from questline.dashboard.charts import BLUE, FORMATS, ORANGE, Rows, plain, value_axis
from questline.dashboard.parts import named
from questline.metrics import Kind

OF_COHORTS = (BLUE, ORANGE, "#7F8A96", "#B4BCC5")
"""Colours of the cohorts, the newest first."""
MOST_BARS = 8
LEGEND: dict[str, Any] = {
    "title": None,
    "orient": "top",
    "symbolType": "stroke",
    "symbolStrokeWidth": 3,
}


def curves(cohorts: Mapping[str, Rows]) -> alt.LayerChart | None:
    """Share of players who are back by day after acquisition, a line a name, the newest first."""
    known = [
        {"cohort": name, "day_number": row["day_number"], "retention": row["retention"]}
        for name, rows in cohorts.items()
        for row in rows
        if row["retention"] is not None
    ]
    if not known:
        return None
    names = [name for name in cohorts if any(row["cohort"] == name for row in known)]
    colours = alt.Scale(domain=names, range=list(OF_COHORTS[: len(names)]))
    base = alt.Chart(plain(known)).encode(
        x=alt.X(
            "day_number:Q",
            title="Days after acquisition",
            axis=alt.Axis(tickMinStep=1, grid=False),
            scale=alt.Scale(nice=False, padding=6),
        ),
        y=value_axis("retention", Kind.SHARE),
        color=alt.Color("cohort:N", scale=colours, legend=alt.Legend(**LEGEND, columns=2)),
    )
    return alt.layer(base.mark_line(strokeWidth=2), base.mark_circle(size=22, opacity=1))


def levels(rows: Rows) -> alt.LayerChart | None:
    """How many players try each level, and how many of them win it."""
    parts = {"reached": "Played", "completed": "Won"}
    long = [
        {"level": row["level"], "part": name, "players": row[column]}
        for row in rows
        for column, name in parts.items()
    ]
    if not long:
        return None
    colours = alt.Scale(domain=list(parts.values()), range=[BLUE, ORANGE])
    base = alt.Chart(plain(long)).encode(
        x=alt.X(
            "level:Q",
            title="Level",
            axis=alt.Axis(tickMinStep=1, grid=False),
            scale=alt.Scale(nice=False, zero=False, padding=6),
        ),
        y=value_axis("players", Kind.COUNT),
        color=alt.Color("part:N", scale=colours, legend=alt.Legend(**LEGEND)),
    )
    return alt.layer(base.mark_line(strokeWidth=2))


def ads(rows: Rows) -> alt.LayerChart | None:
    """What the ads of each placement and format earn, the most first."""
    known = [
        {"ad": _ad(row), "ad_revenue_usd": row["ad_revenue_usd"]}
        for row in sorted(rows, key=lambda row: -row["ad_revenue_usd"])[:MOST_BARS]
        if row["ad_revenue_usd"]
    ]
    if not known:
        return None
    base = alt.Chart(plain(known)).encode(
        y=alt.Y("ad:N", title=None, sort=None, axis=alt.Axis(labelLimit=150, ticks=False)),
        x=alt.X(
            "ad_revenue_usd:Q",
            title=None,
            axis=alt.Axis(labels=False, ticks=False, grid=False, domain=False),
        ),
    )
    money = f"format(datum.ad_revenue_usd, '{FORMATS[Kind.USD_EACH]}')"
    text = base.transform_calculate(text=money).mark_text(align="left", dx=5)
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=2, size=20)
    return alt.layer(bars, text.encode(text="text:N"))


def _ad(row: Mapping[str, Any]) -> str:
    return " · ".join(named(row[name]) for name in ("placement", "format"))
