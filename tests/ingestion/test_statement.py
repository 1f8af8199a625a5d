"""What a source says of itself in `_source.json`."""

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from hostile import AS_OF, line
from lakes import asked, deliver
from questline.errors import UsageError
from questline.ingestion.mapping import NATIVE
from questline.ingestion.statement import SOURCE_FILE, read_statement
from questline.pipeline import replay
from questline.settings import Settings


def said(folder: Path, content: Any) -> None:
    folder.mkdir(exist_ok=True)
    (folder / SOURCE_FILE).write_text(json.dumps(content), encoding="utf-8")


def bought(number: int, currency: str) -> bytes:
    return line(number, "purchase", f'{{"price": 2, "currency": "{currency}"}}') + b"\n"


def test_rates_of_a_source_fill_in_for_currencies_without_one(tmp_path: Path) -> None:
    made = Settings(
        raw=tmp_path / "raw",
        lake=tmp_path / "lake",
        exchange_rates={"EUR": {date(2020, 1, 1): Decimal("1.5")}},
    )
    deliver(made, [("a.jsonl", bought(1, "EUR") + bought(2, "GBP"))], as_of=AS_OF)
    worth = "SELECT currency, amount_usd::DOUBLE FROM events ORDER BY 1"
    assert asked(made.lake, worth) == [("EUR", 3.0)]
    said(made.raw, {"exchange_rates": {"EUR": {"2020-01-01": 9}, "GBP": {"1970-01-01": "1.25"}}})
    replay(made, NATIVE)
    assert asked(made.lake, worth) == [("EUR", 3.0), ("GBP", 2.5)]
    deliver(made, [("b.jsonl", bought(3, "GBP"))], as_of=AS_OF)
    assert asked(made.lake, worth) == [("EUR", 3.0), ("GBP", 2.5), ("GBP", 2.5)]


@pytest.mark.parametrize(
    "content",
    [
        [],
        {"complete_from": "soon"},
        {"exchange_rates": 3},
        {"exchange_rates": {"EUR": 1.1}},
        {"exchange_rates": {"EUR": {"2020-01-01": "much"}}},
        {"exchange_rates": {"EUR": {"2020-01-01": 0}}},
        {"exchange_rates": {"EUR": {"2020-01-01": float("nan")}}},
        {"exchange_rates": {"EUR": {"someday": 1}}},
    ],
)
def test_a_wrong_statement_is_one_line(content: Any, tmp_path: Path) -> None:
    said(tmp_path, content)
    with pytest.raises(UsageError, match="Mend or delete it"):
        read_statement(tmp_path)
