"""Event types of the contract and their properties: the one place that names them."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the value of a property is written and checked."""

    TEXT = "text"
    """A string of 1 to 128 characters."""
    INTEGER = "integer"
    """A whole number, 0 to 1,000,000,000; 3.7 and true are refused."""
    SECONDS = "seconds"
    """A number of seconds, 0 to 31,536,000."""
    BOOLEAN = "boolean"
    """true or false."""
    MONEY = "money"
    """A decimal number, 0 to 1,000,000, at most six decimals."""
    AMOUNT = "amount"
    """A signed decimal number below 1,000,000,000, at most six decimals."""


@dataclass(frozen=True)
class Property:
    """One property of an event type."""

    name: str
    kind: Kind
    doc: str
    required: bool = False


@dataclass(frozen=True)
class EventType:
    """One event type of the contract."""

    name: str
    doc: str
    properties: tuple[Property, ...] = ()


_LEVEL = (
    Property("level", Kind.INTEGER, "Number of the level.", required=True),
    Property("attempt", Kind.INTEGER, "Ordinal of the player's attempt of this level, from 1."),
    Property("mode", Kind.TEXT, "Game mode."),
)
_OUTCOME = (
    *_LEVEL,
    Property("time_spent", Kind.SECONDS, "Foreground seconds of the attempt."),
    Property("success", Kind.BOOLEAN, "false turns a level_complete into a fail."),
)

EVENT_TYPES: dict[str, EventType] = {
    e.name: e
    for e in (
        EventType(
            "session_start",
            "The game came to the foreground.",
            (
                Property("platform", Kind.TEXT, "Operating system or store."),
                Property("app_version", Kind.TEXT, "Version of the game."),
                Property("country", Kind.TEXT, "Country code."),
                Property("device", Kind.TEXT, "Device model or class."),
            ),
        ),
        EventType(
            "session_end",
            "The game left the foreground.",
            (Property("duration", Kind.SECONDS, "Length of the session as the client saw it."),),
        ),
        EventType("level_start", "An attempt of a level began.", _LEVEL),
        EventType("level_complete", "An attempt of a level was won.", _OUTCOME),
        EventType("level_fail", "An attempt of a level was lost.", _OUTCOME),
        EventType(
            "purchase",
            "Real money was paid.",
            (
                Property("product_id", Kind.TEXT, "What was bought."),
                Property("price", Kind.MONEY, "Price paid, in `currency`.", required=True),
                Property("currency", Kind.TEXT, "ISO 4217 code.", required=True),
                Property("transaction_id", Kind.TEXT, "The store's id of the payment."),
            ),
        ),
        EventType(
            "refund",
            "Real money was paid back, whole or in part.",
            (
                Property("transaction_id", Kind.TEXT, "The payment given back.", required=True),
                Property("amount", Kind.MONEY, "Amount given back, in `currency`.", required=True),
                Property("currency", Kind.TEXT, "ISO 4217 code.", required=True),
            ),
        ),
        EventType(
            "ad_watched",
            "An advertisement was shown.",
            (
                Property("placement", Kind.TEXT, "Where in the game."),
                Property("format", Kind.TEXT, "rewarded, interstitial, banner, ..."),
                Property("revenue", Kind.MONEY, "Revenue of the impression in USD."),
                Property("completed", Kind.BOOLEAN, "Whether it was watched to the end."),
            ),
        ),
        EventType(
            "achievement_unlocked",
            "An achievement was earned.",
            (Property("achievement_id", Kind.TEXT, "Which one.", required=True),),
        ),
        EventType(
            "currency_change",
            "The game's own money came in or went out.",
            (
                Property("currency_name", Kind.TEXT, "Coins, gems, ...", required=True),
                Property("amount", Kind.AMOUNT, "Positive in, negative out.", required=True),
                Property("balance", Kind.AMOUNT, "Balance afterwards."),
                Property("reason", Kind.TEXT, "Source or sink."),
            ),
        ),
        EventType(
            "experiment_exposure",
            "The player saw a variant of an experiment.",
            (
                Property("experiment", Kind.TEXT, "Name of the experiment.", required=True),
                Property("variant", Kind.TEXT, "Name of the variant.", required=True),
            ),
        ),
    )
}
"""The closed list. Any other well-formed name is a custom event, its properties free."""
