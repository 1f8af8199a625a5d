"""A lake in which every name is a piece of HTML and Markdown."""

import json
from pathlib import Path
from typing import Any
from uuid import UUID

from lakes import deliver, settings_for

EVIL = "<script>harmed=1</script><img src=x onerror=harmed=1> **b** [x](//evil.example) $x$"
PLAYERS = 3
KINDS: list[tuple[str, dict[str, Any]]] = [
    ("session_start", {}),
    (EVIL, {"text": EVIL}),
    ("achievement_unlocked", {"achievement_id": EVIL}),
    ("level_start", {"level": 1, "mode": EVIL}),
    ("level_fail", {"level": 1, "mode": EVIL, "time_spent": 9}),
    ("purchase", {"product_id": EVIL, "price": 2.5, "currency": "USD"}),
    ("ad_watched", {"placement": EVIL, "format": EVIL, "revenue": 0.01}),
    ("currency_change", {"currency_name": EVIL, "amount": 5, "reason": EVIL}),
]


def evil_lake(folder: Path, days: int = 9) -> None:
    """A few players who do the same every day."""
    lines = [
        json.dumps(evil_event(day, player, second))
        for day in range(days)
        for player in range(PLAYERS)
        for second in range(len(KINDS))
    ]
    settings = settings_for(folder, complete_until=f"2026-01-{days:02d}")
    deliver(settings, [("a.jsonl", "\n".join([*lines, ""]).encode())])


def evil_event(day: int, player: int, second: int) -> dict[str, Any]:
    """One event of one kind."""
    event_type, properties = KINDS[second]
    number = (day * PLAYERS + player) * len(KINDS) + second
    given = dict(properties)
    if event_type == "purchase":
        given["transaction_id"] = f"{EVIL}{number}"
    return {
        "event_id": str(UUID(int=number + 1)),
        "player_id": str(UUID(int=player + 1)),
        "event_type": event_type,
        "timestamp": f"2026-01-{day + 1:02d}T10:00:{second:02d}Z",
        "platform": EVIL,
        "app_version": EVIL,
        "country": EVIL,
        "properties": given,
    }
