"""What the game earns: revenue, and revenue per player, payer and day."""

from __future__ import annotations

from typing import Literal

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, grouped, ratio, stacked, summed, total
from questline.metrics.catalogue import COMPLETE, DAY, SHOWN_DAYS, WHOLE_DAYS, Kind, Output, metric
from questline.metrics.options import DENOMINATOR, PER
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables

GROSS = Output("gross_usd", Kind.USD, "Price of the purchases of these days.")
REFUNDED = Output("refunded_usd", Kind.USD, "Paid back on these purchases, whenever.")
NET = Output("net_usd", Kind.USD, "gross_usd - refunded_usd.")
ADS = Output("ad_revenue_usd", Kind.USD, "Revenue of the ads of these days.")
REVENUE = Output("revenue_usd", Kind.USD, "net_usd + ad_revenue_usd.")
PLAYERS = Output("players", Kind.COUNT, "Distinct active players.")
PAYERS = Output("payers", Kind.COUNT, "Distinct players with a purchase that was not paid back.")
MONEY = ("gross_usd", "refunded_usd", "net_usd", "ad_revenue_usd", "revenue_usd")
GRAIN = "one row for the period, or one a day"
SOURCES = ("purchases", "player_days")


@metric(
    title="Revenue",
    formula="sum of purchases - sum of their refunds + sum of ad revenue",
    grain=GRAIN,
    unit="USD",
    value="revenue_usd",
    inputs=SOURCES,
    outputs=(
        DAY,
        Output("purchases", Kind.COUNT, "Transactions bought."),
        GROSS,
        REFUNDED,
        NET,
        ADS,
        REVENUE,
        COMPLETE,
    ),
    maturity="Pooled over days from complete_from to complete_until. " + SHOWN_DAYS,
    options=(PER,),
)
def revenue(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Gross purchases, refunds, net purchases, ad revenue and their sum, in US dollars.

    A refund is taken off on the day of its purchase, so the past changes when money is paid back;
    a refund without a known purchase counts on its own day. Amounts in other currencies are
    converted at the rate of the purchase's day. Sums are decimal, not rounded. The store's share
    is not taken off. Where no purchase states its price, revenue is unknown and not 0.
    """
    rows = _money(tables, scope, per)
    return arranged(rows, scope, "purchases", *MONEY)


@metric(
    title="Ad revenue",
    formula="sum of ad revenue; eCPM = 1000 * ad revenue / ads",
    grain=GRAIN,
    unit="USD",
    value="ad_revenue_usd",
    inputs=SOURCES,
    outputs=(
        DAY,
        Output("ads", Kind.COUNT, "Ads watched."),
        Output("ad_viewers", Kind.COUNT, "Distinct players who watched one."),
        ADS,
        Output("ecpm_usd", Kind.USD_EACH, "Revenue of a thousand ads."),
        COMPLETE,
    ),
    maturity="Pooled over days from complete_from to complete_until. " + SHOWN_DAYS,
    options=(PER,),
)
def ad_revenue(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Revenue of the ads that were watched, in US dollars, and of a thousand of them (eCPM).

    Every impression carries its own revenue; an ad without one counts as an ad with 0.
    """
    rows = _money(tables, scope, per)
    thousand = rows.mutate(thousand=rows.ad_revenue_usd * 1000)
    rows = thousand.mutate(ecpm_usd=ratio(thousand, "thousand", "ads"))
    return arranged(rows, scope, "ads", "ad_viewers", "ad_revenue_usd", "ecpm_usd")


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
    `arpdau` does not.
    """
    facts = _facts(tables, scope)
    facts = facts.filter(scope.counted(facts.event_date))
    counted = "active_id"
    if denominator == "registered":
        counted = "registered_id"
        facts = stacked(facts, _registered(tables, scope))
    rows = _with_totals(grouped(facts, scope.dimensions, players=_[counted].nunique(), **_SUMS))
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
        Output("player_days", Kind.COUNT, "Daily active players, summed over the days."),
        Output("arpdau_iap", Kind.USD_EACH, "net_usd / player_days."),
        Output("arpdau_ads", Kind.USD_EACH, "ad_revenue_usd / player_days."),
        Output("arpdau_total", Kind.USD_EACH, "Both together."),
        COMPLETE,
    ),
    maturity=WHOLE_DAYS,
    options=(PER,),
)
def arpdau(tables: Tables, scope: Scope, *, per: Per = "period") -> ibis.Table:
    """Revenue of the days divided by the daily active players of the days.

    Three columns, because other tools mean different ones: purchases (net of refunds), ads and
    both. Over a period it is a ratio of sums, which is not the mean of the daily values.

    References:
        Unity's ARPDAU includes ads; GameAnalytics does not say.
    """
    rows = _money(tables, scope, per)
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
    a week are at most the sum of its daily payers.
    """
    rows = _money(tables, scope, per)
    rows = rows.mutate(arppu=ratio(rows, "net_usd", "payers"))
    return arranged(rows, scope, "net_usd", "payers", "arppu")


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
    rows = _money(tables, scope, per)
    rows = rows.mutate(conversion=ratio(rows, "payers", "players"))
    return arranged(rows, scope, "payers", "players", "conversion")


_SUMS = {
    "purchases": _.bought.count(),
    "payers": _.payer_id.nunique(),
    "player_days": _.active_id.count(),
    "ads": total(_.ads),
    "ad_viewers": _.viewer_id.nunique(),
    "gross_usd": ibis.ifelse(
        (_.bought.count() > 0) & (_.gross_usd.count() == 0),
        ibis.null("decimal(38, 6)"),
        total(_.gross_usd),
    ),
    "refunded_usd": total(_.refunded_usd),
    "ad_revenue_usd": total(_.ad_revenue_usd),
}


def _money(tables: Tables, scope: Scope, per: Per) -> ibis.Table:
    facts = _facts(tables, scope)
    return _with_totals(summed(facts, scope, per, players=_.active_id.nunique(), **_SUMS))


def _with_totals(rows: ibis.Table) -> ibis.Table:
    rows = rows.mutate(net_usd=rows.gross_usd - rows.refunded_usd)
    return rows.mutate(revenue_usd=rows.net_usd + rows.ad_revenue_usd)


def _facts(tables: Tables, scope: Scope) -> ibis.Table:
    """Transactions and player days below each other; ids are NULL where they do not count."""
    nobody = ibis.null("string")
    bought, days = tables.purchases, tables.player_days
    unpriced = bought.gross_usd.isnull() & (bought.refunds.coalesce(0) == 0)
    paid = bought.purchased_at.notnull() & ((bought.net_usd > 0) | unpriced)
    purchases = bought.select(
        "player_id",
        "event_date",
        "gross_usd",
        "refunded_usd",
        bought=bought.purchased_at.notnull().ifelse(bought.transaction_id, nobody),
        payer_id=paid.ifelse(bought.player_id, nobody),
    )
    activity = days.select(
        "player_id",
        "event_date",
        "ads",
        "ad_revenue_usd",
        active_id=(days.active_events > 0).ifelse(days.player_id, nobody),
        viewer_id=(days.ads > 0).ifelse(days.player_id, nobody),
    )
    return attributed(stacked(purchases, activity), tables, scope)


def _registered(tables: Tables, scope: Scope) -> ibis.Table:
    players = tables.players
    if scope.facts.has_metadata:
        players = players.filter(players.registered)
    day, (first, last) = players.acquisition_date, scope.pooled
    known = day.isnull() | (day <= ibis.date(last))
    players = players.filter(known & ibis.literal(first <= last))
    ids = players.select("player_id", registered_id=players.player_id)
    return attributed(ids, tables, scope).drop("player_id")
