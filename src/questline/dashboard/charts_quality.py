"""Charts of the page Data quality: why rows were refused, when, and how late events come."""

from __future__ import annotations

from datetime import date, timedelta

import altair as alt

from questline.dashboard.charts import BLUE, DAY_LABEL, HEIGHT, SHADES, Rows, plain

ROW_HEIGHT = 30
EARLIER, LATER, NO_DAY = "earlier", "later", "none"
MOST_COLUMNS = 400


def reasons(rows: Rows) -> alt.LayerChart | None:
    """Refused rows by reason, as bars."""
    return _bars(rows, "reason", "rows", ",", [("distinct_rows", "Different rows")])


def reasons_by_day(
    rows: Rows, first: date | None = None, last: date | None = None
) -> alt.LayerChart | None:
    """A row a reason, a column a day; darker where more rows were refused.

    What lies before the first or after the last day has one column on each side, what has no
    day one at the right.
    """
    if not rows:
        return None

    def column(day: date | None) -> str:
        if day is None:
            return NO_DAY
        if first is not None and day < first:
            return EARLIER
        return LATER if last is not None and day > last else day.isoformat()

    cells = [
        {"reason": row["reason"], "rows": row["rows"], "column": column(row["day"])} for row in rows
    ]
    for cell, row in zip(cells, rows, strict=True):
        dated = cell["column"] not in (EARLIER, LATER, NO_DAY)
        cell["when"] = f"{row['day']:%a %-d %b %Y}" if dated else cell["column"]
    order, label = _most_first(rows), f"indexof(datum.value, '-') < 0 ? datum.value : {DAY_LABEL}"
    chart = alt.Chart(plain(cells)).mark_rect(cornerRadius=2).encode(
        x=alt.X(
            "column:O",
            title=None,
            scale=alt.Scale(domain=_columns({str(cell["column"]) for cell in cells})),
            axis=alt.Axis(labelExpr=label, labelAngle=0, labelOverlap=True, ticks=False),
        ),
        y=alt.Y(
            "reason:N",
            title=None,
            sort=order,
            axis=alt.Axis(labelLimit=180, labelFlush=False, ticks=False),
        ),
        color=alt.Color(
            "rows:Q",
            scale=alt.Scale(type="sqrt", range=SHADES, domainMin=0),
            legend=alt.Legend(title=None, orient="top", format="~s", gradientLength=160),
        ),
        tooltip=[
            alt.Tooltip("when:N", title="Day"),
            alt.Tooltip("reason:N", title="Reason"),
            alt.Tooltip("rows:Q", title="Rows", format=","),
        ],
    )  # fmt: skip
    return alt.layer(chart).properties(height=max(150, ROW_HEIGHT * len(order) + 80))


def lateness(rows: Rows) -> alt.LayerChart | None:
    """Share of events by how long they waited."""
    more = [("events", "Events"), ("share_at_most", "So long at most")]
    return _bars(rows, "waited", "share", ".2%", more)


def _bars(
    rows: Rows, name: str, value: str, form: str, more: list[tuple[str, str]]
) -> alt.LayerChart | None:
    if not rows:
        return None
    titles = [(value, value.title()), *more]
    base = alt.Chart(plain(rows)).encode(
        y=alt.Y(f"{name}:N", title=None, sort=None, axis=alt.Axis(labelLimit=180, ticks=False)),
        x=alt.X(
            f"{value}:Q",
            title=None,
            axis=_axis(form),
            scale=alt.Scale(domainMin=0),
        ),
        tooltip=[
            alt.Tooltip(f"{name}:N", title=name.title()),
            *[
                alt.Tooltip(f"{c}:Q", title=t, format=".2%" if c.startswith("share") else ",")
                for c, t in titles
            ],
        ],
    )
    label = base.mark_text(align="left", dx=5, color=BLUE).encode(
        text=alt.Text(f"{value}:Q", format=form)
    )
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=2)
    height = max(HEIGHT // 2, ROW_HEIGHT * len(rows) + 40)
    return alt.layer(bars, label).properties(height=height)


def _axis(form: str) -> alt.Axis:
    if form.endswith("%"):
        return alt.Axis(format=".0%", tickCount=5)
    return alt.Axis(format="~s", tickCount=5, tickMinStep=1)


def _columns(found: set[str]) -> list[str]:
    """The columns from left to right, with the days between that have no row."""
    days = sorted(name for name in found if name not in (EARLIER, LATER, NO_DAY))
    if days:
        first, last = date.fromisoformat(days[0]), date.fromisoformat(days[-1])
        length = (last - first).days + 1
        if length <= MOST_COLUMNS:
            days = [(first + timedelta(n)).isoformat() for n in range(length)]
    ends = [name for name in (LATER, NO_DAY) if name in found]
    return [*([EARLIER] if EARLIER in found else []), *days, *ends]


def _most_first(rows: Rows) -> list[str]:
    sums: dict[str, int] = {}
    for row in rows:
        sums[row["reason"]] = sums.get(row["reason"], 0) + row["rows"]
    return sorted(sums, key=lambda reason: (-sums[reason], reason))
