"""Intervals of shares, as expressions."""

from __future__ import annotations

import ibis

Z95 = 1.959963984540054
"""Quantile of the standard normal distribution at 97.5 %."""


def wilson(
    share: ibis.FloatingValue, trials: ibis.FloatingValue
) -> tuple[ibis.FloatingValue, ibis.FloatingValue]:
    """Ends of the 95 % interval of a share of `trials`; NULL where the share is.

    References:
        E. B. Wilson, Probable inference, the law of succession, and statistical inference (1927).
    """
    square = Z95 * Z95
    scale = trials + square
    middle = (share * trials + square / 2) / scale
    half = Z95 / scale * (share * (1 - share) * trials + square / 4).sqrt()
    return (middle - half).clip(lower=0.0), (middle + half).clip(upper=1.0)
