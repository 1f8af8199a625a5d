from __future__ import annotations

import ibis

from questline.engines.base import Query
from questline.engines.prepared import Prepared


def made(text: str) -> Query:
    return Query(text, ibis.schema({"n": "int64"}))


def test_query_is_prepared_once() -> None:
    prepared = Prepared()
    first = prepared.query("a", lambda: made("1"))
    assert prepared.query("a", lambda: made("2")) is first


def test_query_of_another_question_is_another() -> None:
    prepared = Prepared()
    prepared.query("a", lambda: made("1"))
    assert prepared.query("b", lambda: made("2")).text == "2"


def test_query_that_was_not_asked_for_long_is_forgotten() -> None:
    prepared = Prepared(most=2)
    for asked in ("a", "b", "a", "c"):
        prepared.query(asked, lambda asked=asked: made(asked))  # type: ignore[misc]
    assert prepared.query("a", lambda: made("new")).text == "a"
    assert prepared.query("b", lambda: made("new")).text == "new"
