"""Pictures of the simulated game for docs/simulation.md: `python docs/pictures.py`.

Simulates into a temporary folder, runs the pipeline, asks the metrics, and draws what they say; the
truth of the answer key stands beside it. Needs `pip install -e '.[docs]'`; takes a few minutes.
"""

from __future__ import annotations

import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any

import altair as alt
import pictures_worlds as asked
from pictures_worlds import Rows, World, world
from PIL import Image

from questline.metrics.benchmarks import RETENTION
from questline.simulation.presets import PRESETS

FOLDER = Path(__file__).parent / "pictures"
USERS = {"puzzle": 12_000, "median": 60_000, "hardcore": 12_000}
MANY_PAYERS = 0.27
"""Ten times the puzzle game's share of payers, so that the curve of their spending is smooth."""
LAST_DAY, LAST_LEVEL = 28, 60
MEDIAN_SHARES = {p.day_number: p.median for p in RETENTION}
QUARTILES = {p.day_number: (p.lower, p.upper) for p in RETENTION if p.lower is not None}
UPPER_QUARTILE_28 = next(p.upper for p in RETENTION if p.day_number == 28)

INK, GREY, PALE = "#333333", "#8A8A8A", "#D5D5D5"
COLOURS = {"puzzle": "#2B83BF", "median": "#E69F00", "hardcore": "#009E73"}
BLUE, ORANGE = COLOURS["puzzle"], COLOURS["median"]
WEEKDAYS, WEEKEND = "Monday to Friday", "Saturday, Sunday"
WIDTH, HEIGHT = 560, 330


def data(rows: Rows) -> alt.Data:
    """Rows as Vega takes them."""
    return alt.Data(values=rows)


def axis(title: str, **more: object) -> alt.Axis:
    """An axis with its title."""
    return alt.Axis(title=title, **more)


def coloured(field: str, colours: dict[str, str]) -> alt.Color:
    """A colour a name; the names stand beside the lines."""
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(field, scale=scale, legend=None)


def named(places: Rows, field: str) -> alt.Chart:
    """Names in bold at their places."""
    return alt.Chart(data(places)).mark_text(fontSize=13, fontWeight="bold").encode(text=field)


def titled(text: str, *below: str) -> alt.TitleParams:
    """A headline and what one needs to read the picture."""
    return alt.TitleParams(text, subtitle=list(below), anchor="start", frame="group")


def framed(chart: alt.LayerChart, text: str, *below: str) -> alt.LayerChart:
    """A chart of the usual size with its title."""
    return chart.properties(width=WIDTH, height=HEIGHT, title=titled(text, *below))


def retention(worlds: dict[str, World]) -> alt.LayerChart:
    """Curves of the three presets on published shares."""
    measured, truth = asked.retention_rows(worlds, LAST_DAY)
    ticks = [1, 2, 3, 5, 7, 10, 14, 21, 28]
    wide = alt.Scale(type="log", domain=[0.93, 31], nice=False)
    high = alt.Scale(type="log", domain=[0.006, 0.5], nice=False)
    shares = axis(
        "Players active on that day (share of cohort, logarithmic)",
        values=[0.01, 0.02, 0.05, 0.1, 0.2, 0.4],
        format=".0%",
    )
    days = axis("Days after acquisition (logarithmic)", values=ticks, format="d", grid=False)
    x, y = alt.X("day:Q", scale=wide, axis=days), alt.Y("share:Q", scale=high, axis=shares)
    colour = coloured("preset:N", COLOURS)
    places = [
        {"preset": "puzzle", "day": 3.7, "share": 0.268},
        {"preset": "hardcore", "day": 2.5, "share": 0.165},
        {"preset": "median", "day": 2.4, "share": 0.067},
    ]
    lines = alt.Chart(data(measured)).mark_line(strokeWidth=2.5)
    rings = alt.Chart(data(truth)).mark_point(size=150, strokeWidth=1.8, opacity=1)
    return framed(
        alt.layer(
            *(chart.encode(x=x, y=y) for chart in _quartiles()),
            *(chart.encode(x=x, y=y, color=colour) for chart in (lines, rings)),
            _medians().encode(x=x, y=y),
            named(places, "preset:N").encode(x=x, y=y, color=colour),
        ),
        "Retention of the three presets against published games",
        "Lines: measured by the pipeline. Rings: the answer key. Published by GameAnalytics:",
        "◆ median game (Q1 2024); grey: lower to upper quartile (end of 2024), at day 28 the",
        "upper one only.",
    )


