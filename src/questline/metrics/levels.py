"""How far players get: levels reached, won, lost and left."""

from __future__ import annotations

import ibis

from questline.metrics.attempts import BEGUN_DAYS, LEVEL, VERSION, level_sums
from questline.metrics.base import arranged, ratio
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.intervals import wilson
from questline.metrics.level_options import MODE, VERSIONS
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

PLAYERS = ("reached", "completed", "completion_rate", "completion_low", "completion_high")
ATTEMPTS = ("attempts", "wins", "fails", "abandons", "win_rate", "fail_rate")


@metric(
    title="Level funnel",
    formula="completion_rate = completed / reached; win_rate = wins / attempts",
    grain="one row a level; with `versions` one a level and version",
    unit="share of players",
    value="completion_rate",
    inputs=("level_attempts",),
    outputs=(
        LEVEL,
        VERSION,
        Output("reached", Kind.COUNT, "Distinct players with an attempt of the level."),
        Output("completed", Kind.COUNT, "Of these, players who won it."),
        Output("completion_rate", Kind.SHARE, "completed / reached."),
        Output("completion_low", Kind.SHARE, "Lower end of its 95 % Wilson interval."),
        Output("completion_high", Kind.SHARE, "Upper end of that interval."),
        Output("attempts", Kind.COUNT, "Attempts, whatever their outcome."),
        Output("wins", Kind.COUNT, "Attempts that were won."),
        Output("fails", Kind.COUNT, "Attempts that were lost."),
        Output("abandons", Kind.COUNT, "Attempts without an outcome in their session."),
        Output("win_rate", Kind.SHARE, "wins / attempts."),
        Output("fail_rate", Kind.SHARE, "fails / attempts."),
        Output("attempts_per_success", Kind.NUMBER, "attempts / wins; NULL if nobody won."),
    ),
    maturity=BEGUN_DAYS,
    options=(MODE, VERSIONS),
)
def level_funnel(
    tables: Tables, scope: Scope, *, mode: str | None = None, versions: bool = False
) -> ibis.Table:
    """How many players reach each level and win it, and how hard it is.

    An attempt is a start with its outcome; an outcome without a start is an attempt too, and a
    start that is followed by no outcome in its session is abandoned. So every attempt is resolved:
    won, lost or abandoned, and `win_rate` and `fail_rate` divide by all of them.
    `attempts_per_success` divides all attempts by the wins: unlike the mean attempts of those who
    won, it is not too low at levels where many give up. Attempts belong to the day they began, and
    to the version of their start, else of their outcome.

    The rows are of whoever played in the period, old players and new: a later level may have more
    players than an earlier one. `level_survival` follows cohorts instead. The interval of
    `completion_rate` takes a player as one trial; `level_difficulty` has that of the win rate.
    """
    rows, keys = level_sums(tables, scope, mode, versions=versions)
    rows = rows.rename(reached="players")
    rows = rows.mutate(
        completion_rate=ratio(rows, "completed", "reached"),
        win_rate=ratio(rows, "wins", "attempts"),
        fail_rate=ratio(rows, "fails", "attempts"),
        attempts_per_success=ratio(rows, "attempts", "wins"),
    )
    low, high = wilson(rows.completion_rate, rows.reached.cast("float64"))
    rows = rows.mutate(completion_low=low, completion_high=high)
    first = tuple(k for k in keys if k not in scope.dimensions)
    return arranged(rows, scope, *PLAYERS, *ATTEMPTS, "attempts_per_success", first=first)
