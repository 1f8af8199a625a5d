"""What a card of the report is: a chart or a table, and what stands around it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from questline.api import Result
from questline.metrics import Kind
from questline.metrics.display import cell

MOST_ROWS = 60
NUMBERS = {Kind.COUNT, Kind.NUMBER, Kind.SHARE, Kind.USD, Kind.USD_EACH, Kind.SECONDS}


@dataclass(frozen=True)
class Table:
    """Rows of text under heads; `numbers` says which columns stand to the right."""

    heads: list[str]
    numbers: list[bool]
    rows: list[list[str]]


@dataclass(frozen=True)
class Card:
    """A chart as SVG with its numbers, or a table where there is no chart."""

    key: str
    title: str
    note: str
    metric: str
    table: Table
    svg: str = field(default="", repr=False)


def table(found: Result, columns: Mapping[str, str], rows: Iterable[Mapping[str, Any]]) -> Table:
    """Rows of an answer; `columns` gives each column its head."""
    kinds = {name: found.entry.kind(name) for name in columns}
    return Table(
        list(columns.values()),
        [kind in NUMBERS for kind in kinds.values()],
        [[cell(row[name], kind) for name, kind in kinds.items()] for row in rows],
    )
