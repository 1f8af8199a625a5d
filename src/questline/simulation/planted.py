"""Planted events: things that go wrong or right in a world, at a known time or to known players.

A day is one of the log, 0 = its first; times are UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.draws import Bools, Floats, Ints, Purpose, uniform
from questline.simulation.places import DAY_MS, HOUR_MS, PLATFORMS


@dataclass(frozen=True)
class Planted:
    """What all have in common."""

    name: str


@dataclass(frozen=True)
class Outage(Planted):
    """Events of some hours never reach the log."""

    day: int = 0
    hour: int = 0
    hours: int = 3


@dataclass(frozen=True)
class StoreBug(Planted):
    """Nobody can buy for some days, on one platform or on all."""

    day: int = 0
    days: int = 1
    platform: str = ""


@dataclass(frozen=True)
class Featured(Planted):
    """The store shows the game for a day: `factor` times as many players arrive."""

    day: int = 0
    factor: float = 3.0


@dataclass(frozen=True)
class HardLevel(Planted):
    """A level takes `factor` times as many attempts in one version."""

    level: int = 20
    version: str = "1.5.0"
    factor: float = 3.0


@dataclass(frozen=True)
class FraudWave(Planted):
    """A share of the purchases of some days is paid back."""

    day: int = 0
    days: int = 2
    fraud_share: float = 0.6


@dataclass(frozen=True)
class Bots(Planted):
    """Players who play many sessions of one length, without a pause and without a loss."""

    bot_share: float = 0.01


@dataclass(frozen=True)
class Cheaters(Planted):
    """Players whose levels bring in `factor` times the coins."""

    cheater_share: float = 0.01
    factor: float = 50.0


@dataclass(frozen=True)
class RefundAbusers(Planted):
    """Players who take nearly every purchase back."""

    abuser_share: float = 0.05


@dataclass(frozen=True)
class ChurningPayers(Planted):
    """Payers who leave for good within ten days of their arrival."""

    churner_share: float = 0.3


KINDS: dict[str, type[Planted]] = {
    "outage": Outage,
    "store_bug": StoreBug,
    "featured": Featured,
    "hard_level": HardLevel,
    "fraud_wave": FraudWave,
    "bots": Bots,
    "cheaters": Cheaters,
    "refund_abusers": RefundAbusers,
    "churning_payers": ChurningPayers,
}
TRAITS = ("bot", "cheater", "abuser", "churner")
BOT_SESSIONS, BOT_SESSION_MS = 14, 20 * 60_000
ABUSED_SHARE = 0.9
"""Share of an abuser's purchases that are paid back."""

Events = tuple[Planted, ...]


def missing(planted: Events, time_ms: Ints, start_ms: int) -> Bools:
    """Whether events at these times are lost in an outage."""
    lost = np.zeros(len(time_ms), dtype=np.bool_)
    for event in planted:
        if isinstance(event, Outage):
            begin = start_ms + event.day * DAY_MS + event.hour * HOUR_MS
            lost |= (time_ms >= begin) & (time_ms < begin + event.hours * HOUR_MS)
    return lost


def arrivals_factor(planted: Events, days: Ints) -> Floats:
    """By how much more players arrive on each day."""
    factor = np.ones(len(days))
    for event in planted:
        if isinstance(event, Featured):
            factor *= np.where(days == event.day, event.factor, 1.0)
    return factor


def store_open(planted: Events, day: int, platform: Ints) -> Bools:
    """Whether players of these platforms can buy on a day."""
    able = np.ones(len(platform), dtype=np.bool_)
    for event in planted:
        if isinstance(event, StoreBug) and event.day <= day < event.day + event.days:
            hit = [not event.platform or event.platform == name for name in PLATFORMS]
            able &= ~np.array(hit)[platform]
    return able


def harder(planted: Events, names: list[str], version: Ints, level: Ints) -> Floats:
    """By how much longer a level takes in a version; `names` are those of the versions."""
    factor = np.ones(len(level))
    for event in planted:
        if isinstance(event, HardLevel) and event.version in names:
            hit = (level == event.level) & (version == names.index(event.version))
            factor *= np.where(hit, event.factor, 1.0)
    return factor


def refund_share(planted: Events, usual: float, day: int) -> float:
    """Share of a day's purchases that are paid back."""
    waves = (
        e.fraud_share for e in planted if isinstance(e, FraudWave) and e.day <= day < e.day + e.days
    )
    return max(usual, *waves, 0.0)


def coin_factor(planted: Events) -> float:
    """What a cheater's levels bring in, as a multiple."""
    return max((e.factor for e in planted if isinstance(e, Cheaters)), default=1.0)


def traits(planted: Events, seed: int, code: Ints) -> dict[str, Bools]:
    """Which players are bots, cheaters, refund abusers and payers who churn."""
    found = {}
    for number, name in enumerate(TRAITS):
        share = max((getattr(e, f"{name}_share", 0.0) for e in planted), default=0.0)
        which = np.full(len(code), number, dtype=np.int64)
        found[name] = uniform(seed, Purpose.TRAIT, code, which) < share
    return found
