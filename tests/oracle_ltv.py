"""The oracle's lifetime value: player by player, age by age, in fractions."""

from __future__ import annotations

import math
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist

from oracle_cohorts import chosen_cohorts
from oracle_ingest import World
from oracle_models import player_days
from oracle_scope import DAY, Scope, Where
from oracle_sessions import NOTHING, Row

Spends = dict[str, dict[date, Decimal]]


def _spends(world: World, revenue: str) -> Spends:
    """What each player brought on each day."""
    found: Spends = {}
    for row in player_days(world):
        net = (row["gross_usd"] or NOTHING) - row["refunded_usd"]
        usd = {"iap": net, "ads": row["ad_revenue_usd"]}.get(revenue, net + row["ad_revenue_usd"])
        found.setdefault(row["player_id"], {})[row["event_date"]] = usd
    return found


def _value(world: World, people: list[tuple[str, date]], spends: Spends, n: int, least: int) -> Row:
    """Value at age n of these players, of whom age `least` must be observed to count at all."""
    scope, value, net = Scope(world), Fraction(0), NOTHING
    errors = dict.fromkeys((player for player, _ in people), Fraction(0))
    mature = 0
    for k in range(n + 1):
        watched = [
            (player, spends.get(player, {}).get(cohort + k * DAY, NOTHING))
            for player, cohort in people
            if scope.observed(cohort + max(k, least) * DAY)
        ]
        mature = len(watched)
        if not watched:
            break
        day = sum((usd for _, usd in watched), NOTHING)
        mean = Fraction(day) / len(watched)
        value, net = value + mean, net + day
        for player, usd in watched:
            errors[player] += (Fraction(usd) - mean) / len(watched)
    low, high = None, None
    if mature > 1:
        variance = sum(e * e for e in errors.values()) * Fraction(mature, mature - 1)
        half = NormalDist().inv_cdf(0.975) * math.sqrt(variance)
        low, high = round(float(value) - half, 6), round(float(value) + half, 6)
    return {
        "players": mature,
        "revenue_usd": net if mature else None,
        "ltv": float(value) if mature else None,
        "low": low,
        "high": high,
        "observable": mature > 0,
    }


def ltv(
    world: World,
    days: Iterable[int] = (0, 1, 3, 7, 14, 30),
    *,
    revenue: str = "total",
    balanced: bool = False,
    cohorts: bool = False,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    where: Where | None = None,
) -> list[Row]:
    """Revenue per player by age."""
    spends, found, asked = _spends(world, revenue), [], list(days)
    for label, mine in chosen_cohorts(world, start, end, by, where):
        # While no day is complete there is no first cohort that could be waited for.
        known = {c: p for c, p in mine.items() if world.begin and c >= world.begin}
        people = [(player, cohort) for cohort, players in known.items() for player in players]
        parts: list[tuple[Row, list[tuple[str, date]]]] = [({}, people)]
        if cohorts:
            parts = [
                ({"acquisition_date": c}, [one for one in people if one[1] == c])
                for c in sorted(known)
            ]
        for name, some in parts:
            for n in asked:
                least = max(asked) if balanced else 0
                row = _value(world, some, spends, n, least)
                if cohorts:
                    row["players"] = len(some)
                ends = [cohort + max(n, least) * DAY for _, cohort in some]
                row |= {"day_number": n, "observable_on": min(ends, default=None)}
                found.append({**name, **label, **row})
    return found
