"""Metrics: one definition each, as functions from tables to tables, listed in a catalogue."""

# Importing a module enters its metrics; the catalogue keeps this order, from use to money.
# isort: off
from questline.metrics import (
    activity,
    calendars,
    lifecycle,
    power,
    retention,
    retention_compared,
    sessions,
    session_hours,
    playtime,
    monetization,
    levels,
    funnels,
    adoption,
    feature_use,
    time_to_adopt,
    daily,
    event_trend,
)

# isort: on
from questline.metrics.attributes import ATTRIBUTES, Attribute, Condition, parse_where
from questline.metrics.catalogue import CATALOGUE, Entry, Kind, Output, entry
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

__all__ = [
    "ATTRIBUTES",
    "CATALOGUE",
    "Attribute",
    "Condition",
    "Entry",
    "Kind",
    "Output",
    "Scope",
    "Tables",
    "activity",
    "adoption",
    "calendars",
    "daily",
    "entry",
    "event_trend",
    "feature_use",
    "funnels",
    "levels",
    "lifecycle",
    "monetization",
    "parse_where",
    "playtime",
    "power",
    "retention",
    "retention_compared",
    "session_hours",
    "sessions",
    "time_to_adopt",
]
