"""Where players leave: after a fail, and for good."""

from __future__ import annotations

from datetime import timedelta

import ibis
from ibis import _

from questline.engines.instants import MICROSECOND, microseconds, since_1970
from questline.metrics.attempts import LEVEL, VERSION, keyed, keys_of, known
from questline.metrics.base import (
    active_days,
    apart,
    arranged,
    attributed,
    grouped,
    ratio,
    stacked,
    total,
)
from questline.metrics.catalogue import Kind, Output, metric
from questline.metrics.intervals import clustered, effective_trials, wilson
from questline.metrics.level_options import INACTIVE, LAST_LEVEL, MODE, VERSIONS, WITHIN
from questline.metrics.scope import Scope
from questline.metrics.tables import Tables

_DAY = timedelta(days=1)


@metric(
    title="Quits after a fail",
    formula="fails after which the player began no attempt within the time / fails",
    grain="one row a level; with `versions` one a level and version",
    unit="share of fails",
    value="quit_after_fail",
    inputs=("level_attempts",),
    outputs=(
        LEVEL,
        VERSION,
        Output("players", Kind.COUNT, "Distinct players with a fail that counts."),
        Output("fails", Kind.COUNT, "Lost attempts whose time after them was observed."),
        Output("pending", Kind.COUNT, "Lost attempts whose time after them is not over."),
        Output("quits", Kind.COUNT, "Of `fails`, those that no attempt of any level followed."),
        Output("quit_after_fail", Kind.SHARE, "quits / fails."),
        Output("low", Kind.SHARE, "Lower end of its 95 % interval."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
    ),
    maturity="Only fails that began from complete_from to complete_until count, and of these only "
    "where `within` after the start of the attempt lies before the end of complete_until; the "
    "others are pending.",
    options=(MODE, VERSIONS, WITHIN),
)
def level_quits(
    tables: Tables,
    scope: Scope,
    *,
    mode: str | None = None,
    versions: bool = False,
    within: timedelta = _DAY,
) -> ibis.Table:
    """Share of the fails of a level after which the player did not try anything again in time.

    A fail is a quit if the player began no other attempt, of any level and mode, within `within`
    of the start of the failed one, that moment included. It is counted from the start, which every
    attempt has, since the length that a client reports may be missing or wrong, and not by the
    session, which ends by other causes too: an interruption of a day is more than a closed app. A
    fail whose time is not over yet is pending, never a quit. An abandoned attempt is no fail.

    Fails of one player resemble each other, so the interval counts players as units, as
    `level_difficulty` does.
    """
    keys = keys_of(scope, versions=versions)
    unit = ["player_id", *[k for k in keys if k not in scope.dimensions]]
    attempts = tables.level_attempts
    attempts = attempts.filter(attempts.event_date >= ibis.date(scope.pooled[0]))
    attempts = tables.numbered(attempts.mutate(instant=microseconds(attempts.started_at)))
    end = scope.end_of_observation
    last_closed = -1 if end is None else since_1970(end - within)

    def fails(rows: ibis.Table, *, quits: bool) -> ibis.Table:
        lost = rows.filter(rows.outcome == "fail", scope.counted(rows.event_date))
        lost = lost if mode is None else lost.filter(lost["mode"] == mode)
        lost = lost.mutate(closed=lost.instant <= last_closed, quit=ibis.literal(value=quits))
        return keyed(lost, "closed", "quit", versions=versions)

    # Every fail is a row, and those that nothing followed are one more.
    last = _followed_by_none(attempts, within)
    cells = grouped(
        stacked(fails(attempts, quits=False), fails(last, quits=True)),
        unit,
        fails=_.count(where=_.closed & ~_.quit),
        pending=_.count(where=~_.closed & ~_.quit),
        quits=_.count(where=_.closed & _.quit),
    )
    rows = grouped(
        attributed(cells, tables, scope),
        keys,
        fails=_.fails.sum(),
        pending=_.pending.sum(),
        quits=_.quits.sum(),
        **clustered("fails", "quits"),
    )
    rows = rows.mutate(quit_after_fail=ratio(rows, "quits", "fails"), players=rows.clusters)
    rows = apart(rows)
    rows = apart(rows.mutate(effective=effective_trials(rows, "quit_after_fail")))
    low, high = wilson(rows.quit_after_fail, rows.effective)
    rows = rows.mutate(low=low, high=high)
    first = tuple(k for k in keys if k not in scope.dimensions)
    counts = ("players", "fails", "pending", "quits")
    return arranged(rows, scope, *counts, "quit_after_fail", "low", "high", first=first)


def _followed_by_none(attempts: ibis.Table, within: timedelta) -> ibis.Table:
    """Attempts, with their `instant`, that no other of the player followed within the time.

    The time is cut into spans as long as `within`. What lies in one span is less than that apart,
    so only the last instant of a span can be followed by nothing, and only the first one of the
    next span decides. Instants alone are sorted, and few of them: one a player and span.
    """
    longest = within // MICROSECOND
    spans = (
        attempts.select("player_id", "instant", span=attempts.instant // longest)
        .group_by("player_id", "span")
        .aggregate(first=_.instant.min(), last=_.instant.max())
    )
    following = spans["first"].lead().over(ibis.window(group_by="player_id", order_by="span"))
    spans = spans.mutate(pause=following - spans["last"])
    ends = spans.filter(spans.pause.isnull() | (spans.pause > longest))
    ends = ends.select("player_id", instant=ends["last"])
    columns = ("event_date", "level", "mode", "outcome", "app_version")
    alone = (
        attempts.inner_join(ends, ["player_id", "instant"])
        .group_by("player_id", "instant")
        .aggregate(together=_.count(), **{c: _[c].max() for c in columns})
    )
    # Attempts of the same instant follow each other.
    return alone.filter(alone.together == 1)


@metric(
    title="Level churn",
    formula="players whose highest started level it is, not completed and inactive for N days / "
    "players who started it, as far as their fate is known",
    grain="one row a level",
    unit="share of players",
    value="churn",
    inputs=("level_attempts", "player_days"),
    outputs=(
        LEVEL,
        Output("started", Kind.COUNT, "Players whose first attempt began in the period."),
        Output("passed", Kind.COUNT, "Of these, players who won it or started a higher level."),
        Output("churned", Kind.COUNT, "Of these, players who stayed there and are gone."),
        Output("pending", Kind.COUNT, "Of these, players who cannot be judged yet."),
        Output("end_of_content", Kind.COUNT, "Of these, players at the last level there is."),
        Output("churn", Kind.SHARE, "churned / (passed + churned)."),
        Output("low", Kind.SHARE, "Lower end of its 95 % Wilson interval."),
        Output("high", Kind.SHARE, "Upper end of that interval."),
    ),
    maturity="A player counts only if `inactive` days after his first attempt of the level were "
    "observed; who stays at the level and was active on these last days is pending.",
    options=(MODE, INACTIVE, LAST_LEVEL),
)
def level_churn(
    tables: Tables,
    scope: Scope,
    *,
    mode: str | None = None,
    inactive: int = 7,
    last_level: int | None = None,
) -> ibis.Table:
    """Share of the players who start a level, never get past it and do not come back.

    The period chooses whose first attempt of the level counts; what became of them is judged with
    everything up to complete_until. A player churned at a level if it is the highest he started,
    he has not won it, and `inactive` observed days have gone by since his last active day or
    attempt. `started = passed + churned + pending + end_of_content`. Pending is whoever started
    the level less than `inactive` days before complete_until, whatever he did since (else fast
    winners would count before slow losers can), and whoever is still active at it. Players at the
    last level have nothing to go on to: they are `end_of_content` and churn is NULL there. The
    last level is the highest that any of the players asked about started; say `last_level` where a
    filter or a rare cheat makes that wrong. Who wins a level and then stops is churn of no level.

    Levels are compared by number, so modes with numbers of their own need `mode`. Churned players
    may return: the older the period, the surer the number.
    """
    last_day = ibis.date(scope.observed[1] - timedelta(days=inactive))
    cells = attributed(_fates(tables, scope, mode), tables, scope)
    stuck = (cells.highest == cells.level) & (cells.wins == 0)
    here, mature = scope.counted(cells.first_day), cells.first_day <= last_day
    churned = stuck & (cells.last_day <= last_day)
    cells = cells.mutate(
        started=here.cast("int64"),
        passed=(here & mature & ~stuck).cast("int64"),
        churned=(here & churned).cast("int64"),
    )
    rows = grouped(
        cells,
        keys_of(scope),
        started=total(_.started),
        passed=total(_.passed),
        churned=total(_.churned),
    )
    highest = rows.level.max().over(ibis.window()) if last_level is None else last_level
    rows = rows.mutate(ends=rows.level >= highest).filter(_.started > 0)
    rows = rows.mutate(
        end_of_content=rows.ends.ifelse(rows.started, 0),
        pending=rows.ends.ifelse(0, rows.started - rows.passed - rows.churned),
        passed=rows.ends.ifelse(0, rows.passed),
        churned=rows.ends.ifelse(0, rows.churned),
    )
    rows = rows.mutate(judged=rows.passed + rows.churned)
    rows = rows.mutate(churn=ratio(rows, "churned", "judged"))
    low, high = wilson(rows.churn, rows.judged.cast("float64"))
    rows = rows.mutate(low=low, high=high)
    counts = ("started", "passed", "churned", "pending", "end_of_content")
    return arranged(rows, scope, *counts, "churn", "low", "high", first=("level",))


def _fates(tables: Tables, scope: Scope, mode: str | None) -> ibis.Table:
    """One row a player and level, with his highest level and his last day of activity."""
    attempts = known(tables, scope, mode)
    tried = tables.numbered(attempts.select("player_id", "level", "event_date", "outcome"))
    pairs = tried.group_by("player_id", "level").aggregate(
        first_day=_.event_date.min(), wins=_.count(where=_.outcome == "complete")
    )
    seen = active_days(tables).filter(_.event_date <= ibis.date(scope.observed[1]))
    played = tables.numbered(attempts.select("player_id", "level", "event_date"))
    facts = stacked(played, tables.numbered(seen))
    players = facts.group_by("player_id").aggregate(
        highest=_.level.max(), last_day=_.event_date.max()
    )
    return pairs.inner_join(players, "player_id")
