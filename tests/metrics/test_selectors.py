from __future__ import annotations

from decimal import Decimal

import pytest

from literal import at, column, event, facts, lake
from questline.errors import UsageError
from questline.metrics.selectors import (
    parse_selector,
    parse_selectors,
    property_amount,
    property_of,
)

EVENTS = [
    event(
        "p",
        "e",
        at(1),
        properties='{"k":"a","n":3,"b":true}',
        level=3,
        price=Decimal("0.99"),
        success=True,
    ),
    event("p", "e", at(1), properties='{"k":"A","n":2.5}'),
    event(
        "p",
        "e",
        at(1),
        properties='{"k":null,"n":"3"}',
        level=5,
        price=Decimal(1),
        success=False,
    ),
    event("p", "other", at(1), properties='{"k":"a"}', level=3),
]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("e", [1, 1, 1, 0]),
        ("other", [0, 0, 0, 1]),
        ("e[k=a]", [1, 0, 0, 0]),
        ("e[k=a,k=A]", [1, 1, 0, 0]),
        ("e[k!=a]", [0, 1, 1, 0]),
        ("e[k=]", [0, 0, 1, 0]),
        ("e[n>=2.5]", [1, 1, 0, 0]),
        ("e[n>2.5]", [1, 0, 0, 0]),
        ("e[n=3]", [1, 0, 1, 0]),
        ("e[b=true]", [1, 0, 0, 0]),
        ("e[level>3]", [0, 0, 1, 0]),
        ("e[level!=3]", [0, 1, 1, 0]),
        ("e[level=]", [0, 1, 0, 0]),
        ("e[price=0.99]", [1, 0, 0, 0]),
        ("e[price<1]", [1, 0, 0, 0]),
        ("e[success=true,level=3]", [1, 0, 0, 0]),
        ("e[k>1]", [0, 0, 0, 0]),
    ],
)
def test_selector_matches_events_by_type_and_properties(text: str, expected: list[int]) -> None:
    analytics = lake(facts(1), events=EVENTS)
    events = analytics.tables.events
    found = analytics.read(events.select(match=parse_selector(text).of(events)))
    assert column(found.to_pylist(), "match") == [bool(e) for e in expected]


@pytest.mark.parametrize(
    "text", ["purchase", 'x[a="b,c]",d!=]', "e[level>=3,mode=hard,mode=easy]", r'e[a="\"\\"]']
)
def test_selector_is_written_as_it_is_read(text: str) -> None:
    assert str(parse_selector(text)) == text
    assert parse_selector(str(parse_selector(text))) == parse_selector(text)


def test_selectors_are_split_outside_of_brackets() -> None:
    found = parse_selectors('a,b[x=1,y="],"],c', "steps")
    assert [str(s) for s in found] == ["a", 'b[x=1,y="],"]', "c"]


@pytest.mark.parametrize(
    "text", ["", "[a=1]", "x[", "x[]", "x[a]", "x[a>b]", "x[event_ts>3]", "x[a=1]]", "x[a=1,,b=2]"]
)
def test_selector_of_another_shape_is_one_line(text: str) -> None:
    with pytest.raises(UsageError) as told:
        parse_selector(text)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("text", "said"), [("e[success=maybe]", "true or false"), ("e[mode>3]", "no number")]
)
def test_selector_that_a_column_cannot_answer_says_why(text: str, said: str) -> None:
    events = lake(facts(1), events=EVENTS).tables.events
    with pytest.raises(UsageError, match=said):
        parse_selector(text).of(events)


def test_property_is_text_or_number_and_null_where_missing() -> None:
    analytics = lake(facts(1), events=EVENTS)
    events = analytics.tables.events
    asked = events.select(
        k=property_of(events, "k"),
        level=property_of(events, "level"),
        n=property_amount(events, "n"),
        price=property_amount(events, "price"),
    )
    found = analytics.read(asked).to_pylist()
    assert column(found, "k") == ["a", "A", None, "a"]
    assert column(found, "level") == ["3", None, "5", "3"]
    assert column(found, "n") == [3.0, 2.5, None, None]
    assert column(found, "price") == [Decimal("0.99"), None, Decimal(1), None]
