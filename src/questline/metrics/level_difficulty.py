"""How hard levels are, and which stand out from their neighbours."""

from __future__ import annotations

import ibis

from questline.metrics.attempts import BEGUN_DAYS, LEVEL, VERSION, level_sums
from questline.metrics.base import apart, arranged, ratio
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.intervals import difference, effective_trials, wilson
from questline.metrics.level_options import DROP, MODE, NEIGHBOURS, VERSIONS
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

_COLUMNS = (
    *("players", "attempts", "wins", "win_rate", "low", "high"),
    *("attempts_per_success", "attempts_low", "attempts_high"),
    *("neighbours_win_rate", "difference", "difference_low", "difference_high", "spike"),
)


@metric(
    title="Level difficulty",
    formula="win_rate = wins / attempts; spike: upper end of (win_rate - win rate of the "
    "neighbours) < -drop",
    grain="one row a level; with `versions` one a level and version",
    unit="share of attempts",
    value="win_rate",
    inputs=("level_attempts",),
    outputs=(
        LEVEL,
        VERSION,
        Output("players", Kind.COUNT, "Distinct players with an attempt of the level."),
        Output("attempts", Kind.COUNT, "Attempts, whatever their outcome."),
        Output("wins", Kind.COUNT, "Attempts that were won."),
        Output("win_rate", Kind.SHARE, "wins / attempts."),
        Output("low", Kind.SHARE, "Lower end of its 95 % interval."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output("attempts_per_success", Kind.NUMBER, "attempts / wins; NULL if nobody won."),
        Output("attempts_low", Kind.NUMBER, "Lower end of its 95 % interval: 1 / high."),
        Output("attempts_high", Kind.NUMBER, "Upper end: 1 / low; NULL if nobody won."),
        Output("neighbours_win_rate", Kind.SHARE, "wins / attempts of the neighbours together."),
        Output("difference", Kind.SHARE, "win_rate - neighbours_win_rate."),
        Output("difference_low", Kind.SHARE, "Lower end of its 95 % interval."),
        Output("difference_high", Kind.SHARE, "Upper end of that interval."),
        Output("spike", Kind.FLAG, "Whether difference_high is below -drop."),
    ),
    maturity=BEGUN_DAYS,
    options=(MODE, VERSIONS, NEIGHBOURS, DROP),
)
def level_difficulty(
    tables: Tables,
    scope: Scope,
    *,
    mode: str | None = None,
    versions: bool = False,
    neighbours: int = 2,
    drop: float = 0.05,
) -> ibis.Table:
    """How often an attempt of each level is won, and which levels are spikes of difficulty.

    Won, lost and abandoned attempts are all trials. Attempts of one player resemble each other,
    so an interval that took each for an independent trial would be too narrow: the variance is
    that of a ratio of sums over players, never below the binomial one, and Wilson's interval is
    drawn for the number of independent trials that would tell as much. `attempts_per_success` is
    1 / win_rate and takes its ends from there.

    Neighbours of a level are the nearest played levels, `neighbours` on each side and as many as
    there are. A level is a spike if its win rate lies more than `drop` below that of the
    neighbours together, beyond doubt: the 95 % interval of the difference is below -drop. The
    first and the last level have neighbours on one side only; since games get harder as they go
    on, that would be no fair comparison: difference and spike are NULL. Two spikes side by side
    hide each other; more neighbours help. The interval takes a player's results on different
    levels for independent; as the same players play the level and its neighbours, it is rather
    too wide than too narrow. One flag in forty may be chance at `drop` 0, fewer with more.

    References:
        Intervals: E. B. Wilson (1927); R. G. Newcombe (1998) for differences; the delta method
        with the player as unit, as for ratio metrics of experiments (Deng, Knoblich, Lu 2018).
    """
    rows, keys = level_sums(tables, scope, mode, versions=versions)
    rows = _with_win_rate(apart(rows))
    rows = _with_neighbours(rows, [k for k in keys if k != "level"], neighbours)
    rows = _with_difference(rows)
    rows = rows.mutate(spike=rows.difference_high < -drop)
    first = tuple(k for k in keys if k not in scope.dimensions)
    return arranged(rows, scope, *_COLUMNS, first=first)


def _with_win_rate(rows: ibis.Table) -> ibis.Table:
    rows = apart(
        rows.mutate(
            win_rate=ratio(rows, "wins", "attempts"),
            attempts_per_success=ratio(rows, "attempts", "wins"),
        )
    )
    rows = apart(rows.mutate(effective=effective_trials(rows, "win_rate")))
    low, high = wilson(rows.win_rate, rows.effective)
    rows = apart(rows.mutate(low=low, high=high))
    return rows.mutate(
        attempts_low=1 / rows.high.nullif(0),
        attempts_high=(rows.wins > 0).ifelse(1 / rows.low.nullif(0), ibis.null("float64")),
    )


def _with_neighbours(rows: ibis.Table, split: list[str], neighbours: int) -> ibis.Table:
    """`rows` with the sums of the levels around each, `near_trials` NULL where a side has none."""
    order = ibis.window(group_by=split, order_by="level")
    around = ibis.window(
        group_by=split, order_by="level", preceding=neighbours, following=neighbours
    )
    scatter = rows.attempts * rows.attempts * rows.win_rate * (1 - rows.win_rate) / rows.effective
    rows = apart(rows.mutate(scatter=scatter))

    def near(column: str) -> ibis.FloatingValue:
        return rows[column].sum().over(around).cast("float64") - rows[column]

    inner = rows.level.lag().over(order).notnull() & rows.level.lead().over(order).notnull()
    return apart(
        rows.mutate(
            near_trials=inner.ifelse(near("attempts"), ibis.null("float64")),
            near_wins=near("wins"),
            near_players=near("players"),
            near_scatter=near("scatter"),
        )
    )


def _with_difference(rows: ibis.Table) -> ibis.Table:
    """`rows` with the difference to the neighbours.

    Levels count as independent, so the variance of their wins is the sum of the variances.
    """
    rows = apart(rows.mutate(neighbours_win_rate=rows.near_wins / rows.near_trials))
    part, trials = rows.neighbours_win_rate, rows.near_trials
    spread = part * (1 - part)
    variance = ibis.greatest(rows.near_scatter / (trials * trials), spread / trials)
    rows = apart(
        rows.mutate(near_effective=(spread > 0).ifelse(spread / variance, rows.near_players))
    )
    low, high = wilson(rows.neighbours_win_rate, rows.near_effective)
    rows = apart(rows.mutate(near_low=low, near_high=high))
    other = (rows.neighbours_win_rate, rows.near_low, rows.near_high)
    low, high = difference((rows.win_rate, rows.low, rows.high), other)
    return rows.mutate(
        difference=rows.win_rate - rows.neighbours_win_rate,
        difference_low=low,
        difference_high=high,
    )
