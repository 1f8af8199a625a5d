"""What is said of a refused row, by reason: what was found, and what to do about it."""

from questline.contract import Reason
from questline.ingestion.deduplicate import LOSING
from questline.lake.store import quote

MESSAGES = {
    Reason.TOO_LARGE: "the line is longer than max_line_bytes",
    Reason.INVALID_ENCODING: "the line is not UTF-8, or holds a NUL byte",
    Reason.MALFORMED_JSON: "not JSON, or a CSV row with the wrong number of cells",
    Reason.NOT_AN_OBJECT: "JSON, but not an object",
    Reason.MISSING_FIELD: "absent, null or empty, but required",
    Reason.INVALID_ID: "must be text of 1 to 128 characters (a UUID in the native contract)",
    Reason.INVALID_TIMESTAMP: "must be ISO 8601 with a zone, in the years 1970 to 2100",
    Reason.TIMESTAMP_IN_FUTURE: "later than the event was received",
    Reason.TOO_OLD: "waited longer than max_age_days",
    Reason.UNKNOWN_EVENT_TYPE: "not a type of the contract, or not a well-formed name",
    Reason.INVALID_PROPERTY: "the value does not fit the contract",
    Reason.UNKNOWN_CURRENCY: "no exchange rate on or before the day of payment",
    Reason.DUPLICATE_TRANSACTION: "another purchase holds this transaction_id",
    Reason.ID_COLLISION: "another row with this id, but another content, came first",
}

_MENDS = {
    Reason.TOO_LARGE: "raise max_line_bytes in questline.toml",
    Reason.MISSING_FIELD: "name the field in the mapping, or the property under optional there",
    Reason.INVALID_ID: "give a mapping (--mapping) where ids are no UUIDs",
    Reason.INVALID_TIMESTAMP: "set timestamp_format and timestamp_zone in the mapping",
    Reason.TIMESTAMP_IN_FUTURE: "raise max_future_minutes in questline.toml",
    Reason.TOO_OLD: "raise max_age_days in questline.toml",
    Reason.UNKNOWN_EVENT_TYPE: (
        'rename it under [source.events] in the mapping, or set unknown_event_types = "accept"'
    ),
    Reason.INVALID_PROPERTY: "map the property from a value that fits the contract",
    Reason.UNKNOWN_CURRENCY: "add a rate to [exchange_rates] in questline.toml",
}
"""What makes rows of a reason pass as they are."""


def hint(reason: str) -> str:
    """What to do about the rows of a reason, with the command that follows."""
    if reason in LOSING:
        return "nothing to do: another copy holds the place; both are judged again if more come"
    edit = f"edit the rows (`questline rejected --reason {reason} --out FILE`), then "
    edit += "`questline replay --rows FILE`"
    mend = _MENDS.get(Reason(reason))
    return f"{mend}, then `questline replay --reason {reason}`; or {edit}" if mend else edit


def message(reason: str, field: str) -> str:
    """SQL for the message of a row, from its reason and the field at fault."""
    cases = " ".join(f"WHEN {quote(r)} THEN {quote(m)}" for r, m in MESSAGES.items())
    return f"concat_ws(': ', {field}, CASE {reason} {cases} END)"
