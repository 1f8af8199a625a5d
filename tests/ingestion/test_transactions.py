"""One transaction counts once, whatever names it and in whichever run its copies come."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from lakes import deliver, rows_of, settings_for


def purchase(event: int, day: int, key: str | None, **more: Any) -> bytes:
    made = {
        "event_id": f"00000000-0000-4000-8000-{event:012d}",
        "player_id": "00000000-0000-4000-8000-000000000900",
        "event_type": "purchase",
        "timestamp": f"2026-01-{day:02d}T12:00:00Z",
        "properties": {"price": 5, "currency": "USD", "transaction_id": key},
    }
    return json.dumps(made | more).encode() + b"\n"


CASES = {
    "the event id is the transaction": (purchase(1, 5, None), purchase(1, 6, None)),
    "an event id that another event names": (
        purchase(1, 5, None),
        purchase(2, 5, "00000000-0000-4000-8000-000000000001"),
    ),
}


@pytest.mark.parametrize("lines", CASES.values(), ids=CASES)
def test_transaction_counts_once_in_any_order(lines: tuple[bytes, bytes], tmp_path: Path) -> None:
    accepted = []
    for number, order in enumerate((lines, lines[::-1])):
        made = settings_for(tmp_path / f"{number}")
        for run, text in enumerate(order):
            deliver(made, [(f"{run}.jsonl", text)])
        assert sum(r["gross_usd"] for r in rows_of(made.lake, "purchases")) == Decimal(5)
        (lost,) = rows_of(made.lake, "rejected")
        assert lost["reason"] == "duplicate_transaction"
        accepted.append([(r["event_id"], r["event_date"]) for r in rows_of(made.lake, "events")])
    assert accepted[0] == accepted[1]
