"""What is published of real games, and what each preset is to come out at.

Published figures are of many games of all kinds, some of them from years ago; a preset is one game.
Where a target lies beside what is published, or nothing is, it says why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Unit(Enum):
    """How a figure is shown: symbol, factor on the value of `Figures`, decimals."""

    SHARE = ("%", 100.0, 1)
    SECONDS = ("min", 1.0 / 60.0, 1)
    MINUTES = ("min", 1.0, 0)
    USD = ("USD", 1.0, 2)
    NUMBER = ("", 1.0, 1)

    def text(self, value: float) -> str:
        """A value with its unit.

        >>> Unit.SHARE.text(0.0685), Unit.SECONDS.text(309.0), Unit.NUMBER.text(4.096)
        ('6.9 %', '5.2 min', '4.1')
        """
        symbol, factor, decimals = self.value
        return f"{value * factor:,.{decimals}f} {symbol}".rstrip()


@dataclass(frozen=True)
class Target:
    """What one figure of a preset is to be; `target` and `tolerance` are in units of `Figures`.

    The tolerance leaves room for the luck of a seed in a world of 130,000 players or more; heavy
    tails (money) and the common noise of 28 days (weekend) need more of it.
    """

    figure: str
    """Name of a field of `Figures`."""
    title: str
    published: str
    target: float
    tolerance: float
    unit: Unit
    why: str = ""
    """Why the target lies beside what is published; empty where it lies within."""

    def met(self, measured: float) -> bool:
        """Whether a world of the preset comes out as it should."""
        return abs(measured - self.target) <= self.tolerance

    @property
    def text(self) -> str:
        """Target and tolerance as people write them."""
        span = self.unit.text(self.tolerance)
        if self.unit is Unit.SHARE:
            # In points, where a tenth may not be rounded away.
            span = f"{100 * self.tolerance:.2g}"
        return f"{self.unit.text(self.target)} ± {span.split(' ')[0]}"


_KNOWN = {
    "d1": ("Day-1 retention", Unit.SHARE, ""),
    "d7": ("Day-7 retention", Unit.SHARE, ""),
    "d28": ("Day-28 retention", Unit.SHARE, ""),
    "dau_mau": ("DAU / MAU", Unit.SHARE, "10 % poor, 33 % outstanding (2016)"),
    "sessions_a_day": (
        "Sessions per active player and day",
        Unit.NUMBER,
        "about 4 (GameAnalytics, 2024); 2 to 3 (Unity, 2024)",
    ),
    "session_median_seconds": (
        "Session length, median",
        Unit.SECONDS,
        "5 to 6 min, best quarter 8 to 9 (GameAnalytics, 2024)",
    ),
    "session_mean_seconds": ("Session length, mean", Unit.SECONDS, "none found"),
    "playtime_minutes_a_day": (
        "Time played per active player and day",
        Unit.MINUTES,
        "22 min in the median, up to 4 h (GameAnalytics, 2024)",
    ),
    "weekend_lift": (
        "Sessions on Saturday and Sunday against weekdays",
        Unit.SHARE,
        "+17 % (Flurry, US, before 2020)",
    ),
    "payer_share": (
        "Payers among monthly active players",
        Unit.SHARE,
        "1.5 % (Swrve, 2014), 2.3 % (2015)",
    ),
    "purchase_mean": ("Mean purchase", Unit.USD, "5.94 to 8.27 USD (Swrve, 2014 and 2015)"),
    "arppu": ("Monthly revenue per payer", Unit.USD, "22 to 29 USD (Swrve, 2014 and 2015)"),
    "buys_once": (
        "Payers of a month who buy once",
        Unit.SHARE,
        "44 to 49 % (Swrve, 2014 and 2015)",
    ),
    "buys_five_times": (
        "Payers of a month who buy five times or more",
        Unit.SHARE,
        "13 to 20 % (Swrve, 2014 and 2015)",
    ),
    "top_tenth_share": (
        "Share of revenue from the top 10 % of payers",
        Unit.SHARE,
        "50 % (Swrve, 2014), 64 % (2015)",
    ),
    "first_day_share": (
        "Payers of a month who pay on the day they arrive",
        Unit.SHARE,
        "more than 50 % (Swrve, cited 2018)",
    ),
    "sees_ad": (
        "Active player-days with an ad",
        Unit.SHARE,
        "21.6 % (Unity, 2020), 25.9 % (2021)",
    ),
    "refund_share": ("Purchases paid back", Unit.SHARE, "none found"),
}


def _target(
    figure: str, target: float, tolerance: float, *, published: str = "", why: str = ""
) -> Target:
    title, unit, known = _KNOWN[figure]
    return Target(figure, title, published or known, target, tolerance, unit, why)


_REFUNDS = "own assumption: 1 to 3 %"
_MEAN_LENGTH = "own assumption: lognormal with sigma 0.8"

PUZZLE = (
    _target("d1", 0.40, 0.012, published="40 % in the top tenth of games (2026)"),
    _target(
        "d7",
        0.17,
        0.007,
        published="from 11 % in the best games (H1 2019); Cookie Cats 18.6 %",
    ),
    _target("d28", 0.07, 0.005, published="up to 10 % in classic genres (H1 2019)"),
    _target("dau_mau", 0.195, 0.015),
    _target("sessions_a_day", 4.1, 0.2),
    _target("session_median_seconds", 309.0, 10.0),
    _target("session_mean_seconds", 440.0, 15.0, why=_MEAN_LENGTH),
    _target(
        "playtime_minutes_a_day",
        30.0,
        2.0,
        why="four sessions of seven minutes are more than the median game's",
    ),
    _target("weekend_lift", 0.17, 0.045),
    _target("payer_share", 0.019, 0.002),
    _target("purchase_mean", 7.4, 0.8),
    _target("arppu", 24.5, 5.0),
    _target("buys_once", 0.47, 0.04),
    _target("buys_five_times", 0.18, 0.035),
    _target("top_tenth_share", 0.55, 0.08),
    _target("first_day_share", 0.56, 0.05),
    _target("sees_ad", 0.237, 0.012),
    _target("refund_share", 0.02, 0.008, why=_REFUNDS),
)

MEDIAN = (
    _target("d1", 0.23, 0.007, published="22.91 % (Q1 2024), 22 % (2026)"),
    _target("d7", 0.042, 0.003, published="4.20 % (Q1 2024), 4 % (2026)"),
    _target("d28", 0.009, 0.0012, published="0.85 % (Q1 2024)"),
    _target(
        "dau_mau", 0.075, 0.01, why="below 10 %: hardly anybody stays, so a month has many faces"
    ),
    _target("sessions_a_day", 4.0, 0.2),
    _target("session_median_seconds", 309.0, 10.0),
    _target("session_mean_seconds", 440.0, 15.0, why=_MEAN_LENGTH),
    _target(
        "playtime_minutes_a_day",
        29.5,
        2.0,
        why="four sessions of seven minutes are more than the median game's",
    ),
    _target("weekend_lift", 0.16, 0.045),
    _target("payer_share", 0.018, 0.002),
    _target("purchase_mean", 7.1, 1.3),
    _target("arppu", 24.0, 6.0),
    _target("buys_once", 0.45, 0.04),
    _target("buys_five_times", 0.158, 0.03),
    _target("top_tenth_share", 0.56, 0.08),
    _target("first_day_share", 0.82, 0.03),
    _target("sees_ad", 0.239, 0.012),
    _target("refund_share", 0.02, 0.008, why=_REFUNDS),
)

_OWN = "none for this kind"
_LONG = "own assumption: this game is played in long sittings"

HARDCORE = (
    _target("d1", 0.34, 0.01, published=_OWN, why="own assumption"),
    _target("d7", 0.14, 0.006, published=_OWN, why="own assumption"),
    _target("d28", 0.065, 0.005, published=_OWN, why="own assumption"),
    _target("dau_mau", 0.186, 0.015),
    _target("sessions_a_day", 3.0, 0.2),
    _target("session_median_seconds", 858.0, 25.0, why=_LONG),
    _target("session_mean_seconds", 1315.0, 45.0, why=_LONG),
    _target("playtime_minutes_a_day", 66.0, 4.0),
    _target("weekend_lift", 0.17, 0.045),
    _target("payer_share", 0.0225, 0.0025),
    _target("purchase_mean", 7.9, 1.1),
    _target("arppu", 27.0, 6.0),
    _target("buys_once", 0.485, 0.045),
    _target("buys_five_times", 0.18, 0.04),
    _target("top_tenth_share", 0.55, 0.08),
    _target("first_day_share", 0.61, 0.06),
    _target("sees_ad", 0.07, 0.01, why="own assumption: it sells, and shows ads to few"),
    _target("refund_share", 0.02, 0.008, why=_REFUNDS),
)

TARGETS: dict[str, tuple[Target, ...]] = {
    "puzzle": PUZZLE,
    "median": MEDIAN,
    "hardcore": HARDCORE,
}
SOURCES = (
    "GameAnalytics Q1 2024 (investgame.net), 2025 report on 2024 (gamigion.com), H1 2019 "
    "(mobilemarketingmagazine.com), 2026 report (gameindustrylibrary.com); Unity 2022 and 2024 "
    "(unity.com, mobilemarketingreads.com); Swrve 2014 and 2015 (gamesindustry.biz), on first days "
    "(alexandremacmillan.com, 2018); Flurry (flurry.com, 2020); DAU / MAU (blog.soomla.com); "
    "Cookie Cats, 90,189 installs of a puzzle game (github.com/dorukalkan/cookie-cats-ab-test)"
)
MEASURED_DAYS = 40
MEASURED_USERS: dict[str, int] = {"puzzle": 220_000, "median": 300_000, "hardcore": 160_000}
"""Size of the worlds on which the targets are measured, so that the luck of a seed is small."""
