"""Commands that ask the lake: metrics, metric, sql, explain, describe, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from questline.api import open as open_lake
from questline.cli.options import CONTEXT, metric_options
from questline.cli.output import FORMATS, aligned, chosen_format, send, show
from questline.engines.choice import ENGINES
from questline.engines.dialects import DIALECTS
from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.lake.publication import read_pointer
from questline.lake.schemas import TABLES
from questline.metrics import ATTRIBUTES, CATALOGUE, entry
from questline.metrics.compiled import EXAMPLE_DECLARED, EXAMPLE_FACTS, metric_sql
from questline.metrics.display import UNKNOWN
from questline.metrics.document import section
from questline.metrics.scope import make_scope
from questline.models.catalogue import MODELS
from questline.models.catalogue import compiled as model_sql
from questline.models.rules import Rules
from questline.settings import Declared, load_settings

Name = Annotated[str, typer.Argument(metavar="NAME", help="A metric of `questline metrics`.")]
From = Annotated[
    str | None,
    typer.Option("--from", metavar="DATE", help="First day; the first observed if not given."),
]
To = Annotated[
    str | None,
    typer.Option("--to", metavar="DATE", help="Last day; the last observed if not given."),
]
By = Annotated[
    str | None,
    typer.Option(
        metavar="ATTRIBUTE",
        help=f"Split by one of {', '.join(ATTRIBUTES)}, experiment.NAME, or event.PROPERTY where "
        "events are counted.",
    ),
]
WhereOption = Annotated[
    list[str] | None,
    typer.Option(
        "--where",
        metavar="CONDITION",
        help="Only players such as 'platform=ios'; may be repeated: one attribute twice means "
        "either value, different attributes must all match.",
    ),
]
SegmentOption = Annotated[
    list[str] | None,
    typer.Option(
        "--segment", metavar="NAME", help="Only players of this segment; may be repeated."
    ),
]
ExcludeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--exclude",
        metavar="NAME|none",
        help="Leave out players of this segment; may be repeated. If not given, those that the "
        "settings exclude are left out.",
    ),
]
Format = Annotated[
    str | None, typer.Option("--format", metavar="|".join(FORMATS), help="Default: table.")
]
Lake = Annotated[Path | None, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")]
SettingsFile = Annotated[
    Path | None, typer.Option("--settings", metavar="FILE", help="Instead of questline.toml.")
]
EngineOption = Annotated[
    str, typer.Option("--engine", metavar="|".join(ENGINES), help="What computes.")
]
MasterOption = Annotated[
    str | None,
    typer.Option("--master", metavar="URL", help="Where Spark runs: local[2], spark://host:7077."),
]
Out = Annotated[Path | None, typer.Option(metavar="FILE", help="Write here, not to the terminal.")]


Verbatim = Annotated[
    bool,
    typer.Option(
        "--verbatim",
        help="In CSV, leave text that begins like a formula of a spreadsheet as it is.",
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands to the app."""
    for command in (metric, compare, sql):
        app.command(context_settings=CONTEXT)(command)
    for other in (metrics, explain, describe, export):
        app.command()(other)


