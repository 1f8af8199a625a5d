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
    ads,
    payers,
    first_purchases,
    ltv,
    economy,
    levels,
    level_difficulty,
    level_completion,
    level_leaving,
    level_survival,
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
    "ads",
    "calendars",
    "daily",
    "economy",
    "entry",
    "event_trend",
    "feature_use",
    "first_purchases",
    "funnels",
    "level_completion",
    "level_difficulty",
    "level_leaving",
    "level_survival",
    "levels",
    "lifecycle",
    "ltv",
    "monetization",
    "parse_where",
    "payers",
    "playtime",
    "power",
    "retention",
    "retention_compared",
    "session_hours",
    "sessions",
    "time_to_adopt",
]
