"""What charts are made of: the rows behind their marks."""

from typing import Any

import pyarrow as pa
from streamlit.testing.v1 import AppTest

Rows = list[dict[str, Any]]


def drawn(chart: Any) -> Rows:
    """All rows that the chart's marks are made of, each once."""
    made = chart if isinstance(chart, dict) else chart.to_dict()
    found: Rows = []
    for part in [made, *made.get("layer", ())]:
        data = part.get("data", {})
        found += data.get("values") or made.get("datasets", {}).get(data.get("name"), [])
    return [row for number, row in enumerate(found) if row not in found[:number]]


def charts_of(app: AppTest) -> list[Rows]:
    """The rows of each chart of a page; Streamlit sends them beside what the chart looks like."""
    return [
        [row for part in element.proto.datasets for row in _rows(part.data.data)]
        for element in app.get("vega_lite_chart")
    ]


def _rows(sent: bytes) -> Rows:
    rows: Rows = pa.ipc.open_stream(sent).read_all().to_pylist()
    return rows
