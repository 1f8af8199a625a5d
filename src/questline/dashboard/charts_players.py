"""Charts of the page Players: the days of one player, one of his days, and all players' habits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

import altair as alt

from questline.dashboard.charts import (
    BLUE,
    DAY_LABEL,
    FORMATS,
    GREY,
    HEIGHT,
    ORANGE,
    PALE,
    Rows,
    plain,
)
from questline.metrics import Kind
from questline.metrics.display import brief

LIGHT_BLUE = "#9CC9E3"
MOST_LANES = 12
OTHERS = "other types"
SECOND, MINUTE, HOUR = 1_000, 60_000, 3_600_000
STEPS = [n * unit for unit in (SECOND, MINUTE) for n in (1, 2, 5, 10, 15, 30)]
STEPS += [n * HOUR for n in (1, 2, 3, 6, 12, 24)]
MOST_STEPS = 10
"""Marks of a clock's axis, in milliseconds from one to the next, and how many there are."""
TIPS = [alt.Tooltip(f"{name}:N", title=name.title()) for name in ("when", "what", "more")]
LEGEND = alt.Legend(
    title=None,
    orient="top",
    symbolOpacity=1,
    symbolType="square",
    symbolSize=100,
    symbolStrokeWidth=0,
)
ROW_HEIGHT, LOW_ROW = 22, 11
MANY_DAYS = 31
HOURS_A_DAY = 24
MONEY_TYPES = ("purchase", "refund")
MONEY = "Money"
MARKS = {"Session": LIGHT_BLUE, "Event": BLUE, MONEY: ORANGE}
FLOWS = {
    "current": ("Stayed", BLUE),
    "new": ("New", ORANGE),
    "resurrected": ("Back", LIGHT_BLUE),
    "dormant": ("Away", GREY),
}
"""Columns of the metric lifecycle; the first is next to the zero line."""


def days_of_player(sessions: Rows, events: Rows, first: date, last: date) -> alt.LayerChart | None:
    """A row a day with the clock from left to right, the latest day on top.

    Sessions are bars, events ticks, what has to do with money diamonds. Times of the rows are
    those of the clock that the chart shows.
    """
    bars = [bar for row in sessions for bar in _bars(row) if first <= bar["day"] <= last]
    ticks = [_tick(row) for row in events if first <= row["event_date"] <= last]
    if not bars and not ticks:
        return None
    shown = [last - timedelta(days=n) for n in range((last - first).days + 1)]
    height = ROW_HEIGHT if len(shown) <= MANY_DAYS else LOW_ROW
    small = [tick for tick in ticks if tick["mark"] == "Event"]
    paid = [tick for tick in ticks if tick["mark"] == MONEY]
    where = {"x": _hours(), "y": _days(shown, height), "color": _marks(LEGEND), "tooltip": TIPS}
    spans = alt.Chart(plain(bars)).mark_bar(cornerRadius=2, minBandSize=2)
    marks = alt.Chart(plain(small)).mark_tick(thickness=1.5, bandSize=height * 0.7)
    diamonds = alt.Chart(plain(paid)).mark_point(
        shape="diamond", size=90, filled=True, opacity=1, stroke="white", strokeWidth=1
    )
    made = alt.layer(
        spans.encode(x2="until:Q", **where), marks.encode(**where), diamonds.encode(**where)
    )
    return made.properties(height=max(90, height * len(shown) + 20))


