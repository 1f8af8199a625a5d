"""How far two definitions of retention count the same players."""

from __future__ import annotations

import ibis
from ibis import _

from questline.errors import UsageError
from questline.metrics.base import grouped, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.cohorts import (
    Cell,
    Definition,
    asked_table,
    cell_of,
    entries,
    with_observation,
)
from questline.metrics.options import Span
from questline.metrics.retention_options import (
    AT_LEAST,
    CLOCK,
    DAYS,
    FOLLOW_UP,
    LEFT,
    RETURN_EVENT,
    RIGHT,
    START_EVENT,
)
from questline.metrics.returns import returns
from questline.metrics.scope import Scope
from questline.metrics.selectors import Selector
from questline.metrics.tables import Tables


@metric(
    title="Two definitions of retention",
    formula="players by whether they returned by the left and by the right definition",
    grain="one row a day number",
    unit="players",
    inputs=("players", "player_days", "events"),
    outputs=(
        Output("day_number", Kind.COUNT, "N: days after the day of entry, as asked."),
        Output("players", Kind.COUNT, "Players of cohorts observed for both definitions."),
        Output("both", Kind.COUNT, "Returned by both; NULL if not observed."),
        Output("left_only", Kind.COUNT, "Returned by the left one only; NULL if not observed."),
        Output("right_only", Kind.COUNT, "Returned by the right one only; NULL if not observed."),
        Output("neither", Kind.COUNT, "Returned by none of them; NULL if not observed."),
        Output("left_example", Kind.TEXT, "A player whom only the left one counts: the first id."),
        Output("right_example", Kind.TEXT, "A player whom only the right one counts."),
    ),
    value="both",
    maturity="A cohort enters only if all days that count in either definition lie from "
    "complete_from to complete_until; with `clock 24h` a player enters once all his periods are "
    "over.",
    options=(DAYS, LEFT, RIGHT, FOLLOW_UP, CLOCK, START_EVENT, RETURN_EVENT, AT_LEAST),
    acquisition=True,
    cohorts=True,
)
def retention_compared(
    tables: Tables,
    scope: Scope,
    *,
    days: tuple[Span, ...] = (Span(1, 1), Span(7, 7), Span(30, 30)),
    left: str = "on_day",
    right: str = "on_or_after",
    follow_up: int = 30,
    clock: str = "day",
    start_event: Selector | None = None,
    return_event: Selector | None = None,
    at_least: int = 1,
) -> ibis.Table:
    """Players whom one definition of retention counts as returned and the other does not.

    Two tools that disagree about retention mostly define it otherwise. Here both definitions see
    the same players: those of the cohorts that were observed for both. The other options are as
    those of `retention` and hold for both sides.
    """
    if left == right:
        raise UsageError(f"--left and --right are both {left}; name two definitions.")
    pairs = [(cell_of(span, left, follow_up), cell_of(span, right, follow_up)) for span in days]
    how = Definition(clock, start_event, "first", return_event, at_least)
    rows = _flags(tables, scope, pairs, how)
    if not scope.dimensions:
        rows = stacked(rows, asked_table([a for a, _b in pairs]).select("place"))
    only_left = (rows.left == 1) & (rows.right == 0)
    only_right = (rows.left == 0) & (rows.right == 1)
    found = grouped(
        rows,
        [*scope.dimensions, "place"],
        players=total(_.known),
        both=(rows.left * rows.right).sum(),
        left_only=only_left.cast("int64").sum(),
        right_only=only_right.cast("int64").sum(),
        neither=((1 - rows.left) * (1 - rows.right)).sum(),
        left_example=rows.player_id.min(where=only_left),
        right_example=rows.player_id.min(where=only_right),
    )
    asked = asked_table([a for a, _b in pairs]).select("place", "day_number")
    found = found.inner_join(asked, "place").drop("place")
    keys = [*scope.dimensions, "day_number"]
    measures = ("players", "both", "left_only", "right_only", "neither")
    return found.select(*keys, *measures, "left_example", "right_example").order_by(keys)


def _flags(
    tables: Tables, scope: Scope, pairs: list[tuple[Cell, Cell]], how: Definition
) -> ibis.Table:
    """One row a player and place in `pairs`, of observed cohorts: 0 or 1 in left and right."""
    players = entries(tables, scope, how)
    hulls = [Cell(a.number, min(a.first, b.first), max(a.last, b.last), 1) for a, b in pairs]
    asked = players.cross_join(asked_table(hulls))
    observed = with_observation(asked, scope, how, asked.first_day, asked.last_day)
    observed = observed.filter(observed.observable)
    keys = [*scope.dimensions, "player_id", "place"]
    zero, one = ibis.literal(0, "int64"), ibis.literal(1, "int64")
    back = returns(tables, scope, players, [a for a, _b in pairs], how)
    more = returns(tables, scope, players, [b for _a, b in pairs], how)
    flags = grouped(
        stacked(
            observed.select(*keys, left=zero, right=zero, known=one),
            back.select(*keys, left=one, right=zero),
            more.select(*keys, left=zero, right=one),
        ),
        keys,
        left=_.left.max(),
        right=_.right.max(),
        known=total(_.known),
    )
    return flags.filter(_.known == 1)
