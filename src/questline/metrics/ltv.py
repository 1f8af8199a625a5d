"""Lifetime value: revenue per player by days since acquisition."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.base import grouped, numbers, shifted, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.cohorts import cohort_players
from questline.metrics.intervals import Z95
from questline.metrics.money_options import MONEY, Money
from questline.metrics.retention_options import BALANCED, DAY_COHORTS, DAY_NUMBERS
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

_NOISE = 1e-12
"""A variance below this share of the squares it is the difference of is rounding, and 0."""
DIGITS = 6
"""Of a dollar, that the ends of an interval are told to."""


@metric(
    title="Lifetime value",
    formula="sum over days k = 0 to N of revenue on day k / players whose day k was observed",
    grain="one row a day number; with `cohorts` one a day of acquisition and day number",
    unit="USD per player",
    inputs=("players", "player_days"),
    outputs=(
        Output("acquisition_date", Kind.DATE, "The cohort; only with `cohorts`."),
        Output("day_number", Kind.COUNT, "N: days after the day of acquisition, as asked."),
        Output(
            "players",
            Kind.COUNT,
            "Players of the cohorts for which days 0 to N were observed; of the cohort with "
            "`cohorts`.",
        ),
        Output(
            "revenue_usd",
            Kind.USD,
            "Revenue up to day N, also of players for whom fewer days were observed; NULL if none "
            "was observed to the end.",
        ),
        Output("ltv", Kind.USD_EACH, "Revenue per player up to day N; NULL if not observed."),
        Output(
            "low", Kind.USD_EACH, "Lower end of its 95 % interval over players, to a millionth."
        ),
        Output("high", Kind.USD_EACH, "Upper end of that interval."),
        Output(
            "observable", Kind.FLAG, "Whether days 0 to N of at least one cohort were observed."
        ),
        Output("observable_on", Kind.DATE, "The day that must be complete for the first cohort."),
    ),
    maturity="Day k of a cohort c enters only if c and c + k lie from complete_from to "
    "complete_until.",
    options=(DAY_NUMBERS, MONEY, BALANCED, DAY_COHORTS),
    acquisition=True,
    cohorts=True,
)
def ltv(
    tables: Tables,
    scope: Scope,
    *,
    days: tuple[int, ...] = (0, 1, 3, 7, 14, 30),
    revenue: Money = "total",
    balanced: bool = False,
    cohorts: str | None = None,
) -> ibis.Table:
    """Revenue per player from the day of acquisition to day N, added up day number by day number.

    Each day number k has its own ratio, revenue of the cohorts whose day k was observed over
    their players, and the curve is the sum of these ratios. So young cohorts count as far as they
    go and no cohort counts with days that are still to come; it takes young cohorts to become
    like old ones. `balanced` leaves only cohorts observed up to the largest day asked: the value
    then is `revenue_usd / players`. Refunds count on the day of their purchase and in full,
    whenever they came. The period selects cohorts; those acquired before the log began are left
    out, because their first days were not seen. Nothing is predicted. NULL where no purchase
    states its price.

    The interval takes players, not purchases, as the units that vary. With N_k players observed
    on day k and r_k their mean revenue on it, a player adds sum_k (own revenue on day k - r_k) /
    N_k to the error of the curve; the variance is the sum of the squares, times n / (n - 1) for
    the n `players`. For balanced cohorts this is the usual standard error of a mean. It may reach
    below 0, and few large payers make it too narrow: with less than a hundred payers the truth
    lies outside more often than once in twenty.

    References:
        The age-wise sum is the estimator of a mean function under right censoring, as Nelson
        (1988) gives it for recurrent costs. Mixpanel counts the balanced form as retention "on or
        before" with a sum.
    """
    if cohorts and scope.by is not None and scope.by.column == "acquisition_date":
        raise UsageError("--cohorts already has one row per acquisition_date; leave --by out.")
    if cohorts and balanced:
        raise UsageError("--balanced pools cohorts, --cohorts shows each; leave one of them out.")
    keys = [*(["cohort"] if cohorts else []), *scope.dimensions]
    ages = numbers(list(range(days[-1] + 1)), "age")
    players = cohort_players(tables, scope)
    players = players.filter(players.cohort >= ibis.date(scope.observed[0]))
    cells = _cells(players, scope, ages, days[-1] if balanced else None)
    until = scope.observed[1] - timedelta(days=days[-1] if balanced else 0)
    watched = players.filter(players.cohort <= ibis.date(until))
    spent = _spent(tables, scope, watched, days[-1], revenue)
    joined = _weighed(spent, cells, keys)
    curve = _curve(cells, joined, keys, scope, None if keys else ages)
    return _answer(curve, keys, days, balanced=balanced)


def _cells(players: ibis.Table, scope: Scope, ages: ibis.Table, least: int | None) -> ibis.Table:
    """One row a cohort and age: its size, and as `watched` again where the age was observed."""
    last = ibis.date(scope.observed[1])
    sizes = grouped(players, [*scope.dimensions, "cohort"], size=_.count())
    cells = sizes.mutate(followed=last.delta(sizes.cohort, unit="day").cast("int64"))
    cells = cells.cross_join(ages)
    seen = cells.followed >= (cells.age if least is None else least)
    return cells.mutate(watched=seen.ifelse(cells.size, 0)).drop("followed")


def _spent(
    tables: Tables, scope: Scope, players: ibis.Table, most: int, revenue: Money
) -> ibis.Table:
    """One row a player and observed age with money: `usd`, and how many purchases had a price."""
    days = tables.player_days
    net = days.gross_usd.coalesce(0) - days.refunded_usd.coalesce(0)
    ads = days.ad_revenue_usd.coalesce(0)
    usd = {"total": net + ads, "iap": net, "ads": ads}[revenue].cast("decimal(38, 6)")
    bought = ibis.literal(0) if revenue == "ads" else days.purchases.coalesce(0)
    facts = days.select(
        "player_id",
        "event_date",
        usd=usd,
        bought=bought.cast("int64"),
        priced=days.gross_usd.notnull().ifelse(bought, 0).cast("int64"),
    )
    facts = facts.filter((facts.usd != 0) | (facts.bought > 0))
    facts = facts.filter(facts.event_date <= ibis.date(scope.observed[1]))
    joined = facts.inner_join(players, "player_id")
    joined = joined.mutate(age=joined.event_date.delta(joined.cohort, unit="day").cast("int64"))
    columns = ("player_id", *scope.dimensions, "cohort", "age", "usd", "bought", "priced")
    return joined.filter(joined.age.between(0, most)).select(*columns)


def _weighed(spent: ibis.Table, cells: ibis.Table, keys: list[str]) -> ibis.Table:
    """`spent` by cohort and age; `part` is revenue over the players of the age.

    `squares` adds up to the sum of the squares of the players' running sums of it.
    """
    sizes = grouped(cells, [*keys, "age"], among=_.watched.sum())
    same = [spent[c].identical_to(sizes[c]) for c in keys]
    each = spent.inner_join(sizes, [spent.age == sizes.age, *same]).select(spent, "among")
    each = each.mutate(part=each.usd.cast("float64") / each.among.cast("float64"))
    sofar = ibis.cumulative_window(group_by="player_id", order_by="age")
    each = each.mutate(run=each.part.sum().over(sofar))
    return grouped(
        each,
        [*[c for c in spent.columns if c in keys and c != "cohort"], "cohort", "age"],
        usd=_.usd.sum(),
        part=_.part.sum(),
        squares=(_.part * (2 * _.run - _.part)).sum(),
        bought=_.bought.sum(),
        priced=_.priced.sum(),
    )


def _curve(
    cells: ibis.Table,
    spent: ibis.Table,
    keys: list[str],
    scope: Scope,
    ages: ibis.Table | None,
) -> ibis.Table:
    """One row a group and age: players, revenue, and the steps of value and variance."""
    cohort = [*scope.dimensions, "cohort"]
    full = grouped(
        stacked(cells, spent),
        [*cohort, "age"],
        size=total(_["size"]),
        watched=total(_.watched),
        usd=_.usd.sum(),
        part=_.part.sum().coalesce(0.0),
        squares=_.squares.sum().coalesce(0.0),
        bought=total(_.bought),
        priced=total(_.priced),
    )
    group = ibis.window(group_by=[*keys, "age"])
    full = full.mutate(among=full.watched.sum().over(group), earned=full.usd.sum().over(group))
    among = full.among.nullif(0).cast("float64")
    mean = (full.earned.cast("float64") / among / among).coalesce(0.0)
    full = full.mutate(mean=(full.watched > 0).ifelse(mean, 0.0))
    sofar = ibis.cumulative_window(group_by=cohort, order_by="age")
    full = full.mutate(own=full.part.sum().over(sofar), usual=full["mean"].sum().over(sofar))
    before_own, before_usual = full.own - full.part, full.usual - full["mean"]
    size = full["size"].cast("float64")
    full = full.mutate(
        spread=full.squares
        + size * (full.usual * full.usual - before_usual * before_usual)
        - 2 * (full.own * full.usual - before_own * before_usual)
    )
    return grouped(
        full if ages is None else stacked(full, ages),
        [*keys, "age"],
        everyone=total(_["size"]),
        players=total(_.watched),
        first_cohort=_.cohort.min() if "cohort" not in keys else _.age.min(),
        usd=_.usd.sum().coalesce(0),
        squares=_.squares.sum(),
        spread=_.spread.sum(),
        bought=total(_.bought),
        priced=total(_.priced),
    )


def _answer(
    curve: ibis.Table, keys: list[str], days: tuple[int, ...], *, balanced: bool
) -> ibis.Table:
    """The asked ages of the curve, added up and with its interval."""
    sofar = ibis.cumulative_window(group_by=keys, order_by="age")
    step = curve.usd.cast("float64") / curve.players.nullif(0).cast("float64")
    sums = {n: curve[n].sum().over(sofar) for n in ("usd", "squares", "spread", "bought", "priced")}
    rows = curve.mutate(**sums, value=step.sum().over(sofar)).filter(curve.age.isin(days))
    known = (rows.players > 0) & ((rows.bought == 0) | (rows.priced > 0))
    unknown = ibis.null("float64")
    players = rows.players.cast("float64")
    variance = (rows.spread > _NOISE * rows.squares).ifelse(rows.spread, 0.0)
    error = Z95 * (variance * players / (players - 1).nullif(0)).sqrt()
    first = rows["cohort"] if "cohort" in keys else rows.first_cohort
    rows = rows.mutate(
        day_number=rows.age,
        revenue_usd=known.ifelse(rows.usd, ibis.null("decimal(38, 6)")),
        ltv=known.ifelse(rows.value, unknown),
        # Threads add up squares in any order; their last digits are no part of the answer.
        low=known.ifelse((rows.value - error).round(DIGITS), unknown),
        high=known.ifelse((rows.value + error).round(DIGITS), unknown),
        observable=rows.players > 0,
        observable_on=shifted(first, days[-1] if balanced else rows.age),
    )
    names = keys
    if "cohort" in keys:
        rows = rows.mutate(players=rows.everyone).rename(acquisition_date="cohort")
        names = ["acquisition_date", *keys[1:]]
    measures = ("ltv", "low", "high", "observable", "observable_on")
    rows = rows.select(*names, "day_number", "players", "revenue_usd", *measures)
    return rows.order_by([*names, "day_number"])
