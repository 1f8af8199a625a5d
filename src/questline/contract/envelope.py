"""Fields that every event carries around its properties, and those of player metadata."""

from dataclasses import dataclass

MAX_ID_CHARACTERS = 128
"""Longest id and longest text property the lake keeps."""

MAX_TYPE_CHARACTERS = 128
"""Longest event type; control characters are refused."""


@dataclass(frozen=True)
class Field:
    """One field of the envelope."""

    name: str
    doc: str
    required: bool = False


ENVELOPE: tuple[Field, ...] = (
    Field("event_id", "Made once on the client; a UUID in the native contract.", required=True),
    Field("player_id", "One person in one game; a UUID in the native contract.", required=True),
    Field("event_type", "What happened.", required=True),
    Field("timestamp", "Client time, ISO 8601 with zone.", required=True),
    Field("properties", "Object; in CSV a column of JSON text.", required=True),
    Field("session_id", "The client's session."),
    Field("sent_at", "Client time of the upload, ISO 8601 with zone."),
    Field("received_at", "Server time of the upload, ISO 8601 with zone."),
    Field("app_version", "Version of the game."),
    Field("platform", "Operating system or store."),
    Field("country", "Country code."),
)

PLAYER_FIELDS: tuple[Field, ...] = (
    Field("player_id", "The player.", required=True),
    Field("acquired_at", "When the player was acquired, ISO 8601 with zone."),
    Field("platform", "Operating system or store."),
    Field("country", "Country code."),
    Field("channel", "Acquisition channel."),
    Field("app_version", "Version at acquisition."),
)
"""Columns of a `players` file: player metadata, one row a player."""
