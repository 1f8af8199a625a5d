"""Metrics: one definition each, as functions from tables to tables, listed in a catalogue."""

# Importing a module enters its metrics; the catalogue keeps this order, from use to money.
# isort: off
from questline.metrics import (
    activity,
    retention,
    retention_compared,
    sessions,
    monetization,
    ads,
    payers,
    first_purchases,
    ltv,
    economy,
    levels,
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
    "ads",
    "daily",
    "economy",
    "entry",
    "first_purchases",
    "funnels",
    "levels",
    "ltv",
    "monetization",
    "parse_where",
    "payers",
    "retention",
    "retention_compared",
    "sessions",
]
