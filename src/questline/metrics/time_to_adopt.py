"""How long players take to adopt a feature, with those who have not yet."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _

from questline.metrics.base import (
    arranged,
    every_split,
    grouped,
    numbers,
    profiles,
    stacked,
    total,
)
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.features import (
    chosen_features,
    eligible_rows,
    feature_names,
    used_days,
)
from questline.metrics.intervals import greenwood
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables
from questline.metrics.use_options import DAYS_TO_ADOPT, FEATURE
from questline.settings import Feature

_HALF = 0.5 + 1e-9
"""A share of exactly one half comes out of logarithms a little beside it."""


@metric(
    title="Time to adopt",
    formula="1 - product over days i <= N of (1 - adopted on i / not adopted before i), "
    "among players observed on day i",
    grain="one row a feature and day number",
    unit="share of players",
    value="adopted",
    inputs=("events", "player_days", "players"),
    outputs=(
        Output("feature", Kind.TEXT, "Name in the settings."),
        Output("day_number", Kind.COUNT, "N: days since the player became eligible."),
        Output("players", Kind.COUNT, "Eligible players."),
        Output("at_risk", Kind.COUNT, "Of these, observed on day N and not adopting before it."),
        Output("adopters", Kind.COUNT, "Of these, adopted by day N."),
        Output("adopted", Kind.SHARE, "Kaplan-Meier share that has adopted by day N."),
        Output("low", Kind.SHARE, "Lower end of its 95 % interval."),
        Output("high", Kind.SHARE, "Upper end of its 95 % interval."),
        Output("median_days", Kind.COUNT, "First day by which half have adopted; NULL if not yet."),
    ),
    maturity="NULL where no eligible player was observed for N days, unless all had adopted.",
    options=(FEATURE, DAYS_TO_ADOPT),
    acquisition=True,
    cohorts=True,
)
def time_to_adopt(
    tables: Tables,
    scope: Scope,
    *,
    feature: str | None = None,
    days: tuple[int, ...] = (0, 1, 3, 7, 14, 30),
) -> ibis.Table:
    """Share of the eligible players who first use a feature within N days of becoming eligible.

    A player becomes eligible on the latest of acquisition, launch and his first active day since
    launch, if he has the attributes that the settings ask for. Players who stopped before the
    launch never do. Those who have not used it by complete_until are censored: they count as long
    as they were observed, and neither as adopters nor as refusing for good, so that young players
    do not press the share down. The period selects players by the day they became eligible.
    Where a player's acquisition and the launch both lie before complete_from he is left out: his
    first use may lie before the log.

    `adopters` is a plain count; `adopted` is not adopters / players. The interval takes
    Greenwood's variance on the scale of log(-log); it is NULL while nobody or once everybody has
    adopted. Whoever uses the feature before the day he becomes eligible adopts on day 0.

    References:
        E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations (1958);
        M. Greenwood, The natural duration of cancer (1926).
    """
    chosen = chosen_features(scope.features, feature)
    waits = stacked(*[_waits(tables, scope, name, one) for name, one in chosen.items()])
    asked = numbers(list(days), "day_number")
    subjects = every_split(feature_names(chosen).cross_join(asked), waits, scope)
    rows = _curve(stacked(waits, subjects.mutate(asked=1)), ["feature", *scope.dimensions])
    rows = rows.filter(rows.asked > 0)
    columns = ("players", "at_risk", "adopters", "adopted", "low", "high", "median_days")
    return arranged(rows, scope, *columns, first=("feature", "day_number"))


def _waits(tables: Tables, scope: Scope, name: str, feature: Feature) -> ibis.Table:
    """One row an eligible player: `day_number` of adoption (`adopts` = 1) or of the last sight."""
    begin, end = scope.observed
    launched = feature.launched or date.min
    active = tables.player_days.filter(_.active_events > 0, _.event_date <= ibis.date(end))
    active = tables.numbered(active.select("player_id", active_on=active.event_date))
    uses = used_days(tables, feature).filter(_.event_date <= ibis.date(end))
    if feature.launched is not None:
        active = active.filter(active.active_on >= ibis.date(feature.launched))
    facts = stacked(active, uses.select("player_id", used_on=uses.event_date))
    people = grouped(facts, ["player_id"], active_on=_.active_on.min(), used_on=_.used_on.min())
    people = eligible_rows(people.filter(people.active_on.notnull()), tables, feature)
    known = profiles(tables, scope).select("player_id", "acquired_on", *scope.dimensions)
    known = tables.numbered(known)
    people = people.inner_join(known, "player_id").select(
        *("active_on", "used_on", "acquired_on"), *scope.dimensions
    )
    if launched < begin:
        people = people.filter(people.acquired_on >= ibis.date(begin))
    start = ibis.greatest(people.acquired_on.coalesce(people.active_on), people.active_on)
    people = people.mutate(start=start)
    people = people.filter(_chosen_start(people.start, scope))
    until = people.used_on.coalesce(ibis.date(end))
    wait = ibis.greatest(until.delta(people.start, unit="day").cast("int64"), 0)
    return people.select(
        *scope.dimensions,
        feature=ibis.literal(name),
        day_number=wait.cast("int64"),
        adopts=people.used_on.notnull().cast("int64"),
        one=1,
    )


def _chosen_start(start: ibis.DateValue, scope: Scope) -> ibis.BooleanValue:
    end = scope.observed[1] if scope.asked_to is None else min(scope.observed[1], scope.asked_to)
    begin = scope.asked_from or scope.observed[0]
    return start.between(ibis.date(begin), ibis.date(end))


def _curve(facts: ibis.Table, keys: list[str]) -> ibis.Table:
    """Kaplan-Meier's estimate on each day number at which something happens or is asked."""
    rows = grouped(
        facts,
        [*keys, "day_number"],
        leaving=_.one.count(),
        adopting=total(_.adopts),
        asked=total(_.asked),
    )
    so_far = ibis.cumulative_window(group_by=keys, order_by="day_number")
    everybody = rows.leaving.sum().over(group_by=keys)
    rows = rows.mutate(
        players=everybody,
        at_risk=everybody - rows.leaving.sum().over(so_far) + rows.leaving,
        adopters=rows.adopting.sum().over(so_far),
    )
    risk, left = rows.at_risk.cast("float64"), (rows.at_risk - rows.adopting).cast("float64")
    some = (rows.adopting > 0) & (rows.at_risk > rows.adopting)
    rows = rows.mutate(
        log=some.ifelse((left / risk.nullif(0)).nullif(0).ln(), 0.0),
        variance=some.ifelse(rows.adopting / (risk * left).nullif(0), 0.0),
        last=((rows.adopting > 0) & (rows.at_risk == rows.adopting)).cast("int64"),
    )
    rows = rows.mutate(
        log=rows.log.sum().over(so_far),
        variance=rows.variance.sum().over(so_far),
        all_adopted=rows["last"].max().over(so_far) > 0,
    )
    return _with_interval(rows, keys)


def _with_interval(rows: ibis.Table, keys: list[str]) -> ibis.Table:
    unknown = ibis.null("float64")
    known = rows.all_adopted | (rows.at_risk > 0)
    waiting = rows.all_adopted.ifelse(0.0, rows.log.exp())
    rows = rows.mutate(
        adopted=known.ifelse(1.0 - waiting, unknown),
        wide=(known & ~rows.all_adopted & (rows.log < 0)),
        half=(known & (waiting <= _HALF)).ifelse(rows.day_number, ibis.null("int64")),
    )
    low, high = greenwood(rows.wide.ifelse(rows.log, unknown), rows.variance)
    return rows.mutate(
        low=low,
        high=high,
        median_days=rows.half.min().over(group_by=keys),
    )
