"""Charts of levels as pure functions of rows."""

from __future__ import annotations

import altair as alt

from questline.dashboard.charts import BLUE, ORANGE, Rows, plain, sized, value_axis
from questline.dashboard.charts_curves import Measure, curve
from questline.dashboard.parts import Parts
from questline.metrics import Kind

LEVEL = ("level", "Level")
WIN_RATE = Measure("win_rate", "Attempts won", Kind.SHARE, "low", "high")
COMPLETION = Measure(
    "completion_rate", "Players who completed it", Kind.SHARE, "completion_low", "completion_high"
)
ATTEMPTS = Measure(
    "attempts_per_success", "Attempts per win", Kind.NUMBER, "attempts_low", "attempts_high"
)
QUITS = Measure("quit_after_fail", "Quits after a fail", Kind.SHARE, "low", "high")
CHURN = Measure("churn", "Churned", Kind.SHARE, "low", "high")
SURVIVAL = Measure("survival", "Players who got there", Kind.SHARE, "low", "high")
TIME = Measure("median_seconds", "Median attempt", Kind.SECONDS)
TRIES = Measure("completed_share", "Players who won", Kind.SHARE, "low", "high")
COUNT = Kind.COUNT


def levels(rows: Rows) -> alt.LayerChart | None:
    """How many players reach each level, and how many of them win it."""
    if not rows:
        return None
    x = alt.X(
        "level:Q",
        title="Level",
        axis=alt.Axis(tickMinStep=1, grid=False, labelOverlap=True),
        scale=alt.Scale(nice=False, zero=False),
    )
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
    parts = alt.Color(
        "part:N",
        scale=alt.Scale(domain=["Reached", "Completed"], range=[BLUE, ORANGE]),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolOpacity=1),
    )
    reached = base.transform_calculate(part="'Reached'").mark_area(opacity=0.25, line=True)
    completed = base.transform_calculate(part="'Completed'").mark_line()
    reached = reached.encode(y=value_axis("reached", Kind.COUNT), color=parts)
    completed = completed.encode(y=value_axis("completed", Kind.COUNT), color=parts)
    hover = base.mark_circle(size=120, opacity=0).encode(y=value_axis("reached", Kind.COUNT))
    return sized(alt.layer(reached, completed, hover))


def completion(rows: Rows, parts: Parts | None = None) -> alt.LayerChart | None:
    """Share of a level's players who completed it, a line a part."""
    tips = {"reached": ("Reached", COUNT), "completed": ("Completed", COUNT)}
    return curve(rows, LEVEL, COMPLETION, tips, parts=parts)


def difficulty(rows: Rows, parts: Parts | None = None) -> alt.LayerChart | None:
    """Share of attempts that are won, spikes of difficulty marked."""
    tips = {
        "neighbours_win_rate": ("Of its neighbours", Kind.SHARE),
        "attempts": ("Attempts", COUNT),
        "players": ("Players", COUNT),
        "spike": ("Spike", Kind.FLAG),
    }
    return curve(rows, LEVEL, WIN_RATE, tips, parts=parts, marked="spike")


def attempts(rows: Rows, parts: Parts | None = None) -> alt.LayerChart | None:
    """Attempts that a win takes."""
    tips = {"attempts": ("Attempts", COUNT), "wins": ("Wins", COUNT)}
    return curve(rows, LEVEL, ATTEMPTS, tips, parts=parts)


def quits(rows: Rows, parts: Parts | None = None) -> alt.LayerChart | None:
    """Share of fails after which the player tried nothing more."""
    tips = {
        "quits": ("Quits", COUNT),
        "fails": ("Of fails", COUNT),
        "pending": ("Fails too young to tell", COUNT),
    }
    return curve(rows, LEVEL, QUITS, tips, parts=parts)


def churn(rows: Rows) -> alt.LayerChart | None:
    """Share of a level's players who never got past it and are gone."""
    tips = {
        "churned": ("Churned", COUNT),
        "passed": ("Passed", COUNT),
        "pending": ("Cannot be told yet", COUNT),
    }
    return curve(rows, LEVEL, CHURN, tips)


def survival(rows: Rows) -> alt.LayerChart | None:
    """Share of new players who got to each level in their first days."""
    tips = {"reached": ("Got there", COUNT), "starters": ("Of players", COUNT)}
    return curve(rows, LEVEL, SURVIVAL, tips)


def time(rows: Rows) -> alt.LayerChart | None:
    """Median length of an attempt."""
    tips: dict[str, tuple[str, Kind]] = {
        "timed": ("Attempts", COUNT),
        "median_seconds_to_completion": ("To the win, all attempts", Kind.SECONDS),
        "completers": ("Players who won", COUNT),
    }
    return curve(rows, LEVEL, TIME, tips)


def tries(rows: Rows) -> alt.LayerChart | None:
    """Share of a level's players who win it within so many attempts."""
    tips = {"at_risk": ("Made this attempt", COUNT), "completed": ("Won at it", COUNT)}
    return curve(rows, ("attempt", "Attempt"), TRIES, tips)
