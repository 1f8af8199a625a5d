"""The oracle's ads by placement, and the game's own money."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from oracle_activity import quantile
from oracle_contract import Event
from oracle_ingest import World
from oracle_scope import Scope, ratio
from oracle_sessions import NOTHING, Row, earned


def ad_performance(world: World, *, ads_by: str = "both", **question: Any) -> list[Row]:
    """Ads by where they were shown and what they are."""
    scope, found = Scope(world, **question), []
    names = ("placement", "format") if ads_by == "both" else (ads_by,)
    for label, people in scope.groups():
        ids = {p["player_id"] for p in people}
        cells: dict[tuple[str | None, ...], list[Event]] = defaultdict(list)
        for e in world.events:
            here = e["player_id"] in ids and e["event_date"] in scope.pooled
            if e["event_type"] == "ad_watched" and here:
                cells[tuple(e[name] for name in names)].append(e)
        for key, ads in cells.items():
            told = [e["completed"] for e in ads if e["completed"] is not None]
            found.append(
                {
                    **dict(zip(names, key, strict=True)),
                    **label,
                    "ads": len(ads),
                    "ad_viewers": len({e["player_id"] for e in ads}),
                    "ad_revenue_usd": earned(ads),
                    "ecpm_usd": ratio(1000 * earned(ads), len(ads)),
                    "completed": sum(told),
                    "completion_share": ratio(sum(told), len(told)),
                }
            )
    return found


def economy(world: World, *, reasons: bool = False, **question: Any) -> list[Row]:
    """What came in and went out, a currency."""
    scope, found = Scope(world, **question), []
    names = ("currency_name", "change_reason") if reasons else ("currency_name",)
    for label, people in scope.groups():
        ids = {p["player_id"] for p in people}
        cells: dict[tuple[str | None, ...], list[Event]] = defaultdict(list)
        for e in world.events:
            here = e["player_id"] in ids and e["event_date"] in scope.pooled
            if e["event_type"] == "currency_change" and here:
                cells[tuple(e[name] for name in names)].append(e)
        for key, changes in cells.items():
            amounts = [e["amount"] for e in changes]
            sources = sum((a for a in amounts if a > 0), NOTHING)
            sinks = -sum((a for a in amounts if a < 0), NOTHING)
            found.append(
                {
                    **dict(zip(names, key, strict=True)),
                    **label,
                    "changes": len(changes),
                    "players": len({e["player_id"] for e in changes}),
                    "sources": sources,
                    "sinks": sinks,
                    "net": sum(amounts, NOTHING),
                    "sink_ratio": ratio(sinks, sources),
                }
            )
    return found


def currency_balances(world: World, **question: Any) -> list[Row]:
    """The last balance that each player's changes state by the end of the period."""
    scope, found = Scope(world, **question), []
    until = max(scope.pooled, default=None)
    for label, people in scope.groups():
        ids = {p["player_id"] for p in people}
        held: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for e in world.events:
            named = e["event_type"] == "currency_change" and e["balance"] is not None
            if not named or e["player_id"] not in ids or until is None or e["event_date"] > until:
                continue
            now = (e["event_ts"], e["balance"])
            mine = held[e["currency_name"]]
            mine[e["player_id"]] = max(now, mine.get(e["player_id"], now))
        for name, states in held.items():
            balances: list[Decimal] = [balance for _, balance in states.values()]
            total = sum(balances, NOTHING)
            found.append(
                {
                    "currency_name": name,
                    **label,
                    "holders": len(balances),
                    "balance": total,
                    "mean_balance": ratio(total, len(balances)),
                    "median_balance": quantile([float(b) for b in balances], 0.5),
                }
            )
    return found
