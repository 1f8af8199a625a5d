"""The contract as JSON Schema, docs/event.schema.json: `python -m questline.contract.schema`."""

import json
import sys
from pathlib import Path
from typing import Any

from questline.contract.envelope import ENVELOPE, MAX_ID_CHARACTERS, MAX_TYPE_CHARACTERS
from questline.contract.event_types import EVENT_TYPES, EventType, Kind

FILE = Path("docs/event.schema.json")

_ISO_TIME = (
    r"^\d{4}-\d\d-\d\d[T ]([01]\d|2[0-3]):\d\d:[0-5]\d(\.\d{1,9})?"
    r"(Z|[+-](0\d|1[0-4])(:?[0-5]\d)?)$"
)
_KINDS: dict[Kind, dict[str, Any]] = {
    Kind.TEXT: {"type": "string", "minLength": 1, "maxLength": MAX_ID_CHARACTERS},
    Kind.INTEGER: {"type": "integer", "minimum": 0, "maximum": 1_000_000_000},
    Kind.SECONDS: {"type": "number", "minimum": 0, "maximum": 31_536_000},
    Kind.BOOLEAN: {"type": "boolean"},
    Kind.MONEY: {"type": "number", "minimum": 0, "maximum": 1_000_000},
    Kind.AMOUNT: {"type": "number", "exclusiveMinimum": -1e9, "exclusiveMaximum": 1e9},
}


def json_schema() -> dict[str, Any]:
    """JSON Schema (draft 2020-12) of one event line of the native contract."""
    text = {"type": ["string", "null"], "minLength": 1, "maxLength": MAX_ID_CHARACTERS}
    time = {"type": ["string", "null"], "pattern": _ISO_TIME}
    special: dict[str, dict[str, Any]] = {
        "event_id": {"type": "string", "format": "uuid"},
        "player_id": {"type": "string", "format": "uuid"},
        "event_type": {"type": "string", "minLength": 1, "maxLength": MAX_TYPE_CHARACTERS},
        "timestamp": {"type": "string", "pattern": _ISO_TIME},
        "properties": {"type": "object"},
        "sent_at": time,
        "received_at": time,
    }
    fields = {f.name: {**special.get(f.name, text), "description": f.doc} for f in ENVELOPE}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Questline event",
        "description": "One line of a JSON Lines file. Types not listed here are custom events.",
        "type": "object",
        "required": [f.name for f in ENVELOPE if f.required],
        "properties": fields,
        "allOf": [_rule(e) for e in EVENT_TYPES.values()],
    }


def _rule(event: EventType) -> dict[str, Any]:
    body: dict[str, Any] = {
        "properties": {
            p.name: {
                "anyOf": [_KINDS[p.kind], {"type": "null"}] if not p.required else [_KINDS[p.kind]],
                "description": p.doc,
            }
            for p in event.properties
        }
    }
    required = [p.name for p in event.properties if p.required]
    if required:
        body["required"] = required
    return {
        "if": {"properties": {"event_type": {"const": event.name}}},
        "then": {"description": event.doc, "properties": {"properties": body}},
    }


def text() -> str:
    """The file's content."""
    return json.dumps(json_schema(), indent=2) + "\n"


def main() -> None:
    """Writes the file; `--check` only says whether it is up to date."""
    if "--check" in sys.argv[1:]:
        if not FILE.is_file() or FILE.read_text(encoding="utf-8") != text():
            sys.exit(f"{FILE} is not up to date. Run `python -m questline.contract.schema`.")
        return
    FILE.write_text(text(), encoding="utf-8")


if __name__ == "__main__":
    main()
