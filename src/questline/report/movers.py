"""Where the number of players changed most."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from questline.dashboard.parts import named
from questline.lake.facts import LakeFacts
from questline.metrics import Kind
from questline.metrics.display import brief, cell, change
from questline.report.card import Card, Table
from questline.report.period import Period, before
from questline.report.questions import Answers, Question

SPLITS = {"platform": "Platform", "country": "Country", "channel": "Channel"}
MOST = 8
METRIC = "arpu"
"""The metric that gives distinct players and revenue of a period together."""


def asked(facts: LakeFacts, period: Period) -> Iterator[Question]:
    """Players and revenue by attribute, of the period and of the one before."""
    for pair in _pairs(facts, period).values():
        yield from pair


def cards(answers: Answers, facts: LakeFacts, period: Period) -> Iterator[Card]:
    """One card, if there is a period before and a number moved."""
    moves: list[tuple[int, list[str]]] = []
    for attribute, (now, earlier) in _pairs(facts, period).items():
        known = {row[attribute]: row for row in answers[now].rows()}
        past = {row[attribute]: row for row in answers[earlier].rows()}
        if len(known | past) > 1:
            moves += [
                _move(f"{SPLITS[attribute]} {named(value)}", known.get(value), past.get(value))
                for value in known | past
            ]
    moves.sort(key=lambda move: -move[0])
    rows = [row for distance, row in moves[:MOST] if distance]
    if rows:
        heads = ["", "Players", "Change", "Revenue", "Change"]
        told = Table(heads, [False, True, True, True, True], rows)
        note = "Platforms, countries and channels, by the change in players."
        yield Card("movers", "What moved most", note, METRIC, told)


def _pairs(facts: LakeFacts, period: Period) -> dict[str, tuple[Question, Question]]:
    earlier = before(facts, period)
    if earlier is None:
        return {}
    return {
        attribute: (
            Question(f"Players and revenue by {attribute}", METRIC, period, {"by": attribute}),
            Question(
                f"Players and revenue by {attribute}, the period before",
                *(METRIC, earlier, {"by": attribute}),
            ),
        )
        for attribute in SPLITS
    }


def _move(
    name: str, row: Mapping[str, Any] | None, old: Mapping[str, Any] | None
) -> tuple[int, list[str]]:
    """How far the number of players moved, and the row that tells it."""
    now, past = row or {}, old or {}
    told = [name]
    for column, kind in (("players", Kind.COUNT), ("revenue_usd", Kind.USD)):
        moved = change(now.get(column), past.get(column), kind)
        told += [brief(now.get(column), kind), moved or cell(None, kind)]
    return abs((now.get("players") or 0) - (past.get("players") or 0)), told
