"""When people play: hour of the day in local time, weekday and weekend."""

from __future__ import annotations

import numpy as np

from questline.simulation.draws import Bools, Floats, Ints
from questline.simulation.places import DAY_MS, HOUR_MS

_WEEKDAY = (
    *(1.6, 0.9, 0.5, 0.3, 0.3, 0.5, 1.4, 2.8, 3.2, 2.6, 2.5, 2.8),
    *(3.9, 3.5, 2.8, 3.0, 3.7, 4.7, 5.6, 6.6, 7.6, 7.4, 5.4, 3.1),
)
_WEEKEND = (
    *(2.4, 1.6, 0.9, 0.5, 0.3, 0.4, 0.8, 1.6, 2.9, 4.1, 4.8, 5.0),
    *(5.0, 4.9, 4.9, 5.0, 5.2, 5.5, 5.9, 6.5, 7.0, 6.7, 5.4, 3.5),
)
"""Relative play in each hour of the local day, from midnight."""


def is_weekend(day_numbers: Ints) -> Bools:
    """Whether days since 1970-01-01 (a Thursday) fall on Saturday or Sunday."""
    return (day_numbers + 3) % 7 >= 5


def time_of_day(position: Floats, offset_hours: Ints, weekend: Bools) -> Ints:
    """Milliseconds after midnight UTC at which `position` (0 to 1) of a day's play is done.

    Increasing in `position`, so that uniform numbers give times with the rhythm of the place.
    """
    result = np.zeros(len(position), dtype=np.int64)
    knots = np.arange(25) * float(HOUR_MS)
    for offset in np.unique(offset_hours):
        for is_free, weights in ((False, _WEEKDAY), (True, _WEEKEND)):
            rows = np.flatnonzero((offset_hours == offset) & (weekend == is_free))
            utc = np.roll(np.array(weights), -int(offset))
            shares = np.concatenate(([0.0], np.cumsum(utc) / utc.sum()))
            result[rows] = np.interp(position[rows], shares, knots).astype(np.int64)
    return np.minimum(result, DAY_MS - 1)
