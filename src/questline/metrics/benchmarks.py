"""Published retention of mobile games, to hold one's own against: facts and where they stand."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """Classic retention of many games on one day number, as shares of players.

    `lower` and `upper` are the quartiles: a quarter of the games lies below, a quarter above. Of
    quartiles that are given as a range, such as 26.5 to 27.7 %, it is the middle; None where
    nothing was published.
    """

    day_number: int
    median: float
    lower: float | None
    upper: float | None


MEDIANS_FROM = "GameAnalytics, Q1 2024"
"""Report on the first quarter of 2024, as investgame.net has it."""
QUARTILES_FROM = "GameAnalytics, end of 2024"
"""Report of 2025 on 11,600 games, as gamigion.com has it."""

RETENTION = (
    Published(1, 0.2291, 0.1075, 0.271),
    Published(7, 0.0420, 0.015, 0.075),
    Published(28, 0.0085, None, 0.03),
)
"""All genres, day N after acquisition; classic retention on UTC days, as metric `retention` is."""
