"""Named worlds: every number that shapes behaviour, with its unit in its name."""

from __future__ import annotations

from dataclasses import dataclass, replace

KINK_DAY = 8
"""Where the second power law of retention takes over from the first."""


@dataclass(frozen=True)
class Preset:
    """Numbers of one kind of game.

    A player returns on a day with a probability p ~ Beta of his own while he has not left for
    good, and leaves at a random age. The chance to be still there at age N follows from the wished
    retention: R(N) / E[p], with R a power law up to day 8 and a steeper or flatter one behind it.
    """

    live_days_before_log: int
    """How long the game has been out when the log begins."""
    retention: tuple[float, float, float]
    """R(1), R(7), R(28) of the power laws. Sessions that pass midnight come on top."""
    return_alpha: float
    return_beta: float
    """Beta distribution of a living player's chance to play on a day; its mean is above R(1)."""
    weekend_lift: float
    """Factor on the chance to play on Saturday and Sunday."""
    day_noise: float
    """Standard deviation of a factor that all players share on a day."""
    engagement_sigma: float
    """Lognormal spread between players of sessions a day and session length."""
    extra_sessions_a_day: float
    extra_sessions_shape: float
    """Negative binomial number of sessions beyond the first on an active day."""
    session_median_seconds: float
    session_sigma: float
    """Lognormal session length."""
    attempt_seconds: float
    """Typical session time one attempt of a level takes, with the pause after it."""
    last_level: int
    """There is no level after it."""
    patience_fails: int
    """Losses of a level in a row after which players begin to give up for the day."""
    session_end_share: float
    """Share of sessions whose end is reported."""
    payer_share: float
    """Share of players who ever pay."""
    first_day_payers: float
    """Share of payers who pay on their first day; later the same share of the rest, halved."""
    repeat_rate_a_day: float
    repeat_sigma: float
    """Lognormal rate of further purchases per active day of a payer."""
    ticket_median_usd: float
    ticket_sigma_between: float
    ticket_sigma_within: float
    """Lognormal wish of what to spend, between payers and between purchases, in USD."""
    refund_share: float
    """Share of purchases paid back."""
    ad_viewer_share: float
    """Share of players who are shown ads."""
    release_days: int
    """Days between two versions of the game."""
    mode_day: int = 14
    """Day of the log on which the mode `rush` is launched, with levels of its own."""
    mode_adopter_share: float = 0.4
    mode_session_share: float = 0.3
    """Share of players who take to it, and of their sessions in which they play it."""


PUZZLE = Preset(
    live_days_before_log=60,
    retention=(0.382, 0.166, 0.0675),
    return_alpha=2.6,
    return_beta=2.0,
    weekend_lift=1.115,
    day_noise=0.03,
    engagement_sigma=0.5,
    extra_sessions_a_day=3.35,
    extra_sessions_shape=1.5,
    session_median_seconds=300,
    session_sigma=0.8,
    attempt_seconds=85,
    last_level=1_500,
    patience_fails=4,
    session_end_share=0.97,
    payer_share=0.027,
    first_day_payers=0.55,
    repeat_rate_a_day=0.255,
    repeat_sigma=1.0,
    ticket_median_usd=4.5,
    ticket_sigma_between=0.85,
    ticket_sigma_within=0.5,
    refund_share=0.02,
    ad_viewer_share=0.32,
    release_days=14,
)
"""A free puzzle game with levels, near the best tenth of its kind: about 40/17/7 %."""

MEDIAN = replace(
    PUZZLE,
    retention=(0.208, 0.0410, 0.0087),
    return_alpha=1.6,
    return_beta=2.0,
    extra_sessions_a_day=3.95,
    payer_share=0.030,
    repeat_rate_a_day=0.68,
    repeat_sigma=1.2,
    ticket_median_usd=4.3,
)
"""The same game with the retention of the median game: about 23/4.2/0.9 %."""

HARDCORE = replace(
    PUZZLE,
    retention=(0.2985, 0.1365, 0.0620),
    return_alpha=3.2,
    return_beta=2.2,
    extra_sessions_a_day=2.2,
    session_median_seconds=840,
    session_sigma=0.9,
    attempt_seconds=240,
    last_level=600,
    patience_fails=7,
    payer_share=0.033,
    repeat_rate_a_day=0.29,
    ticket_median_usd=4.7,
    ad_viewer_share=0.10,
)
"""Few players who play long, pay more and see few ads: about 34/14/6.5 %."""

PRESETS: dict[str, Preset] = {"puzzle": PUZZLE, "median": MEDIAN, "hardcore": HARDCORE}
