"""Players: who they are, when they came, and what was first known of them."""

import ibis
from ibis import _
from ibis.expr.types import Table

from questline.models.rules import Rules

_ATTRIBUTES = ("platform", "country", "app_version", "device")


def first_seen(events: Table, rules: Rules) -> Table:
    """One row a player, from these events alone; `merge_first_seen` joins several of them.

    An attribute is the value on the earliest event that has one (at equal times the least value).
    """
    active = ~_.event_type.isin(rules.inactive_event_types)
    base = events.group_by("player_id").aggregate(
        first_ts=_.event_ts.min(), first_active_at=_.event_ts.min(where=active)
    )
    for name in _ATTRIBUTES:
        known = events.filter(events[name].notnull())
        found = _earliest(known.select("player_id", value=known[name], at=known.event_ts), name)
        base = base.left_join(found, "player_id").drop("player_id_right")
    exposures = events.filter(_.event_type == "experiment_exposure").select(
        "player_id", "experiment", "variant", exposed_at=_.event_ts
    )
    return _with_variants(base, exposures).mutate(first_month=_month(_.first_ts))


def merge_first_seen(parts: Table) -> Table:
    """One row a player, from several rows of `first_seen` about disjoint events."""
    base = parts.group_by("player_id").aggregate(
        first_ts=_.first_ts.min(), first_active_at=_.first_active_at.min()
    )
    for name in _ATTRIBUTES:
        at = f"{name}_at"
        known = parts.filter(parts[name].notnull())
        found = _earliest(known.select("player_id", value=known[name], at=known[at]), name)
        base = base.left_join(found, "player_id").drop("player_id_right")
    unnested = parts.select("player_id", exposure=_.variants.unnest())
    exposures = unnested.select(
        "player_id",
        experiment=_.exposure["experiment"],
        variant=_.exposure["variant"],
        exposed_at=_.exposure["exposed_at"],
    )
    return _with_variants(base, exposures).mutate(first_month=_month(_.first_ts))


def players(first_seen: Table, registrations: Table, days: Table) -> Table:
    """One row a player known from events or from metadata.

    Metadata wins where it states a value. Acquisition is the metadata's time, else the first
    active event; NULL where neither is known. `days` maps instants to reporting days.
    """
    known = registrations.select(
        "player_id",
        registered_at=_.acquired_at,
        meta_platform=_.platform,
        meta_country=_.country,
        meta_version=_.app_version,
        channel=_.channel,
        registered=True,
    )
    both = first_seen.outer_join(known, "player_id").mutate(
        player_id=ibis.coalesce(_.player_id, _.player_id_right),
        acquired_at=ibis.coalesce(_.registered_at, _.first_active_at),
    )
    dated = both.left_join(
        days, [both.acquired_at >= days.starts_at, both.acquired_at < days.ends_at]
    )
    none = ibis.null("string")
    return dated.select(
        "player_id",
        "acquired_at",
        "first_active_at",
        "channel",
        "device",
        "variants",
        acquisition_date=_.event_date,
        acquisition_month=ibis.ifelse(_.event_date.notnull(), _month(_.event_date), none),
        acquisition_source=ibis.cases(
            (_.registered_at.notnull(), "metadata"), (_.acquired_at.notnull(), "first_event")
        ),
        cohort_week=_.event_date.truncate("W").cast("timestamp").cast("date"),
        registered=_.registered.fill_null(ibis.literal(value=False)),
        platform=ibis.coalesce(_.meta_platform, _.platform),
        country=ibis.coalesce(_.meta_country, _.country),
        first_version=ibis.coalesce(_.meta_version, _.app_version),
    )


def _earliest(known: Table, name: str) -> Table:
    # A player has few values, so all that follows the first grouping is small.
    values = known.group_by(["player_id", "value"]).aggregate(at=_.at.min())
    first = values.group_by("player_id").aggregate(first_at=_.at.min())
    tied = values.join(first, "player_id").filter(_.at == _.first_at)
    return tied.group_by("player_id").aggregate(**{name: _.value.min(), f"{name}_at": _.at.min()})


def _with_variants(base: Table, exposures: Table) -> Table:
    order = ibis.window(group_by=["player_id", "experiment"], order_by=["exposed_at", "variant"])
    ranked = exposures.mutate(place=ibis.row_number().over(order))
    packed = (
        ranked.filter(_.place == 0)
        .group_by("player_id")
        .aggregate(
            variants=ibis.struct(
                {"experiment": _.experiment, "variant": _.variant, "exposed_at": _.exposed_at}
            )
            .collect()
            .sort()
        )
    )
    return base.left_join(packed, "player_id").drop("player_id_right")


def _month(moment: ibis.Deferred) -> ibis.Deferred:
    return moment.strftime("%Y-%m")
