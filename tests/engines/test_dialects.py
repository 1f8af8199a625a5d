from __future__ import annotations

import ibis
import pytest

from questline.engines.dialects import DIALECTS, to_dialect
from questline.errors import UsageError

TABLE = ibis.table({"d": "date", "x": "float64", "properties": "string"}, name="t")


@pytest.mark.parametrize("dialect", DIALECTS)
def test_dialect_prints_a_sum(dialect: str) -> None:
    assert "SUM" in to_dialect(TABLE.group_by("d").aggregate(s=TABLE.x.sum()), dialect).upper()


def test_dialect_that_cannot_says_which_can() -> None:
    quantile = TABLE.aggregate(q=TABLE.x.quantile(0.9))
    with pytest.raises(
        UsageError, match=r"bigquery cannot express this query\. Choose one of duckdb"
    ):
        to_dialect(quantile, "bigquery")


def test_dialect_refuses_functions_that_only_ibis_registers() -> None:
    flag = TABLE.select(a=TABLE.properties.cast("json")["a"].unwrap_as("bool"))
    assert "json" in to_dialect(flag).lower()
    with pytest.raises(UsageError, match="pyspark cannot express"):
        to_dialect(flag, "pyspark")


def test_dialect_of_spark_reads_json_by_variants() -> None:
    text = TABLE.select(a=TABLE.properties.cast("json")["a"].unwrap_as("string"))
    assert "TRY_PARSE_JSON(`t0`.`properties`)" in to_dialect(text, "pyspark")


def test_dialect_of_spark_counts_no_match_as_0() -> None:
    matches = TABLE.aggregate(n=TABLE.count(where=TABLE.x > 1))
    assert "COUNT_IF(`t0`.`x` > 1)" in to_dialect(matches, "pyspark")


def test_dialect_unknown_names_the_known() -> None:
    with pytest.raises(UsageError, match="must be one of duckdb"):
        to_dialect(TABLE, "oracle")
