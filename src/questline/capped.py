"""Long lists of which a person sees the beginning, and is told how long they are."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import ibis
import pyarrow as pa

from questline.api import Analytics


class Capped(NamedTuple):
    """The first rows of a list, and how many it has in all."""

    table: pa.Table
    total: int


def capped(analytics: Analytics, rows: ibis.Table, latest: Sequence[str], most: int) -> Capped:
    """The rows with the greatest values of these columns, at most so many."""
    counted = rows.mutate(rows_in_all=rows.count().over())
    found = analytics.read(counted.order_by(*map(ibis.desc, latest)).limit(most))
    total = found["rows_in_all"][0].as_py() if found.num_rows else 0
    return Capped(found.drop_columns("rows_in_all"), total)