def _quartiles() -> tuple[alt.Chart, alt.Chart]:
    bars = [{"day": d, "share": high, "low": low} for d, (low, high) in QUARTILES.items()]
    known = [{"day": 26.2, "to": 29.9, "share": UPPER_QUARTILE_28}]
    return (
        alt.Chart(data(bars)).mark_rule(color=PALE, strokeWidth=11).encode(y2="low:Q"),
        alt.Chart(data(known)).mark_rule(color=GREY, strokeWidth=3).encode(x2="to:Q"),
    )


def _medians() -> alt.Chart:
    rows = [{"day": day, "share": share} for day, share in MEDIAN_SHARES.items()]
    return alt.Chart(data(rows)).mark_point(
        shape="diamond", filled=True, size=70, color=INK, opacity=1
    )


def rhythm(found: World) -> alt.LayerChart:
    """Sessions by the hour of the player's place."""
    rows = asked.session_hours(found)
    for row in rows:
        row["day"] = WEEKEND if row["weekend"] else WEEKDAYS
    hours = axis(
        "Hour of the local day (0 = from midnight to 1)", values=list(range(0, 24, 3)), grid=False
    )
    shares = axis("Sessions started in that hour (share of all)", format=".0%", tickCount=6)
    x = alt.X("hour:Q", scale=alt.Scale(domain=[0, 23], nice=False), axis=hours)
    y = alt.Y("share:Q", axis=shares)
    colour = coloured("day:N", {WEEKDAYS: BLUE, WEEKEND: ORANGE})
    places = [
        {"hour": 15.8, "share": 0.088, "day": WEEKDAYS},
        {"hour": 10.6, "share": 0.058, "day": WEEKEND},
    ]
    lines = alt.Chart(data(rows)).mark_line(strokeWidth=2.5)
    charts = (lines, named(places, "day:N"))
    return framed(
        alt.layer(*(chart.encode(x=x, y=y, color=colour) for chart in charts)),
        "When people play",
        "Puzzle preset, countries with one time zone, as measured by the pipeline.",
    )


