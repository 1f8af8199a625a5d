"""What a source says of itself, in a file beside the raw ones: complete days and currencies."""

import json
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from questline.errors import UsageError
from questline.settings import Settings

SOURCE_FILE = "_source.json"


@dataclass(frozen=True)
class Statement:
    """What the source says (`_source.json` beside the raw files); settings win over it."""

    complete_from: date | None = None
    complete_until: date | None = None
    exchange_rates: dict[str, dict[date, Decimal]] = field(default_factory=dict)
    """As in the settings: USD for one unit of a currency, from the given day on."""

    def completed(self, settings: Settings) -> Settings:
        """The settings, with the rates of currencies for which they have none."""
        rates = self.exchange_rates | settings.exchange_rates
        return settings.model_copy(update={"exchange_rates": rates})


def read_statement(raw: Path) -> Statement:
    """The source's own word on its complete days and its currencies, if it left one.

    Raises:
        UsageError: the file is not what it should be.
    """
    path = raw / SOURCE_FILE
    if not path.is_file():
        return Statement()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        days = {
            name: date.fromisoformat(data[name]) if data.get(name) else None
            for name in ("complete_from", "complete_until")
        }
        rates = {
            str(code): {date.fromisoformat(day): _rate(value) for day, value in by_day.items()}
            for code, by_day in (data.get("exchange_rates") or {}).items()
        }
    except (
        ValueError,
        ArithmeticError,
        AttributeError,
        TypeError,
        KeyError,
        RecursionError,
        OSError,
    ) as error:
        raise UsageError(f"{path} is not readable: {error}. Mend or delete it.") from error
    return Statement(**days, exchange_rates=rates)


def _rate(value: Any) -> Decimal:  # noqa: ANN401 - whatever stands in the file
    rate = Decimal(str(value))
    if not 0 < rate < 1_000_000:
        raise ValueError(f"exchange rate {value!r}, must be above 0 and below a million")
    return rate
