"""The facts behind the metrics of money: transactions and player days below each other."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import attributed, stacked, summed, total
from questline.metrics.catalogue import Kind, Output
from questline.metrics.money_options import Refunds
from questline.metrics.scope import Per, Scope
from questline.metrics.tables import Tables

GROSS = Output("gross_usd", Kind.USD, "Price of the purchases of these days.")
REFUNDED = Output(
    "refunded_usd",
    Kind.USD,
    "Paid back on these purchases, whenever; with `refunds` = refund_date paid back on these days.",
)
NET = Output("net_usd", Kind.USD, "gross_usd - refunded_usd.")
ADS = Output("ad_revenue_usd", Kind.USD, "Revenue of the ads of these days.")
REVENUE = Output("revenue_usd", Kind.USD, "net_usd + ad_revenue_usd.")
PLAYERS = Output("players", Kind.COUNT, "Distinct active players.")
PAYERS = Output("payers", Kind.COUNT, "Distinct players with a purchase that was not paid back.")
PLAYER_DAYS = Output("player_days", Kind.COUNT, "Daily active players, summed over the days.")
GRAIN = "one row for the period, or one a day"
SOURCES = ("purchases", "player_days")

SUMS = {
    "purchases": _.bought.count(),
    "payers": _.payer_id.nunique(),
    "player_days": _.active_id.count(),
    "ads": total(_.ads),
    "ad_viewers": _.viewer_id.nunique(),
    "viewer_days": _.viewer_id.count(where=_.active_id.notnull()),
    "gross_usd": ibis.ifelse(
        (_.bought.count() > 0) & (_.gross_usd.count() == 0),
        ibis.null("decimal(38, 6)"),
        total(_.gross_usd),
    ),
    "refunded_usd": total(_.refunded_usd),
    "ad_revenue_usd": total(_.ad_revenue_usd),
}
"""What is counted over facts, besides distinct players."""


def money(tables: Tables, scope: Scope, per: Per, refunds: Refunds = "purchase_date") -> ibis.Table:
    """All sums, a day or pooled."""
    found = facts(tables, scope, refunds)
    return with_totals(summed(found, scope, per, players=_.active_id.nunique(), **SUMS))


def with_totals(rows: ibis.Table) -> ibis.Table:
    """`rows` with net purchases, and these with ads."""
    rows = rows.mutate(net_usd=rows.gross_usd - rows.refunded_usd)
    return rows.mutate(revenue_usd=rows.net_usd + rows.ad_revenue_usd)


def paid(bought: ibis.Table) -> ibis.BooleanValue:
    """Whether a transaction makes its player a payer: not free, and not paid back in full."""
    unpriced = bought.gross_usd.isnull() & (bought.refunds.coalesce(0) == 0)
    return bought.purchased_at.notnull() & ((bought.net_usd > 0) | unpriced)


def facts(tables: Tables, scope: Scope, refunds: Refunds = "purchase_date") -> ibis.Table:
    """Transactions and player days below each other; ids are NULL where they do not count."""
    nobody = ibis.null("string")
    bought, days = tables.purchases, tables.player_days
    dated = ["refunded_usd"] if refunds == "purchase_date" else []
    purchases = bought.select(
        "player_id",
        "event_date",
        "gross_usd",
        *dated,
        bought=bought.purchased_at.notnull().ifelse(bought.transaction_id, nobody),
        payer_id=paid(bought).ifelse(bought.player_id, nobody),
    )
    activity = days.select(
        "player_id",
        "event_date",
        "ads",
        "ad_revenue_usd",
        active_id=(days.active_events > 0).ifelse(days.player_id, nobody),
        viewer_id=(days.ads > 0).ifelse(days.player_id, nobody),
    )
    back = [] if dated else [_refunds(bought)]
    return attributed(stacked(purchases, activity, *back), tables, scope)


def _refunds(bought: ibis.Table) -> ibis.Table:
    """What was paid back to a player on a day, on whichever purchase."""
    each = bought.select("player_id", refund=bought.refunds_by_day.unnest())
    return each.select(
        "player_id", event_date=each.refund["event_date"], refunded_usd=each.refund["usd"]
    )
