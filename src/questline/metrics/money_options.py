"""Options of money, the players' and the game's own."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Literal

from questline.errors import UsageError
from questline.metrics.options import (
    LARGEST_DAY_NUMBER,
    Option,
    choice,
    duration,
    flag,
    whole,
)

DENOMINATOR = Option(
    "denominator",
    "`active`: players active in the period; `registered`: players that metadata knows, or all "
    "that were ever seen where there is no metadata, acquired by the end of the period.",
    choice("denominator", "active", "registered"),
)

Refunds = Literal["purchase_date", "refund_date"]

Money = Literal["total", "iap", "ads"]

MOST_USD = 1_000_000_000

LONGEST_WINDOW = timedelta(days=LARGEST_DAY_NUMBER)


def window_of_days(value: object) -> timedelta:
    """A number of whole days from `90d` or from a timedelta.

    Raises:
        UsageError: it is not, or longer than 3650 days.
    """
    try:
        found = duration(value)
    except UsageError:
        found = timedelta(0)
    if not timedelta(0) < found <= LONGEST_WINDOW or found % timedelta(days=1):
        raise UsageError(
            f"window == {value!r}, must be 1 to {LARGEST_DAY_NUMBER} whole days, such as 90d."
        )
    return found


def cuts(value: object) -> tuple[Decimal, Decimal]:
    """Two amounts of US dollars in order from `10,100` or from a list.

    Raises:
        UsageError: there are not two, one is not above zero, or they are not in order.
    """
    parts = value.split(",") if isinstance(value, str) else value
    try:
        low, high = (Decimal(str(part).strip()) for part in parts)  # type: ignore[attr-defined]
        fine = 0 < low < high < MOST_USD and all(c == round(c, 6) for c in (low, high))
    except (InvalidOperation, TypeError, ValueError):
        fine = False
    if not fine:
        raise UsageError(
            f"cuts == {value!r}, must be two amounts of US dollars, the lower one first, such as "
            "10,100."
        )
    return low, high


REFUNDS = Option(
    "refunds",
    "Day on which money that was paid back is taken off. `purchase_date`: the day of the purchase, "
    "which restates the past; `refund_date`: the day of the refund, as daily cash.",
    choice("refunds", "purchase_date", "refund_date"),
)

MONEY = Option(
    "revenue",
    "`total`: net purchases and ads; `iap`: net purchases; `ads`: ads.",
    choice("revenue", "total", "iap", "ads"),
)

LEAST_PAYERS = Option(
    "least_payers",
    "Below so many payers shares and Gini are not shown.",
    whole("least_payers", 1, 999_999_999),
)

TRAILING = Option(
    "window", "Days up to the end of the period whose purchases count, such as 90d.", window_of_days
)

CUTS = Option(
    "cuts",
    "Net spend in US dollars from which a payer is a dolphin, and a whale, such as 10,100.",
    cuts,
)

ADS_BY = Option(
    "ads_by",
    "What an ad is told apart by: `placement`, `format` or `both`.",
    choice("ads_by", "placement", "format", "both"),
)

REASONS = Option("reasons", "One row a reason of the change instead of one a currency.", flag)
