"""Intervals of shares, as expressions."""

from __future__ import annotations

import ibis
from ibis import _

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


def clustered(trials: str, hits: str) -> dict[str, ibis.Deferred]:
    """Sums over rows of one cluster each, named as `effective_trials` reads them."""
    x, y = _[trials].cast("float64"), _[hits].cast("float64")
    return {
        "clusters": _.count(where=_[trials] > 0),
        "trials": x.sum(),
        "trials_squared": (x * x).sum(),
        "hits_squared": (y * y).sum(),
        "crossed": (x * y).sum(),
    }


def effective_trials(rows: ibis.Table, share: str) -> ibis.FloatingValue:
    """How many independent trials tell as much about `share` as the clusters of `rows` do.

    Their number is divided by how many times larger the variance over clusters is than that of
    single trials, by the delta method for the ratio of two sums, but never by less than one: few
    clusters that agree by chance prove nothing. Clusters of one trial each leave it as it is.
    Where all trials or none hit, or there is one cluster, no variance can be seen, and a cluster
    counts as one trial.

    References:
        A. Deng, U. Knoblich and J. Lu, Applying the delta method in metric analytics (2018). E.
        Korn and B. Graubard (1998) put an effective number of trials into binomial intervals.
    """
    part, clusters = rows[share], rows.clusters.cast("float64")
    spread = part * (1 - part)
    misfit = rows.hits_squared - 2 * part * rows.crossed + part * part * rows.trials_squared
    few = clusters / (clusters - 1).nullif(0) * (rows.trials - 1) / rows.trials.nullif(0)
    inflation = few * misfit / (rows.trials * spread).nullif(0)
    known = (spread > 0) & (clusters > 1)
    return known.ifelse(rows.trials / ibis.greatest(inflation, 1.0), clusters)


def greenwood(
    log_left: ibis.FloatingValue, variance: ibis.FloatingValue
) -> tuple[ibis.FloatingValue, ibis.FloatingValue]:
    """Ends of the 95 % interval of the share that has gone by Kaplan and Meier's estimate.

    `log_left` is the logarithm of the share that is left, `variance` Greenwood's sum of
    d / (n (n - d)). Taken on the scale of log(-log), so within 0 and 1; NULL where `log_left` is
    NULL or 0, where nobody has gone.

    References:
        M. Greenwood, The natural duration of cancer (1926).
    """
    known = log_left.nullif(0.0)
    stretch = (Z95 * variance.sqrt() / -known).exp()
    return 1.0 - (known / stretch).exp(), 1.0 - (known * stretch).exp()


def difference(
    one: tuple[ibis.FloatingValue, ibis.FloatingValue, ibis.FloatingValue],
    other: tuple[ibis.FloatingValue, ibis.FloatingValue, ibis.FloatingValue],
) -> tuple[ibis.FloatingValue, ibis.FloatingValue]:
    """Ends of the 95 % interval of one share minus another; each with its ends, (share, low, high).

    References:
        R. G. Newcombe, Interval estimation for the difference between independent proportions
        (1998), the method from Wilson's ends.
    """
    (p, p_low, p_high), (q, q_low, q_high) = one, other
    below = ((p - p_low) * (p - p_low) + (q_high - q) * (q_high - q)).sqrt()
    above = ((p_high - p) * (p_high - p) + (q - q_low) * (q - q_low)).sqrt()
    return p - q - below, p - q + above
