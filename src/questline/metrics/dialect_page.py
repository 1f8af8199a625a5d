"""docs/dialects.md, what each dialect can express: `python -m questline.metrics.dialect_page`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from questline.engines.dialects import DIALECTS, RUN
from questline.errors import UsageError
from questline.metrics import CATALOGUE, Scope
from questline.metrics.compiled import EXAMPLE_DECLARED, EXAMPLE_FACTS, metric_sql
from questline.models.catalogue import MODELS
from questline.models.catalogue import compiled as model_sql
from questline.models.rules import Rules

PAGE = Path("docs/dialects.md")

_INTRODUCTION = """\
# SQL of other engines

`questline sql NAME --dialect DIALECT` prints a metric or a model for another engine, over tables
that have the names and columns of the lake (`questline describe`). This page is made by
`python -m questline.metrics.dialect_page`; a test keeps it up to date.

- **runs**: the tests run what is printed in the engine itself and compare the answer with DuckDB's:
  floats to nine digits, everything else exactly. ClickHouse runs inside Python, as chdb; PostgreSQL
  is version 15. `pytest tests/engines/test_warehouses.py` does it, where they are installed.
- **parses**: what is printed is a statement of the dialect; nobody ran it there.
- **no**: the dialect cannot express it, and `questline sql` says so and names those that can.

The tables are of each metric with its default options. Some options need more than a metric does:
BigQuery and Trino have no exact quantile; ClickHouse has no window as wide as 36 minutes in
microseconds, so `funnel` there has no `--order any` and no `--step-window` that is longer.

## What the tables have to be

- **Columns may be NULL**, in ClickHouse too (`Nullable(String)`), times have a zone
  (`timestamptz`, `DateTime64(6, 'UTC')`), money is a decimal (`DECIMAL(18,6)`), and `properties` is
  JSON as text.
- **players.variants** is an array of structs: `Array(Tuple(experiment Nullable(String), variant
  Nullable(String), exposed_at Nullable(DateTime64(6, 'UTC'))))` in ClickHouse; in PostgreSQL an
  array of a composite type with these three names, or `jsonb[]` of objects with them.
- **Names are quoted in lower case**, which matters where they would be folded to upper case:
  Snowflake.
- **Text is compared byte by byte.** A PostgreSQL database with another collation than `C` sorts
  rows, and breaks ties between events of one instant, in its own order.
- **JSON** is read as a `VARIANT` by Spark and Databricks, which needs Spark 4 or Databricks
  Runtime 15.3.
- **ClickHouse** gets two settings at the end of each query, without which a row that a join does
  not find has zeros, and a sum of nothing is 0.
- **Models** that read `days` need a table of the reporting zone's days: `event_date`, and the times
  `starts_at` and `ends_at`. `sql/models/` shows one.
"""


def page() -> str:
    """The whole page."""
    scope = Scope(EXAMPLE_FACTS, declared=EXAMPLE_DECLARED)
    metrics = _table("metric", tuple(CATALOGUE), lambda n, d: metric_sql(n, scope, d))
    models = _table("model", tuple(MODELS), lambda n, d: model_sql(n, Rules(), d))
    return f"{_INTRODUCTION}\n## Metrics\n\n{metrics}\n\n## Models\n\n{models}\n"


def _table(title: str, names: tuple[str, ...], printed: Callable[[str, str], str]) -> str:
    lines = [f"| {title} | {' | '.join(DIALECTS)} |", f"|---|{'---|' * len(DIALECTS)}"]
    for name in names:
        cells = [_cell(name, dialect, printed) for dialect in DIALECTS]
        lines.append(f"| `{name}` | {' | '.join(cells)} |")
    return "\n".join(lines)


def _cell(name: str, dialect: str, printed: Callable[[str, str], str]) -> str:
    try:
        printed(name, dialect)
    except UsageError:
        return "no"
    return "runs" if dialect in RUN else "parses"


def main() -> None:
    """Writes the page; `--check` only says whether it is up to date."""
    text = page()
    if "--check" in sys.argv[1:]:
        current = PAGE.read_text(encoding="utf-8") if PAGE.is_file() else ""
        if current != text:
            sys.exit(f"{PAGE} is not up to date. Run `python -m questline.metrics.dialect_page`.")
        return
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
