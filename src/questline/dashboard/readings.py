"""What is no metric: functions of `timeline` and `intake`, remembered like answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from questline.dashboard.questions import Lake

Reading = Callable[..., Any]
"""A function of an `Analytics` and of what is asked."""


def soon(lake: Lake, reading: Reading, *asked: object) -> None:
    """Begins to work this out, while the page goes on."""
    lake.answers.soon(_key(reading, asked), partial(reading, lake.analytics, *asked))


def read(lake: Lake, reading: Reading, *asked: object) -> Any:  # noqa: ANN401 - any answer
    """What the function gives, worked out once for this version of the lake."""
    return lake.remembered(_key(reading, asked), partial(reading, lake.analytics, *asked))


def _key(reading: Reading, asked: tuple[object, ...]) -> str:
    return f"{reading.__module__}.{reading.__name__} {asked!r}"
