"""Purchases: one row a transaction, its refunds netted on the purchase's day."""

import ibis
from ibis import _
from ibis import literal as lit
from ibis.expr.types import Table

_MONEY = "decimal(18, 6)"


def purchases(events: Table) -> Table:
    """One row a transaction, from all purchase and refund events of these transactions.

    A purchase without transaction_id is its own transaction. A refund in the currency of its
    purchase is valued at the purchase's exchange rate. Refunds without a purchase stand on the
    day and player of the first of them, with purchased_at and gross NULL, until it arrives.
    """
    money = events.filter(_.event_type.isin(["purchase", "refund"])).mutate(
        key=ibis.coalesce(_.transaction_id, _.event_id), bought=_.event_type == "purchase"
    )
    first = ibis.row_number().over(group_by="key", order_by=["event_ts", "event_id"])
    bought = money.filter(_.bought).select(
        "key",
        "player_id",
        "event_date",
        "product_id",
        "currency",
        "fx_rate",
        purchased_at=_.event_ts,
        gross_usd=_.amount_usd,
    )
    refunds = (
        money.filter(~_.bought)
        .select("key", "player_id", "event_date", "currency", "amount", "amount_usd", nth=first)
        .left_join(
            bought.select(bought_key=_.key, rate=_.fx_rate, paid_in=_.currency),
            [("key", "bought_key")],
        )
        .mutate(
            usd=ibis.ifelse(
                _.rate.notnull() & (_.paid_in == _.currency),
                (_.amount.cast("decimal(27, 9)") * _.rate).cast("decimal(38, 6)"),
                _.amount_usd,
            )
        )
        .group_by("key", "event_date")
        .aggregate(
            refund_player=_.player_id.max(where=_.nth == 0),
            usd=_.usd.sum().cast(_MONEY),
            refunds=_.count(),
        )
        .group_by("key")
        .aggregate(
            refund_player=_.refund_player.max(),
            refund_date=_.event_date.min(),
            refunded=_.usd.sum().cast(_MONEY),
            refunds=_.refunds.sum(),
            refund_dates=_.event_date.collect().sort(),
            refunds_by_day=ibis.struct({"event_date": _.event_date, "usd": _.usd}).collect().sort(),
        )
    )
    both = bought.outer_join(refunds.rename(refund_key="key"), [("key", "refund_key")])
    refunded = _.refunded.fill_null(lit(0, _MONEY))
    return both.select(
        "purchased_at",
        "product_id",
        "gross_usd",
        "refund_dates",
        "refunds_by_day",
        transaction_id=ibis.coalesce(_.key, _.refund_key),
        player_id=ibis.coalesce(_.player_id, _.refund_player),
        event_date=ibis.coalesce(_.event_date, _.refund_date),
        refunded_usd=refunded,
        net_usd=(_.gross_usd - refunded).cast(_MONEY),
        refunds=_.refunds.fill_null(0),
    )
