"""Experiments of a world: who gets which variant, what it changes, and what that truly does.

A variant changes a player from his first session in the experiment on. Since every draw is a hash
of what it is drawn for, a world in which everybody gets one variant shares all other draws with
the world that was played (common random numbers), so the true effect is a plain mean of
differences, player by player.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import numpy as np

from questline.simulation.draws import Bools, Floats, Hashes, Ints, Purpose, pick, uniform

AUDIENCES = ("new", "all")


@dataclass(frozen=True)
class Variant:
    """One arm; its factors are 1 where it changes nothing.

    `retention` multiplies the chance to come back on a day, `sessions` the sessions beyond the
    first of a day, `purchases` the share of payers and their rate, `difficulty` the attempts that
    `level` takes. `lost_exposures` is the share of exposures that are never logged: a fault that
    shows as a sample-ratio mismatch.
    """

    name: str
    weight: float = 1.0
    retention: float = 1.0
    sessions: float = 1.0
    purchases: float = 1.0
    difficulty: float = 1.0
    level: int = 0
    lost_exposures: float = 0.0


@dataclass(frozen=True)
class Experiment:
    """An experiment; the first variant is the control.

    `salt` and the player decide the variant. `starts` is a day of the log; the audience is
    everybody who plays from then on, or only players who are acquired from then on.
    """

    name: str
    variants: tuple[Variant, ...]
    salt: str = ""
    starts: int = 0
    audience: str = "new"
    forced: int | None = field(default=None, compare=False)
    """The variant that everybody gets, in a world played to know the truth."""

    def assigned(self, seed: int, code: Ints) -> Ints:
        """Index of the variant of each player."""
        if self.forced is not None:
            return np.full(len(code), self.forced, dtype=np.int64)
        salted = hashlib.sha256((self.salt or self.name).encode()).digest()
        key = seed ^ int.from_bytes(salted[:7], "big")
        return pick(tuple(v.weight for v in self.variants), uniform(key, Purpose.VARIANT, code))

    def admits(self, acquired: Ints, day: int) -> Bools:
        """Whether players acquired on these days are in the audience on a day."""
        inside: Bools = np.full(len(acquired), day >= self.starts)
        return inside & (acquired >= self.starts) if self.audience == "new" else inside

    def logged(self, seed: int, code: Hashes, variant: Ints) -> Bools:
        """Whether the exposures reach the log."""
        lost = np.array([v.lost_exposures for v in self.variants])
        if not lost.any():
            return np.ones(len(code), dtype=np.bool_)
        kept: Bools = uniform(seed, Purpose.LOST_EXPOSURE, code) >= lost[variant]
        return kept


def assign(experiments: tuple[Experiment, ...], seed: int, code: Ints) -> Ints:
    """Variants of players, one column an experiment."""
    columns = [e.assigned(seed, code) for e in experiments]
    return np.stack(columns, axis=1) if columns else np.zeros((len(code), 0), dtype=np.int64)


def factor(experiments: tuple[Experiment, ...], what: str, variant: Ints, exposed: Bools) -> Floats:
    """The product of the factors `what` of all experiments a player is exposed to."""
    product = np.ones(len(variant))
    for column, experiment in enumerate(experiments):
        values = np.array([getattr(v, what) for v in experiment.variants])
        product *= np.where(exposed[:, column], values[variant[:, column]], 1.0)
    return product


def level_factor(
    experiments: tuple[Experiment, ...], variant: Ints, exposed: Bools, level: Ints
) -> Floats:
    """By how much longer each level takes the players of these rows."""
    product = np.ones(len(level))
    for column, experiment in enumerate(experiments):
        changed = np.array([v.level for v in experiment.variants])[variant[:, column]] == level
        values = np.array([v.difficulty for v in experiment.variants])[variant[:, column]]
        product *= np.where(changed & exposed[:, column], values, 1.0)
    return product
