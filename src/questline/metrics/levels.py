"""How far players get: levels reached, won, lost and left."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.base import arranged, attributed, grouped, ratio
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.options import MODE
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

COUNTS = ("attempts", "wins", "fails", "abandons")


@metric(
    title="Level funnel",
    formula="completion_rate = completed / reached; win_rate = wins / attempts",
    grain="one row a level",
    unit="share of players",
    value="completion_rate",
    inputs=("level_attempts",),
    outputs=(
        Output("level", Kind.COUNT, "Number of the level."),
        Output("reached", Kind.COUNT, "Distinct players with an attempt of the level."),
        Output("completed", Kind.COUNT, "Of these, players who won it."),
        Output("completion_rate", Kind.SHARE, "completed / reached."),
        Output("attempts", Kind.COUNT, "Attempts, whatever their outcome."),
        Output("wins", Kind.COUNT, "Attempts that were won."),
        Output("fails", Kind.COUNT, "Attempts that were lost."),
        Output("abandons", Kind.COUNT, "Attempts without an outcome in their session."),
        Output("win_rate", Kind.SHARE, "wins / attempts."),
        Output("attempts_per_success", Kind.NUMBER, "attempts / wins; NULL if nobody won."),
    ),
    maturity="Only attempts that began from complete_from to complete_until are counted.",
    options=(MODE,),
)
def level_funnel(tables: Tables, scope: Scope, *, mode: str | None = None) -> ibis.Table:
    """How many players reach each level and win it, and how hard it is.

    An attempt is a start with its outcome; an outcome without a start is an attempt too, and a
    start that is followed by no outcome in its session is abandoned. `attempts_per_success`
    divides all attempts by the wins: unlike the mean attempts of those who won, it is not too low
    at levels where many give up. Attempts belong to the day they began.
    """
    attempts = tables.level_attempts.filter(scope.counted(tables.level_attempts.event_date))
    if mode is not None:
        attempts = attempts.filter(attempts["mode"] == mode)
    facts = attributed(attempts.select("player_id", "level", "outcome"), tables, scope)
    rows = grouped(
        facts,
        ["level", *scope.dimensions],
        reached=_.player_id.nunique(),
        completed=_.player_id.nunique(where=_.outcome == "complete"),
        attempts=_.count(),
        wins=_.count(where=_.outcome == "complete"),
        fails=_.count(where=_.outcome == "fail"),
        abandons=_.count(where=_.outcome == "abandon"),
    )
    rows = rows.mutate(
        completion_rate=ratio(rows, "completed", "reached"),
        win_rate=ratio(rows, "wins", "attempts"),
        attempts_per_success=ratio(rows, "attempts", "wins"),
    )
    players = ("reached", "completed", "completion_rate")
    rates = ("win_rate", "attempts_per_success")
    return arranged(rows, scope, *players, *COUNTS, *rates, first=("level",))
