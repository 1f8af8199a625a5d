"""What a published lake says about itself; the context of every number."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class LakeFacts:
    """Facts of one published version.

    `complete_from` and `complete_until` are the first and last day that could be observed, in
    `reporting_zone`; both are None while the lake holds no active event.
    """

    version: int
    complete_from: date | None
    complete_until: date | None
    reporting_zone: str = "UTC"
    session_rule: str = "gap"
    session_timeout_minutes: int = 30
    max_session_days: int = 3
    inactive_event_types: tuple[str, ...] = ("refund", "experiment_exposure")
    has_metadata: bool = False
    """Whether any player is known from metadata."""
    acquisition_known: bool = False
    """Whether metadata gives any day of acquisition."""