def by_type(sessions: Rows, events: Rows) -> alt.LayerChart | None:
    """Events, a row a type; behind them the sessions.

    The axis reaches from the first to the last of them. At most `MOST_LANES` types have a row of
    their own, the most frequent first.
    """
    if not events:
        return None
    often = Counter(row["event_type"] for row in events)
    lanes = [name for name, _ in often.most_common(MOST_LANES)]
    ticks = [
        {
            **_tick(row),
            "lane": row["event_type"] if row["event_type"] in lanes else OTHERS,
            "at": _wall(row["event_ts"]),
        }
        for row in events
    ]
    if len(often) > MOST_LANES:
        lanes.append(OTHERS)
    begin, end = min(t["at"] for t in ticks), max(t["at"] for t in ticks)
    margin = max((end - begin) // 50, 5 * SECOND)
    window = begin - margin, end + margin
    behind = alt.Chart(plain(_spans(sessions, window))).mark_rect(color=LIGHT_BLUE, opacity=0.18)
    marks = alt.Chart(plain(ticks)).mark_tick(thickness=2, bandSize=ROW_HEIGHT - 8, opacity=1)
    made = alt.layer(
        behind.encode(x=_clock("from:Q", window), x2="to:Q", tooltip=TIPS),
        marks.encode(x=_clock("at:Q", window), y=_lanes(lanes), color=_marks(None), tooltip=TIPS),
    )
    return made.properties(height=max(90, ROW_HEIGHT * len(lanes) + 30))


def lifecycle(rows: Rows) -> alt.LayerChart | None:
    """Who stayed, came and came back in each interval; below zero who stayed away.

    Intervals that are not complete are pale; what could not be told is left out.
    """
    parts = [
        {
            "interval_start": row["interval_start"],
            "complete": row["complete"],
            "part": name,
            "order": order,
            "value": -row[column] if column == "dormant" else row[column],
            "players": row[column],
            "interval": _interval(row),
        }
        for row in rows
        for order, (column, (name, _)) in enumerate(FLOWS.items())
        if row[column] is not None
    ]
    if not any(part["players"] for part in parts):
        return None
    axis = alt.Axis(labelExpr=DAY_LABEL, labelOverlap=True, labelAngle=0, ticks=False)
    names, colours = zip(*FLOWS.values(), strict=True)
    base = alt.Chart(plain(parts))
    bars = base.mark_bar().encode(
        x=alt.X("interval_start:O", title=None, axis=axis),
        y=alt.Y(
            "value:Q",
            title=None,
            axis=alt.Axis(
                labelExpr=f"format(abs(datum.value), '{FORMATS[Kind.COUNT]}')", tickCount=5
            ),
        ),
        color=alt.Color(
            "part:N",
            scale=alt.Scale(domain=list(names), range=list(colours)),
            legend=alt.Legend(title=None, orient="top"),
        ),
        order="order:Q",
        opacity=alt.condition("datum.complete", alt.value(1), alt.value(PALE)),
        tooltip=[
            alt.Tooltip("interval:N", title="Interval"),
            alt.Tooltip("part:N", title="Players who"),
            alt.Tooltip("players:Q", title="Players", format=","),
        ],
    )
    zero = alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color=GREY, tooltip=None)
    return alt.layer(bars, zero.encode(y="zero:Q")).properties(height=HEIGHT)


def power_users(rows: Rows) -> alt.LayerChart | None:
    """Share of the players who were active on exactly so many days."""
    known = [row for row in rows if row["share"] is not None]
    if not known:
        return None
    x = alt.X(
        "active_days:O",
        title="Active days",
        axis=alt.Axis(labelAngle=0, labelOverlap=True, ticks=False),
    )
    bars = alt.Chart(plain(known)).mark_bar(color=BLUE, cornerRadiusEnd=2).encode(
        x=x,
        y=alt.Y("share:Q", title=None, axis=alt.Axis(format=".0%", tickCount=5)),
        tooltip=[
            alt.Tooltip("active_days:O", title="Active on exactly"),
            alt.Tooltip("players:Q", title="Players", format=","),
            alt.Tooltip("share:Q", title="Share", format=".1%"),
            alt.Tooltip("share_at_least:Q", title="On so many days or more", format=".1%"),
        ],
    )  # fmt: skip
    return alt.layer(bars).properties(height=HEIGHT)


def _days(shown: list[date], height: int) -> alt.Y:
    """A row a day."""
    return alt.Y(
        "day:O",
        title=None,
        sort=None,
        scale=alt.Scale(domain=[day.isoformat() for day in shown]),
        axis=alt.Axis(
            labelExpr="timeFormat(toDate(datum.value + 'T00:00'), '%a %-d %b')",
            labelOverlap=height == LOW_ROW,
            labelFlush=False,
            ticks=False,
            domain=False,
        ),
    )


