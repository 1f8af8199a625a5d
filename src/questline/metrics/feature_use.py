"""How features are used: users a day, adopters so far, use again and retention of adopters."""

from __future__ import annotations

from datetime import date

import ibis
from ibis import _

from questline.metrics.base import (
    arranged,
    every_split,
    grouped,
    numbers,
    ratio,
    shifted,
    stacked,
    total,
)
from questline.metrics.catalogue import COMPLETE, DAY, SHOWN_DAYS, Kind, Output, metric
from questline.metrics.features import chosen_features, days_of_use, feature_names
from questline.metrics.intervals import wilson
from questline.metrics.options import PER
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables
from questline.metrics.trailing import known_windows, running, trailing
from questline.metrics.use_options import DAYS_OF_USE, FEATURE
from questline.settings import Feature

MONTH = 30
NAME = Output("feature", Kind.TEXT, "Name in the settings.")
_USERS = ("users", "new_users", "repeat_users", "adopters", "uses", "depth", "stickiness")


@metric(
    title="Feature users",
    formula="depth = uses / sum of daily users; stickiness = sum of daily users / sum of monthly "
    "users",
    grain="one row a feature for the period, or one a feature and day",
    unit="players",
    value="users",
    inputs=("events", "players"),
    outputs=(
        DAY,
        NAME,
        Output("users", Kind.COUNT, "Distinct players who used it."),
        Output("new_users", Kind.COUNT, "Of these, those who did for the first time ever."),
        Output("repeat_users", Kind.COUNT, "Of these, those who by then used it on two days."),
        Output("adopters", Kind.COUNT, "Players who had ever used it by the end."),
        Output("uses", Kind.COUNT, "Value events."),
        Output("depth", Kind.NUMBER, "Uses for one player and day with a use."),
        Output("monthly_users", Kind.COUNT, "Users in the thirty days to the day; only per day."),
        Output("stickiness", Kind.SHARE, "Daily users / users of the thirty days to the day."),
        COMPLETE,
    ),
    maturity="stickiness is of days with thirty observed days of the launched feature. "
    + SHOWN_DAYS,
    options=(FEATURE, PER),
)
def feature_users(
    tables: Tables, scope: Scope, *, feature: str | None = None, per: Per = "period"
) -> ibis.Table:
    """Players who use a feature: daily, for the first time, again, and ever.

    A use is the value event that the settings declare, from the day of launch on, by a player
    with the attributes that make eligible. The first use is the first in the whole log, also
    where the period begins later. `repeat_users` have used the feature on at least two different
    days by the end of the day or period. Over a period counts are of its observed days, depth and
    stickiness ratios of sums over them.
    """
    chosen = chosen_features(scope.features, feature)
    used = days_of_use(tables, scope, chosen)
    before = used.event_date.lag().over(group_by=["feature", "player_id"], order_by="event_date")
    used = used.mutate(new_users=before.isnull().cast("int64"))
    daily = _daily(used, scope, chosen)
    if per == "day":
        daily = daily.mutate(
            depth=ratio(daily, "uses", "users"),
            stickiness=ratio(daily, "users", "monthly_users"),
        )
        columns = (*_USERS[:-1], "monthly_users", "stickiness")
        return arranged(daily, scope, *columns, first=("feature",))
    return _pooled(used, daily, scope, chosen)


def _daily(used: ibis.Table, scope: Scope, chosen: dict[str, Feature]) -> ibis.Table:
    """Counts of each feature and day of the period."""
    keys = ["feature", *scope.dimensions]
    rows = trailing(used, scope, MONTH, subjects=feature_names(chosen), sums=("new_users", "uses"))
    rows = rows.mutate(adopters=rows.new_users.sum().over(running(keys)))
    rows = known_windows(rows, scope, MONTH).rename(users="dau", monthly_users="players")
    unknown = ibis.null(rows.monthly_users.type())
    late = [
        (
            (rows.feature == name)
            & (rows.event_date < shifted(ibis.date(one.launched), MONTH - 1)),
            unknown,
        )
        for name, one in chosen.items()
        if one.launched is not None
    ]
    monthly = ibis.cases(*late, else_=rows.monthly_users) if late else rows.monthly_users
    return rows.mutate(monthly_users=monthly, repeat_users=rows.users - rows.new_users)


