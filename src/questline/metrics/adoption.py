"""What players use: features and achievements."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, grouped, ratio, stacked
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.features import (
    chosen_features,
    days_of_use,
    eligible_rows,
    feature_names,
    used_days,
)
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables
from questline.metrics.use_options import FEATURE
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
    chosen = chosen_features(scope.features, feature)
    parts = [_users(tables, scope, name, chosen[name]) for name in chosen]
    if not scope.dimensions:
        parts.append(feature_names(chosen))
    rows = grouped(
        stacked(*parts),
        ["feature", *scope.dimensions],
        eligible=_.eligible_id.nunique(),
        adopters=_.adopter_id.nunique(),
    )
    rows = rows.mutate(adoption=ratio(rows, "adopters", "eligible"))
    return arranged(rows, scope, "eligible", "adopters", "adoption", first=("feature",))


@metric(
    title="Feature breadth",
    formula="sum of distinct features used by each player / distinct active players",
    grain="one row for the period",
    unit="features per player",
    inputs=("events", "player_days", "players"),
    outputs=(
        Output("players", Kind.COUNT, "Distinct players active in the period."),
        Output("features_used", Kind.COUNT, "Distinct features of each of them, added up."),
        Output("feature_breadth", Kind.NUMBER, "features_used / players."),
    ),
    maturity="Only days from complete_from to complete_until enter the ratio.",
)
def feature_breadth(tables: Tables, scope: Scope) -> ibis.Table:
    """Mean number of declared features that a player active in the period used in it.

    A feature counts once for a player however often he used it, and only if the player has the
    attributes that make eligible; who uses none counts as 0.
    """
    used = days_of_use(tables, scope, chosen_features(scope.features, None))
    used = used.filter(scope.counted(used.event_date))
    used = used.select("feature", "player_id", *scope.dimensions).distinct()
    active = _active(tables, scope)
    used = used.semi_join(active, "player_id").select(*scope.dimensions, used=1)
    people = attributed(active, tables, scope)
    rows = grouped(
        stacked(people, used),
        scope.dimensions,
        players=_.active_id.nunique(),
        features_used=_.used.count(),
    )
    rows = rows.mutate(feature_breadth=ratio(rows, "features_used", "players"))
    return arranged(rows, scope, "players", "features_used", "feature_breadth")


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
    events = tables.events.filter(tables.events.event_type == "achievement_unlocked")
    events = tables.numbered(events.select("player_id", "achievement_id", "event_date"))
    days = tables.part(events.distinct())
    days = days.filter(scope.counted(days.event_date))
    unlocked = days.select("player_id", "achievement_id", unlocker_id=days.player_id)
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


def _active(tables: Tables, scope: Scope, launched: Feature | None = None) -> ibis.Table:
    """Distinct numbered players active on the counted days, twice: to join by and to count."""
    days = tables.player_days.filter(
        tables.player_days.active_events > 0, scope.counted(tables.player_days.event_date)
    )
    if launched is not None and launched.launched is not None:
        days = days.filter(days.event_date >= ibis.date(launched.launched))
    ids = tables.numbered(days.select("player_id")).distinct()
    return ids.select("player_id", active_id=ids.player_id)


def _users(tables: Tables, scope: Scope, name: str, feature: Feature) -> ibis.Table:
    """Eligible players and adopters of one feature, below each other."""
    active = _active(tables, scope, feature).rename(eligible_id="active_id")
    active = eligible_rows(active, tables, feature)
    days = used_days(tables, feature)
    days = days.filter(scope.counted(days.event_date))
    adopters = days.select("player_id").distinct().semi_join(active, "player_id")
    facts = stacked(active, adopters.select("player_id", adopter_id=adopters.player_id))
    return attributed(facts, tables, scope).mutate(feature=ibis.literal(name))
