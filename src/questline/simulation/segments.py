"""Rows in groups that lie side by side: where each begins, and running sums and maxima within."""

from __future__ import annotations

import numpy as np

from questline.simulation.draws import Bools, Ints


def segment_starts(keys: Ints) -> Ints:
    """Position of the first row of each row's group; equal `keys` lie side by side.

    >>> segment_starts(np.array([7, 7, 9, 9, 9])).tolist()
    [0, 0, 2, 2, 2]
    """
    positions = np.arange(len(keys), dtype=np.int64)
    new = np.ones(len(keys), dtype=np.bool_)
    new[1:] = keys[1:] != keys[:-1]
    return np.maximum.accumulate(np.where(new, positions, 0))


def lasts(keys: Ints) -> Bools:
    """Whether a row is the last of its group.

    >>> lasts(np.array([7, 7, 9])).tolist()
    [False, True, True]
    """
    last = np.ones(len(keys), dtype=np.bool_)
    last[:-1] = keys[1:] != keys[:-1]
    return last


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


def expanded(counts: Ints) -> tuple[Ints, Ints]:
    """For each of `counts[i]` rows of every i: the i, and the row's place among them.

    >>> [part.tolist() for part in expanded(np.array([2, 0, 1]))]
    [[0, 0, 2], [0, 1, 0]]
    """
    owner = np.repeat(np.arange(len(counts), dtype=np.int64), counts)
    first = np.cumsum(counts) - counts
    return owner, np.arange(len(owner), dtype=np.int64) - first[owner]
