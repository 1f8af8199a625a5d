"""The oracle's metrics of payers: how often, how unequally and how soon they pay."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import NormalDist
from typing import Any

from oracle_activity import active_on
from oracle_cohorts import chosen_cohorts
from oracle_ingest import World
from oracle_models import player_days, purchases
from oracle_money import kept
from oracle_retention import interval
from oracle_scope import DAY, Scope, Where, ratio, span
from oracle_sessions import NOTHING, Row


def _spends(world: World, days: Collection[date], people: Collection[str]) -> dict[str, Decimal]:
    """Net spend of each payer of the days."""
    found: dict[str, Decimal] = {}
    for bill in purchases(world):
        player = bill["player_id"]
        if player in people and bill["event_date"] in days and kept(bill):
            paid = bill["gross_usd"] - bill["refunded_usd"]
            found[player] = found.get(player, NOTHING) + paid
    return found


def repeat_rate(world: World, **question: Any) -> list[Row]:
    """Payers who bought at least twice."""
    paid = purchases(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        buyers = [
            b["player_id"]
            for b in paid
            if b["event_date"] in days and b["player_id"] in people and kept(b)
        ]
        again = [p for p in set(buyers) if buyers.count(p) >= 2]
        return {
            "payers": len(set(buyers)),
            "repeat_payers": len(again),
            "repeat_rate": ratio(len(again), len(set(buyers))),
            "purchases": len(buyers),
            "purchases_per_payer": ratio(len(buyers), len(set(buyers))),
        }

    return Scope(world, **question).answer("period", tell)


def gini(values: list[Decimal]) -> float | None:
    """Mean difference between two people, over twice the mean."""
    if not values or not sum(values):
        return None
    apart = sum(abs(a - b) for a in values for b in values)
    return float(Fraction(apart) / (2 * len(values) * Fraction(sum(values))))


def _top(values: list[Decimal], one_in: int) -> float | None:
    chosen = sorted(values, reverse=True)[: -(-len(values) // one_in)]
    return ratio(sum(chosen, NOTHING), sum(values, NOTHING))


def concentration(world: World, *, least_payers: int = 100, **question: Any) -> list[Row]:
    """Shares of the top payers and Gini of spend."""
    rows = player_days(world)

    def tell(days: Collection[date], people: Collection[str]) -> Row:
        spends = _spends(world, days, people)
        active, values = active_on(rows, days, people), list(spends.values())
        everyone = values + [NOTHING] * len(active - set(spends))
        figures = {
            "top_1_share": _top(values, 100),
            "top_10_share": _top(values, 10),
            "gini": gini(values),
            "gini_players": gini(everyone),
        }
        enough = len(spends) >= least_payers
        return {
            "payers": len(spends),
            "net_usd": sum(values, NOTHING),
            **(figures if enough else dict.fromkeys(figures)),
            "players": len(active),
            "enough": enough,
        }

    return Scope(world, **question).answer("period", tell)


def payer_tiers(
    world: World,
    *,
    window: timedelta = timedelta(days=90),
    cuts: tuple[Any, Any] = (10, 100),
    **question: Any,
) -> list[Row]:
    """Payers of the days up to the end of the period by what they spent."""
    scope, found = Scope(world, **question), []
    until = world.complete_until
    last = min(scope.shown[-1], until) if scope.shown and until else None
    first = last - window + DAY if last else None
    days = [d for d in span(first, last) if scope.observed(d)] if scope.pooled else []
    whole = bool(scope.pooled) and days == span(first, last)
    limits = [Decimal(0), *(Decimal(str(c)) for c in cuts), None]
    for label, people in scope.groups():
        spends = _spends(world, days, {p["player_id"] for p in people})
        if label and not spends:
            continue
        for name, low, high in zip(
            ("minnow", "dolphin", "whale"), limits[:-1], limits[1:], strict=True
        ):
            assert low is not None
            mine = [x for x in spends.values() if x >= low and (high is None or x < high)]
            net = sum(mine, NOTHING)
            shares = {
                "player_share": ratio(len(mine), len(spends)),
                "revenue_share": ratio(net, sum(spends.values(), NOTHING)),
            }
            found.append(
                {
                    "tier": name,
                    **label,
                    "from_usd": low,
                    "below_usd": high,
                    "players": len(mine),
                    "net_usd": net,
                    **(shares if whole else dict.fromkeys(shares)),
                    "complete": whole,
                }
            )
    return found


Payers = list[tuple[date, int | None]]
"""Each player's cohort, and the day number of his first payment if he made one."""