def spending(found: World) -> alt.LayerChart:
    """Share of revenue of the payers who spend most."""
    rows = asked.concentration(found)
    tenth = next(r for r in rows if r["payers"] >= 0.1)
    few = [*rows[:: max(len(rows) // 200, 1)], rows[-1]]
    payers = axis("Payers, those who spend most first (share)", format=".0%", tickCount=6)
    x = alt.X("payers:Q", axis=payers)
    y = alt.Y("revenue:Q", axis=axis("Revenue of 30 days (share)", format=".0%", tickCount=6))
    even = alt.Chart(data([{"payers": 0, "revenue": 0}, {"payers": 1, "revenue": 1}]))
    span = alt.Chart(data([{"payers": 0.1, "revenue": 0.50, "high": 0.64}]))
    point = alt.Chart(data([{**tenth, "text": f"the top 10%: {tenth['revenue']:.0%}"}]))
    notes = [
        {"payers": 0.6, "revenue": 0.55, "text": "if all spent the same"},
        {"payers": 0.121, "revenue": 0.465, "text": "published: 50 to 64%"},
    ]
    bold: dict[str, Any] = {"fontSize": 13, "fontWeight": "bold", "color": BLUE}
    charts = (
        even.mark_line(color=GREY, strokeDash=[5, 4]),
        span.mark_rule(color=PALE, strokeWidth=9).encode(y2="high:Q"),
        alt.Chart(data(few)).mark_line(color=BLUE, strokeWidth=2.5),
        point.mark_circle(color=BLUE, size=90, opacity=1),
        point.mark_text(align="left", dx=12, dy=8, **bold).encode(text="text:N"),
        alt.Chart(data(notes))
        .mark_text(align="left", fontSize=12, color=GREY)
        .encode(text="text:N"),
    )
    return framed(
        alt.layer(*(chart.encode(x=x, y=y) for chart in charts)),
        "A few payers bring in most of the money",
        f"Puzzle preset with ten times the payers ({len(rows) - 1:,}), so that the curve is",
        "smooth; measured by the pipeline. Grey bar: Swrve, 2014 and 2015.",
    )


def levels(found: World) -> alt.VConcatChart:
    """Who gets how far, and how hard it is."""
    hard, truth = asked.attempts_per_win(found, LAST_LEVEL)
    scale = alt.Scale(domain=[0, LAST_LEVEL + 1], nice=False, padding=0)
    ticks = [1, *range(10, LAST_LEVEL + 1, 10)]
    above = alt.X("level:Q", scale=scale, axis=axis("", values=ticks, labels=False, grid=False))
    below = alt.X("level:Q", scale=scale, axis=axis("Level", values=ticks, grid=False))
    drop = alt.Chart(data(asked.levels_reached(found, LAST_LEVEL))).mark_area(
        line={"color": BLUE, "strokeWidth": 2.5}, color=BLUE, fillOpacity=0.15
    )
    boss = alt.condition("datum.level % 10 == 0", alt.value(ORANGE), alt.value(BLUE))
    bars = alt.Chart(data(hard)).mark_bar(size=5.5).encode(color=boss)
    dots = alt.Chart(data(truth)).mark_point(color=INK, size=14, filled=True, opacity=1)
    attempts = alt.Y("attempts:Q", axis=axis("Attempts per win", tickCount=4))
    shares = alt.Y("share:Q", axis=axis("Players who reach it (share)", format=".0%", tickCount=4))
    lower = alt.layer(*(chart.encode(x=below, y=attempts) for chart in (bars, dots)))
    return alt.vconcat(
        drop.encode(x=above, y=shares).properties(width=WIDTH, height=170),
        lower.properties(width=WIDTH, height=150),
        spacing=8,
    ).properties(
        title=titled(
            "How far new players get, and how hard the levels are",
            "Puzzle preset, measured by the pipeline. Above: players who arrived within the 30",
            "days, levels of the story. Below: everybody; orange: bosses; dots: the answer key.",
        )
    )


def draw(chart: alt.LayerChart | alt.VConcatChart, name: str) -> None:
    """Writes a picture."""
    text: dict[str, Any] = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal"}
    colours = {"labelColor": INK, "titleColor": INK, "gridColor": "#EEEEEE", "domainColor": GREY}
    font = "DejaVu Sans, Verdana, Arial, sans-serif"
    styled = (
        chart.configure(font=font, background="white", padding=12)
        .configure_view(stroke=None)
        .configure_axis(**text, **colours)
        .configure_title(fontSize=16, subtitleFontSize=12, subtitleColor=INK, offset=14)
    )
    drawn = BytesIO()
    styled.save(drawn, format="png", scale_factor=2)
    # Few colours make a small file.
    Image.open(drawn).convert("RGB").quantize(64).save(FOLDER / f"{name}.png", optimize=True)


def main() -> None:
    """Draws all pictures."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        worlds = {preset: world(folder, preset, USERS[preset], preset) for preset in PRESETS}
        plan = folder / "payers.toml"
        plan.write_text(f"[world]\npayer_share = {MANY_PAYERS}\n", encoding="utf-8")
        payers = world(folder, "payers", USERS["puzzle"], str(plan))
        draw(retention(worlds), "retention")
        draw(rhythm(worlds["puzzle"]), "rhythm")
        draw(levels(worlds["puzzle"]), "levels")
        draw(spending(payers), "spending")


if __name__ == "__main__":
    main()
