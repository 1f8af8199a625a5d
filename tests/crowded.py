"""A small lake that holds everything that engines may disagree on: NULLs, ties, JSON, money, days.

Its players are drawn, so it is no hand-worked example: it is for answers that are compared.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from lakes import deliver, settings_for
from questline.settings import Feature, Settings
from worlds import uuid

START = datetime(2026, 3, 1, tzinfo=UTC)
DAYS = 12
ZONE = "America/New_York"  # its clock changes on 8 March
FEATURES = {
    "shop": Feature(event="purchase"),
    "easy": Feature(event="level_start", where={"level": "1"}, eligible={"platform": "ios"}),
    "spade": Feature(event="dig", where={"tool": "spade"}),
}
SEGMENTS = {
    "testers": {"where": ("device=tablet",)},
    "payers": {"event": "purchase[price>1]", "at_least": 2},
    "diggers": {"event": "dig[depth>=2]"},
}
_TYPES = (
    *("session_start", "session_end", "level_start", "level_start", "level_complete", "login"),
    *("level_fail", "purchase", "purchase", "refund", "ad_watched", "achievement_unlocked"),
    *("experiment_exposure", "dig", "currency_change"),
)


def settings(folder: Path, start: datetime = START, zone: str = ZONE) -> Settings:
    """Settings of the lake that `build` makes in the folder."""
    return settings_for(
        folder,
        threads=1,
        reporting_zone=zone,
        complete_until=(start + timedelta(days=DAYS - 2)).date(),
        features=FEATURES,
        segments=SEGMENTS,
    )


def build(folder: Path, start: datetime = START, zone: str = ZONE) -> Settings:
    """The lake of 60 players, through the pipeline."""
    draw, made = Random(8), settings(folder, start, zone)
    people = [uuid(n) for n in range(1, 61)]
    events = [e for p in people for e in _life(draw, p, start)]
    lines = [json.dumps({"event_id": uuid(9000 + n), **e}) for n, e in enumerate(events)]
    rows = [
        {
            "player_id": p,
            "acquired_at": (start + draw.randint(-5, 9) * timedelta(days=1)).isoformat(),
            "platform": draw.choice([None, "web"]),
            "country": draw.choice([None, "US", "DE"]),
            "channel": draw.choice([None, "ads"]),
        }
        for p in people[::3]
    ]
    metadata = "".join(json.dumps(r) + "\n" for r in rows).encode()
    files = [("a.jsonl", ("\n".join(lines) + "\n").encode()), ("players.jsonl", metadata)]
    deliver(made, files, as_of=start + timedelta(days=DAYS + 2))
    return made


def _life(draw: Random, player: str, start: datetime) -> list[dict[str, Any]]:
    """A player's events in a few visits, some at one instant."""
    seconds = (0, 0, 1, 30, 61.5, 400, 1800, 1800.000001, 3600)
    events = []
    for _ in range(draw.randint(1, 6)):
        time = start + timedelta(seconds=draw.randint(0, DAYS * 86_400))
        session = draw.choice([None, uuid(draw.randint(100_000, 900_000))])
        for _ in range(draw.randint(1, 12)):
            time += timedelta(seconds=draw.choice(seconds))
            kind = draw.choice(_TYPES)
            events.append(
                {
                    "player_id": player,
                    "event_type": kind,
                    "timestamp": time.isoformat(),
                    "session_id": session,
                    "properties": _properties(draw, kind, player),
                }
            )
    return events


def _properties(draw: Random, kind: str, player: str) -> dict[str, Any]:
    level = {"level": draw.randint(1, 3), "mode": draw.choice([None, "hard"])}
    bill = {
        "transaction_id": f"{player}-{draw.randint(1, 4)}",
        "currency": draw.choice(["USD", "EUR", "JPY", "XXX"]),
    }
    paid = draw.choice([0, 0.99, 5, 4.99, 100.000001])
    choices: dict[str, list[dict[str, Any]]] = {
        "session_start": [
            {},
            {"platform": "ios", "app_version": "1.0", "device": "phone"},
            {"platform": "android", "country": "DE", "device": "tablet"},
        ],
        "session_end": [{}, {"duration": 12.5}],
        "level_start": [level, {**level, "attempt": 2}],
        "level_complete": [level, {**level, "success": True, "time_spent": 42}],
        "level_fail": [level, {**level, "time_spent": 7.25}],
        "ad_watched": [
            {},
            {"revenue": 0.0005, "format": "rewarded", "completed": True},
            {"revenue": 0.012345, "placement": "end"},
        ],
        "achievement_unlocked": [{"achievement_id": "gold"}, {"achievement_id": "é"}],
        "currency_change": [{"currency_name": "gems", "amount": -5, "balance": 0.5}],
        "experiment_exposure": [
            {"experiment": "gate", "variant": "early"},
            {"experiment": "gate", "variant": "late"},
            {"experiment": "shop", "variant": "red"},
        ],
        "dig": [
            {"tool": "spade", "depth": 3, "lucky": True},
            {"tool": 'a "drill"', "depth": "deep"},
            {"tool": None, "depth": 1.5, "list": [1, {"a": None}]},
            {"tool": 7},
            {},
        ],
        "purchase": [{**bill, "product_id": "gems", "price": paid}],
        "refund": [{**bill, "amount": paid}],
    }
    return draw.choice(choices.get(kind, [{}]))