def metrics() -> None:
    """List the metrics: name, what they mean and unit."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("metric", "meaning", "unit"):
        table.add_column(column, no_wrap=True)
    for found in CATALOGUE.values():
        table.add_row(found.name, found.summary, found.unit)
    typer.echo(aligned(table))
    typer.echo(
        "All take --from, --to, --by, --where, --segment and --exclude. "
        "`questline explain NAME` tells each one's own options, columns and SQL."
    )


def metric(
    context: typer.Context,
    name: Name,
    *,
    start: From = None,
    end: To = None,
    by: By = None,
    where: WhereOption = None,
    segment: SegmentOption = None,
    exclude: ExcludeOption = None,
    form: Format = None,
    out: Out = None,
    verbatim: Verbatim = False,
    lake: Lake = None,
    settings: SettingsFile = None,
    engine: EngineOption = "duckdb",
    master: MasterOption = None,
) -> None:
    """Compute a metric and say what it means and how far it reaches.

    Metrics have options of their own, such as retention --days 1,7,30: `questline metrics` lists
    them, `questline explain NAME` says what they mean.
    """
    chosen = chosen_format(form, out, "table", FORMATS)
    options = metric_options(entry(name), context.args)
    analytics = open_lake(lake, load_settings(settings), engine=engine, master=master)
    question = _question(start=start, end=end, by=by, where=where, segment=segment, exclude=exclude)
    show(analytics.result(name, **question, **options), chosen, out, verbatim=verbatim)


def compare(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="METRIC", help="What to compare: retention.")],
    *,
    start: From = None,
    end: To = None,
    by: By = None,
    where: WhereOption = None,
    segment: SegmentOption = None,
    exclude: ExcludeOption = None,
    form: Format = None,
    out: Out = None,
    verbatim: Verbatim = False,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """Tell how many players one definition counts and another does not.

    Give the definitions as --left NAME and --right NAME, such as on_day and on_or_after.
    """
    comparison = f"{name}_compared"
    if comparison not in CATALOGUE:
        able = ", ".join(n.removesuffix("_compared") for n in CATALOGUE if n.endswith("_compared"))
        raise UsageError(f"compare {name}: only {able} has several definitions to compare.")
    metric(
        context,
        comparison,
        start=start,
        end=end,
        by=by,
        where=where,
        segment=segment,
        exclude=exclude,
        form=form,
        out=out,
        verbatim=verbatim,
        lake=lake,
        settings=settings,
    )


def sql(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="A metric or a model.")],
    *,
    dialect: Annotated[
        str, typer.Option(metavar="NAME", help=f"One of {', '.join(DIALECTS)}.")
    ] = "duckdb",
    start: From = None,
    end: To = None,
    by: By = None,
    where: WhereOption = None,
    segment: SegmentOption = None,
    exclude: ExcludeOption = None,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """Print the SQL of a metric or model, for DuckDB or for a warehouse."""
    if name in MODELS and name not in CATALOGUE:
        typer.echo(f"{model_sql(name, Rules(), dialect)};")
        return
    options = metric_options(entry(name), context.args)
    facts, declared = _context(lake, settings)
    question = _question(start=start, end=end, by=by, where=where, segment=segment, exclude=exclude)
    scope = make_scope(facts, declared, **question)
    typer.echo(f"{metric_sql(name, scope, dialect, **options)};")


def explain(name: Name, *, lake: Lake = None, settings: SettingsFile = None) -> None:
    """Tell what a metric means: definition, formula, columns, options and SQL."""
    found = entry(name)
    facts, declared = _context(lake, settings)
    typer.echo(section(found))
    text = metric_sql(name, make_scope(facts, declared))
    typer.echo(f"\n```sql\n{text};\n```")


def describe(
    table: Annotated[str | None, typer.Argument(metavar="[TABLE]", help="One table.")] = None,
    *,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """List the tables of the lake, or the columns of one."""
    if table is None:
        _describe_all(lake, settings)
        return
    if table not in TABLES:
        raise UsageError(f"There is no table {table!r}. Tables: {', '.join(TABLES)}.")
    spec = TABLES[table]
    rows = Table(box=SIMPLE_HEAD, pad_edge=False)
    for title in ("column", "type", "meaning"):
        rows.add_column(title, no_wrap=True)
    for column in spec.columns:
        rows.add_row(column.name, column.type, column.doc)
    partition = f", partitioned by {spec.partition}" if spec.partition else ""
    typer.echo(f"{table}: {spec.grain}{partition}\n{aligned(rows)}")


def export(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A table of `describe`, or else a metric.")
    ],
    *,
    form: Annotated[
        str | None,
        typer.Option("--format", metavar="csv|json|parquet", help="Default: csv, or FILE's."),
    ] = None,
    out: Out = None,
    verbatim: Verbatim = False,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """Write a whole table of the lake, or a metric, as CSV, JSON or Parquet.

    A metric has its defaults here; `questline metric` takes options, --format and --out too.
    """
    chosen = chosen_format(form, out, "csv", FORMATS[1:])
    analytics = open_lake(lake, load_settings(settings))
    if name not in TABLES and name in CATALOGUE:
        show(analytics.result(name), chosen, out, verbatim=verbatim)
        return
    rows = analytics.table(name)
    batches = analytics.engine.batches(rows)
    send(rows.schema().to_pyarrow(), batches, chosen, out, verbatim=verbatim)


def _context(lake: Path | None, settings: Path | None) -> tuple[LakeFacts, Declared]:
    """Facts of the lake and what is declared, or the example where there is none yet."""
    made = load_settings(settings, lake=lake)
    pointer = read_pointer(made.lake)
    facts = EXAMPLE_FACTS if pointer is None else pointer.facts
    declared = made.declared
    if not declared.features:
        declared = declared.model_copy(update={"features": EXAMPLE_DECLARED.features})
    return facts, declared


def _question(
    *,
    start: str | None,
    end: str | None,
    by: str | None,
    where: list[str] | None,
    segment: list[str] | None,
    exclude: list[str] | None,
) -> dict[str, Any]:
    """What all metrics are asked with, as the Python interface takes it."""
    return {
        "start": start,
        "end": end,
        "by": by,
        "where": where or (),
        "segment": segment or (),
        "exclude": exclude,
    }


def _describe_all(lake: Path | None, settings: Path | None) -> None:
    made = load_settings(settings, lake=lake)
    counts: dict[str, str] = {}
    if read_pointer(made.lake) is not None:
        analytics = open_lake(made.lake, made)
        for name in TABLES:
            counts[name] = f"{analytics.read(analytics.table(name).count().as_table())[0][0]}"
    rows = Table(box=SIMPLE_HEAD, pad_edge=False)
    rows.add_column("table", no_wrap=True)
    rows.add_column("rows", justify="right", no_wrap=True)
    rows.add_column("one row is", no_wrap=True)
    for name, spec in TABLES.items():
        count = counts.get(name)
        rows.add_row(name, UNKNOWN if count is None else f"{int(count):,}", spec.grain)
    typer.echo(aligned(rows))