def _pooled(
    used: ibis.Table, daily: ibis.Table, scope: Scope, chosen: dict[str, Feature]
) -> ibis.Table:
    last = min(scope.last, scope.facts.complete_until or date.min)
    used = used.filter(used.event_date <= ibis.date(last))
    counted = scope.counted(used.event_date)
    keys = ["feature", *scope.dimensions]
    people = grouped(
        used,
        ["player_id", *keys],
        days=_.count(),
        days_here=total(counted.cast("int64")),
        new_users=total(counted.ifelse(used.new_users, 0)),
        uses=total(counted.ifelse(used.uses, 0)),
    )
    here = (people.days_here > 0).cast("int64")
    people = people.mutate(users=here, repeat_users=(people.days >= 2).ifelse(here, 0), adopters=1)
    known = daily.filter(scope.counted(daily.event_date), daily.monthly_users.notnull())
    months = known.select(*keys, "monthly_users", daily_users=known.users)
    rows = grouped(
        stacked(people, months, every_split(feature_names(chosen), used, scope)),
        keys,
        **{c: total(_[c]) for c in (*_USERS[:-2], "days_here", "daily_users", "monthly_users")},
    )
    rows = rows.mutate(
        depth=ratio(rows, "uses", "days_here"),
        stickiness=ratio(rows, "daily_users", "monthly_users"),
    )
    return arranged(rows, scope, *_USERS, first=("feature",))


@metric(
    title="Feature retention",
    formula="adopters who used it on first use + N / adopters with that day observed",
    grain="one row a feature and day number",
    unit="share of adopters",
    value="retention",
    inputs=("events", "players"),
    outputs=(
        NAME,
        Output("day_number", Kind.COUNT, "N: days after the day of the first use."),
        Output("adopters", Kind.COUNT, "Players whose first use is N observed days ago or more."),
        Output("retained", Kind.COUNT, "Of these, those who used it on day N; NULL over none."),
        Output("retention", Kind.SHARE, "retained / adopters."),
        Output("low", Kind.SHARE, "Lower end of the 95 % Wilson interval of retention."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output("repeated", Kind.COUNT, "Of the adopters, those who used it on a day from 1 to N."),
        Output("repeat_rate", Kind.SHARE, "repeated / adopters."),
    ),
    maturity="An adopter enters only if first use + N lies from complete_from to complete_until.",
    options=(FEATURE, DAYS_OF_USE),
    cohorts=True,
)
def feature_retention(
    tables: Tables,
    scope: Scope,
    *,
    feature: str | None = None,
    days: tuple[int, ...] = (1, 7, 28),
) -> ibis.Table:
    """Share of a feature's adopters who use it again exactly N days after their first use.

    Classic retention with the first use as the start and a use as the return; playing without
    using the feature is no return. `repeated` counts a second day of use from day 1 to day N,
    with the same adopters and so the same time for all. The period selects adopters by the day of
    their first use, which is the first in the whole log. First uses before complete_from do not
    count: nobody knows whether they were the first.
    """
    chosen = chosen_features(scope.features, feature)
    keys = ["feature", *scope.dimensions]
    asked = numbers(list(days), "day_number")
    used = _since_first(days_of_use(tables, scope, chosen), scope)
    adopters = used.filter(used.day == 0).cross_join(asked)
    back = used.inner_join(asked, used.day == asked.day_number)
    rows = grouped(
        stacked(
            adopters.select(
                *keys,
                "day_number",
                "left",
                one=1,
                retained=0,
                repeated=(adopters.second <= adopters.day_number).cast("int64").coalesce(0),
            ),
            back.select(*keys, "day_number", "left", retained=1, repeated=0),
            every_split(feature_names(chosen).cross_join(asked), used, scope),
        ).filter((_.left >= _.day_number).coalesce(ibis.literal(value=True))),
        [*keys, "day_number"],
        adopters=_.one.count(),
        retained=_.retained.sum(),
        repeated=_.repeated.sum(),
    )
    rows = rows.mutate(
        retention=ratio(rows, "retained", "adopters"),
        repeat_rate=ratio(rows, "repeated", "adopters"),
    )
    low, high = wilson(rows.retention, rows.adopters.nullif(0).cast("float64"))
    columns = ("adopters", "retained", "retention", "low", "high", "repeated", "repeat_rate")
    return arranged(
        rows.mutate(low=low, high=high), scope, *columns, first=("feature", "day_number")
    )


def _since_first(used: ibis.Table, scope: Scope) -> ibis.Table:
    """Days of use as `day` numbers since the first use, of the adopters of the period.

    `second` is the number of the next day of use; `left` counts the days observed since the first.
    """
    by_player = ibis.window(group_by=["feature", "player_id"])
    in_order = ibis.window(group_by=["feature", "player_id"], order_by="event_date")
    used = used.mutate(
        first=used.event_date.min().over(by_player), following=used.event_date.lead().over(in_order)
    )
    begin, end = scope.observed
    used = used.filter(
        used.first.between(
            ibis.date(max(begin, scope.asked_from or begin)),
            ibis.date(min(end, scope.asked_to or end)),
        )
    )
    return used.mutate(
        day=used.event_date.delta(used.first, unit="day").cast("int64"),
        second=used.following.delta(used.first, unit="day").cast("int64"),
        left=ibis.date(end).delta(used.first, unit="day").cast("int64"),
    )
