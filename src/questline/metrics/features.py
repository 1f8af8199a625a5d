"""Features as the settings declare them: who could use one, and who did on which day."""

from __future__ import annotations

from collections.abc import Mapping

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.attributes import Attribute, Condition
from questline.metrics.base import attributed, stacked
from questline.metrics.scope import Scope
from questline.metrics.selectors import PropertyCondition
from questline.metrics.tables import Tables
from questline.settings import Feature


def chosen_features(features: Mapping[str, Feature], name: str | None) -> dict[str, Feature]:
    """The feature of that name, or all of them.

    Raises:
        UsageError: none is declared, or none of that name.
    """
    if not features:
        raise UsageError(
            "No feature is declared. Add a [features.NAME] table with its event to questline.toml."
        )
    if name is None:
        return dict(features)
    if name not in features:
        raise UsageError(f"There is no feature {name!r}. Declared: {', '.join(features)}.")
    return {name: features[name]}


def feature_names(chosen: Mapping[str, Feature]) -> ibis.Table:
    """One row a feature, so that one that nobody used is a row, too."""
    return ibis.array(list(chosen)).unnest().name("feature").as_table().select("feature")


def eligible_rows(rows: ibis.Table, tables: Tables, feature: Feature) -> ibis.Table:
    """`rows` of the numbered players who have the attributes that the feature asks for."""
    if not feature.eligible:
        return rows
    conditions = [Condition(Attribute(a), "=", (v,)) for a, v in feature.eligible.items()]
    matching = tables.players.filter(*[c.of(tables.players) for c in conditions])
    return rows.semi_join(tables.numbered(matching.select("player_id")), "player_id")


def value_events(tables: Tables, feature: Feature) -> ibis.Table:
    """Events that are a use of the feature, since its launch.

    Raises:
        UsageError: a value that the feature asks for is of another type than its property.
    """
    events = tables.events.filter(tables.events.event_type == feature.event)
    if feature.launched is not None:
        events = events.filter(events.event_date >= ibis.date(feature.launched))
    conditions = [PropertyCondition(name, "=", (v,)) for name, v in feature.where.items()]
    return events.filter(*[c.of(events) for c in conditions]) if conditions else events


def used_days(tables: Tables, feature: Feature) -> ibis.Table:
    """One row a numbered player and day with a use of the feature, and `uses`."""
    events = value_events(tables, feature).select("player_id", "event_date")
    events = tables.numbered(events)
    return tables.part(events.group_by("player_id", "event_date").aggregate(uses=_.count()))


def days_of_use(tables: Tables, scope: Scope, chosen: Mapping[str, Feature]) -> ibis.Table:
    """One row a feature, eligible player and day with a use, `uses`, and the split."""
    used = [
        eligible_rows(used_days(tables, feature), tables, feature).mutate(
            feature=ibis.literal(name)
        )
        for name, feature in chosen.items()
    ]
    return attributed(stacked(*used), tables, scope)