def _hours() -> alt.X:
    """The clock of a day from left to right."""
    axis = alt.Axis(
        values=list(range(0, HOURS_A_DAY + 1, 3)),
        labelExpr="format(datum.value, '02') + ':00'",
        labelOverlap=True,
        gridOpacity=0.5,
    )
    scale = alt.Scale(domain=[0, HOURS_A_DAY], nice=False)
    return alt.X("hour:Q", title=None, axis=axis, scale=scale)


def _clock(field: str, window: tuple[int, int]) -> alt.X:
    """The clock of a part of a day, with round marks.

    Its face is a number as if it were UTC, so that no browser's zone moves it.
    """
    first, last = window
    step = next((s for s in STEPS if last - first <= MOST_STEPS * s), STEPS[-1])
    axis = alt.Axis(
        values=list(range(-(-first // step) * step, last + 1, step)),
        labelExpr=f"utcFormat(datum.value, '{'%H:%M:%S' if step < MINUTE else '%H:%M'}')",
        labelOverlap=True,
        grid=False,
    )
    scale = alt.Scale(domain=[first, last], nice=False, zero=False)
    return alt.X(field, title=None, axis=axis, scale=scale)


def _lanes(lanes: list[str]) -> alt.Y:
    """A row a type of event."""
    axis = alt.Axis(
        labelLimit=170, labelFlush=False, ticks=False, domain=False, grid=True, gridOpacity=0.4
    )
    return alt.Y("lane:N", title=None, scale=alt.Scale(domain=lanes), axis=axis)


def _marks(legend: alt.Legend | None) -> alt.Color:
    scale = alt.Scale(domain=list(MARKS), range=list(MARKS.values()))
    return alt.Color("mark:N", scale=scale, legend=legend)


def _spans(sessions: Rows, window: tuple[int, int]) -> list[dict[str, Any]]:
    """Sessions as far as they lie in the window."""
    first, last = window
    return [
        {
            "mark": "Session",
            "from": max(_wall(row["started_at"]), first),
            "to": min(_wall(row["ended_at"]), last),
            **_told(row),
        }
        for row in sessions
        if _wall(row["started_at"]) <= last and _wall(row["ended_at"]) >= first
    ]


def _bars(session: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """A session as one bar a day that it touches."""
    start, end = session["started_at"], session["ended_at"]
    day = start.date()
    while day <= end.date():
        yield {
            "day": day,
            "mark": "Session",
            "hour": _hour(start) if day == start.date() else 0.0,
            "until": _hour(end) if day == end.date() else float(HOURS_A_DAY),
            **_told(session),
        }
        day += timedelta(days=1)


def _told(session: Mapping[str, Any]) -> dict[str, str]:
    start, end = session["started_at"], session["ended_at"]
    same = start.date() == end.date()
    until = f"{end:%H:%M:%S}" if same else f"{end:%a %-d %b %H:%M:%S}"
    length = brief(session["length_seconds"], Kind.SECONDS)
    return {
        "when": f"{start:%a %-d %b %H:%M:%S} to {until}",
        "what": f"session of {length}",
        "more": f"{session['events']:,} events, {session['levels'] or 0:,} levels won",
    }


def _tick(event: Mapping[str, Any]) -> dict[str, Any]:
    at = event["event_ts"]
    said = [f"level {event['level']}"] if event["level"] is not None else []
    if event["amount_usd"] is not None:
        said.append(brief(event["amount_usd"], Kind.USD_EACH))
    return {
        "day": event["event_date"],
        "mark": MONEY if event["event_type"] in MONEY_TYPES else "Event",
        "hour": _hour(at),
        "when": f"{at:%a %-d %b %H:%M:%S}",
        "what": event["event_type"],
        "more": ", ".join(said),
    }


def _hour(at: datetime) -> float:
    """What the clock shows, in hours."""
    return at.hour + at.minute / 60 + (at.second + at.microsecond / 1e6) / 3600


def _wall(at: datetime) -> int:
    """What the clock shows, in milliseconds since 1970 as if it were UTC."""
    return round(at.replace(tzinfo=UTC).timestamp() * 1000)


def _interval(row: Mapping[str, Any]) -> str:
    start, end = row["interval_start"], row["interval_end"]
    return f"{start:%-d %b %Y}" if start == end else f"{start:%-d %b} to {end:%-d %b %Y}"
