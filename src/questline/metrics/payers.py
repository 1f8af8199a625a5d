"""Who pays: how often, how unequally, and in which tiers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import ibis
from ibis import _

from questline.metrics.base import (
    arranged,
    attributed,
    grouped,
    numbers,
    ratio,
    stacked,
    total,
)
from questline.metrics.catalogue import WHOLE_DAYS, Kind, Output, metric
from questline.metrics.money import NET, PAYERS, PLAYERS, paid
from questline.metrics.money_options import CUTS, LEAST_PAYERS, TRAILING
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

TIERS = ("minnow", "dolphin", "whale")
_USD = "decimal(38, 6)"


@metric(
    title="Repeat rate",
    formula="payers with at least two purchases / payers",
    grain="one row for the period",
    unit="share of payers",
    inputs=("purchases",),
    outputs=(
        PAYERS,
        Output("repeat_payers", Kind.COUNT, "Of these, payers with at least two such purchases."),
        Output("repeat_rate", Kind.SHARE, "repeat_payers / payers."),
        Output("purchases", Kind.COUNT, "Purchases that were not paid back in full."),
        Output("purchases_per_payer", Kind.NUMBER, "purchases / payers."),
    ),
    maturity=WHOLE_DAYS,
)
def repeat_rate(tables: Tables, scope: Scope) -> ibis.Table:
    """Share of the payers of the period who bought at least twice in it.

    Purchases that were paid back in full, and free items, do not count; refunds count whenever
    they came. Two purchases on one day are two. The longer the period, the higher the share.
    """
    bought = tables.purchases.filter(scope.counted(tables.purchases.event_date))
    each = bought.filter(paid(bought)).group_by("player_id").aggregate(purchases=_.count())
    rows = grouped(
        attributed(each, tables, scope),
        scope.dimensions,
        payers=_.count(),
        repeat_payers=_.count(where=_.purchases > 1),
        purchases=total(_.purchases),
    )
    rows = rows.mutate(
        repeat_rate=ratio(rows, "repeat_payers", "payers"),
        purchases_per_payer=ratio(rows, "purchases", "payers"),
    )
    rates = ("repeat_payers", "repeat_rate", "purchases", "purchases_per_payer")
    return arranged(rows, scope, "payers", *rates)


@metric(
    title="Concentration of spend",
    formula="gini = 2 * sum(i * x_i) / (n * sum(x)) - (n + 1) / n, spends x in rising order",
    grain="one row for the period",
    unit="0 to 1",
    value="gini",
    inputs=("purchases", "player_days"),
    outputs=(
        Output("payers", Kind.COUNT, "Players with a purchase of a known price, not paid back."),
        Output("net_usd", Kind.USD, "What these paid, less what they were paid back."),
        Output("top_1_share", Kind.SHARE, "Share of it from the 1 % who paid most, rounded up."),
        Output("top_10_share", Kind.SHARE, "Share of it from the 10 % who paid most, rounded up."),
        Output("gini", Kind.NUMBER, "0: all payers paid the same; near 1: one paid it all."),
        PLAYERS,
        Output("gini_players", Kind.NUMBER, "The same over all active players and payers."),
        Output("enough", Kind.FLAG, "Whether there are as many payers as `least_payers` asks."),
    ),
    maturity=WHOLE_DAYS,
    options=(LEAST_PAYERS,),
)
def concentration(tables: Tables, scope: Scope, *, least_payers: int = 100) -> ibis.Table:
    """How much of the purchases comes from few payers: share of the top ones and Gini coefficient.

    A payer's spend is the net price of the purchases of the period that were not paid back in
    full; ads do not enter, and refunds of unknown purchases are nobody's. The top 1 % of 250
    payers are three. With fewer payers than `least_payers` these figures say more about chance
    than about the game: they are NULL and `enough` is false. `gini_players` counts players who
    paid nothing and so is near 1 in most games; it moves with conversion.

    References:
        The coefficient is Gini's (1912), over a finite population: one payer of n who pays all
        gives 1 - 1 / n.
    """
    days = tables.player_days
    present = days.filter((days.active_events > 0) & scope.counted(days.event_date))
    actives = attributed(present.select("player_id"), tables, scope)
    actives = actives.mutate(active_id=actives.player_id)
    rows = grouped(
        stacked(_ranked(tables, scope), actives),
        scope.dimensions,
        payers=_.usd.count(),
        net_usd=_.usd.sum(),
        weighed=(_.place * _.usd.cast("float64")).sum(),
        top_1=_.usd.sum(where=_.above * 100 < _.payers),
        top_10=_.usd.sum(where=_.above * 10 < _.payers),
        players=_.active_id.nunique(),
        people=_.player_id.nunique(),
    )
    rows = rows.mutate(enough=rows.payers >= least_payers)
    shares = {
        "top_1_share": ratio(rows, "top_1", "net_usd"),
        "top_10_share": ratio(rows, "top_10", "net_usd"),
        "gini": _gini(rows, "payers"),
        "gini_players": _gini(rows, "people"),
    }
    unknown = ibis.null("float64")
    rows = rows.mutate(**{name: rows.enough.ifelse(v, unknown) for name, v in shares.items()})
    rows = rows.mutate(net_usd=rows.net_usd.coalesce(0))
    columns = ("payers", "net_usd", "top_1_share", "top_10_share", "gini", "players")
    return arranged(rows, scope, *columns, "gini_players", "enough")


def _spends(tables: Tables, scope: Scope, days: ibis.BooleanValue) -> ibis.Table:
    """One row a payer of these days with `usd`, his net spend, where it is known."""
    bought = tables.purchases.filter(days & paid(tables.purchases))
    each = bought.group_by("player_id").aggregate(usd=_.net_usd.sum())
    return attributed(each.filter(_.usd.notnull()), tables, scope)


def _ranked(tables: Tables, scope: Scope) -> ibis.Table:
    """Payers with their place in rising order of spend, and how many stand above them."""
    each = _spends(tables, scope, scope.counted(tables.purchases.event_date))
    group = ibis.window(group_by=scope.dimensions)
    rising = ibis.window(group_by=scope.dimensions, order_by="usd")
    each = each.mutate(
        place=ibis.row_number().over(rising) + 1, payers=each.player_id.count().over(group)
    )
    return each.mutate(above=each.payers - each.place)


def _gini(rows: ibis.Table, among: str) -> ibis.FloatingValue:
    """Gini over so many people, of whom those who are no payers spent 0."""
    people, spent = rows[among].nullif(0).cast("float64"), rows.net_usd.cast("float64")
    weighed = rows.weighed + (people - rows.payers) * spent
    return 2 * weighed / (people * spent.nullif(0)) - (people + 1) / people


@metric(
    title="Payer tiers",
    formula="payers by net spend in the trailing window, at fixed cut-offs",
    grain="one row a tier",
    unit="players",
    value="players",
    inputs=("purchases",),
    outputs=(
        Output("tier", Kind.TEXT, "minnow, dolphin or whale."),
        Output("from_usd", Kind.USD, "Least net spend of the tier."),
        Output("below_usd", Kind.USD, "Net spend that is too much for it; NULL for whales."),
        Output("players", Kind.COUNT, "Payers of the tier."),
        Output("player_share", Kind.SHARE, "players / payers of all tiers."),
        NET,
        Output("revenue_share", Kind.SHARE, "net_usd / net_usd of all tiers."),
        Output("first_day", Kind.DATE, "First day of the window."),
        Output("last_day", Kind.DATE, "Its last day, the last observed day of the period."),
        Output("complete", Kind.FLAG, "Whether all days of the window were observed."),
    ),
    maturity="Shares are NULL if the window begins before complete_from: spend would be too low.",
    options=(TRAILING, CUTS),
)
def payer_tiers(
    tables: Tables,
    scope: Scope,
    *,
    window: timedelta = timedelta(days=90),
    cuts: tuple[Decimal, Decimal] = (Decimal(10), Decimal(100)),
) -> ibis.Table:
    """Payers by what they spent in the ninety days up to the end of the period.

    A minnow spent less than 10 dollars net, a dolphin less than 100, a whale 100 or more. The
    cut-offs are fixed amounts and not percentiles, so that the tiers can grow and shrink. A payer
    has a purchase in the window that was not paid back in full; one whose purchases state no
    price is in no tier. The period's beginning does not matter. Where the log is younger than the
    window, counts are of the days that were observed; a shorter `window` then gives shares.
    """
    asked, last = scope.pooled
    first = last - min(window - timedelta(days=1), last - date.min)
    begun = max(first, scope.observed[0])
    day = tables.purchases.event_date
    within = day.between(ibis.date(begun), ibis.date(last)) & ibis.literal(asked <= last)
    each = _spends(tables, scope, within)
    reached = [each.usd >= ibis.literal(cut, _USD) for cut in cuts]
    each = each.mutate(place=sum(one.cast("int64") for one in reached))
    rows = grouped(
        stacked(each, _every_tier(each, scope)),
        ["place", *scope.dimensions],
        players=_.player_id.count(),
        net_usd=total(_.usd),
    )
    group = ibis.window(group_by=scope.dimensions)
    rows = rows.mutate(
        payers=rows.players.sum().over(group),
        spent=rows.net_usd.sum().over(group),
        complete=ibis.literal(asked <= last and scope.observed[0] <= first),
    )
    rows = rows.mutate(
        tier=_by_place(rows, TIERS),
        from_usd=_by_place(rows, (Decimal(0), *cuts)),
        below_usd=_by_place(rows, cuts),
        player_share=ratio(rows, "players", "payers"),
        revenue_share=ratio(rows, "net_usd", "spent"),
        first_day=ibis.date(first),
        last_day=ibis.date(last),
    )
    shares = ("players", "player_share", "net_usd", "revenue_share", "first_day", "last_day")
    columns = ["tier", *scope.dimensions, "from_usd", "below_usd", *shares, "complete"]
    return rows.select(columns).order_by([*scope.dimensions, "from_usd"])


def _every_tier(each: ibis.Table, scope: Scope) -> ibis.Table:
    """One empty row a tier and split, so that no tier is missing."""
    tiers = numbers(list(range(len(TIERS))), "place")
    if not scope.dimensions:
        return tiers
    return tiers.cross_join(each.select(*scope.dimensions).distinct())


def _by_place(
    rows: ibis.Table, values: tuple[str, ...] | tuple[Decimal, ...]
) -> ibis.StringValue | ibis.DecimalValue:
    """The value of a row's tier, NULL beyond the last."""
    kind = "string" if isinstance(values[0], str) else _USD
    return ibis.cases(*[(rows.place == n, ibis.literal(v, kind)) for n, v in enumerate(values)])
