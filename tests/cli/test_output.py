import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from questline.cli.output import replacing, send
from questline.errors import DataError, UsageError

FORMULAS = ["=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", " =1", '"=1', "\r=1", "\uff1d1", "\uff0b1"]
FORMULAS += ["\n=1", "\u00a0=1", "\ufeff=1", "\u200b@x", "\u3000-1", "' =1", "\x00=1", "\ufe661"]
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


def broken_off(table: pa.Table) -> Iterator[pa.RecordBatch]:
    yield from table.to_batches()
    raise DataError("the rest cannot be read")


def test_file_that_fails_halfway_leaves_the_old_one(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("old")
    table = pa.table({"text": ["new"]})
    with pytest.raises(DataError):
        send(table.schema, broken_off(table), "csv", tmp_path / "t.csv")
    assert (tmp_path / "t.csv").read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["t.csv"]


def test_link_leads_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "link.csv").symlink_to("real.csv")
    with replacing(tmp_path / "link.csv") as sink:
        sink.write(b"new")
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


def test_pipe_is_written_to_and_stays(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    with replacing(tmp_path / "pipe") as sink:
        sink.write(b"new")
    assert os.read(reader, 10) == b"new"
    os.close(reader)
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize("name", [".", "folder", "missing/t.csv", "loop", "x" * 300])
def test_file_that_cannot_be_is_said_in_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "loop").symlink_to("loop")
    with pytest.raises(UsageError, match="Choose another --out"), replacing(tmp_path / name):
        pass
    assert sorted(p.name for p in tmp_path.iterdir()) == ["folder", "loop"]
