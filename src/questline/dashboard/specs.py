"""A chart as Streamlit sends it: what it looks like, and its rows beside it."""

from __future__ import annotations

import threading
from typing import Any

import altair as alt
import pyarrow as pa

_ONE = threading.Lock()
"""How Altair hands rows on is one setting for the whole process."""


def spec(chart: alt.TopLevelMixin) -> dict[str, Any]:
    """The chart in the words of Vega-Lite, with tables in `datasets`.

    `st.altair_chart` does the same and checks each chart against the schema of Vega-Lite, a quarter
    of the time that a page's script takes; tests do that. Names of tables do not depend on their
    rows, so that new rows change a chart on the page and do not make another.
    """
    tables: dict[str, pa.Table] = {}
    with (
        _ONE,
        alt.theme.enable("none"),
        alt.data_transformers.enable("questline", tables=tables),
    ):
        made: dict[str, Any] = chart.to_dict(validate=False)
    return {**made, "datasets": tables}


def _beside(rows: pa.Table, tables: dict[str, pa.Table]) -> dict[str, str]:
    """Puts rows into `tables` and says under which name, which is one for the same rows."""
    name = next((name for name, table in tables.items() if table is rows), f"rows{len(tables)}")
    tables[name] = rows
    return {"name": name}


alt.data_transformers.register("questline", _beside)
