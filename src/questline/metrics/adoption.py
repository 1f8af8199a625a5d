"""What players use: features and achievements."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.attributes import Attribute, Condition
from questline.metrics.base import arranged, attributed, grouped, ratio, stacked
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.options import FEATURE
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables
from questline.settings import Feature

EXAMPLE_FEATURE = "example"
"""Feature the catalogue's SQL is compiled with."""


@metric(
    title="Feature adoption",
    formula="distinct eligible players with the value event / distinct eligible players",
    grain="one row a feature",
    unit="share of players",
    value="adoption",
    inputs=("events", "player_days", "players"),
    outputs=(
        Output("feature", Kind.TEXT, "Name in the settings."),
        Output("eligible", Kind.COUNT, "Players active in the period who could use it."),
        Output("adopters", Kind.COUNT, "Of these, players who did use it in the period."),
        Output("adoption", Kind.SHARE, "adopters / eligible."),
    ),
    maturity="Only days from complete_from to complete_until enter the ratio.",
    options=(FEATURE,),
)
def feature_adoption(tables: Tables, scope: Scope, *, feature: str | None = None) -> ibis.Table:
    """Share of the players who could use a feature in the period and did.

    A feature is declared in the settings, `[features.NAME]`: its value event, the properties that
    the event must have (`where`), the day of its launch and the attributes of the players who can
    see it (`eligible`). Eligible are the players active in the period, on the day of launch or
    later, who have these attributes. Adopters are eligible players with the value event on these
    days.
    """
    chosen = _chosen(scope.features, feature)
    parts = [_users(tables, scope, name, chosen[name]) for name in chosen]
    if not scope.dimensions:
        names = ibis.array(list(chosen)).unnest().name("feature").as_table()
        parts.append(names.select("feature"))
    rows = grouped(
        stacked(*parts),
        ["feature", *scope.dimensions],
        eligible=_.eligible_id.nunique(),
        adopters=_.adopter_id.nunique(),
    )
    rows = rows.mutate(adoption=ratio(rows, "adopters", "eligible"))
    return arranged(rows, scope, "eligible", "adopters", "adoption", first=("feature",))


@metric(
    title="Achievements",
    formula="distinct players who unlocked it / distinct active players",
    grain="one row an achievement",
    unit="share of players",
    value="unlock_rate",
    inputs=("events", "player_days"),
    outputs=(
        Output("achievement_id", Kind.TEXT, "Which achievement."),
        Output("unlockers", Kind.COUNT, "Distinct players who unlocked it in the period."),
        Output("players", Kind.COUNT, "Distinct players active in the period."),
        Output("unlock_rate", Kind.SHARE, "unlockers / players."),
    ),
    maturity="Only days from complete_from to complete_until enter the ratio.",
)
def achievements(tables: Tables, scope: Scope) -> ibis.Table:
    """Share of the players active in the period who unlocked each achievement in it.

    Unlocking the same achievement again does not count again. An achievement that nobody unlocked
    in the period has no row.
    """
    events = tables.events.filter(
        tables.events.event_type == "achievement_unlocked", scope.counted(tables.events.event_date)
    )
    unlocked = events.select("player_id", "achievement_id", unlocker_id=events.player_id)
    active = _active(tables, scope)
    facts = stacked(unlocked.semi_join(active, "player_id"), active)
    rows = grouped(
        attributed(facts, tables, scope),
        ["achievement_id", *scope.dimensions],
        unlockers=_.unlocker_id.nunique(),
        active=_.active_id.nunique(),
    )
    rows = rows.mutate(players=rows.active.sum().over(group_by=scope.dimensions))
    rows = rows.filter(rows.achievement_id.notnull())
    rows = rows.mutate(unlock_rate=ratio(rows, "unlockers", "players"))
    return arranged(rows, scope, "unlockers", "players", "unlock_rate", first=("achievement_id",))


def _chosen(features: Mapping[str, Feature], name: str | None) -> dict[str, Feature]:
    if not features:
        raise UsageError(
            "No feature is declared. Add a [features.NAME] table with its event to questline.toml."
        )
    if name is None:
        return dict(features)
    if name not in features:
        raise UsageError(f"There is no feature {name!r}. Declared: {', '.join(features)}.")
    return {name: features[name]}


def _active(tables: Tables, scope: Scope, launched: Feature | None = None) -> ibis.Table:
    """Distinct players active on the counted days, twice named: to join by and to count."""
    days = tables.player_days.filter(
        tables.player_days.active_events > 0, scope.counted(tables.player_days.event_date)
    )
    if launched is not None and launched.launched is not None:
        days = days.filter(days.event_date >= ibis.date(launched.launched))
    ids = days.select("player_id").distinct()
    return ids.select("player_id", active_id=ids.player_id)


def _users(tables: Tables, scope: Scope, name: str, feature: Feature) -> ibis.Table:
    """Eligible players and adopters of one feature, below each other."""
    active = _active(tables, scope, feature).rename(eligible_id="active_id")
    for attribute, value in feature.eligible.items():
        condition = Condition(Attribute(attribute), "=", (value,))
        matching = tables.players.filter(condition.of(tables.players))
        active = active.semi_join(matching, "player_id")
    events = tables.events.filter(
        tables.events.event_type == feature.event, scope.counted(tables.events.event_date)
    )
    if feature.launched is not None:
        events = events.filter(events.event_date >= ibis.date(feature.launched))
    for key, value in feature.where.items():
        events = events.filter(_matches(events, key, value))
    adopters = events.select("player_id").distinct().semi_join(active, "player_id")
    facts = stacked(active, adopters.select("player_id", adopter_id=adopters.player_id))
    return attributed(facts, tables, scope).mutate(feature=ibis.literal(name))


def _matches(events: ibis.Table, name: str, value: str) -> ibis.BooleanValue:
    """Whether a property equals `value`: a column of `events` if it is one, else in the JSON."""
    if name in events.columns:
        return events[name] == _typed(value, name, events[name].type())
    found = events.properties.cast("json")[name]
    return (found.unwrap_as("string") == value) | (found.cast("string") == value)


def _typed(value: str, name: str, kind: ibis.DataType) -> object:
    try:
        if kind.is_boolean():
            return {"true": True, "false": False}[value.lower()]
        if kind.is_decimal():
            return ibis.literal(Decimal(value), type=kind)
        return ibis.literal(value).cast(kind) if kind.is_temporal() else _number(value, kind)
    except (KeyError, ValueError, InvalidOperation) as error:
        raise UsageError(f"A feature asks for {name} == {value!r}, which is no {kind}.") from error


def _number(value: str, kind: ibis.DataType) -> object:
    if kind.is_integer():
        return int(value)
    return float(value) if kind.is_floating() else value
