"""What the game earns: revenue, and revenue per player, payer, transaction and day."""

from __future__ import annotations

from typing import Literal

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, grouped, ratio, stacked
from questline.metrics.catalogue import COMPLETE, DAY, SHOWN_DAYS, WHOLE_DAYS, Kind, Output, metric
from questline.metrics.money import (
    ADS,
    GRAIN,
    GROSS,
    NET,
    PAYERS,
    PLAYER_DAYS,
    PLAYERS,
    REFUNDED,
    REVENUE,
    SOURCES,
    SUMS,
    facts,
    money,
    with_totals,
)
from questline.metrics.money_options import DENOMINATOR, REFUNDS, Refunds
from questline.metrics.options import PER
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables

MONEY = ("gross_usd", "refunded_usd", "net_usd", "ad_revenue_usd", "revenue_usd")
PURCHASES = Output("purchases", Kind.COUNT, "Transactions bought.")


@metric(
    title="Revenue",
    formula="sum of purchases - sum of their refunds + sum of ad revenue",
    grain=GRAIN,
    unit="USD",
    value="revenue_usd",
    inputs=SOURCES,
    outputs=(
        DAY,
        PURCHASES,
        GROSS,
        REFUNDED,
        NET,
        ADS,
        REVENUE,
        COMPLETE,
    ),
    maturity="Pooled over days from complete_from to complete_until. " + SHOWN_DAYS,
    options=(PER, REFUNDS),
)
def revenue(
    tables: Tables, scope: Scope, *, per: Per = "period", refunds: Refunds = "purchase_date"
) -> ibis.Table:
    """Gross purchases, refunds, net purchases, ad revenue and their sum, in US dollars.

    A refund is taken off on the day of its purchase, so the past changes when money is paid back;
    a refund without a known purchase counts on its own day. With `refunds` = refund_date it is
    taken off on the day on which it was paid, as the cash of that day: the past stays as it was,
    and a day may come out below 0. Over all days both views are equal. Amounts in other
    currencies are converted at the rate of the purchase's day. Sums are decimal, not rounded. The
    store's share is not taken off. Where no purchase states its price, revenue is unknown and
    not 0.
    """
    rows = money(tables, scope, per, refunds)
    return arranged(rows, scope, "purchases", *MONEY)


@metric(
    title="Average revenue per player",
    formula="revenue of the period / players",
    grain="one row for the period",
    unit="USD per player",
    inputs=(*SOURCES, "players"),
    outputs=(REVENUE, PLAYERS, Output("arpu", Kind.USD_EACH, "revenue_usd / players.")),
    maturity=WHOLE_DAYS,
    options=(DENOMINATOR,),
)
def arpu(
    tables: Tables, scope: Scope, *, denominator: Literal["active", "registered"] = "active"
) -> ibis.Table:
    """Net purchases and ad revenue of the period, divided by the players of the period.

    `active` divides by the distinct players active in the period; `registered` by the players
    that metadata knows, or all that were ever seen where there is no metadata, acquired by the
    end of the period or on a day that is not known. It grows with the length of the period;
    `arpdau` does not. Refunds count on the day of their purchase.
    """
    found = facts(tables, scope)
    found = found.filter(scope.counted(found.event_date))
    counted = "active_id"
    if denominator == "registered":
        counted = "registered_id"
        found = stacked(found, _registered(tables, scope))
    rows = with_totals(grouped(found, scope.dimensions, players=_[counted].nunique(), **SUMS))
    rows = rows.mutate(arpu=ratio(rows, "revenue_usd", "players"))
    return arranged(rows, scope, "revenue_usd", "players", "arpu")


