"""Figures of a world by name, and where those of a lake differ from those of its answer key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

At = str | int | date
Figures = Mapping[str, Mapping[At, int]]
"""Whole numbers by name and by what they are of: a day, a level, a currency, ..., '' for all.

A number that is not there is 0.
"""

OF = {
    "rejected": "reason",
    "days": "day",
    "retention": "day number",
    "purchases": "currency",
    "levels": "level",
}
"""What the values of a figure are of, by the first part of its name."""


@dataclass(frozen=True)
class Difference:
    """One value that the lake has otherwise than the key."""

    at: At
    lake: int
    key: int

    def __str__(self) -> str:
        """As a sentence names it."""
        values = f"lake {self.lake:,}, key {self.key:,}"
        return f"{self.at}: {values}" if self.at != "" else values


@dataclass(frozen=True)
class FigureRow:
    """One figure of the lake against the key.

    `distance` is the sum of the absolute differences between the lake and what really happened,
    in per cent of the latter; None where that is not known.
    """

    name: str
    values: int
    differences: tuple[Difference, ...]
    distance: float | None

    @property
    def of(self) -> str:
        """What its values are of, empty for a single one."""
        return OF.get(self.name.partition(".")[0], "")

    @property
    def equal(self) -> bool:
        """Whether every value is the key's."""
        return not self.differences


def compare_figures(key: Figures, lake: Figures, real: Figures) -> list[FigureRow]:
    """The lake's figures against those of the key, in the key's order."""
    return [
        _compare(name, values, lake.get(name, {}), real.get(name)) for name, values in key.items()
    ]


def _compare(
    name: str, key: Mapping[At, int], lake: Mapping[At, int], real: Mapping[At, int] | None
) -> FigureRow:
    places = sorted({*key, *lake}, key=_order)
    pairs = [(at, lake.get(at, 0), key.get(at, 0)) for at in places]
    differences = tuple(Difference(*pair) for pair in pairs if pair[1] != pair[2])
    return FigureRow(
        name, len(places), differences, None if real is None else _distance(lake, real)
    )


def _distance(lake: Mapping[At, int], real: Mapping[At, int]) -> float | None:
    off = sum(abs(lake.get(at, 0) - real.get(at, 0)) for at in {*lake, *real})
    total = sum(real.values())
    if not total:
        return None if off else 0.0
    return 100 * off / total


def _order(at: At) -> tuple[int, str]:
    return (at, "") if isinstance(at, int) else (0, str(at))
