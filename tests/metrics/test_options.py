from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from questline.metrics.options import day_numbers, duration, event_types, shown


@pytest.mark.parametrize("given", ["7,1,30", [30, 7, 1, 7], (1, 7, 30), " 1, 7,30 "])
def test_day_numbers_are_sorted_and_unique(given: Any) -> None:
    assert day_numbers(given) == (1, 7, 30)


def test_day_numbers_takes_one_number() -> None:
    assert day_numbers(7) == (7,)


def test_event_types_from_text_and_list() -> None:
    assert event_types("a, b") == event_types(["a", "b"]) == ("a", "b")


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("90s", timedelta(seconds=90)),
        ("30m", timedelta(minutes=30)),
        ("12h", timedelta(hours=12)),
        ("7d", timedelta(days=7)),
    ],
)
def test_duration_is_shown_as_it_is_written(text: str, time: timedelta) -> None:
    assert duration(text) == duration(time) == time
    assert shown(time) == text


def test_shown_values() -> None:
    assert [shown(v) for v in ((1, 7), None, False, "day")] == ["1,7", "not set", "not set", "day"]
