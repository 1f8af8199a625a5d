"""`questline summary`: the headline metrics of a lake on one screen."""

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from questline.api import Analytics
from questline.api import open as open_lake
from questline.cli.output import aligned
from questline.metrics.display import cell
from questline.settings import load_settings

HEADLINES: tuple[tuple[str, str, str, dict[str, Any], str | None], ...] = (
    ("Players active in the period", "arpu", "players", {}, None),
    ("DAU, last complete day", "dau", "players", {}, "last"),
    ("MAU, last complete day", "mau", "players", {}, "last"),
    ("Stickiness, last complete day", "stickiness", "stickiness", {}, "last"),
    ("Sessions per DAU", "sessions_per_dau", "sessions_per_dau", {}, None),
    ("Events per session", "events_per_session", "events_per_session", {}, None),
    ("Session length, median", "session_length", "median_seconds", {}, None),
    ("Session length, p90", "session_length", "p90_seconds", {}, None),
    ("Retention D1", "retention", "retention", {"days": [1]}, None),
    ("Retention D7", "retention", "retention", {"days": [7]}, None),
    ("Retention D30", "retention", "retention", {"days": [30]}, None),
    ("Revenue, net purchases and ads", "revenue", "revenue_usd", {}, None),
    ("Ad revenue", "ad_revenue", "ad_revenue_usd", {}, None),
    ("ARPU", "arpu", "arpu", {}, None),
    ("ARPDAU", "arpdau", "arpdau_total", {}, None),
    ("ARPPU", "arppu", "arppu", {}, None),
    ("Conversion to payer", "conversion", "conversion", {}, None),
    ("Level 1 completion", "level_funnel", "completion_rate", {}, "first"),
)
"""Label, metric, column, options, and which row of several."""


def register(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command()(summary)


def summary(
    *,
    lake: Annotated[
        Path | None, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")
    ] = None,
    settings: Annotated[
        Path | None, typer.Option("--settings", metavar="FILE", help="Instead of questline.toml.")
    ] = None,
) -> None:
    """Show the headline metrics of the whole observed period."""
    analytics = open_lake(lake, load_settings(settings))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("headline", no_wrap=True)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("ask for more with", no_wrap=True)
    for label, metric, column, options, place in HEADLINES:
        value = headline(analytics, metric, column, options, place)
        table.add_row(label, value, f"questline metric {metric}")
    for name in analytics.features:
        options = {"feature": name}
        value = headline(analytics, "feature_adoption", "adoption", options, None)
        more = f"questline metric feature_adoption --feature {name}"
        table.add_row(f"Adoption of {name}", value, more)
    facts = analytics.facts
    typer.echo(aligned(table))
    typer.echo(
        f"{facts.complete_from or 'no day'} to {facts.complete_until or 'no day'}, "
        f"{facts.reporting_zone}, lake version {facts.version}. "
        "`questline explain NAME` says what a number means."
    )


def headline(
    analytics: Analytics, metric: str, column: str, options: dict[str, Any], place: str | None
) -> str:
    """One value of a metric as a person reads it."""
    result = analytics.result(metric, **options)
    rows = result.rows()
    if not rows:
        return cell(None, result.entry.kind(column))
    row = rows[-1] if place == "last" else rows[0]
    return cell(row[column], result.entry.kind(column))
