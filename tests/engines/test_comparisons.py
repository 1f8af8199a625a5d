"""Comparisons of Ibis' objects, from several threads."""

import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ibis.common.bases import Comparable

import questline.engines.base  # noqa: F401 - for what it does to Ibis


class Number(Comparable):  # type: ignore[misc]  # Ibis has no types
    __slots__ = ("value",)

    def __init__(self, value: int) -> None:
        self.value = value

    def __equals__(self, other: Any) -> bool:
        return bool(self.value == other.value)


@pytest.fixture
def often() -> Iterator[None]:
    """Threads take turns far more often than they usually do."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("often")
def test_nothing_is_remembered_of_objects_that_died_in_other_threads() -> None:
    kept = [Number(n) for n in range(20)]
    places = {id(one) for one in kept}
    wrong: list[int] = []

    def compare() -> None:
        for turn in range(10_000):
            one = Number(turn % 20)
            wrong.extend(turn for k in kept if (one == k) != (one.value == k.value))

    threads = [threading.Thread(target=compare) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert {n for n in places if Comparable.__cache__.get(n)} == set()


def test_comparisons_are_those_of_ibis() -> None:
    one, same, other = Number(1), Number(1), Number(2)
    assert one == same
    assert one == same, "as remembered"
    assert one != other
    assert one != 1
    with pytest.raises(TypeError, match="unhashable"):
        hash(one)
