"""The oracle's metrics of levels: how far players get, and how hard it is."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from statistics import NormalDist
from typing import Any

from oracle_ingest import World
from oracle_models import level_attempts
from oracle_scope import DAY, Scope, Where, ratio
from oracle_sessions import Row

Z = NormalDist().inv_cdf(0.975)
Ends = tuple[float | None, float | None]


def spread_of(
    world: World,
    question: Row,
    *,
    mode: str | None,
    versions: bool = False,
    attempts: list[Row] | None = None,
) -> Any:
    """For each group: its label, the scope and its attempts of the mode, of any day."""
    scope = Scope(world, **question)
    every = level_attempts(world) if attempts is None else attempts
    tries = [a for a in every if mode in (None, a["mode"])]
    for label, people in scope.groups():
        ids = {p["player_id"] for p in people}
        mine = [a for a in tries if a["player_id"] in ids]
        for version in sorted({a["app_version"] for a in mine}, key=str) if versions else [None]:
            chosen = [a for a in mine if not versions or a["app_version"] == version]
            yield {**({"version": version} if versions else {}), **label}, scope, chosen


def by_level(attempts: list[Row]) -> Iterator[tuple[int, list[Row]]]:
    for level in sorted({a["level"] for a in attempts}):
        yield level, [a for a in attempts if a["level"] == level]


def ends_of(share: float | None, trials: float | None) -> Ends:
    """Wilson: the p at which (share - p)² = z² p (1 - p) / trials."""
    if share is None or not trials:
        return None, None
    a, b, c = 1 + Z * Z / trials, -(2 * share + Z * Z / trials), share * share
    root = math.sqrt(max(b * b - 4 * a * c, 0))
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def independent(pairs: Sequence[tuple[int, int]]) -> float | None:
    """Independent trials worth as much as players with (trials, hits) each."""
    pairs = [(x, y) for x, y in pairs if x]
    trials, hits = sum(x for x, _ in pairs), sum(y for _, y in pairs)
    if not trials:
        return None
    share = Fraction(hits, trials)
    if share in (0, 1) or len(pairs) == 1:
        return float(len(pairs))
    misfits = [(y - share * x) ** 2 for x, y in pairs]
    apart = sum(misfits, Fraction(0)) / (len(pairs) - 1)
    single = trials * share * (1 - share) / (trials - 1)
    inflation = apart * len(pairs) / (single * trials)
    return float(trials / inflation if inflation > 1 else trials)


def level_funnel(
    world: World, *, mode: str | None = None, versions: bool = False, **question: Any
) -> list[Row]:
    """One row a level with an attempt."""
    found = []
    for label, scope, attempts in spread_of(world, question, mode=mode, versions=versions):
        for level, mine in by_level([a for a in attempts if a["event_date"] in scope.pooled]):
            ends = [a["outcome"] for a in mine]
            reached = {a["player_id"] for a in mine}
            done = {a["player_id"] for a in mine if a["outcome"] == "complete"}
            wins = ends.count("complete")
            low, high = ends_of(ratio(len(done), len(reached)), len(reached))
            found.append(
                {
                    "level": level,
                    **label,
                    "reached": len(reached),
                    "completed": len(done),
                    "completion_rate": ratio(len(done), len(reached)),
                    "completion_low": low,
                    "completion_high": high,
                    "attempts": len(mine),
                    "wins": wins,
                    "fails": ends.count("fail"),
                    "abandons": ends.count("abandon"),
                    "win_rate": ratio(wins, len(mine)),
                    "fail_rate": ratio(ends.count("fail"), len(mine)),
                    "attempts_per_success": ratio(len(mine), wins),
                }
            )
    return found


def level_difficulty(
    world: World,
    *,
    mode: str | None = None,
    versions: bool = False,
    neighbours: int = 2,
    drop: float = 0.05,
    **question: Any,
) -> list[Row]:
    """Win rates, and how each differs from the levels around it."""
    found = []
    for label, scope, attempts in spread_of(world, question, mode=mode, versions=versions):
        seen = [a for a in attempts if a["event_date"] in scope.pooled]
        levels = [(level, per_player(mine, "complete")) for level, mine in by_level(seen)]
        for place, (level, pairs) in enumerate(levels):
            trials, wins = sums(pairs)
            share = wins / trials
            low, high = ends_of(share, independent(pairs))
            before = [p for _, p in levels[max(place - neighbours, 0) : place]]
            after = [p for _, p in levels[place + 1 : place + 1 + neighbours]]
            beside = _difference(pairs, before + after) if before and after else _NO_DIFFERENCE
            upper = beside["difference_high"]
            found.append(
                {
                    "level": level,
                    **label,
                    "players": len(pairs),
                    "attempts": trials,
                    "wins": wins,
                    "win_rate": share,
                    "low": low,
                    "high": high,
                    "attempts_per_success": ratio(trials, wins),
                    "attempts_low": 1 / high if high else None,
                    "attempts_high": 1 / low if wins and low else None,
                    **beside,
                    "spike": None if upper is None else upper < -drop,
                }
            )
    return found


_NO_DIFFERENCE: Row = dict.fromkeys(
    ("neighbours_win_rate", "difference", "difference_low", "difference_high")
)


def per_player(attempts: list[Row], outcome: str) -> list[tuple[int, int]]:
    mine: dict[str, list[str]] = defaultdict(list)
    for a in attempts:
        mine[a["player_id"]].append(a["outcome"])
    return [(len(ends), ends.count(outcome)) for ends in mine.values()]


def sums(pairs: list[tuple[int, int]]) -> tuple[int, int]:
    return sum(x for x, _ in pairs), sum(y for _, y in pairs)


def _difference(here: list[tuple[int, int]], around: list[list[tuple[int, int]]]) -> Row:
    """Newcombe's interval; the neighbours' wins vary as the sum of each level's."""
    trials, wins = sums([p for pairs in around for p in pairs])
    part = Fraction(wins, trials)
    variance = Fraction(0)
    for pairs in around:
        x, y = sums(pairs)
        own = Fraction(y, x)
        variance += x * x * own * (1 - own) / Fraction(independent(pairs) or 1) / trials**2
    variance = max(variance, part * (1 - part) / trials)
    worth = part * (1 - part) / variance if variance else sum(len(pairs) for pairs in around)
    x, y = sums(here)
    one, other = y / x, float(part)
    low, high = ends_of(one, independent(here))
    near_low, near_high = ends_of(other, float(worth))
    assert low is not None
    assert high is not None
    assert near_low is not None
    assert near_high is not None
    return {
        "neighbours_win_rate": other,
        "difference": one - other,
        "difference_low": one - other - math.hypot(one - low, near_high - other),
        "difference_high": one - other + math.hypot(high - one, other - near_low),
    }


