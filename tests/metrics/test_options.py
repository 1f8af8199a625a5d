from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from questline.errors import UsageError
from questline.metrics.funnel_options import exclusions, steps
from questline.metrics.money_options import cuts, window_of_days
from questline.metrics.options import ages, duration, shown, spans
from questline.metrics.retention_options import follow_up
from questline.metrics.use_options import lapses, power_window


@pytest.mark.parametrize("given", ["7,1,30", [30, 7, 1, 7], (1, 7, 30), " 1, 7,30 ", "1,7-7,30"])
def test_spans_are_sorted_and_unique(given: Any) -> None:
    assert spans(given) == ((1, 1), (7, 7), (30, 30))


def test_spans_take_one_number_and_are_shown_as_written() -> None:
    assert spans(7) == ((7, 7),)
    assert shown(spans("8-14,1-3,4")) == "1-3,4,8-14"


@pytest.mark.parametrize("given", ["7-1", "1-", "-3", "1-2-3", "99999", "1-4000", [], None])
def test_wrong_spans_are_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="days =="):
        spans(given)


@pytest.mark.parametrize("given", [0, 366, "a week", "-1", 2.5])
def test_wrong_follow_up_is_refused(given: Any) -> None:
    with pytest.raises(UsageError, match="from 1 to 365"):
        follow_up(given)


@pytest.mark.parametrize("text", ["a,b", "a,b?", "a,b[x=1,y=2]?,c"])
def test_steps_are_shown_as_they_are_written(text: str) -> None:
    assert shown(steps(text)) == text
    assert steps(steps(text)) == steps(text)


@pytest.mark.parametrize("text", ["crash", "2-3:crash[fatal=true],quit"])
def test_exclusions_are_shown_as_they_are_written(text: str) -> None:
    assert shown(exclusions(text)) == text


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


def test_ages_are_single_numbers_in_order() -> None:
    assert ages("7,0,7") == ages([0, 7]) == (0, 7)
    with pytest.raises(UsageError, match="single numbers"):
        ages("1-3")


def test_lapses_are_one_day_or_longer() -> None:
    assert lapses("30,14") == (14, 30)
    with pytest.raises(UsageError, match="1 or more"):
        lapses([0])


@pytest.mark.parametrize("given", [14, "month", None, 7.5])
def test_wrong_power_window_is_refused(given: Any) -> None:
    assert power_window("7") == power_window(7) == 7
    with pytest.raises(UsageError, match="must be 7, 28 or 30"):
        power_window(given)


def test_cuts_from_text_and_list() -> None:
    assert cuts("10, 99.5") == cuts([10, 99.5]) == (Decimal(10), Decimal("99.5"))


def test_window_of_days_takes_hours_that_are_days() -> None:
    assert window_of_days("48h") == window_of_days("2d") == timedelta(days=2)
