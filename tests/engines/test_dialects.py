from __future__ import annotations

import re
from collections.abc import Callable

import ibis
import pytest
import sqlglot
from ibis import _

from questline.engines.compilers import COMPILERS
from questline.engines.dialects import DIALECTS, to_dialect
from questline.errors import UsageError
from questline.metrics import CATALOGUE, Scope, compiled
from questline.models.catalogue import MODELS
from questline.models.catalogue import compiled as model_sql
from questline.models.rules import Rules

TABLE = ibis.table(
    {"d": "date", "n": "int64", "x": "float64", "ok": "boolean", "properties": "string"}, name="t"
)
SCOPE = Scope(compiled.EXAMPLE_FACTS, declared=compiled.EXAMPLE_DECLARED)
TOOL = TABLE.properties.cast("json")["tool"]


def flat(expr: ibis.Expr, dialect: str) -> str:
    """SQL in one line."""
    return re.sub(r"\s+", " ", to_dialect(expr, dialect))


def check(dialect: str, printed: Callable[[], str]) -> None:
    """That this is one statement of the dialect, or a refusal that names others."""
    try:
        statements = sqlglot.parse(printed(), dialect=COMPILERS[dialect].dialect)
    except UsageError as error:
        refusal = str(error)
    else:
        assert len(statements) == 1
        return
    assert refusal.startswith(f"{dialect} cannot express this query. Choose one of duckdb")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialect_prints_a_sum(dialect: str) -> None:
    assert "SUM" in to_dialect(TABLE.group_by("d").aggregate(s=TABLE.x.sum()), dialect).upper()


def test_dialect_that_cannot_says_which_can() -> None:
    quantile = TABLE.aggregate(q=TABLE.x.quantile(0.9))
    with pytest.raises(
        UsageError, match=r"bigquery cannot express this query\. Choose one of duckdb, spark, "
    ):
        to_dialect(quantile, "bigquery")


def test_dialect_of_spark_counts_no_match_as_0() -> None:
    matches = TABLE.aggregate(n=TABLE.count(where=TABLE.x > 1))
    assert "COUNT_IF(`t0`.`x` > 1)" in to_dialect(matches, "spark")


def test_dialect_unknown_names_the_known() -> None:
    with pytest.raises(UsageError, match="must be one of duckdb, spark, databricks, bigquery"):
        to_dialect(TABLE, "oracle")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", CATALOGUE)
def test_metric_parses_in_its_dialect_or_says_which_can(name: str, dialect: str) -> None:
    check(dialect, lambda: compiled.metric_sql(name, SCOPE, dialect))


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("name", MODELS)
def test_model_parses_in_its_dialect_or_says_which_can(name: str, dialect: str) -> None:
    check(dialect, lambda: model_sql(name, Rules(), dialect))


@pytest.mark.parametrize(
    ("dialect", "parsed"),
    [
        ("spark", "TRY_PARSE_JSON("),
        ("databricks", "TRY_PARSE_JSON("),
        ("bigquery", "parse_json("),
        ("snowflake", "PARSE_JSON("),
        ("trino", "JSON_PARSE("),
        ("clickhouse", "JSONExtractRaw("),
        ("postgres", 'CAST("t0"."properties" AS JSON)'),
    ],
)
def test_dialect_parses_json_by_the_function_it_has(dialect: str, parsed: str) -> None:
    text = flat(TABLE.select(a=TOOL.unwrap_as("string"), b=TOOL.cast("string")), dialect)
    assert parsed in text
    assert "UNWRAP_JSON_" not in text


def test_clickhouse_counts_and_quantiles_exactly() -> None:
    text = flat(TABLE.aggregate(n=TABLE.n.nunique(), q=TABLE.x.quantile(0.5)), "clickhouse")
    assert 'uniqExact("t0"."n")' in text
    assert 'quantileExactInclusive(0.5)("t0"."x")' in text


def test_clickhouse_reads_what_is_missing_as_null() -> None:
    text = flat(TABLE.aggregate(n=TABLE.n.sum()), "clickhouse")
    assert text.endswith("SETTINGS join_use_nulls = 1, aggregate_functions_null_for_empty = 1")


def test_clickhouse_numbers_rows_with_signs() -> None:
    place = ibis.row_number().over(ibis.window(order_by="d"))
    text = flat(TABLE.select(n=place), "clickhouse")
    assert "CAST(ROW_NUMBER() OVER (ORDER BY" in text
    assert "AS Nullable(Int64))" in text


@pytest.mark.parametrize(("width", "able"), [(2**31 - 1, True), (2**31, False)])
def test_clickhouse_has_no_wide_range(width: int, *, able: bool) -> None:
    total = TABLE.n.sum().over(ibis.window(order_by="n", range=(0, width)))
    if able:
        assert str(width) in flat(TABLE.select(s=total), "clickhouse")
        return
    with pytest.raises(UsageError, match="clickhouse cannot express"):
        to_dialect(TABLE.select(s=total), "clickhouse")


def test_clickhouse_knows_days_before_1970() -> None:
    text = flat(TABLE.select(n=TABLE.d - ibis.date("1900-01-01")), "clickhouse")
    assert "toDate32('1900-01-01')" in text


@pytest.mark.parametrize("dialect", ["postgres", "snowflake", "bigquery"])
def test_dialect_has_no_largest_struct(dialect: str) -> None:
    pair = ibis.struct({"n": TABLE.n, "x": TABLE.x})
    with pytest.raises(UsageError, match=f"{dialect} cannot express"):
        to_dialect(TABLE.aggregate(p=pair.max()), dialect)


def test_postgres_makes_numbers_of_booleans() -> None:
    text = flat(TABLE.select(n=TABLE.ok.cast("int64")), "postgres")
    assert 'CAST(CAST("t0"."ok" AS INT) AS BIGINT)' in text


def test_postgres_keeps_the_names_of_a_struct() -> None:
    pair = ibis.struct({"n": TABLE.n, "x": TABLE.x})
    text = flat(TABLE.mutate(p=pair).select(n=_.p["n"]), "postgres")
    assert 'JSONB_BUILD_OBJECT(\'n\', "t0"."n", \'x\', "t0"."x")' in text
    assert "JSONB_EXTRACT_PATH_TEXT(TO_JSONB(" in text
