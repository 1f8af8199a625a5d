"""The oracle's metrics of features in use: users, adopters, retention, time to adopt."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from fractions import Fraction
from typing import Any

from oracle_activity import active_on
from oracle_engagement import shown_days
from oracle_ingest import World
from oracle_models import player_days
from oracle_product import OracleFeature, has
from oracle_retention import interval
from oracle_scope import DAY, Scope, matches, ratio
from oracle_sessions import Row

Uses = dict[str, Counter[date]]
NORMAL = 1.959963984540054


def uses_of(world: World, feature: OracleFeature, people: Iterable[Row]) -> Uses:
    """Number of uses by eligible player and day."""
    found: Uses = {p["player_id"]: Counter() for p in people if matches(p, feature.eligible)}
    for e in world.events:
        launched = feature.launched is None or e["event_date"] >= feature.launched
        used = e["event_type"] == feature.event and has(e, feature.where)
        if launched and used and e["player_id"] in found:
            found[e["player_id"]][e["event_date"]] += 1
    return {player: days for player, days in found.items() if days}


def _month(world: World, feature: OracleFeature, uses: Uses, day: date) -> int | None:
    first = max(d for d in (world.begin, feature.launched, date.min) if d is not None)
    if world.begin is None or (day - first).days < 29:
        return None
    return sum(any(day - 30 * DAY < d <= day for d in days) for days in uses.values())


def _counts(uses: Uses, days: Collection[date], last: date) -> Row:
    """Counts of some days, the last of which may be none of them."""
    here = {p: [d for d in used if d in days] for p, used in uses.items()}
    users = [p for p in here if here[p]]
    told = sum(uses[p][d] for p in users for d in here[p])
    return {
        "users": len(users),
        "new_users": sum(min(uses[p]) in days for p in users),
        "repeat_users": sum(len([d for d in uses[p] if d <= last]) > 1 for p in users),
        "adopters": sum(min(used) <= last for used in uses.values()),
        "uses": told,
        "depth": ratio(told, sum(len(here[p]) for p in users)),
    }


def feature_users(
    world: World, feature: OracleFeature, *, per: str = "period", **question: Any
) -> list[Row]:
    """Users of a feature in the period or on each day."""
    scope, found = Scope(world, **question), []
    for label, people in scope.groups():
        uses = uses_of(world, feature, people)
        top = bottom = 0
        for day in shown_days(scope):
            row, month = _counts(uses, [day], day), _month(world, feature, uses, day)
            if scope.observed(day) and month is not None:
                top, bottom = top + row["users"], bottom + month
            row |= {"monthly_users": month, "stickiness": ratio(row["users"], month)}
            if not scope.observed(day):
                row |= {"depth": None, "stickiness": None}
            if per == "day":
                whole = scope.observed(day)
                found.append(
                    {"event_date": day, "feature": feature.name, **label, **row, "complete": whole}
                )
        if per == "period":
            ends = [d for d in (scope.end, world.complete_until) if d is not None]
            last = min(ends) if world.complete_until else date.min
            row = _counts(uses, scope.pooled, last)
            found.append(
                {"feature": feature.name, **label, **row, "stickiness": ratio(top, bottom)}
            )
    return found


def feature_retention(
    world: World, feature: OracleFeature, days: Iterable[int] = (1, 7, 28), **question: Any
) -> list[Row]:
    """Adopters who use a feature again."""
    scope, found = Scope(world, **question), []
    for label, people in scope.groups():
        used = [set(days) for days in uses_of(world, feature, people).values()]
        for number in days:
            mature = [
                u
                for u in used
                if (scope.start is None or min(u) >= scope.start)
                and (scope.end is None or min(u) <= scope.end)
                and scope.observed(min(u))
                and scope.observed(min(u) + number * DAY)
            ]
            back = sum(min(u) + number * DAY in u for u in mature)
            again = sum(any(min(u) + n * DAY in u for n in range(1, number + 1)) for u in mature)
            low, high = interval(back, len(mature))
            found.append(
                {
                    "feature": feature.name,
                    **label,
                    "day_number": number,
                    "adopters": len(mature),
                    "retained": back if mature else None,
                    "retention": ratio(back, len(mature)),
                    "low": low,
                    "high": high,
                    "repeated": again if mature else None,
                    "repeat_rate": ratio(again, len(mature)),
                }
            )
    return found


def waits(scope: Scope, feature: OracleFeature, people: list[Row]) -> list[tuple[int, bool]]:
    """Days each eligible player waited, and whether it ended with a use."""
    world, found = scope.world, []
    begin, end = world.begin, world.complete_until
    if begin is None or end is None:
        return []
    uses, launched = uses_of(world, feature, people), feature.launched or date.min
    played = [r for r in player_days(world) if r["active_events"] > 0]
    for player in people:
        name, acquired = player["player_id"], player["acquisition_date"]
        active = [
            r["event_date"]
            for r in played
            if r["player_id"] == name and launched <= r["event_date"] <= end
        ]
        if not matches(player, feature.eligible) or not active:
            continue
        if max(acquired, launched) < begin:
            continue
        start = max(acquired, min(active))
        if not (scope.start or begin) <= start <= (scope.end or date.max):
            continue
        if start > end:
            continue
        used = [d for d in uses.get(name, ()) if d <= end]
        last = min(used) if used else end
        found.append((max((last - start).days, 0), bool(used)))
    return found


def _at(lives: list[tuple[int, bool]], number: int) -> tuple[Fraction, Fraction | None]:
    """Share not adopting by a day, day by day, and Greenwood's sum."""
    left, sum_ = Fraction(1), Fraction(0)
    for day in range(number + 1):
        risk = sum(n >= day for n, _ in lives)
        adopting = sum(n == day and used for n, used in lives)
        if adopting == risk and risk:
            return Fraction(0), None
        if adopting:
            left *= 1 - Fraction(adopting, risk)
            sum_ += Fraction(adopting, risk * (risk - adopting))
    return left, sum_


