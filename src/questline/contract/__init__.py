"""The event contract: envelope, event types, reasons of refusal, published JSON Schema."""

from questline.contract.envelope import ENVELOPE, PLAYER_FIELDS
from questline.contract.event_types import EVENT_TYPES, EventType, Kind, Property
from questline.contract.reasons import Reason

__all__ = [
    "ENVELOPE",
    "EVENT_TYPES",
    "PLAYER_FIELDS",
    "EventType",
    "Kind",
    "Property",
    "Reason",
]
