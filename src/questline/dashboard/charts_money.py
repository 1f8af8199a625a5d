"""Charts of money as pure functions of rows."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

import altair as alt

from questline.dashboard.charts import BLUE, FORMATS, GREY, ORANGE, Rows, plain, sized
from questline.dashboard.charts_curves import Measure, Tips, curve, tip, told
from questline.dashboard.parts import Parts, named
from questline.metrics import Kind
from questline.metrics.display import brief, cell

AGE = ("day_number", "Days after acquisition")
LTV = Measure("ltv", "Revenue per player", Kind.USD_EACH, "low", "high")
PAID = Measure("paid_share", "Players who paid by then", Kind.SHARE, "low", "high")
COUNT = Kind.COUNT
INCOME = {"net_usd": "Purchases, net of refunds", "ad_revenue_usd": "Ads"}
"""Columns of the metric revenue and what they are called."""
MOST_BARS = 10
BAR, PAIR = 34, 52
"""Height of a row of bars."""
PER_LETTER = 0.045
"""Part of the longest bar's length that a letter beside it needs, on a phone too."""


def ltv(rows: Rows, parts: Parts | None = None) -> alt.LayerChart | None:
    """Revenue per player from the day of acquisition on, added up."""
    tips: Tips = {
        "players": ("Players observed so long", COUNT),
        "revenue_usd": ("Revenue so far", Kind.USD),
    }
    return curve(rows, AGE, LTV, tips, parts=parts)


def first_purchases(rows: Rows, parts: Parts | None = None) -> alt.LayerChart | None:
    """Share of players who have paid by each day after acquisition."""
    tips: Tips = {
        "at_risk": ("Watched and had not paid", COUNT),
        "converted": ("First paid on this day", COUNT),
    }
    return curve(rows, AGE, PAID, tips, parts=parts)


def tiers(rows: Rows) -> alt.LayerChart | None:
    """What each tier of payers is of all payers, and of what they paid; counts if unknown."""
    if not any(row["players"] for row in rows):
        return None
    whole = all(row["player_share"] is not None for row in rows)
    columns = {"player_share": "Of payers", "revenue_share": "Of their spend"}
    if not whole:
        columns = {"players": "Payers"}
    kind = Kind.SHARE if whole else COUNT
    tips: Tips = {
        "players": ("Payers", COUNT),
        "player_share": ("Of all payers", Kind.SHARE),
        "net_usd": ("They paid", Kind.USD),
        "revenue_share": ("Of all that was paid", Kind.SHARE),
    }
    long = [
        {**row, "name": tier_name(row), "part": part, "value": row[column]}
        for row in told(rows, tips)
        for column, part in columns.items()
    ]
    return _pairs(long, list(columns.values()), kind, tips)


def tier_name(row: Mapping[str, object]) -> str:
    """A tier with its cut-offs.

    >>> tier_name({"tier": "whale", "from_usd": 100, "below_usd": None})
    'Whales, $100 and more'
    >>> tier_name({"tier": "minnow", "from_usd": 0, "below_usd": 10})
    'Minnows, below $10'
    """
    low, high = (_dollars(row[column]) for column in ("from_usd", "below_usd"))
    name = f"{row['tier']}s".capitalize()
    if high is None:
        return f"{name}, {low} and more"
    return f"{name}, below {high}" if not row["from_usd"] else f"{name}, {low} to {high}"


def products(rows: Rows) -> alt.LayerChart | None:
    """What each product brought in before refunds, the largest first."""
    tips: Tips = {
        "total": ("Brought in", Kind.USD),
        "events": ("Purchases", COUNT),
        "players": ("Buyers", COUNT),
        "mean": ("Average price", Kind.USD),
    }
    found = [
        {**row, "name": named(row["event.product_id"]), "label": brief(row["total"], Kind.USD)}
        for row in rows
    ]
    return _bars(found, "total", "Product", tips)


