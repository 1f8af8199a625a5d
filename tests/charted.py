"""What charts are made of: the rows behind their marks."""

import json
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
    """The rows of each chart of a page; Streamlit sends those of a whole chart beside it."""
    found = []
    for element in app.get("vega_lite_chart"):
        beside = element.proto.data.data
        rows = pa.ipc.open_stream(beside).read_all().to_pylist() if beside else []
        found.append(rows or drawn(json.loads(element.proto.spec)))
    return found
