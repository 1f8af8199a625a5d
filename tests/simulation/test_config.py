from __future__ import annotations

from datetime import date

import pytest

from questline.errors import UsageError
from questline.simulation.config import SimulationConfig, parse_start


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"days": 0}, "--days"),
        ({"users": 0}, "--users"),
        ({"installs_per_day": 0}, "--installs-per-day"),
        ({"installs_per_day": 5, "users": 5}, "--users and --installs-per-day"),
        ({"dirt": 0.6}, "--dirt"),
        ({"dirt": -0.1}, "--dirt"),
        ({"dirt": 0.1, "format": "csv"}, "--dirt needs --format jsonl"),
        ({"threads": 0}, "--threads"),
        ({"seed": -1}, "--seed"),
        ({"preset": "chess"}, "--preset"),
        ({"format": "xml"}, "--format"),
        ({"compression": "rar"}, "--compression"),
        ({"start": date(1969, 1, 1)}, "--start"),
        ({"start": date(2099, 12, 31), "days": 2}, "--start"),
    ],
)
def test_simulation_config_wrong_value_is_named(values: dict[str, object], named: str) -> None:
    with pytest.raises(UsageError, match=named) as caught:
        SimulationConfig(**values)  # type: ignore[arg-type]  # wrong on purpose
    assert "\n" not in str(caught.value)


def test_parse_start_reads_a_day() -> None:
    assert parse_start("2026-02-28") == date(2026, 2, 28)


@pytest.mark.parametrize("text", ["", "today", "2026-02-30", "20260228", "2026-W01-1"])
def test_parse_start_refuses_other_forms(text: str) -> None:
    with pytest.raises(UsageError, match="must be a date"):
        parse_start(text)


def test_simulation_config_days_are_utc() -> None:
    config = SimulationConfig(start=date(2026, 3, 1), days=2)
    assert config.start_ms == 1_772_323_200_000
    assert (config.day(1), config.last_day) == (date(2026, 3, 2), date(2026, 3, 2))
