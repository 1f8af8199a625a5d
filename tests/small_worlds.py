"""Random small worlds as raw lines, with every quarrel that identity and money can have."""

import json
import random
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

START = datetime(2026, 3, 22)  # noqa: DTZ001 - written with a Z below; the log holds a DST change
TYPES = (
    "session_start",
    "session_end",
    "level_start",
    "level_complete",
    "level_fail",
    "purchase",
    "refund",
    "ad_watched",
    "login",
    "experiment_exposure",
)


def world(rng: random.Random) -> list[str]:
    """Lines of a few players over twelve days: ties, repeats, collisions, broken lines."""
    lines: list[str] = []
    for player in [_uuid(rng) for _ in range(rng.randint(1, 4))]:
        for _ in range(rng.randint(1, 6)):
            at = START + timedelta(days=rng.randrange(12), seconds=rng.randrange(86_400))
            session = rng.choice([_uuid(rng), None])
            for _ in range(rng.randint(1, 8)):
                at += timedelta(seconds=rng.choice([0, 10, 600, 1800, 1801, 5000]))
                lines += _event(rng, player, session, at)
    return lines


def deliveries(lines: list[str], rng: random.Random) -> list[list[tuple[str, bytes]]]:
    """The same lines in another order, some twice, over several runs into growing files."""
    shuffled = lines + [rng.choice(lines) for _ in range(rng.randint(0, 5))]
    rng.shuffle(shuffled)
    count = rng.randint(1, 4)
    runs = []
    for number in range(count):
        files: dict[str, str] = {}
        for line in shuffled[
            number * len(shuffled) // count : (number + 1) * len(shuffled) // count
        ]:
            name = rng.choice(["a.jsonl", "b.jsonl", "c.jsonl"])
            files[name] = files.get(name, "") + line + "\n"
        runs.append([(name, text.encode()) for name, text in files.items()])
    return runs


def _uuid(rng: random.Random) -> str:
    return str(UUID(int=rng.getrandbits(128)))


def _event(rng: random.Random, player: str, session: str | None, at: datetime) -> list[str]:
    event_type = rng.choice(TYPES)
    event: dict[str, Any] = {
        "event_id": _uuid(rng),
        "player_id": player,
        "event_type": event_type,
        "timestamp": f"{at.isoformat()}Z",
        "session_id": session,
        "platform": rng.choice(["ios", "android", None]),
        "properties": _properties(rng, event_type),
    }
    if rng.random() < 0.4:
        event["received_at"] = _later(rng, at, [0, 5, 100_000])
    if rng.random() < 0.3:
        event["sent_at"] = _later(rng, at, [0, 5])
    copies = [event]
    if rng.random() < 0.15:
        copies.append({**event, "received_at": _later(rng, at, [0, 1, 200])})
    if rng.random() < 0.15:
        copies.append({**event, "properties": {**event["properties"], "x": rng.randrange(2)}})
    lines = [json.dumps(c) for c in copies]
    if rng.random() < 0.05:
        lines.append(lines[-1][:-5])
    return lines


def _later(rng: random.Random, at: datetime, seconds: list[int]) -> str:
    return f"{(at + timedelta(seconds=rng.choice(seconds))).isoformat()}Z"


def _properties(rng: random.Random, event_type: str) -> dict[str, Any]:
    money = {
        "price": rng.choice([0.99, 4.99]),
        "currency": rng.choice(["USD", "EUR", "JPY", "XXX"]),
        "transaction_id": rng.choice(["t1", "t2", "t3", "t4"]),
    }
    choices: dict[str, dict[str, Any]] = {
        "level_start": {"level": rng.randrange(3)},
        "level_complete": {"level": rng.randrange(3), "attempt": 1, "success": rng.random() < 0.8},
        "level_fail": {"level": 1},
        "purchase": money,
        "refund": {"transaction_id": money["transaction_id"], "amount": 0.5, "currency": "EUR"},
        "ad_watched": {"revenue": 0.0005},
        "experiment_exposure": {"experiment": "e", "variant": rng.choice("ab")},
    }
    return choices.get(event_type, {})
