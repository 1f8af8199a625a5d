"""sql/, the compiled SQL of every model and metric: `python -m questline.metrics.compiled`."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from questline.engines.dialects import to_dialect
from questline.lake.facts import LakeFacts
from questline.metrics import CATALOGUE, Entry, Scope, Tables, entry
from questline.models.catalogue import MODELS, Model
from questline.models.catalogue import compiled as model_sql
from questline.models.rules import Rules
from questline.settings import Declared, Feature

FOLDER = Path("sql")

EXAMPLE_FACTS = LakeFacts(
    1,
    date(2026, 1, 1),
    date(2026, 1, 30),
    has_metadata=True,
    acquisition_known=True,
)
EXAMPLE_DECLARED = Declared(
    features={"rewarded_ads": Feature(event="ad_watched", where={"format": "rewarded"})}
)
"""A lake and a feature to compile with: the days are examples, the shape is the metric."""


def metric_files() -> dict[str, str]:
    """Path in the folder to SQL, for every metric with its default options."""
    return {f"metrics/{e.name}.sql": _file(e) for e in CATALOGUE.values()}


def metric_sql(name: str, scope: Scope, dialect: str = "duckdb", **options: object) -> str:
    """SQL of a metric, over tables that are only named.

    Raises:
        UsageError: the dialect cannot express it, or a name or value is wrong.
    """
    found = entry(name)
    chosen = {**found.example, **{k: v for k, v in options.items() if v is not None}}
    return to_dialect(found.compute(Tables.unbound(), scope, **chosen), dialect)


def model_files() -> dict[str, str]:
    """Path in the folder to SQL, for every model with the default session rule."""
    return {f"models/{m.name}.sql": _model_file(m) for m in MODELS.values()}


def _model_file(model: Model) -> str:
    doc = (inspect.getdoc(model.function) or "").splitlines()[0]
    inputs = ", ".join(model.inputs)
    return f"-- {model.name}: {doc}\n-- Reads {inputs}.\n{model_sql(model.name, Rules())}\n;\n"


def _file(metric: Entry) -> str:
    scope = Scope(EXAMPLE_FACTS, declared=EXAMPLE_DECLARED)
    sql = to_dialect(metric.compute(Tables.unbound(), scope, **metric.example))
    given = "".join(f" --{name} {value}" for name, value in metric.example.items())
    return (
        f"-- {metric.name}: {metric.summary}\n"
        f"-- Example: `questline sql {metric.name}{given}` for an observed period of "
        f"{EXAMPLE_FACTS.complete_from} to {EXAMPLE_FACTS.complete_until}.\n{sql}\n;\n"
    )


def stale(files: Mapping[str, str], folder: Path = FOLDER) -> list[str]:
    """Files of the folder that are missing, not up to date, or of no metric any more."""
    present = {str(p.relative_to(folder)) for p in folder.rglob("*.sql")}
    families = {name.partition("/")[0] for name in files}
    extra = {name for name in present - set(files) if name.partition("/")[0] in families}
    changed = {
        name
        for name, text in files.items()
        if name not in present or (folder / name).read_text(encoding="utf-8") != text
    }
    return sorted(extra | changed)


def write(files: Mapping[str, str], folder: Path = FOLDER) -> None:
    """Writes the files and removes those of their folders that are no longer wanted."""
    for name in stale(files, folder):
        path = folder / name
        if name not in files:
            path.unlink()
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(files[name], encoding="utf-8")


def main() -> None:
    """Writes the files; `--check` only says which are not up to date."""
    files = {**model_files(), **metric_files()}
    if "--check" in sys.argv[1:]:
        if names := stale(files):
            sys.exit(
                f"Not up to date: {', '.join(names)}. Run `python -m questline.metrics.compiled`."
            )
        return
    write(files)


if __name__ == "__main__":
    main()