@metric(
    title="Average revenue per daily active player",
    formula="sum of revenue / sum of daily active players",
    grain=GRAIN,
    unit="USD per player and day",
    value="arpdau_total",
    inputs=SOURCES,
    outputs=(
        DAY,
        NET,
        ADS,
        PLAYER_DAYS,
        Output("arpdau_iap", Kind.USD_EACH, "net_usd / player_days."),
        Output("arpdau_ads", Kind.USD_EACH, "ad_revenue_usd / player_days."),
        Output("arpdau_total", Kind.USD_EACH, "Both together."),
        COMPLETE,
    ),
    maturity=WHOLE_DAYS,
    options=(PER, REFUNDS),
)
def arpdau(
    tables: Tables, scope: Scope, *, per: Per = "period", refunds: Refunds = "purchase_date"
) -> ibis.Table:
    """Revenue of the days divided by the daily active players of the days.

    Three columns, because other tools mean different ones: purchases (net of refunds), ads and
    both. Over a period it is a ratio of sums, which is not the mean of the daily values. `refunds`
    chooses the day on which money that was paid back is taken off, as in `revenue`.

    References:
        Unity's ARPDAU includes ads; GameAnalytics does not say.
    """
    rows = money(tables, scope, per, refunds)
    rows = rows.mutate(
        arpdau_iap=ratio(rows, "net_usd", "player_days"),
        arpdau_ads=ratio(rows, "ad_revenue_usd", "player_days"),
        arpdau_total=ratio(rows, "revenue_usd", "player_days"),
    )
    shares = ("arpdau_iap", "arpdau_ads", "arpdau_total")
    return arranged(rows, scope, "net_usd", "ad_revenue_usd", "player_days", *shares)


@metric(
    title="Average revenue per paying player",
    formula="net purchases / distinct payers",
    grain=GRAIN,
    unit="USD per payer",
    inputs=SOURCES,
    outputs=(DAY, NET, PAYERS, Output("arppu", Kind.USD_EACH, "net_usd / payers."), COMPLETE),
    maturity=WHOLE_DAYS,
    options=(PER,),
)
def arppu(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Net purchases of the period divided by the players who paid in it; ads do not enter.

    A payer has at least one purchase in the period that was not paid back in full. The payers of
    a week are at most the sum of its daily payers. Refunds always count on the day of their
    purchase here, because they decide who is a payer.

    References:
        Unity's ARPPU includes ads, and so is higher.
    """
    rows = money(tables, scope, per)
    rows = rows.mutate(arppu=ratio(rows, "net_usd", "payers"))
    return arranged(rows, scope, "net_usd", "payers", "arppu")


@metric(
    title="Average revenue per transaction",
    formula="net purchases / transactions",
    grain=GRAIN,
    unit="USD per transaction",
    inputs=SOURCES,
    outputs=(DAY, NET, PURCHASES, Output("arpt", Kind.USD_EACH, "net_usd / purchases."), COMPLETE),
    maturity=WHOLE_DAYS,
    options=(PER,),
)
def arpt(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Net purchases of the period divided by its transactions, also called the average check.

    Every transaction bought in the period counts, one that was paid back too, and so do free
    items: what was paid back lowers the average. Refunds count on the day of their purchase.
    """
    rows = money(tables, scope, per)
    rows = rows.mutate(arpt=ratio(rows, "net_usd", "purchases"))
    return arranged(rows, scope, "net_usd", "purchases", "arpt")


@metric(
    title="Conversion to payer",
    formula="distinct payers / distinct active players",
    grain=GRAIN,
    unit="share of players",
    inputs=SOURCES,
    outputs=(
        DAY,
        PAYERS,
        PLAYERS,
        Output("conversion", Kind.SHARE, "payers / players."),
        COMPLETE,
    ),
    maturity=WHOLE_DAYS,
    options=(PER,),
)
def conversion(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Share of the active players who paid, both in the same period.

    A payer has at least one purchase in the period that was not paid back in full; a free item is
    no payment. The longer the period, the higher the share: compare equal periods.
    """
    rows = money(tables, scope, per)
    rows = rows.mutate(conversion=ratio(rows, "payers", "players"))
    return arranged(rows, scope, "payers", "players", "conversion")


def _registered(tables: Tables, scope: Scope) -> ibis.Table:
    players = tables.players
    if scope.facts.has_metadata:
        players = players.filter(players.registered)
    day, (first, last) = players.acquisition_date, scope.pooled
    known = day.isnull() | (day <= ibis.date(last))
    players = players.filter(known & ibis.literal(first <= last))
    ids = players.select("player_id", registered_id=players.player_id)
    return attributed(ids, tables, scope).drop("player_id")
