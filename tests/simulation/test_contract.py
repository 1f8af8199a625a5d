"""Every line of a simulated file keeps the event contract; judged in plain Python."""

from __future__ import annotations

import json
import re
import uuid
from datetime import datetime
from decimal import Decimal
from typing import Any

import pytest

from questline.contract import ENVELOPE, EVENT_TYPES, PLAYER_FIELDS, Kind
from questline.simulation import Summary

_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_RANGES = {
    Kind.INTEGER: (0, 1_000_000_000, 0),
    Kind.SECONDS: (0, 31_536_000, 9),
    Kind.MONEY: (0, 1_000_000, 6),
    Kind.AMOUNT: (-999_999_999, 999_999_999, 6),
}


@pytest.fixture(scope="module")
def events(small_world: Summary) -> list[dict[str, Any]]:
    return [
        json.loads(line, parse_float=Decimal)
        for path in sorted(small_world.out.glob("events-*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]


def _decimals(value: int | Decimal) -> int:
    exponent = Decimal(value).as_tuple().exponent
    assert isinstance(exponent, int)
    return -exponent


def _is_valid(kind: Kind, value: object) -> bool:
    if kind is Kind.TEXT:
        return isinstance(value, str) and 1 <= len(value) <= 128
    if kind is Kind.BOOLEAN:
        return isinstance(value, bool)
    if not isinstance(value, (int, Decimal)) or isinstance(value, bool):
        return False
    low, high, decimals = _RANGES[kind]
    return low <= value <= high and _decimals(value) <= decimals


def test_events_have_exactly_the_envelope(events: list[dict[str, Any]]) -> None:
    names = {field.name for field in ENVELOPE}
    assert len(events) > 5_000
    assert all(event.keys() == names for event in events)


def test_events_ids_are_uuids_and_unique(events: list[dict[str, Any]]) -> None:
    ids = [event["event_id"] for event in events]
    assert len(set(ids)) == len(ids)
    for event in events:
        for name in ("event_id", "player_id", "session_id"):
            if event[name] is not None or name != "session_id":
                assert str(uuid.UUID(event[name])) == event[name]
                assert uuid.UUID(event[name]).version == 4


def test_events_times_have_milliseconds_and_zone(events: list[dict[str, Any]]) -> None:
    for event in events:
        for name in ("timestamp", "sent_at", "received_at"):
            assert _TIME.fullmatch(event[name])
            assert datetime.fromisoformat(event[name]).tzinfo is not None


def test_events_properties_are_those_of_the_contract(events: list[dict[str, Any]]) -> None:
    for event in events:
        if event["event_type"] == "login":
            assert event["properties"]["method"] in {"game_center", "play_games", "email"}
            continue
        spec = {p.name: p.kind for p in EVENT_TYPES[event["event_type"]].properties}
        assert event["properties"].keys() == spec.keys(), event
        assert all(_is_valid(spec[k], v) for k, v in event["properties"].items()), event


def test_events_success_agrees_with_the_type(events: list[dict[str, Any]]) -> None:
    outcomes = {(e["event_type"], e["properties"].get("success")) for e in events}
    assert ("level_complete", True) in outcomes
    assert ("level_fail", False) in outcomes
    assert not outcomes & {("level_complete", False), ("level_fail", True)}


def test_events_lines_are_written_without_spaces(small_world: Summary) -> None:
    path = small_world.out / "events-2026-01-03.jsonl"
    for line in path.read_text(encoding="utf-8").splitlines()[:500]:
        event = json.loads(line)
        if event["event_type"] in {"session_start", "level_start", "currency_change", "login"}:
            assert line == json.dumps(event, separators=(",", ":"))


def test_players_have_exactly_the_metadata_fields(small_world: Summary) -> None:
    lines = (small_world.out / "players.jsonl").read_text(encoding="utf-8").splitlines()
    people = [json.loads(line) for line in lines]
    assert all(list(p) == [field.name for field in PLAYER_FIELDS] for p in people)
    assert len({p["player_id"] for p in people}) == 800
    assert [p["acquired_at"] for p in people] == sorted(p["acquired_at"] for p in people)
