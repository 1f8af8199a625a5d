"""The game's own money: where it comes from, where it goes, and who holds it."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, grouped, ratio
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.money_options import REASONS
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

CURRENCY = Output("currency_name", Kind.TEXT, "Name of the game's own money.")


@metric(
    title="Economy",
    formula="net = sources - sinks; sources = sum of amounts above 0, sinks of those below",
    grain="one row a currency; with `reasons` one a currency and reason",
    unit="units of the game's own money",
    value="net",
    inputs=("events",),
    outputs=(
        CURRENCY,
        Output("change_reason", Kind.TEXT, "Source or sink; only with `reasons`."),
        Output("changes", Kind.COUNT, "Changes of a balance."),
        Output("players", Kind.COUNT, "Distinct players with one."),
        Output("sources", Kind.NUMBER, "What players were given."),
        Output("sinks", Kind.NUMBER, "What they spent, as a positive number."),
        Output("net", Kind.NUMBER, "sources - sinks: what came into circulation."),
        Output("sink_ratio", Kind.NUMBER, "sinks / sources; below 1 the money in play grows."),
    ),
    maturity="Only changes from complete_from to complete_until are counted.",
    options=(REASONS,),
)
def economy(tables: Tables, scope: Scope, *, reasons: bool = False) -> ibis.Table:
    """How much of the game's own money players were given and spent in the period.

    Currencies are never added to each other. A change of 0 is a change, and neither a source nor
    a sink. What a player bought for real money is in `revenue`; here only what it brought him is.
    """
    events = tables.events
    changes = events.filter(
        (events.event_type == "currency_change") & scope.counted(events.event_date)
    )
    keys = ("currency_name", *(["change_reason"] if reasons else []))
    changes = tables.numbered(changes.select("player_id", *keys, "amount"))
    found = attributed(changes, tables, scope)
    rows = grouped(
        found,
        [*keys, *scope.dimensions],
        changes=_.count(),
        players=_.player_id.nunique(),
        sources=_.amount.sum(where=_.amount > 0).coalesce(0),
        sinks=(-_.amount).sum(where=_.amount < 0).coalesce(0),
    )
    rows = rows.mutate(net=rows.sources - rows.sinks, sink_ratio=ratio(rows, "sinks", "sources"))
    columns = ("changes", "players", "sources", "sinks", "net", "sink_ratio")
    return arranged(rows, scope, *columns, first=keys)


@metric(
    title="Balances of the game's own money",
    formula="last known balance of each player at the end of the period",
    grain="one row a currency",
    unit="units of the game's own money",
    value="median_balance",
    inputs=("events",),
    outputs=(
        CURRENCY,
        Output("holders", Kind.COUNT, "Players whose balance is known."),
        Output("balance", Kind.NUMBER, "The sum of their balances."),
        Output("mean_balance", Kind.NUMBER, "balance / holders."),
        Output("median_balance", Kind.NUMBER, "Half of them hold more."),
    ),
    maturity="Balances as of the last observed day of the period.",
)
def currency_balances(tables: Tables, scope: Scope) -> ibis.Table:
    """What players hold of the game's own money at the end of the period.

    A player's balance is the one that his latest change up to that day states, also if it came
    before the period and if he has not played since; of changes at the same instant the one with
    the greatest balance counts. Players without a stated balance are unknown, not poor. A few
    hoarders move the mean: read the median first, which is interpolated.
    """
    events, (first, last) = tables.events, scope.pooled
    known = events.filter(
        (events.event_type == "currency_change")
        & events.balance.notnull()
        & (events.event_date <= ibis.date(last))
        & ibis.literal(first <= last)
    )
    # Engines compare structs field by field: the greatest is the latest, found in one pass.
    states = ibis.struct({"at": known.event_ts, "balance": known.balance})
    latest = tables.numbered(known.select("player_id", "currency_name", state=states))
    latest = latest.group_by("player_id", "currency_name").aggregate(state=_.state.max())
    latest = tables.part(latest)
    held = latest.select("player_id", "currency_name", balance=latest.state["balance"])
    rows = grouped(
        attributed(held, tables, scope),
        ["currency_name", *scope.dimensions],
        holders=_.count(),
        median_balance=_.balance.cast("float64").quantile(0.5),
        balance=_.balance.sum(),
    )
    rows = rows.mutate(mean_balance=ratio(rows, "balance", "holders"))
    columns = ("holders", "balance", "mean_balance", "median_balance")
    return arranged(rows, scope, *columns, first=("currency_name",))
