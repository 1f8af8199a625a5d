"""What the variants of a world truly do: the same world played once more with each of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Floats, Ints
from questline.simulation.places import DAY_MS, TIER_USD
from questline.simulation.play import Play
from questline.simulation.roster import Roster
from questline.simulation.truth import INACTIVE

OUTCOMES = {
    "retained_1": "active on the day after the exposure",
    "retained_7": "active on the seventh day after the exposure",
    "active_days": "days with an active event, that of the exposure included",
    "sessions": "sessions from the day of the exposure on",
    "attempts": "attempts of levels from the day of the exposure on",
    "wins": "levels won from the day of the exposure on",
    "payer": "paid at least once from the day of the exposure on",
    "purchases": "purchases from the day of the exposure on",
    "spend_usd": "list price in USD of these purchases",
}
"""Outcomes of a player until the log ends, refunds not taken off."""


@dataclass(frozen=True)
class Audience:
    """The players of one experiment, in order of their code, and what became of each.

    An outcome that the log is too short for is NaN.
    """

    code: Ints
    day: Ints
    """Day of the exposure, 0 = the first of the log."""
    variant: Ints
    logged: Ints
    """1 where the exposure reached the log."""
    outcomes: dict[str, Floats]


class _Diary:
    """Everything that outcomes need, as it is played."""

    def __init__(self, config: SimulationConfig) -> None:
        self.config = config
        self.exposures: list[tuple[Ints, Ints, Ints, Ints, int]] = []
        self.days: dict[int, list[Ints]] = {}
        self.counts: dict[str, dict[int, list[tuple[Ints, Floats]]]] = {}

    def add(self, play: Play, day: int) -> None:
        code, found = play.players.code, play.exposures
        who = code[play.sessions.player[found.session]]
        self.exposures.append(
            (found.experiment, who, found.variant, found.logged.astype(np.int64), day)
        )
        self._note("sessions", day, code[play.sessions.player])
        self._note("active", day, code)
        midnight = self.config.start_ms + (day + 1) * DAY_MS
        for block in play.blocks:
            if block.event_type not in INACTIVE:
                late = code[play.player(block)[block.time_ms >= midnight]]
                self._note("active", day + 1, np.unique(late))
        self._note("attempts", day, code[play.attempts.player])
        self._note("wins", day, code[play.attempts.player[play.attempts.won]])
        buyer = code[play.attempts.player[play.purchases.attempt]]
        self._note("purchases", day, buyer)
        self._note("spend_usd", day, buyer, np.array(TIER_USD)[play.purchases.tier])

    def _note(self, name: str, day: int, code: Ints, value: Floats | None = None) -> None:
        worth = np.ones(len(code)) if value is None else value
        self.counts.setdefault(name, {}).setdefault(day, []).append((code, worth))


def play_audiences(config: SimulationConfig) -> list[Audience]:
    """Plays a world without writing it; the audience of each experiment."""
    diary, roster = _Diary(config), Roster(config)
    for day in range(config.days):
        for play in roster.plays(day):
            diary.add(play, day)
    return [_audience(diary, column, config) for column in range(len(config.experiments))]


def _audience(diary: _Diary, column: int, config: SimulationConfig) -> Audience:
    parts: list[list[Ints]] = [[], [], [], []]
    for experiment, code, variant, logged, day in diary.exposures:
        own = experiment == column
        for part, values in zip(parts, (code, variant, logged), strict=False):
            part.append(values[own])
        parts[3].append(np.full(int(own.sum()), day, dtype=np.int64))
    code, variant, logged, begun = (np.concatenate([np.empty(0, np.int64), *p]) for p in parts)
    order = np.argsort(code)
    code, variant, logged, begun = code[order], variant[order], logged[order], begun[order]
    sums = {name: np.zeros(len(code)) for name in diary.counts}
    active = np.zeros(len(code))
    retained = {n: np.where(begun + n < config.days, 0.0, np.nan) for n in (1, 7)}
    for name, days in diary.counts.items():
        for day, notes in days.items():
            if day >= config.days:
                continue
            who = np.concatenate([c for c, _ in notes])
            worth = np.concatenate([w for _, w in notes])
            place = np.minimum(np.searchsorted(code, who), max(len(code) - 1, 0))
            known = (code[place] == who) & (begun[place] <= day) if len(code) else who < 0
            found = np.bincount(place[known], worth[known], minlength=len(code))
            sums[name] += found
            if name == "active":
                active += found > 0
                for n, flags in retained.items():
                    flags[(found > 0) & (begun + n == day)] = 1.0
    outcomes = {
        "retained_1": retained[1],
        "retained_7": retained[7],
        "active_days": active,
        "payer": (sums["purchases"] > 0).astype(np.float64),
        **sums,
    }
    return Audience(code, begun, variant, logged, {name: outcomes[name] for name in OUTCOMES})


def forced(config: SimulationConfig, column: int, variant: int) -> SimulationConfig:
    """The same world, but everybody gets this variant of one experiment."""
    experiments = list(config.experiments)
    experiments[column] = replace(experiments[column], forced=variant)
    return replace(config, plan=replace(config.plan, experiments=tuple(experiments)))


def true_effects(config: SimulationConfig, played: list[Audience]) -> list[dict[str, Any]]:
    """Per experiment, variant and outcome: the mean of treated minus control over all players.

    `played` are the audiences of the world itself; its counts of players are told beside.
    """
    rows: list[dict[str, Any]] = []
    for column, experiment in enumerate(config.experiments):
        audience = played[column]
        worlds = [
            play_audiences(forced(config, column, v))[column]
            for v in range(len(experiment.variants))
        ]
        for index, variant in enumerate(experiment.variants):
            own = audience.variant == index
            for name in OUTCOMES:
                control, treated = worlds[0].outcomes[name], worlds[index].outcomes[name]
                known = ~np.isnan(control)
                rows.append(
                    {
                        "experiment": experiment.name,
                        "variant": variant.name,
                        "outcome": name,
                        "assigned": int(own.sum()),
                        "logged": int(audience.logged[own].sum()),
                        "players": int(known.sum()),
                        "control_mean": _mean(control[known]),
                        "true_effect": _mean(treated[known] - control[known]),
                    }
                )
    return rows


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if len(values) else None