def _since_the_log(
    world: World, start: date | None, end: date | None, by: str | None, where: Where | None
) -> Iterator[tuple[Row, Payers]]:
    """Players of the cohorts that were observed from their first day on."""
    paid = [b for b in purchases(world) if kept(b)]
    # While no day is complete there is no first cohort that could be waited for.
    begin = world.begin
    for label, mine in chosen_cohorts(world, start, end, by, where):
        people: Payers = []
        for cohort, players in mine.items():
            if begin is None or cohort < begin:
                continue
            for player in sorted(players):
                days = [b["event_date"] for b in paid if b["player_id"] == player]
                ages = [(d - cohort).days for d in days if d <= (world.complete_until or d)]
                people.append((cohort, min((a for a in ages if a >= 0), default=None)))
        yield label, people


def first_purchase(
    world: World,
    days: Iterable[int] = (0, 1, 7, 30),
    *,
    balanced: bool = False,
    cohorts: bool = False,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    where: Where | None = None,
) -> list[Row]:
    """Share of mature cohorts that paid by an age."""
    found, scope, asked = [], Scope(world), list(days)
    for label, everyone in _since_the_log(world, start, end, by, where):
        parts: list[tuple[Row, Payers]] = [({}, everyone)]
        if cohorts:
            names = sorted({cohort for cohort, _ in everyone})
            parts = [
                ({"acquisition_date": c}, [one for one in everyone if one[0] == c]) for c in names
            ]
        for name, people in parts:
            for n in asked:
                least = max(asked) if balanced else n
                ends = [cohort + least * DAY for cohort, _ in people]
                mature = [
                    age for (_, age), last in zip(people, ends, strict=True) if scope.observed(last)
                ]
                done = sum(age is not None and age <= n for age in mature)
                low, high = interval(done, len(mature))
                found.append(
                    {
                        **name,
                        **label,
                        "day_number": n,
                        "players": len(people) if cohorts else len(mature),
                        "payers": done if mature else None,
                        "conversion": ratio(done, len(mature)),
                        "low": low,
                        "high": high,
                        "observable": bool(mature),
                        "observable_on": min(ends, default=None),
                    }
                )
    return found


def first_purchase_curve(
    world: World,
    days: Iterable[int] = (0, 1, 3, 7, 14, 30),
    *,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    where: Where | None = None,
) -> list[Row]:
    """Kaplan and Meier's estimate of those who paid by an age."""
    scope, found = Scope(world), []
    for label, people in _since_the_log(world, start, end, by, where):
        left, spread = Fraction(1), Fraction(0)
        for n in range(max(days) + 1):
            watched = [age for cohort, age in people if scope.observed(cohort + n * DAY)]
            risk = [age for age in watched if age is None or age >= n]
            hits = sum(age == n for age in risk)
            known = bool(watched) and (bool(risk) or not left)
            if risk:
                left *= 1 - Fraction(hits, len(risk))
                if left:
                    spread += Fraction(hits, len(risk) * (len(risk) - hits))
            low, high = _log_log(left, spread) if known else (None, None)
            if n in days:
                found.append(
                    {
                        **label,
                        "day_number": n,
                        "at_risk": len(risk),
                        "converted": hits,
                        "paid_share": float(1 - left) if known else None,
                        "low": low,
                        "high": high,
                        "observable": known,
                        "observable_on": min((c + n * DAY for c, _ in people), default=None),
                    }
                )
    return found


def _log_log(left: Fraction, spread: Fraction) -> tuple[float | None, float | None]:
    """The interval of 1 - left that is symmetric in log(-log(left))."""
    if left in (0, 1):
        return None, None
    middle = math.log(-math.log(left))
    half = NormalDist().inv_cdf(0.975) * math.sqrt(spread) / abs(math.log(left))
    ends = [1 - math.exp(-math.exp(middle + side * half)) for side in (-1, 1)]
    return min(ends), max(ends)
