"""What it takes to win a level for the first time: attempts and time."""

from __future__ import annotations

import ibis
from ibis import _

from questline.metrics.attempts import LEVEL as LEVEL_NUMBER
from questline.metrics.attempts import begun, first_wins, keys_of, known
from questline.metrics.base import arranged, attributed, grouped, ratio, stacked, total
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.intervals import greenwood
from questline.metrics.level_options import LEVEL, MODE
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

FIRST_ATTEMPTS = (
    "Players whose first attempt of the level began from complete_from to complete_until count; "
    "who had not won by complete_until is censored."
)


@metric(
    title="Time in level",
    formula="median of seconds of an attempt; median over completers of the seconds of their "
    "attempts up to the first win",
    grain="one row a level",
    unit="seconds",
    value="median_seconds_to_completion",
    inputs=("level_attempts",),
    outputs=(
        LEVEL_NUMBER,
        Output("attempts", Kind.COUNT, "Attempts that began in the period."),
        Output("timed", Kind.COUNT, "Of these, attempts whose length is known."),
        Output("median_seconds", Kind.SECONDS, "Half of the timed attempts were longer."),
        Output("players", Kind.COUNT, "Players whose first attempt began in the period."),
        Output("completers", Kind.COUNT, "Of these, players who won the level."),
        Output("censored", Kind.COUNT, "Of these, players who have not: no time is known."),
        Output(
            "median_seconds_to_completion",
            Kind.SECONDS,
            "Half of the completers needed longer, all their attempts together.",
        ),
        Output(
            "attempts_completers_median",
            Kind.NUMBER,
            "Median attempts of the completers: too low where many give up.",
        ),
    ),
    maturity=FIRST_ATTEMPTS,
    options=(MODE,),
)
def level_time(tables: Tables, scope: Scope, *, mode: str | None = None) -> ibis.Table:
    """How long an attempt of each level takes, and how long it takes to win the level.

    The length of an attempt is what the client reports, else the time from start to outcome; an
    abandoned attempt has none, and adds nothing to the time to completion, which is a lower bound
    for players who abandoned. Time to completion counts the attempts up to the first win, also
    those after the period, and no pause between them. Who has not won is counted as censored and
    enters neither median to completion, so both describe the ones who made it: they are too low at
    hard levels. `attempts_per_success` and `level_attempts_curve` do not have this bias. Quantiles
    are interpolated.
    """
    keys = keys_of(scope)
    pairs = first_wins(tables, known(tables, scope, mode))
    pairs = pairs.filter(scope.counted(pairs.first_day))
    lengths = grouped(
        attributed(
            begun(tables, scope, mode).select("player_id", "level", "seconds"), tables, scope
        ),
        keys,
        attempts=_.count(),
        timed=_.seconds.count(),
        median_seconds=_.seconds.quantile(0.5),
    )
    needs = grouped(
        attributed(pairs.select("player_id", "level", "won", "tries", "seconds"), tables, scope),
        keys,
        players=_.count(),
        completers=_.count(where=_.won),
        median_seconds_to_completion=_.seconds.quantile(0.5, where=_.won),
        attempts_completers_median=_.tries.cast("float64").quantile(0.5, where=_.won),
    )
    # Put together as rows of a level: a level may have attempts in the period and nobody new.
    both = stacked(lengths, needs)
    counts = ("attempts", "timed", "players", "completers")
    medians = ("median_seconds_to_completion", "attempts_completers_median")
    rows = grouped(
        both,
        keys,
        **{name: total(_[name]) for name in counts},
        **{name: _[name].max() for name in ("median_seconds", *medians)},
    )
    rows = rows.mutate(censored=rows.players - rows.completers)
    single = ("attempts", "timed", "median_seconds", "players", "completers", "censored")
    return arranged(rows, scope, *single, *medians, first=("level",))


