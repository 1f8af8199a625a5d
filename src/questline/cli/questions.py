"""Commands that ask the lake: metrics, metric, sql, explain, describe, export."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from questline.api import open as open_lake
from questline.cli.output import FORMATS, aligned, chosen_format, send, show
from questline.engines.choice import ENGINES
from questline.engines.dialects import DIALECTS
from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.lake.publication import read_pointer
from questline.lake.schemas import TABLES
from questline.metrics import ATTRIBUTES, CATALOGUE, entry
from questline.metrics.compiled import EXAMPLE_FACTS, EXAMPLE_FEATURES, metric_sql
from questline.metrics.display import UNKNOWN
from questline.metrics.document import section
from questline.metrics.scope import make_scope
from questline.settings import Feature, load_settings

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
        metavar="ATTRIBUTE", help=f"Split by one of {', '.join(ATTRIBUTES)}, experiment.NAME."
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
PerOption = Annotated[
    str | None, typer.Option(metavar="period|day", help="One row for the period, or one a day.")
]
DaysOption = Annotated[
    str | None, typer.Option(metavar="N,N,...", help="Day numbers of retention, as 1,7,30.")
]
CohortsOption = Annotated[
    bool, typer.Option("--cohorts", help="Retention of each day of acquisition.")
]
ReturnedOption = Annotated[
    str | None,
    typer.Option(
        metavar="on_day|on_or_after|within|every_day", help="What counts as a return to day N."
    ),
]
LeftOption = Annotated[str | None, typer.Option(metavar="NAME", help="One definition.")]
RightOption = Annotated[str | None, typer.Option(metavar="NAME", help="The other one.")]
FollowUpOption = Annotated[
    str | None, typer.Option(metavar="DAYS", help="Days after day N that count, on_or_after.")
]
BalancedOption = Annotated[
    bool, typer.Option("--balanced", help="Only cohorts for which every asked day was observed.")
]
DenominatorOption = Annotated[
    str | None, typer.Option(metavar="active|registered", help="Players that arpu divides by.")
]
StepsOption = Annotated[
    str | None, typer.Option(metavar="A,B,...", help="Event types of a funnel, in order.")
]
WindowOption = Annotated[
    str | None, typer.Option(metavar="TIME", help="Time a funnel may take: 90s, 30m, 12h, 7d.")
]
FeatureOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="One feature of feature_adoption.")
]
ModeOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="One game mode of level_funnel.")
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
    for command in (metrics, metric, compare, sql, explain, describe, export):
        app.command()(command)


def metrics() -> None:
    """List the metrics: name, unit, options and what they mean."""
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for column in ("metric", "meaning", "unit", "options"):
        table.add_column(column, no_wrap=True)
    for found in CATALOGUE.values():
        options = " ".join(o.flag for o in found.options)
        table.add_row(found.name, found.summary, found.unit, options)
    typer.echo(aligned(table))
    typer.echo("All take --from, --to, --by and --where. `questline explain NAME` tells more.")


def metric(
    name: Name,
    *,
    start: From = None,
    end: To = None,
    by: By = None,
    where: WhereOption = None,
    per: PerOption = None,
    days: DaysOption = None,
    returned: ReturnedOption = None,
    left: LeftOption = None,
    right: RightOption = None,
    follow_up: FollowUpOption = None,
    balanced: BalancedOption = False,
    cohorts: CohortsOption = False,
    denominator: DenominatorOption = None,
    steps: StepsOption = None,
    window: WindowOption = None,
    feature: FeatureOption = None,
    mode: ModeOption = None,
    form: Annotated[
        str | None, typer.Option("--format", metavar="|".join(FORMATS), help="Default: table.")
    ] = None,
    out: Out = None,
    verbatim: Verbatim = False,
    lake: Lake = None,
    settings: SettingsFile = None,
    engine: EngineOption = "duckdb",
    master: MasterOption = None,
) -> None:
    """Compute a metric and say what it means and how far it reaches."""
    chosen = chosen_format(form, out, "table", FORMATS)
    entry(name)
    analytics = open_lake(lake, load_settings(settings), engine=engine, master=master)
    result = analytics.result(
        name,
        start,
        end,
        by,
        where or (),
        per=per,
        days=days,
        returned=returned,
        left=left,
        right=right,
        follow_up=follow_up,
        balanced=balanced or None,
        cohorts=cohorts or None,
        denominator=denominator,
        steps=steps,
        window=window,
        feature=feature,
        mode=mode,
    )
    show(result, chosen, out, verbatim=verbatim)


def compare(
    name: Annotated[str, typer.Argument(metavar="METRIC", help="What to compare: retention.")],
    *,
    left: LeftOption = None,
    right: RightOption = None,
    days: DaysOption = None,
    follow_up: FollowUpOption = None,
    start: From = None,
    end: To = None,
    by: By = None,
    where: WhereOption = None,
    form: Annotated[
        str | None, typer.Option("--format", metavar="|".join(FORMATS), help="Default: table.")
    ] = None,
    out: Out = None,
    verbatim: Verbatim = False,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """Tell how many players one definition of retention counts and another does not."""
    if name != "retention":
        raise UsageError(f"compare {name}: only retention has several definitions to compare.")
    chosen = chosen_format(form, out, "table", FORMATS)
    result = open_lake(lake, load_settings(settings)).result(
        "retention_compared",
        start,
        end,
        by,
        where or (),
        left=left,
        right=right,
        days=days,
        follow_up=follow_up,
    )
    show(result, chosen, out, verbatim=verbatim)


def sql(
    name: Name,
    *,
    dialect: Annotated[
        str, typer.Option(metavar="NAME", help=f"One of {', '.join(DIALECTS)}.")
    ] = "duckdb",
    start: From = None,
    end: To = None,
    by: By = None,
    where: WhereOption = None,
    per: PerOption = None,
    days: DaysOption = None,
    returned: ReturnedOption = None,
    left: LeftOption = None,
    right: RightOption = None,
    follow_up: FollowUpOption = None,
    balanced: BalancedOption = False,
    cohorts: CohortsOption = False,
    denominator: DenominatorOption = None,
    steps: StepsOption = None,
    window: WindowOption = None,
    feature: FeatureOption = None,
    mode: ModeOption = None,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """Print the SQL of a metric, for DuckDB or for a warehouse."""
    facts, features = _context(lake, settings)
    scope = make_scope(facts, features, start=start, end=end, by=by, where=where or ())
    text = metric_sql(
        name,
        scope,
        dialect,
        per=per,
        days=days,
        returned=returned,
        left=left,
        right=right,
        follow_up=follow_up,
        balanced=balanced or None,
        cohorts=cohorts or None,
        denominator=denominator,
        steps=steps,
        window=window,
        feature=feature,
        mode=mode,
    )
    typer.echo(f"{text};")


def explain(name: Name, *, lake: Lake = None, settings: SettingsFile = None) -> None:
    """Tell what a metric means: definition, formula, columns, options and SQL."""
    found = entry(name)
    facts, features = _context(lake, settings)
    typer.echo(section(found))
    text = metric_sql(name, make_scope(facts, features))
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


def _context(lake: Path | None, settings: Path | None) -> tuple[LakeFacts, dict[str, Feature]]:
    """Facts and features of the lake, or of the example where there is none yet."""
    made = load_settings(settings, lake=lake)
    pointer = read_pointer(made.lake)
    facts = EXAMPLE_FACTS if pointer is None else pointer.facts
    return facts, made.features or EXAMPLE_FEATURES


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
