"""Daily: the cube of day, acquisition day and event type."""

import ibis
from ibis import _
from ibis import literal as lit
from ibis.expr.types import Table

_MONEY = "decimal(18, 6)"


def daily(events: Table, players: Table) -> Table:
    """One row a day, acquisition day and event type; revenue is gross, refunds not taken off."""
    paid = _.event_type.isin(["purchase", "ad_watched"])
    by_player = events.group_by("event_date", "event_type", "player_id").aggregate(
        events=_.count(),
        revenue=ibis.ifelse(paid, _.amount_usd, ibis.null(_MONEY)).sum().cast(_MONEY),
    )
    dated = by_player.left_join(players.select("player_id", "acquisition_date"), "player_id")
    return dated.group_by("event_date", "acquisition_date", "event_type").aggregate(
        events=_.events.sum().cast("int64"),
        players=_.count(),
        revenue_usd=_.revenue.sum().fill_null(lit(0, _MONEY)).cast(_MONEY),
    )
