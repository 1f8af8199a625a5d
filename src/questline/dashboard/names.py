"""Names found in a lake, to choose from: event types, and attributes that split an answer."""

from __future__ import annotations

from contextlib import suppress

from ibis import _

from questline.api import Analytics
from questline.dashboard.questions import Lake
from questline.errors import UsageError
from questline.metrics import ATTRIBUTES
from questline.metrics.attributes import EXPERIMENT
from questline.metrics.selectors import parse_selector

MOST_EVENT_TYPES = 200
MOST_EXPERIMENTS = 50


def event_types(lake: Lake) -> list[str]:
    """The most frequent event types that a selector can name, the most frequent first."""
    found: list[str] = lake.remembered("event types", lambda: _event_types(lake.analytics))
    return found


def splits(lake: Lake) -> list[str]:
    """What `by` takes: attributes of players, and the experiments that the lake knows."""
    found: list[str] = lake.remembered("experiments", lambda: _experiments(lake.analytics))
    return [*ATTRIBUTES, *(f"{EXPERIMENT}{name}" for name in found)]


def modes(lake: Lake) -> list[str]:
    """The game modes of the attempts in the log, the most played first."""
    found: list[str] = lake.remembered("modes", lambda: _modes(lake.analytics))
    return found


def _modes(analytics: Analytics) -> list[str]:
    attempts = analytics.tables.level_attempts
    counted = (
        attempts.filter(attempts["mode"].notnull()).group_by("mode").aggregate(times=_.count())
    )
    often = counted.order_by([counted.times.desc(), "mode"])
    found: list[str] = analytics.read(often)["mode"].to_pylist()
    return found


def _event_types(analytics: Analytics) -> list[str]:
    daily = analytics.tables.daily
    counted = daily.group_by("event_type").aggregate(times=_.events.sum())
    often = counted.order_by([counted.times.desc(), "event_type"]).limit(MOST_EVENT_TYPES)
    return [name for name in analytics.read(often)["event_type"].to_pylist() if _nameable(name)]


def _nameable(name: str) -> bool:
    with suppress(UsageError):
        return parse_selector(name).event_type == name
    return False


def _experiments(analytics: Analytics) -> list[str]:
    players = analytics.tables.players
    seen = players.select(variant=players.variants.unnest())
    names = seen.select(name=seen.variant.experiment).distinct().order_by("name")
    found: list[str] = analytics.read(names.limit(MOST_EXPERIMENTS))["name"].to_pylist()
    return [name for name in found if name]
