"""The oracle's metrics of money."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Any

from oracle_activity import active_on, count_days
from oracle_ingest import World
from oracle_models import player_days, players, purchases
from oracle_scope import Scope, ratio
from oracle_sessions import NOTHING, Row


def _bills(rows: list[Row], days: Collection[date], people: Collection[str]) -> list[Row]:
    return [r for r in rows if r["event_date"] in days and r["player_id"] in people]


def _net(bills: list[Row]) -> Decimal:
    """What was paid less what was paid back, also where the purchase is not known."""
    return sum(((b["gross_usd"] or NOTHING) - b["refunded_usd"] for b in bills), NOTHING)


def _ads(rows: list[Row], days: Collection[date], people: Collection[str]) -> Decimal:
    return sum((r["ad_revenue_usd"] for r in _bills(rows, days, people)), NOTHING)


def payers(bills: list[Row]) -> set[str]:
    """Players with a purchase that was not wholly paid back; a free one is no payment."""
    return {b["player_id"] for b in bills if kept(b)}


def kept(bill: Row) -> bool:
    """Whether something of a purchase was paid and not paid back."""
    return bool(bill["purchased_at"] and bill["gross_usd"] - bill["refunded_usd"] > 0)


def _paid_back(
    paid: list[Row], days: Collection[date], people: Collection[str], refunds: str
) -> Decimal:
    """Refunds of the purchases of these days, or refunds that came on these days."""
    if refunds == "purchase_date":
        return sum((b["refunded_usd"] for b in _bills(paid, days, people)), NOTHING)
    mine = [b for b in paid if b["player_id"] in people]
    each = [back for bill in mine for back in bill["refunds_by_day"] or []]
    return sum((back["usd"] for back in each if back["event_date"] in days), NOTHING)


def revenue(
    world: World, *, per: str = "period", refunds: str = "purchase_date", **question: Any
) -> list[Row]:
    """Gross, refunds, net, ads and their sum."""
    rows, paid = player_days(world), purchases(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        bills = _bills(paid, days, people)
        gross = sum((b["gross_usd"] or NOTHING for b in bills), NOTHING)
        back = _paid_back(paid, days, people, refunds)
        net, ads = gross - back, _ads(rows, days, people)
        return {
            "purchases": sum(b["purchased_at"] is not None for b in bills),
            "gross_usd": gross,
            "refunded_usd": back,
            "net_usd": net,
            "ad_revenue_usd": ads,
            "revenue_usd": net + ads,
        }

    return Scope(world, **question).answer(per, tell)


def ad_revenue(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Ads, their viewers, their revenue and that of a thousand."""
    rows = player_days(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        mine = _bills(rows, days, people)
        ads, earned = sum(r["ads"] for r in mine), _ads(rows, days, people)
        active = [r for r in mine if r["active_events"] > 0]
        return {
            "ads": ads,
            "ad_viewers": len({r["player_id"] for r in mine if r["ads"]}),
            "ad_revenue_usd": earned,
            "ecpm_usd": ratio(1000 * earned, ads),
            "player_days": len(active),
            "impressions_per_dau": ratio(ads, len(active)),
            "ad_engagement_rate": ratio(sum(r["ads"] > 0 for r in active), len(active)),
        }

    hidden = ["ecpm_usd", "impressions_per_dau", "ad_engagement_rate"]
    return Scope(world, **question).answer(per, tell, hidden)


def arpu(world: World, *, denominator: str = "active", **question: Any) -> list[Row]:
    """Revenue of the period over its players.

    `registered`: those acquired by its end, or on a day that is not known.
    """
    rows, paid = player_days(world), purchases(world)
    known = {p["player_id"]: p for p in players(world)}

    def base(days: Collection[date], people: Collection[str]) -> int:
        if denominator == "active":
            return len(active_on(rows, days, people))
        crowd = [known[p] for p in people]
        if world.registrations:
            crowd = [p for p in crowd if p["registered"]]
        dates = [p["acquisition_date"] for p in crowd]
        return sum(bool(days) and (d is None or d <= max(days)) for d in dates)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        total = _net(_bills(paid, days, people)) + _ads(rows, days, people)
        count = base(days, people)
        return {"revenue_usd": total, "players": count, "arpu": ratio(total, count)}

    return Scope(world, **question).answer("period", tell)


def arpdau(
    world: World, *, per: str = "period", refunds: str = "purchase_date", **question: Any
) -> list[Row]:
    """Revenue of the days over their daily active players: purchases, ads, both."""
    rows, paid = player_days(world), purchases(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        gross = sum((b["gross_usd"] or NOTHING for b in _bills(paid, days, people)), NOTHING)
        net, ads = gross - _paid_back(paid, days, people, refunds), _ads(rows, days, people)
        present = count_days(rows, days, people)
        return {
            "net_usd": net,
            "ad_revenue_usd": ads,
            "player_days": present,
            "arpdau_iap": ratio(net, present),
            "arpdau_ads": ratio(ads, present),
            "arpdau_total": ratio(net + ads, present),
        }

    return Scope(world, **question).answer(per, tell, ["arpdau_iap", "arpdau_ads", "arpdau_total"])


def arppu(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Net purchases over distinct payers."""
    paid = purchases(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        bills = _bills(paid, days, people)
        net, count = _net(bills), len(payers(bills))
        return {"net_usd": net, "payers": count, "arppu": ratio(net, count)}

    return Scope(world, **question).answer(per, tell, ["arppu"])


def arpt(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Net purchases over transactions."""
    paid = purchases(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        bills = _bills(paid, days, people)
        net, count = _net(bills), sum(b["purchased_at"] is not None for b in bills)
        return {"net_usd": net, "purchases": count, "arpt": ratio(net, count)}

    return Scope(world, **question).answer(per, tell, ["arpt"])


def conversion(world: World, *, per: str = "period", **question: Any) -> list[Row]:
    """Distinct payers over distinct active players."""
    rows, paid = player_days(world), purchases(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        count = len(payers(_bills(paid, days, people)))
        present = len(active_on(rows, days, people))
        return {"payers": count, "players": present, "conversion": ratio(count, present)}

    return Scope(world, **question).answer(per, tell, ["conversion"])
