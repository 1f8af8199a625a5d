"""The largest values of an attribute, by which curves, bars and tables are told apart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from questline.dashboard.charts import Rows

MOST = 5
"""Lines in one chart that one can still tell apart."""
NOT_KNOWN, EMPTY = "(unknown)", "(empty)"
PLURALS = {
    "platform": "platforms",
    "country": "countries",
    "channel": "channels",
    "first_version": "versions",
    "cohort_week": "weeks",
    "version": "versions",
}


def named(value: object) -> str:
    """A value as a name; what is not known and what is empty are two.

    >>> named("ios"), named(None), named("")
    ('ios', '(unknown)', '(empty)')
    """
    return NOT_KNOWN if value is None else str(value) or EMPTY


@dataclass(frozen=True)
class Parts:
    """The largest values of a column, the largest first."""

    column: str
    word: str
    """What a value is, such as Version."""
    values: tuple[Any, ...]
    known: int
    """How many values there are, with those that are left out."""

    @classmethod
    def of(
        cls,
        rows: Rows,
        column: str,
        word: str,
        size: str,
        most: int = MOST,
        *,
        added: bool = False,
    ) -> Parts:
        """The values with the largest `size`; a value of nobody is none.

        Of the rows of a value the largest one counts, or with `added` what they add up to.

        >>> rows = [{"v": v, "n": n} for v, n in ((None, 3), ("a", 2), ("a", 2), ("b", 0))]
        >>> Parts.of(rows, "v", "Value", "n").values
        (None, 'a')
        >>> Parts.of(rows, "v", "Value", "n", most=1, added=True)
        Parts(column='v', word='Value', values=('a',), known=2)
        """
        sizes: dict[Any, Any] = {}
        for row in rows:
            value, now = row[column], row[size] or 0
            before = sizes.get(value, 0)
            sizes[value] = before + now if added else max(before, now)
        found = sorted((v for v in sizes if sizes[v]), key=lambda v: (-sizes[v], named(v)))
        return cls(column, word, tuple(found[:most]), len(found))

    @property
    def names(self) -> list[str]:
        """The values as names."""
        return [named(value) for value in self.values]

    def named(self, rows: Rows) -> list[dict[str, Any]]:
        """The rows of these values, each with its name as `part`, in the order of the values."""
        return [
            {**row, "part": named(value)}
            for value in self.values
            for row in rows
            if row[self.column] == value
        ]

    @property
    def said(self) -> str:
        """What is left out, in a sentence; nothing where all values are there.

        >>> Parts("country", "Country", ("US", "DE"), 3).said
        'The 2 largest of 3 countries.'
        """
        if self.known <= len(self.values):
            return ""
        plural = PLURALS.get(self.column, "values")
        return f"The {len(self.values)} largest of {self.known} {plural}."
