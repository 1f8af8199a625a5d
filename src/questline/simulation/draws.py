"""Random numbers that depend on who, when and what for, and on nothing else.

A draw is a hash of the seed, its purpose and the identity of what it is drawn for: a player, a
day, a session, an attempt. So no draw depends on the order of the work, the number of threads, how
players are cut into blocks, or what else is drawn; two worlds that differ in one setting share
every draw that the setting does not touch (common random numbers). The hash is the finaliser of
splitmix64 (Steele, Lea, Flood 2014), applied once an identity.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from statistics import NormalDist

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Hashes = npt.NDArray[np.uint64]

_MASK = (1 << 64) - 1
_STEP = 0x9E3779B97F4A7C15
TABLE_BITS = 16
"""A draw by table takes one of 65,536 equally likely values."""


class Purpose(IntEnum):
    """What a draw is for; a new purpose takes a new number, a retired one is not used again."""

    ARRIVALS = 1
    MARKET = 2
    ARRIVAL_TIME = 3
    PLATFORM = 4
    CHANNEL = 5
    DEVICE = 6
    LOGIN = 7
    RETURN = 8
    LIFETIME = 9
    ENGAGEMENT = 10
    SKILL = 11
    PAYER = 12
    AD_VIEWER = 13
    VERSION_LAG = 14
    CLOCK = 15
    CLOCK_SIZE = 16
    PLAYER_ID = 17
    DAY_NOISE = 20
    ACTIVE = 21
    SESSION_LUCK = 22
    SESSION_COUNT = 23
    SESSION_START = 24
    SESSION_LENGTH = 25
    LATENCY = 26
    END_REPORTED = 27
    SESSION = 28
    FIRST_LEVEL = 30
    TEMPO = 31
    ATTEMPT_ROUNDING = 32
    PLAY = 33
    PAUSE = 34
    NEEDED = 35
    ABANDON = 36
    QUIT = 37
    LEAVE = 38
    AD = 40
    AUCTION = 41
    AD_COMPLETED = 42
    FIRST_PURCHASE = 50
    REPEAT_RATE = 51
    REPEATS = 52
    PURCHASE_MOMENT = 53
    WEALTH = 54
    TICKET = 55
    TRANSACTION = 56
    REFUND = 57
    REFUND_DELAY = 58
    BOOSTER = 60
    SAVINGS = 61
    KEEN = 62
    CONTINUE = 63
    ADOPTS_MODE = 66
    PLAYS_MODE = 67
    GEM_SAVINGS = 64
    EVENT_ID = 70
    DIRT = 80
    DIRT_VARIANT = 81
    VARIANT = 90
    LOST_EXPOSURE = 91
    TRAIT = 93
    CHURN_AGE = 94


def _mixed(value: int) -> int:
    value &= _MASK
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def _mix(values: Hashes) -> Hashes:
    """The finaliser, in place."""
    values ^= values >> np.uint64(30)
    values *= np.uint64(0xBF58476D1CE4E5B9)
    values ^= values >> np.uint64(27)
    values *= np.uint64(0x94D049BB133111EB)
    values ^= values >> np.uint64(31)
    return values


def hashed(seed: int, purpose: Purpose, *identity: Ints | Hashes) -> Hashes:
    """64 random bits for each row; `identity` is one or more columns of whole numbers.

    >>> a = hashed(1, Purpose.ACTIVE, np.array([7, 8]), np.array([3, 3]))
    >>> bool((a == hashed(1, Purpose.ACTIVE, np.array([7, 8]), np.array([3, 3]))).all())
    True
    >>> int(hashed(1, Purpose.ACTIVE, np.array([7]), np.array([3]))[0]) == int(a[0])
    True
    """
    base = np.uint64(_mixed(_mixed(seed + _STEP) + int(purpose) * _STEP))
    state = np.full(len(identity[0]), base, dtype=np.uint64)
    for column in identity:
        state += column.astype(np.uint64, copy=False) * np.uint64(_STEP)
        _mix(state)
        state += np.uint64(_STEP)
    return _mix(state)


def again(hashes: Hashes) -> Hashes:
    """64 further bits for each hash."""
    return _mix(hashes + np.uint64(_STEP))


def uniform(seed: int, purpose: Purpose, *identity: Ints | Hashes) -> Floats:
    """Numbers above 0 and below 1, equally likely."""
    bits = hashed(seed, purpose, *identity) >> np.uint64(12)
    return (bits.astype(np.float64) + 0.5) * 2.0**-52


def from_table(table: Floats, seed: int, purpose: Purpose, *identity: Ints | Hashes) -> Floats:
    """Values of a table of quantiles, each equally likely."""
    bits = hashed(seed, purpose, *identity) >> np.uint64(64 - TABLE_BITS)
    return table[bits.astype(np.int64)]


def _levels() -> Floats:
    return (np.arange(1 << TABLE_BITS) + 0.5) / (1 << TABLE_BITS)


@cache
def normal_table() -> Floats:
    """Quantiles of the standard normal distribution."""
    inverse = NormalDist().inv_cdf
    half = np.array([inverse(p) for p in _levels()[: 1 << (TABLE_BITS - 1)]])
    return np.concatenate((half, -half[::-1]))


@cache
def gamma_table(shape: float) -> Floats:
    """Quantiles of the gamma distribution of mean 1, by summing its density."""
    if shape >= 1.0:
        x = np.linspace(0.0, shape + 12.0 * shape**0.5 + 20.0, 400_001)
        return _inverse(x, x ** (shape - 1.0) * np.exp(-x)) / shape
    # In w = x^shape the density has no pole at 0.
    w = np.linspace(0.0, 32.0**shape, 400_001)
    found: Floats = _inverse(w, np.exp(-(w ** (1.0 / shape)))) ** (1.0 / shape) / shape
    return found


@cache
def beta_table(alpha: float, beta: float) -> Floats:
    """Quantiles of the beta distribution; both parameters at least 1."""
    x = np.linspace(0.0, 1.0, 400_001)
    return _inverse(x, x ** (alpha - 1.0) * (1.0 - x) ** (beta - 1.0))


def _inverse(grid: Floats, density: Floats) -> Floats:
    """Quantiles of a density given on an even grid."""
    steps = (density[1:] + density[:-1]) / 2.0
    total = np.concatenate(([0.0], np.cumsum(steps)))
    return np.interp(_levels(), total / total[-1], grid)


def poisson(mean: Floats, position: Floats, most: int) -> Ints:
    """The number of Poisson events at the `position` (0 to 1) of its distribution, up to `most`."""
    chance = np.exp(-mean)
    reached = chance.copy()
    count = np.zeros(len(mean), dtype=np.int64)
    for k in range(1, most + 1):
        beyond = position > reached
        if not beyond.any():
            break
        count += beyond
        chance *= mean / k
        reached += chance
    return count


def pick(weights: tuple[float, ...], position: Floats) -> Ints:
    """Codes 0..len(weights)-1 with these weights, at the `position` of their distribution."""
    bounds = np.cumsum(np.asarray(weights, dtype=np.float64))
    bounds /= bounds[-1]
    found = np.searchsorted(bounds, position, side="right")
    return np.minimum(found, len(weights) - 1).astype(np.int64)
