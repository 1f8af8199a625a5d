"""When players pay for the first time, counted from their day of acquisition."""

from __future__ import annotations

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.base import grouped, numbers, shifted, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.cohorts import cohort_players
from questline.metrics.intervals import greenwood, wilson
from questline.metrics.money import paid
from questline.metrics.retention_options import BALANCED, DAY_COHORTS, DAY_NUMBERS
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

DAY_NUMBER = Output("day_number", Kind.COUNT, "N: days after the day of acquisition, as asked.")
SHARES = ("conversion", "low", "high", "observable", "observable_on")


@metric(
    title="First purchase by age",
    formula="players whose first purchase came by acquisition date + N / players of the cohorts",
    grain="one row a day number; with `cohorts` one a day of acquisition and day number",
    unit="share of players",
    value="conversion",
    inputs=("players", "purchases"),
    outputs=(
        Output("acquisition_date", Kind.DATE, "The cohort; only with `cohorts`."),
        DAY_NUMBER,
        Output(
            "players",
            Kind.COUNT,
            "Players of the cohorts for which days 0 to N were observed; of the cohort with "
            "`cohorts`.",
        ),
        Output("payers", Kind.COUNT, "Of these, those who paid by day N; NULL if not observed."),
        Output("conversion", Kind.SHARE, "payers / players; NULL if not observed."),
        Output("low", Kind.SHARE, "Lower end of the 95 % Wilson interval of conversion."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output(
            "observable", Kind.FLAG, "Whether days 0 to N of at least one cohort were observed."
        ),
        Output("observable_on", Kind.DATE, "The day that must be complete for the first cohort."),
    ),
    maturity="A cohort c enters only if all days from c to c + N lie from complete_from to "
    "complete_until.",
    options=(DAY_NUMBERS, BALANCED, DAY_COHORTS),
    acquisition=True,
    cohorts=True,
)
def first_purchase(
    tables: Tables,
    scope: Scope,
    *,
    days: tuple[int, ...] = (0, 1, 7, 30),
    balanced: bool = False,
    cohorts: str | None = None,
) -> ibis.Table:
    """Share of a cohort's players who paid for the first time by day N after acquisition.

    A purchase that was paid back in full, whenever, or a free item is no payment; purchases
    before the day of acquisition do not count. Cohorts that are too young for N are in neither
    numerator nor denominator, so every N has its own set of cohorts unless `balanced` leaves
    those that have all; cohorts acquired before the log began are left out, because their first
    purchase may lie before it. The period selects cohorts. `first_purchase_curve` uses the young
    cohorts too.
    """
    if cohorts and scope.by is not None and scope.by.column == "acquisition_date":
        raise UsageError("--cohorts already has one row per acquisition_date; leave --by out.")
    if cohorts and balanced:
        raise UsageError("--balanced pools cohorts, --cohorts shows each; leave one of them out.")
    keys = [*(["cohort"] if cohorts else []), *scope.dimensions]
    asked = numbers(list(days), "day_number")
    cells = _firsts(tables, scope).cross_join(asked)
    whole = cells.followed >= (days[-1] if balanced else cells.day_number)
    cells = cells.mutate(whole=whole, done=whole & (cells.day <= cells.day_number))
    rows = grouped(
        stacked(cells, asked) if not keys else cells,
        [*keys, "day_number"],
        everyone=total(_.players),
        players=_.players.sum(where=_.whole).coalesce(0),
        payers=_.players.sum(where=_.done).coalesce(0),
        first_cohort=_.cohort.min(),
    )
    rows = rows.mutate(
        observable=rows.players > 0,
        observable_on=shifted(rows.first_cohort, days[-1] if balanced else rows.day_number),
        payers=(rows.players > 0).ifelse(rows.payers, ibis.null("int64")),
    )
    size = rows.players.nullif(0).cast("float64")
    rows = rows.mutate(conversion=rows.payers.cast("float64") / size)
    low, high = wilson(rows.conversion, size)
    rows = rows.mutate(low=low, high=high)
    if cohorts:
        rows = rows.mutate(players=rows.everyone).rename(acquisition_date="cohort")
    names = ["acquisition_date" if key == "cohort" else key for key in keys]
    rows = rows.select(*names, "day_number", "players", "payers", *SHARES)
    return rows.order_by([*names, "day_number"])


@metric(
    title="First purchase curve",
    formula="paid_share = 1 - product over days k <= N of (1 - converted_k / at_risk_k)",
    grain="one row a day number",
    unit="share of players",
    value="paid_share",
    inputs=("players", "purchases"),
    outputs=(
        DAY_NUMBER,
        Output(
            "at_risk", Kind.COUNT, "Players whose day N was observed and who had not paid before."
        ),
        Output("converted", Kind.COUNT, "Of these, players whose first purchase came on day N."),
        Output("paid_share", Kind.SHARE, "Kaplan-Meier estimate of those who paid by day N."),
        Output("low", Kind.SHARE, "Lower end of its 95 % interval; NULL at 0 and 1."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output("observable", Kind.FLAG, "Whether anybody could be watched up to day N."),
        Output("observable_on", Kind.DATE, "The day that must be complete for the first cohort."),
    ),
    maturity="A player is at risk on day k only if acquisition date + k lies from complete_from "
    "to complete_until.",
    options=(DAY_NUMBERS,),
    acquisition=True,
    cohorts=True,
)
def first_purchase_curve(
    tables: Tables, scope: Scope, *, days: tuple[int, ...] = (0, 1, 3, 7, 14, 30)
) -> ibis.Table:
    """Share of players who have paid by day N, from young and old cohorts: the Kaplan-Meier curve.

    The median time to purchase of those who bought is too short, because slow buyers of young
    cohorts are still to come. Here everyone who has not paid counts for as many days as he could
    be watched. Payments and cohorts are those of `first_purchase`. Young cohorts are taken to buy
    like old ones did at their age: where they do not, `first_purchase` with `cohorts` shows it.

    References:
        Kaplan and Meier, Nonparametric estimation from incomplete observations (1958); variance
        by Greenwood (1926), the interval on the scale log(-log), which keeps it from 0 to 1.
    """
    keys = scope.dimensions
    cells = _firsts(tables, scope)
    cells = cells.mutate(bought=cells.day.notnull(), until=cells.day.coalesce(cells.followed))
    ends = grouped(
        cells,
        [*keys, "until", "bought"],
        players=_.players.sum(),
        longest=_.followed.max(),
        cohort=_.cohort.min(),
    )
    every = numbers(list(range(days[-1] + 1)), "day_number")
    grid = ends.cross_join(every)
    rows = grouped(
        stacked(grid, every) if not keys else grid,
        [*keys, "day_number"],
        at_risk=_.players.sum(where=_.until >= _.day_number).coalesce(0),
        converted=_.players.sum(where=(_.until == _.day_number) & _.bought).coalesce(0),
        longest=_.longest.max(),
        first_cohort=_.cohort.min(),
    )
    rows = _survival(rows, keys).filter(_.day_number.isin(days))
    left = (rows.at_risk > 0) | rows.all_paid
    rows = rows.mutate(
        observable=(left & (rows.longest >= rows.day_number)).coalesce(ibis.literal(value=False)),
        observable_on=shifted(rows.first_cohort, rows.day_number),
    )
    unknown = ibis.null("float64")
    shares = ("paid_share", "low", "high")
    rows = rows.mutate(**{name: rows.observable.ifelse(rows[name], unknown) for name in shares})
    columns = ("day_number", "at_risk", "converted", *shares, "observable", "observable_on")
    return rows.select(*keys, *columns).order_by([*keys, "day_number"])


def _survival(rows: ibis.Table, keys: list[str]) -> ibis.Table:
    """`rows` of all day numbers with the estimate and its interval."""
    sofar = ibis.cumulative_window(group_by=keys, order_by="day_number")
    risk, hit = rows.at_risk.cast("float64"), rows.converted.cast("float64")
    stay = (risk - hit).nullif(0)
    step = (stay / risk.nullif(0)).ln()
    rows = rows.mutate(
        log_left=step.coalesce(0).sum().over(sofar),
        spread=(hit / (risk.nullif(0) * stay)).coalesce(0).sum().over(sofar),
        all_paid=((rows.at_risk > 0) & (rows.converted == rows.at_risk))
        .cast("int64")
        .max()
        .over(sofar)
        > 0,
    )
    some = (rows.log_left < 0) & ~rows.all_paid
    log_left = some.ifelse(rows.log_left, ibis.null("float64"))
    low, high = greenwood(log_left, rows.spread)
    paid_share = rows.all_paid.ifelse(1.0, 1 - rows.log_left.exp())
    return rows.mutate(paid_share=paid_share, low=low, high=high)


def _firsts(tables: Tables, scope: Scope) -> ibis.Table:
    """Players of the cohorts since the log began, by cohort and day number of first payment.

    `day` is NULL for those who have not paid; `followed` is the last day number observed, below 0
    for cohorts to come.
    """
    first, last = (ibis.date(day) for day in scope.observed)
    players = cohort_players(tables, scope).filter(_.cohort >= first)
    bought = tables.purchases
    bought = bought.filter(paid(bought) & (bought.event_date <= last))
    bought = bought.select("player_id", "event_date")
    joined = players.left_join(
        bought,
        [players.player_id == bought.player_id, bought.event_date >= players.cohort],
    )
    keys = [*scope.dimensions, "cohort"]
    each = joined.group_by("player_id", *keys).aggregate(first_on=_.event_date.min())
    each = each.mutate(day=each.first_on.delta(each.cohort, unit="day").cast("int64"))
    cells = grouped(each, [*keys, "day"], players=_.count())
    return cells.mutate(followed=last.delta(cells.cohort, unit="day").cast("int64"))
