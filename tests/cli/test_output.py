from pathlib import Path

import pyarrow as pa
import pytest

from questline.cli.output import send

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", '"=1', "\r=1", "\uff1d1", "\uff0b1"]
PLAIN = ["a=1", "gem-pack", "", "'quoted", "1-1", "\u00e9"]


def written(table: pa.Table, out: Path, *, verbatim: bool = False) -> pa.Table:
    send(table.schema, table.to_batches(), "csv", out, verbatim=verbatim)
    return pa.csv.read_csv(
        out,
        parse_options=pa.csv.ParseOptions(newlines_in_values=True),
        convert_options=pa.csv.ConvertOptions(column_types={"text": pa.string()}),
    )


@pytest.mark.parametrize("text", FORMULAS)
def test_csv_puts_an_apostrophe_before_a_formula(text: str, tmp_path: Path) -> None:
    table = pa.table({"text": [text, "plain"]})
    assert written(table, tmp_path / "t.csv")["text"].to_pylist() == ["'" + text, "plain"]
    assert written(table, tmp_path / "t.csv", verbatim=True)["text"][0].as_py() == text


@pytest.mark.parametrize("text", PLAIN)
def test_csv_leaves_other_text_as_it_is(text: str, tmp_path: Path) -> None:
    table = pa.table({"text": [text, "plain"]})
    assert written(table, tmp_path / "t.csv")["text"][0].as_py() == text


def test_csv_leaves_negative_numbers_as_they_are(tmp_path: Path) -> None:
    table = pa.table({"text": ["x"], "amount": [-3.5]})
    assert written(table, tmp_path / "t.csv")["amount"].to_pylist() == [-3.5]


def test_csv_looks_into_nested_text(tmp_path: Path) -> None:
    table = pa.table({"text": ["x"], "tags": pa.array([["=1"]], pa.list_(pa.string()))})
    assert written(table, tmp_path / "t.csv")["tags"].to_pylist() == ['["=1"]']