@metric(
    title="Attempts to complete a level",
    formula="1 - product over attempts i <= n of (1 - completed_i / at_risk_i)",
    grain="one row a level and attempt at which somebody completed or stopped",
    unit="share of players",
    value="completed_share",
    inputs=("level_attempts",),
    outputs=(
        LEVEL_NUMBER,
        Output("attempt", Kind.COUNT, "n: the player's n-th attempt of the level."),
        Output("at_risk", Kind.COUNT, "Players who made an n-th attempt before any win."),
        Output("completed", Kind.COUNT, "Of these, players whose n-th attempt was the first win."),
        Output("stopped", Kind.COUNT, "Of these, players with no later attempt and no win."),
        Output("completed_share", Kind.SHARE, "Kaplan-Meier share who win within n attempts."),
        Output("low", Kind.SHARE, "Lower end of its 95 % interval; NULL at 0 and 1."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
        Output(
            "completers_share",
            Kind.SHARE,
            "Of the completers only, those who had won by then: too high, to compare with.",
        ),
    ),
    maturity=FIRST_ATTEMPTS,
    options=(MODE, LEVEL),
)
def level_attempts_curve(
    tables: Tables, scope: Scope, *, mode: str | None = None, level: int | None = None
) -> ibis.Table:
    """Share of the players who win each level within n attempts, by Kaplan and Meier.

    Players who stop without a win are censored after their last attempt: they count as long as
    they tried, and are taken neither for completers nor for players who never would have won. It
    answers how many attempts the level takes somebody who keeps trying. The share of the
    completers who had won by n leaves those who gave up out, and makes a hard level look easy.
    Attempts after the first win do not count; lost and abandoned attempts both do. The curve is
    a step: an attempt number at which nobody completed or stopped has no row and the value of the
    row before.

    The method supposes that who stops would have gone on to win as others do; players often stop
    because they find the level hard, so the true share is rather lower.

    References:
        E. L. Kaplan and P. Meier, Nonparametric estimation from incomplete observations (1958);
        the interval is Greenwood's variance on the complementary log-log scale, which stays
        within 0 and 1.
    """
    attempts = known(tables, scope, mode)
    if level is not None:
        attempts = attempts.filter(attempts.level == level)
    pairs = first_wins(tables, attempts)
    pairs = pairs.filter(scope.counted(pairs.first_day))
    rows = grouped(
        attributed(pairs.select("player_id", "level", "won", attempt=_.tries), tables, scope),
        [*keys_of(scope), "attempt"],
        completed=_.count(where=_.won),
        stopped=_.count(where=~_.won),
    )
    rows = _kaplan_meier(rows, keys_of(scope))
    keys = ["level", *scope.dimensions, "attempt"]
    counts = ("at_risk", "completed", "stopped")
    return rows.select(
        *keys, *counts, "completed_share", "low", "high", "completers_share"
    ).order_by(keys)


def _kaplan_meier(rows: ibis.Table, split: list[str]) -> ibis.Table:
    """`rows` with the curve; a product is the exponential of a sum of logarithms.

    Only the last attempt of a level can be won by all at risk, where the logarithm does not exist
    and the share is 1.
    """
    onward = ibis.window(group_by=split, order_by="attempt", preceding=0, following=None)
    so_far = ibis.cumulative_window(group_by=split, order_by="attempt")
    rows = rows.mutate(
        at_risk=(rows.completed + rows.stopped).sum().over(onward),
        won_so_far=rows.completed.sum().over(so_far),
        winners=rows.completed.sum().over(ibis.window(group_by=split)),
    )
    left = (rows.at_risk - rows.completed).nullif(0).cast("float64")
    risk = rows.at_risk.cast("float64")
    rows = rows.mutate(
        log_left=(left / risk).ln().sum().over(so_far),
        variance=(rows.completed / (risk * left)).sum().over(so_far),
        completers_share=ratio(rows, "won_so_far", "winners"),
    )
    all_won = rows.completed == rows.at_risk
    rows = rows.mutate(completed_share=all_won.ifelse(1.0, 1 - rows.log_left.exp()))
    inside = (rows.won_so_far > 0) & ~all_won
    logs = inside.ifelse(rows.log_left, ibis.null("float64"))
    low, high = greenwood(logs, rows.variance)
    return rows.mutate(low=low, high=high)
