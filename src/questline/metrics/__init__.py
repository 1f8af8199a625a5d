"""Metrics: one definition each, as functions from tables to tables, listed in a catalogue."""

# Importing a module enters its metrics; the catalogue keeps this order, from use to money.
# isort: off
from questline.metrics import (
    activity,
    retention,
    retention_compared,
    sessions,
    monetization,
    levels,
    level_difficulty,
    level_completion,
    level_leaving,
    level_survival,
    funnels,
    adoption,
    daily,
)

# isort: on
from questline.metrics.catalogue import CATALOGUE, Entry, Kind, Output, entry
from questline.metrics.scope import ATTRIBUTES, Attribute, Condition, Scope, parse_where
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
    "daily",
    "entry",
    "funnels",
    "level_completion",
    "level_difficulty",
    "level_leaving",
    "level_survival",
    "levels",
    "monetization",
    "parse_where",
    "retention",
    "retention_compared",
    "sessions",
]