def time_to_adopt(
    world: World,
    feature: OracleFeature,
    days: Iterable[int] = (0, 1, 3, 7, 14, 30),
    **question: Any,
) -> list[Row]:
    """Kaplan and Meier's estimate of the share that has adopted by each day."""
    scope, found = Scope(world, **question), []
    for label, people in scope.groups():
        lives = waits(scope, feature, people)
        ends = range(max((n for n, _ in lives), default=-1) + 1)
        half = next((n for n in ends if _at(lives, n)[0] <= Fraction(1, 2)), None)
        for number in days:
            left, spread = _at(lives, number)
            risk = sum(n >= number for n, _ in lives)
            known = risk > 0 or left == 0
            low = high = None
            if known and 0 < left < 1 and spread is not None:
                log = math.log(left)
                width = math.exp(NORMAL * math.sqrt(spread) / abs(log))
                low, high = 1 - math.exp(log / width), 1 - math.exp(log * width)
            found.append(
                {
                    "feature": feature.name,
                    **label,
                    "day_number": number,
                    "players": len(lives),
                    "at_risk": risk,
                    "adopters": sum(used and n <= number for n, used in lives),
                    "adopted": float(1 - left) if known else None,
                    "low": low,
                    "high": high,
                    "median_days": half,
                }
            )
    return found


def feature_breadth(
    world: World, features: Collection[OracleFeature], **question: Any
) -> list[Row]:
    """Mean number of features that an active player used."""
    scope, rows, found = Scope(world, **question), player_days(world), []
    for label, people in scope.groups():
        active = active_on(rows, scope.pooled, {p["player_id"] for p in people})
        used = [
            (feature.name, player)
            for feature in features
            for player, days in uses_of(world, feature, people).items()
            if player in active and any(day in scope.pooled for day in days)
        ]
        row = {"players": len(active), "features_used": len(used)}
        found.append({**label, **row, "feature_breadth": ratio(len(used), len(active))})
    return found