def level_survival(
    world: World,
    start: date | None = None,
    end: date | None = None,
    by: str | None = None,
    where: Where | None = None,
    *,
    mode: str | None = None,
    by_day: int = 7,
) -> list[Row]:
    """Players of cohorts seen for long enough, by the highest level they started in time."""
    found = []
    first, last = world.complete_from, world.complete_until
    for label, people in Scope(world, by=by, where=where).groups():
        highest: dict[str, int] = {}
        levels = set()
        for player in people:
            day = player["acquisition_date"]
            chosen = day is not None and not (start and day < start) and not (end and day > end)
            if not chosen or not first or not last or day < first or day + by_day * DAY > last:
                continue
            for a in level_attempts(world):
                mine = a["player_id"] == player["player_id"] and mode in (None, a["mode"])
                if mine and (a["event_date"] - day).days <= by_day:
                    levels.add(a["level"])
                    highest[a["player_id"]] = max(highest.get(a["player_id"], 0), a["level"])
        for level in sorted(levels):
            reached = sum(h >= level for h in highest.values())
            low, high = ends_of(ratio(reached, len(highest)), len(highest))
            found.append(
                {
                    "level": level,
                    **label,
                    "starters": len(highest),
                    "reached": reached,
                    "survival": ratio(reached, len(highest)),
                    "low": low,
                    "high": high,
                }
            )
    return found
