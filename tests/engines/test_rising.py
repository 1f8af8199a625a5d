from __future__ import annotations

import ibis

from questline.engines.dialects import to_dialect
from questline.engines.duckdb import DuckDBEngine
from questline.engines.rising import rising_max


def test_rising_max_passes_over_unknown_values() -> None:
    engine = DuckDBEngine(memory_limit_mb=300, threads=1)
    rows = "(0, NULL), (1, 1), (2, NULL), (3, 4), (4, 4), (5, NULL)"
    engine.connection.execute(f"CREATE TABLE steps AS SELECT * FROM (VALUES {rows}) t(n, value)")
    steps = engine.backend.table("steps")
    before = ibis.window(order_by="n", preceding=(None, 1))
    found = steps.mutate(latest=rising_max(steps.value).over(before)).order_by("n")
    assert engine.to_pyarrow(found)["latest"].to_pylist() == [None, None, 1, 1, 4, 4]


def test_rising_max_is_a_maximum_elsewhere() -> None:
    steps = ibis.table({"n": "int64", "value": "int64"}, name="steps")
    before = ibis.window(order_by="n", preceding=(None, 1))
    assert "MAX(" in to_dialect(steps.mutate(latest=rising_max(steps.value).over(before)), "spark")
