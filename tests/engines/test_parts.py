"""Parts of questions: made once, waited for, tried again, and dropped when they are many."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import ibis
import pytest

from questline.engines.base import Query
from questline.engines.duckdb import DuckDBEngine
from questline.engines.parts import Parts

NOTHING = ibis.schema({})


def query(text: str) -> Query:
    return Query(text, NOTHING)


class Database:
    """Notes what is asked of it; fails as often as it is told."""

    def __init__(self, fails: int = 0, most: int = 2) -> None:
        self.made: list[str] = []
        self.dropped: list[str] = []
        self.fails = fails
        self.parts = Parts(self._make, self.dropped.append, most)

    def _make(self, name: str, asked: Query) -> None:
        if self.fails:
            self.fails -= 1
            raise ValueError(asked.text)
        self.made.append(name)

    def read(self, *names: str) -> None:
        with self.parts.ready({name: query(name) for name in names}):
            pass


def test_each_is_made_once() -> None:
    database = Database()
    database.read("a", "b")
    database.read("b", "a")
    assert database.made == ["a", "b"]
    assert not database.dropped


def test_the_one_read_longest_ago_is_dropped_and_made_again() -> None:
    database = Database()
    database.read("a")
    database.read("b")
    database.read("a")
    database.read("c")
    assert database.dropped == ["b"]
    database.read("b")
    assert database.made == ["a", "b", "c", "b"]
    assert database.dropped == ["b", "a"]


def test_none_is_dropped_while_it_is_read() -> None:
    database = Database(most=1)
    with database.parts.ready({"a": query("a")}):
        database.read("b", "c")
        assert database.dropped == ["b", "c"]
    database.read("a")
    assert database.made == ["a", "b", "c"]


def test_what_failed_is_tried_again() -> None:
    database = Database(fails=1)
    with pytest.raises(ValueError, match="a"):
        database.read("a")
    database.read("a")
    assert database.made == ["a"]


def test_others_wait_for_the_thread_that_makes_it() -> None:
    began, go_on = threading.Event(), threading.Event()
    made: list[str] = []

    def make(name: str, _: Query) -> None:
        began.set()
        assert go_on.wait(10)
        made.append(name)

    parts = Parts(make, made.remove)

    def read() -> list[str]:
        with parts.ready({"a": query("a")}):
            return list(made)

    with ThreadPoolExecutor(3) as threads:
        first = threads.submit(read)
        assert began.wait(10)
        others = [threads.submit(read) for _ in range(2)]
        go_on.set()
        assert [one.result(10) for one in (first, *others)] == [["a"]] * 3


def test_duckdb_holds_them_as_tables() -> None:
    engine = DuckDBEngine()
    part = Query("SELECT 40 + 2 AS n", ibis.schema({"n": "int64"}))
    asked = Query("SELECT n FROM part_x", part.schema, ("part_x",), {"part_x": part})
    assert engine.run(asked).to_pylist() == [{"n": 42}]
    engine.connection.execute("UPDATE part_x SET n = 1")
    assert engine.run(asked).to_pylist() == [{"n": 1}]
    engine.close()
