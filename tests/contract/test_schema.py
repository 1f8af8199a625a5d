import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from questline.contract.schema import FILE, json_schema, text

ROOT = Path(__file__).parents[2]
VALIDATOR = Draft202012Validator(json_schema())


def event(event_type: str = "login", **properties: Any) -> dict[str, Any]:
    return {
        "event_id": "0a0b0c0d-0000-4000-8000-000000000001",
        "player_id": "0a0b0c0d-0000-4000-8000-000000000002",
        "event_type": event_type,
        "timestamp": "2026-01-01T10:00:00.5+02:00",
        "properties": properties,
    }


def test_schema_is_valid_and_the_published_file_is_up_to_date() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json.loads((ROOT / FILE).read_text(encoding="utf-8")) == json.loads(text())


@pytest.mark.parametrize(
    "line",
    [
        event(),
        event("purchase", price=4.99, currency="USD"),
        event("level_fail", level=3, attempt=None),
        event("something_new", anything=[1, 2]),
    ],
)
def test_schema_accepts_what_the_contract_accepts(line: dict[str, Any]) -> None:
    assert VALIDATOR.is_valid(line)


@pytest.mark.parametrize(
    "line",
    [
        event("purchase", price=4.99),
        event("purchase", price="4.99", currency="USD"),
        event("purchase", price=True, currency="USD"),
        event("level_start", level=3.7),
        {**event(), "timestamp": "2026-01-01T10:00:00"},
        {k: v for k, v in event().items() if k != "properties"},
    ],
)
def test_schema_refuses_what_the_contract_refuses(line: dict[str, Any]) -> None:
    assert not VALIDATOR.is_valid(line)
