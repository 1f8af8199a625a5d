"""The answer key: what happened in a world, counted by the simulator from its own state.

Two accounts are kept. The *real* one has every event that happened; the *recoverable* one has what
a perfect pipeline gets from the bytes that were written, so it leaves out events whose only copies
are refused. Nothing here is shared with the models and metrics that are checked against it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Bools, Ints
from questline.simulation.places import CURRENCIES, DAY_MS
from questline.simulation.play import Play
from questline.simulation.players import cohort_days
from questline.simulation.segments import segment_starts

SESSION_GAP_MS = 30 * 60_000
"""A longer pause between two events ends a session, as the project's definitions have it."""
RETENTION_DAYS = (1, 7, 14, 28, 30)
TRIED = ("attempts", "wins", "fails")
INACTIVE = frozenset({"refund", "experiment_exposure"})


@dataclass
class Day:
    """Counts of one UTC day."""

    events: int = 0
    dau: int = 0
    new: int = 0
    sessions: int = 0
    ad_impressions: int = 0
    ad_micros: int = 0


@dataclass(frozen=True)
class Kept:
    """Which events of a play reach an account, block by block."""

    known: list[Bools]
    """The event arrives as what it is."""
    arrives: list[Bools]
    """The event arrives, perhaps as another type."""
    extra: list[Bools]
    """The event arrives once more, as an event of its own."""
    factor: Ints
    """By what the price of each purchase is multiplied."""


@dataclass
class Account:
    """One of the two accounts of a world."""

    config: SimulationConfig
    days: dict[int, Day] = field(default_factory=lambda: defaultdict(Day))
    retained: dict[int, list[int]] = field(default_factory=dict)
    purchases: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    levels: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))
    _active: dict[int, list[Ints]] = field(default_factory=lambda: defaultdict(list))

    def add(self, play: Play, kept: Kept) -> None:
        """Counts a play; its events may fall on the next days too."""
        self._events(play, kept)
        self._sessions(play, kept)
        self._ads(play, kept)
        self._levels(play, kept)
        self._purchases(play, kept)

    def close(self, day: int, arrivals: dict[int, int]) -> None:
        """Counts the players of a day, once all of its events are known."""
        found = np.unique(np.concatenate([np.empty(0, np.int64), *self._active.pop(day, [])]))
        age = day - cohort_days(found)
        self.days[day].dau = len(found)
        self.days[day].new = int((age == 0).sum())
        for wanted in RETENTION_DAYS:
            known = self.retained.setdefault(wanted, [0, 0])
            known[0] += int((age == wanted).sum())
            known[1] += arrivals.get(day - wanted, 0)

    def summary(self) -> dict[str, Any]:
        """The account as it stands in the key."""
        spans = range(self.config.days)
        return {
            "accepted": sum(self.days[d].events for d in spans),
            "days": {str(self.config.day(d)): vars(self.days[d]) for d in spans},
            "retention": {str(n): pair for n, pair in self.retained.items() if pair[1]},
            "purchases": {c: dict(self.purchases[c]) for c in sorted(self.purchases)},
            "levels": {str(n): {k: self.levels[n][k] for k in TRIED} for n in sorted(self.levels)},
        }

    def _day_of(self, time_ms: Ints) -> Ints:
        return (time_ms - self.config.start_ms) // DAY_MS

    def _events(self, play: Play, kept: Kept) -> None:
        for block, arrives, extra in zip(play.blocks, kept.arrives, kept.extra, strict=True):
            day = self._day_of(block.time_ms)
            for d, n in _counted(day[arrives]):
                self.days[d].events += n
            for d, n in _counted(day[extra]):
                self.days[d].events += n
            if block.event_type in INACTIVE:
                continue
            code = play.players.code[play.player(block)]
            for d in np.unique(day[arrives]).tolist():
                self._active[d].append(np.unique(code[arrives & (day == d)]))

    def _sessions(self, play: Play, kept: Kept) -> None:
        alive = [
            (b, a)
            for b, a in zip(play.blocks, kept.arrives, strict=True)
            if b.event_type not in INACTIVE
        ]
        session = np.concatenate([b.session[a] for b, a in alive])
        time = np.concatenate([b.time_ms[a] for b, a in alive])
        written = self._inside(time)
        order = np.lexsort((time[written], session[written]))
        session, time = session[written][order], time[written][order]
        first = segment_starts(session) == np.arange(len(session))
        gap = np.diff(time, prepend=0) > SESSION_GAP_MS
        for d, n in _counted(self._day_of(time[first | gap])):
            self.days[d].sessions += n

    def _ads(self, play: Play, kept: Kept) -> None:
        known = kept.known[play.of_type("ad_watched")]
        day, micros = self._day_of(play.ads.time_ms[known]), play.ads.micro_usd[known]
        for d, n in _counted(day):
            self.days[d].ad_impressions += n
            self.days[d].ad_micros += int(micros[day == d].sum())

    def _levels(self, play: Play, kept: Kept) -> None:
        attempts, inside = play.attempts, self._inside
        started = kept.known[play.of_type("level_start")] & inside(attempts.start_ms)
        ended = inside(attempts.outcome_ms)
        won, failed = np.zeros((2, len(attempts)), dtype=np.bool_)
        won[attempts.won] = kept.known[play.of_type("level_complete")]
        lost = ~attempts.won & ~attempts.abandoned
        failed[lost] = kept.known[play.of_type("level_fail")]
        won, failed = won & ended, failed & ended
        for name, rows in zip(TRIED, (started | won | failed, won, failed), strict=True):
            for level, n in _counted(attempts.level[rows]):
                self.levels[level][name] += n

    def _purchases(self, play: Play, kept: Kept) -> None:
        bought, back = play.purchases, play.refunds
        counts = kept.known[play.of_type("purchase")] & self._inside(bought.time_ms)
        micros = bought.micros
        paid_back = kept.known[play.of_type("refund")] & self._inside(back.time_ms)
        paid_back &= counts[back.purchase]
        returned = np.zeros(len(micros), dtype=np.int64)
        returned[back.purchase[paid_back]] = micros[back.purchase[paid_back]]
        for code in np.unique(bought.currency[counts]).tolist():
            own = counts & (bought.currency == code)
            known = self.purchases[CURRENCIES[code]]
            known["count"] += int(own.sum())
            known["gross_micros"] += int((micros * kept.factor)[own].sum())
            known["refunded_micros"] += int(returned[own].sum())

    def _inside(self, time_ms: Ints) -> Bools:
        return self._day_of(time_ms) < self.config.days


def everything(play: Play) -> Kept:
    """What reaches the real account: all of it."""
    yes = [np.ones(len(b), dtype=np.bool_) for b in play.blocks]
    no = [~y for y in yes]
    return Kept(yes, yes, no, np.ones(len(play.purchases.attempt), dtype=np.int64))


def _counted(values: Ints) -> list[tuple[int, int]]:
    found, counts = np.unique(values, return_counts=True)
    return list(zip(found.tolist(), counts.tolist(), strict=True))
