"""The oracle's metrics of players' ways through levels: to a first win, or out of the game."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from statistics import median
from typing import Any

from oracle_ingest import World
from oracle_levels import Z, by_level, ends_of, independent, per_player, spread_of, sums
from oracle_models import level_attempts, player_days
from oracle_scope import DAY, Scope, ratio
from oracle_sessions import Row


def until(world: World, attempts: list[Row]) -> list[Row]:
    last = world.complete_until
    return [a for a in attempts if last is not None and a["event_date"] <= last]


def _stories(world: World, scope: Scope, attempts: list[Row]) -> Iterator[tuple[int, Row]]:
    """Each player's way to a first win of each level begun in the period."""
    groups: dict[tuple[int, str], list[Row]] = defaultdict(list)
    for a in until(world, attempts):
        groups[a["level"], a["player_id"]].append(a)
    for (level, _), mine in groups.items():
        wins = [a["started_at"] for a in mine if a["outcome"] == "complete"]
        used = [a for a in mine if not wins or a["started_at"] <= min(wins)]
        lengths = [a["seconds"] for a in used if a["seconds"] is not None]
        if min(a["event_date"] for a in mine) in scope.pooled:
            yield (
                level,
                {
                    "won": bool(wins),
                    "tries": len(used),
                    "seconds": sum(map(float, lengths)) if lengths else None,
                },
            )


def level_time(world: World, *, mode: str | None = None, **question: Any) -> list[Row]:
    """Seconds of an attempt, and of all attempts up to the first win."""
    found = []
    for label, scope, attempts in spread_of(world, question, mode=mode):
        stories = list(_stories(world, scope, attempts))
        seen = [a for a in attempts if a["event_date"] in scope.pooled]
        for level in sorted({a["level"] for a in seen} | {n for n, _ in stories}):
            lengths = [
                float(a["seconds"])
                for a in seen
                if a["level"] == level and a["seconds"] is not None
            ]
            mine = [s for n, s in stories if n == level]
            winners = [s for s in mine if s["won"]]
            needed = [s["seconds"] for s in winners if s["seconds"] is not None]
            found.append(
                {
                    "level": level,
                    **label,
                    "attempts": sum(a["level"] == level for a in seen),
                    "timed": len(lengths),
                    "median_seconds": median(lengths) if lengths else None,
                    "players": len(mine),
                    "completers": len(winners),
                    "censored": len(mine) - len(winners),
                    "median_seconds_to_completion": median(needed) if needed else None,
                    "attempts_completers_median": median(float(s["tries"]) for s in winners)
                    if winners
                    else None,
                }
            )
    return found


def level_attempts_curve(
    world: World, *, mode: str | None = None, level: int | None = None, **question: Any
) -> list[Row]:
    """Kaplan-Meier: the share who keep failing is multiplied attempt by attempt."""
    found = []
    for label, scope, attempts in spread_of(world, question, mode=mode):
        stories = [s for s in _stories(world, scope, attempts) if level in (None, s[0])]
        for number in sorted({n for n, _ in stories}):
            mine = [s for n, s in stories if n == number]
            found += [{"level": number, **label, **row} for row in _curve(mine)]
    return found


def _curve(stories: list[Row]) -> Iterator[Row]:
    left, noise = Fraction(1), Fraction(0)
    winners = [s["tries"] for s in stories if s["won"]]
    for n in sorted({s["tries"] for s in stories}):
        risk = sum(s["tries"] >= n for s in stories)
        won = winners.count(n)
        left *= 1 - Fraction(won, risk)
        if risk > won:
            noise += Fraction(won, risk * (risk - won))
        low = high = None
        if 0 < left < 1:
            error = Z * math.sqrt(noise) / -math.log(left)
            low, high = (1 - float(left) ** math.exp(e) for e in (-error, error))
        yield {
            "attempt": n,
            "at_risk": risk,
            "completed": won,
            "stopped": sum(s["tries"] == n and not s["won"] for s in stories),
            "completed_share": float(1 - left),
            "low": low,
            "high": high,
            "completers_share": ratio(sum(w <= n for w in winners), len(winners)),
        }


def level_quits(
    world: World,
    *,
    mode: str | None = None,
    versions: bool = False,
    within: timedelta = DAY,
    **question: Any,
) -> list[Row]:
    """Fails that no attempt followed in time."""
    last = world.complete_until
    over = world.settings.midnight(last + DAY) if last else None
    every = level_attempts(world)
    marked = []
    for a in every:
        others = [b for b in every if b is not a and b["player_id"] == a["player_id"]]
        went_on = any(timedelta() <= b["started_at"] - a["started_at"] <= within for b in others)
        quit_it = a["outcome"] == "fail" and not went_on
        marked.append({**a, "outcome": "quit" if quit_it else a["outcome"]})
    found = []
    for label, scope, attempts in spread_of(
        world, question, mode=mode, versions=versions, attempts=marked
    ):
        ends = ("fail", "quit")
        seen = [a for a in attempts if a["event_date"] in scope.pooled and a["outcome"] in ends]
        for level, mine in by_level(seen):
            closed = [a for a in mine if over is not None and a["started_at"] + within <= over]
            pairs = per_player(closed, "quit")
            fails, quits = sums(pairs)
            low, high = ends_of(ratio(quits, fails), independent(pairs))
            found.append(
                {
                    "level": level,
                    **label,
                    "players": len(pairs),
                    "fails": fails,
                    "pending": len(mine) - fails,
                    "quits": quits,
                    "quit_after_fail": ratio(quits, fails),
                    "low": low,
                    "high": high,
                }
            )
    return found


def level_churn(
    world: World,
    *,
    mode: str | None = None,
    inactive: int = 7,
    last_level: int | None = None,
    **question: Any,
) -> list[Row]:
    """Players who stayed at a level and are gone."""
    groups = list(spread_of(world, question, mode=mode))
    days, last = player_days(world), world.complete_until
    every = [a for _, _, attempts in groups for a in until(world, attempts)]
    end = max((a["level"] for a in every), default=0) if last_level is None else last_level
    found = []
    for label, scope, attempts in groups:
        past = until(world, attempts)
        for level, mine in by_level(past):
            fates: list[str] = []
            for player in sorted({a["player_id"] for a in mine}):
                own = [a for a in past if a["player_id"] == player]
                first = min(a["event_date"] for a in own if a["level"] == level)
                if first in scope.pooled and last:
                    active = {
                        d["event_date"]
                        for d in days
                        if d["player_id"] == player and d["active_events"] > 0
                    }
                    here = {d for d in active if d <= last} | {a["event_date"] for a in own}
                    fates.append(_fate(level, own, max(here), last - inactive * DAY))
            count = {f: fates.count(f) for f in ("passed", "churned", "pending")}
            if level >= end:
                count = dict.fromkeys(count, 0)
            judged = count["passed"] + count["churned"]
            low, high = ends_of(ratio(count["churned"], judged), judged)
            if fates:
                found.append(
                    {
                        "level": level,
                        **label,
                        "started": len(fates),
                        **count,
                        "end_of_content": len(fates) if level >= end else 0,
                        "churn": ratio(count["churned"], judged),
                        "low": low,
                        "high": high,
                    }
                )
    return found


def _fate(level: int, own: list[Row], latest: date, limit: date) -> str:
    """What became of a player at a level; `own` are all his attempts."""
    mine = [a for a in own if a["level"] == level]
    if min(a["event_date"] for a in mine) > limit:
        return "pending"
    if any(a["outcome"] == "complete" for a in mine) or max(a["level"] for a in own) > level:
        return "passed"
    return "churned" if latest <= limit else "pending"