def ads(rows: Rows) -> alt.LayerChart | None:
    """What the ads of each placement or format earned, with the eCPM."""
    tips: Tips = {
        "ad_revenue_usd": ("Earned", Kind.USD),
        "ecpm_usd": ("A thousand ads (eCPM)", Kind.USD),
        "ads": ("Ads watched", COUNT),
        "ad_viewers": ("Viewers", COUNT),
        "completion_share": ("Watched to the end", Kind.SHARE),
    }
    found = [
        {**row, "name": _ad(row), "label": f"eCPM {brief(row['ecpm_usd'], Kind.USD)}"}
        for row in rows
    ]
    return _bars(found, "ad_revenue_usd", "Ads", tips)


def flows(rows: Rows) -> alt.LayerChart | None:
    """What players were given of a game's own money and what they spent, by reason."""
    tips: Tips = {
        "sources": ("Given", Kind.NUMBER),
        "sinks": ("Spent", Kind.NUMBER),
        "changes": ("Changes", COUNT),
        "players": ("Players", COUNT),
    }
    largest = sorted(rows, key=lambda row: -max(row["sources"], row["sinks"]))[:MOST_BARS]
    long = [
        {**row, "name": named(row["change_reason"]), "part": part, "value": row[column]}
        for row in told(largest, tips)
        for column, part in (("sources", "Given"), ("sinks", "Spent"))
    ]
    return _pairs(long, ["Given", "Spent"], COUNT, tips) if long else None


def _bars(rows: Rows, value: str, title: str, tips: Tips) -> alt.LayerChart | None:
    """Horizontal bars of money by `name`, the largest first, each with its `label`."""
    known = sorted((r for r in rows if r[value] is not None), key=lambda r: -r[value])[:MOST_BARS]
    if not known:
        return None
    base = alt.Chart(plain(told(known, tips))).encode(
        y=_names(),
        x=_rightwards(value, Kind.USD, known),
        tooltip=[alt.Tooltip("name:N", title=title), *(tip(c, t) for c, (t, _) in tips.items())],
    )
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=2)
    label = base.mark_text(align="left", dx=5, color=GREY).encode(text="label:N")
    return sized(alt.layer(bars, label), height=BAR * len(known) + 50)


def _pairs(rows: Rows, parts: list[str], kind: Kind, tips: Tips) -> alt.LayerChart:
    """Horizontal bars, two a `name`: one a `part`."""
    labelled = [{**row, "label": _brief(row["value"], kind)} for row in rows]
    base = alt.Chart(plain(labelled)).encode(
        y=_names(),
        yOffset=alt.YOffset("part:N", sort=parts),
        x=_rightwards("value", kind, labelled),
        tooltip=[alt.Tooltip("name:N", title="Name"), *(tip(c, t) for c, (t, _) in tips.items())],
    )
    colours = alt.Color(
        "part:N",
        scale=alt.Scale(domain=parts, range=[BLUE, ORANGE][: len(parts)]),
        legend=alt.Legend(title=None, orient="top") if len(parts) > 1 else None,
    )
    label = base.mark_text(align="left", dx=5, color=GREY).encode(text="label:N")
    names = len({row["name"] for row in rows})
    bars = base.mark_bar(cornerRadiusEnd=2).encode(color=colours)
    return sized(alt.layer(bars, label), height=(PAIR if len(parts) > 1 else BAR) * names + 60)


def _names() -> alt.Y:
    return alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=170))


def _rightwards(column: str, kind: Kind, rows: Rows) -> alt.X:
    """From 0 to the largest value, with room for the label after it."""
    values = [float(row[column]) for row in rows]
    room = 1 + PER_LETTER * max(len(row["label"]) for row in rows)
    domain = [min(0.0, *values), (max(0.0, *values) or 1) * room]
    axis = alt.Axis(labelExpr=f"format(datum.value, '{FORMATS[kind]}')", tickCount=4)
    return alt.X(f"{column}:Q", title=None, axis=axis, scale=alt.Scale(domain=domain, nice=False))


def _brief(value: float | Decimal, kind: Kind) -> str:
    """An amount without decimals where it has none."""
    whole = kind is COUNT and value == int(value)
    return brief(int(value) if whole else value, kind)


def _ad(row: Mapping[str, object]) -> str:
    """Placement and format of a row, as far as it tells ads apart by them."""
    return ", ".join(named(row[column]) for column in ("placement", "format") if column in row)


def _dollars(value: object) -> str | None:
    return None if value is None else cell(value, Kind.USD).removesuffix(".00")
