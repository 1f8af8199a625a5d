"""The oracle's own tables of the contract, and the settings that change an answer."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

Event = dict[str, Any]

REASONS = (
    "too_large",
    "invalid_encoding",
    "malformed_json",
    "not_an_object",
    "missing_field",
    "invalid_id",
    "invalid_timestamp",
    "timestamp_in_future",
    "too_old",
    "unknown_event_type",
    "invalid_property",
    "unknown_currency",
    "duplicate_transaction",
    "id_collision",
)

# Event type -> property -> kind; "!" marks a required property.
LEVEL = {"level": "integer!", "attempt": "integer", "mode": "text"}
OUTCOME = {**LEVEL, "time_spent": "seconds", "success": "boolean"}
TYPES: dict[str, dict[str, str]] = {
    "session_start": dict.fromkeys(("platform", "app_version", "country", "device"), "text"),
    "session_end": {"duration": "seconds"},
    "level_start": LEVEL,
    "level_complete": OUTCOME,
    "level_fail": OUTCOME,
    "purchase": {
        "product_id": "text",
        "price": "money!",
        "currency": "text!",
        "transaction_id": "text",
    },
    "refund": {"transaction_id": "text!", "amount": "money!", "currency": "text!"},
    "ad_watched": {
        "placement": "text",
        "format": "text",
        "revenue": "money",
        "completed": "boolean",
    },
    "achievement_unlocked": {"achievement_id": "text!"},
    "currency_change": {
        "currency_name": "text!",
        "amount": "amount!",
        "balance": "amount",
        "reason": "text",
    },
    "experiment_exposure": {"experiment": "text!", "variant": "text!"},
}
COLUMNS = (
    *("platform", "app_version", "country", "device", "level", "attempt", "mode", "time_spent"),
    *("success", "duration", "product_id", "transaction_id", "price", "amount", "currency"),
    *("placement", "format", "completed", "achievement_id", "currency_name", "balance"),
    *("experiment", "variant"),
)
"""Properties that are columns of the same name; those of an event are None where it has none."""

UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
TIME = re.compile(
    r"([0-9]{4})-([0-9]{2})-([0-9]{2})[T ]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:Z|([+-])([0-9]{2})(?::?([0-9]{2}))?)"
)
NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")
FORMS = {
    "integer": (re.compile(r"-?[0-9]+"), Decimal(0), Decimal(10) ** 9),
    "seconds": (NUMBER, Decimal(0), Decimal(31_536_000)),
    "money": (NUMBER, Decimal(0), Decimal(10) ** 6),
    "amount": (NUMBER, Decimal("-999999999.999999"), Decimal("999999999.999999")),
}


@dataclass(frozen=True)
class OracleSettings:
    """The settings that change an answer, under the names of the project's own."""

    reporting_zone: str = "UTC"
    complete_from: date | None = None
    complete_until: date | None = None
    """None means `auto`."""
    session_rule: str = "gap"
    session_timeout_minutes: int = 30
    max_session_days: int = 3
    inactive_event_types: tuple[str, ...] = ("refund", "experiment_exposure")
    unknown_event_types: str = "accept"
    max_line_bytes: int = 1_000_000
    max_future_minutes: int = 60
    max_age_days: int = 31
    exchange_rates: Mapping[str, Mapping[date, Decimal]] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.reporting_zone)

    def day_of(self, moment: datetime) -> date:
        """The day of a moment in the reporting zone."""
        return moment.astimezone(self.zone).date()

    def midnight(self, day: date) -> datetime:
        """The moment at which a day of the reporting zone begins, in UTC."""
        return datetime(day.year, day.month, day.day, tzinfo=self.zone).astimezone(UTC)

    def rate(self, currency: str, day: date) -> Decimal | None:
        """USD for one unit: the latest rate on or before the day."""
        if currency == "USD":
            return Decimal(1)
        known = {d: r for d, r in self.exchange_rates.get(currency, {}).items() if d <= day}
        return known[max(known)] if known else None
