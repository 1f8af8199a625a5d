"""Random numbers: one seed, one independent stream per purpose."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Stream(IntEnum):
    """What a stream is drawn for; a new purpose takes a new number."""

    PLAYERS = 1
    PLAYER_IDS = 2
    ACTIVITY = 3
    SESSIONS = 4
    SESSION_IDS = 5
    ATTEMPTS = 6
    ADS = 7
    PURCHASES = 8
    BALANCES = 9
    EVENT_IDS = 10


def generator(seed: int, stream: Stream, part: int = 0) -> np.random.Generator:
    """The generator of one purpose; `part` tells days apart, so that order does not matter."""
    sequence = np.random.SeedSequence(seed, spawn_key=(int(stream), part))
    return np.random.Generator(np.random.PCG64(sequence))


def segment_starts(keys: Ints) -> Ints:
    """Position of the first row of each row's group; equal `keys` lie side by side.

    >>> segment_starts(np.array([7, 7, 9, 9, 9])).tolist()
    [0, 0, 2, 2, 2]
    """
    positions = np.arange(len(keys), dtype=np.int64)
    new = np.ones(len(keys), dtype=np.bool_)
    new[1:] = keys[1:] != keys[:-1]
    return np.maximum.accumulate(np.where(new, positions, 0))


def running_total(values: Ints, starts: Ints) -> Ints:
    """Sum from the group's first row up to each row, inclusive.

    >>> running_total(np.array([1, 2, 5]), np.array([0, 0, 2])).tolist()
    [1, 3, 5]
    """
    total = np.cumsum(values, dtype=np.int64)
    return total - (total[starts] - values[starts])


def running_maximum(values: Ints, groups: Ints) -> Ints:
    """Largest value from the group's first row up to each row; `groups` must not decrease.

    >>> running_maximum(np.array([3, 1, 2]), np.array([0, 0, 1])).tolist()
    [3, 3, 2]
    """
    if not len(values):
        return values
    span = int(values.max()) - int(values.min()) + 1
    return np.maximum.accumulate(values + groups * span) - groups * span


def pick_weighted(rng: np.random.Generator, weights: tuple[float, ...], size: int) -> Ints:
    """Codes 0..len(weights)-1, drawn with these weights."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    bounds /= bounds[-1]
    return np.minimum(np.searchsorted(bounds, rng.random(size), side="right"), len(weights) - 1)
