"""The people: when they came, from where, what they are like, and where they stand in the game."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache

import numpy as np
import pyarrow as pa

from questline.simulation import planted
from questline.simulation.config import VERSION_LAG_DAYS, SimulationConfig
from questline.simulation.draws import (
    Bools,
    Floats,
    Ints,
    Purpose,
    beta_table,
    from_table,
    hashed,
    normal_table,
    pick,
    uniform,
)
from questline.simulation.experiments import assign, factor
from questline.simulation.places import (
    ANDROID,
    CHANNEL_RETURN,
    CHANNEL_WEIGHTS,
    COUNTRIES,
    CURRENCIES,
    DAY_MS,
    DEVICE_WEIGHTS,
    IOS,
    MARKETS,
    PLATFORM_RETURN,
)
from questline.simulation.presets import KINK_DAY, Preset
from questline.simulation.rhythm import is_weekend, time_of_day
from questline.simulation.text import uuids

LAST_ACQUISITION_MS = DAY_MS - 60_000
"""Nobody arrives in a day's last minute, so that the first session starts on the same day."""
STATE: tuple[str, ...] = ("exposed", "level", "tries", "rush_level", "rush_tries", "coins", "gems")
STATE += ("has_paid", "busy_until_ms")
"""What changes as a player plays."""
_DAY_SHIFT = 32
_FIRST_COHORT = 100_000
"""Added to a cohort's day in an id, so that days before the log stay positive."""

_CURRENCY_OF = np.array([CURRENCIES.index(c.currency) for c in COUNTRIES])


@dataclass
class Players:
    """Players in order of acquisition; one array per attribute.

    The first fields are fixed at the arrival, the last ones change as the player plays. `code`
    names a player within a seed: the day of acquisition and his number on it. `day` counts from
    the log's first day and is negative before it; `position` is the share of that day's play
    already done at the arrival.
    """

    code: Ints
    acquired_ms: Ints
    day: Ints
    position: Floats
    offset_hours: Ints
    country: Ints
    currency: Ints
    platform: Ints
    device: Ints
    channel: Ints
    login: Ints
    """Code of the login method, -1 for players without an account."""
    version_lag_days: Ints
    clock_skew_ms: Ints
    """How far the device's clock is behind the server's."""
    return_probability: Floats
    lifetime_days: Floats
    """Age from which on the player does not come back."""
    engagement: Floats
    skill: Floats
    payer_rank: Floats
    """Share of players who are more willing to pay; the first `payer_share` of them do."""
    ad_viewer: Bools
    bot: Bools
    cheater: Bools
    abuser: Bools
    """Takes nearly every purchase back."""
    churner: Bools
    """Leaves within ten days, as a payer."""
    variant: Ints
    """One column an experiment."""

    exposed: Bools
    """The same; once true, the variant counts."""
    earlier_days: Ints
    """Active days before the log."""
    level: Ints
    tries: Ints
    """Attempts of the current level so far."""
    rush_level: Ints
    rush_tries: Ints
    """The same in the mode `rush`."""
    coins: Ints
    gems: Ints
    has_paid: Bools
    seen: Bools
    """Active in the log."""
    busy_until_ms: Ints
    """End of the last session, and a pause."""

    def __len__(self) -> int:
        return len(self.code)

    def take(self, rows: Ints | Bools) -> Players:
        """Some of the players."""
        return Players(**{f.name: getattr(self, f.name)[rows] for f in fields(self)})

    def put(self, rows: Ints, others: Players) -> None:
        """Brings what changed in `others`, which were taken as `rows`, back."""
        for name in STATE:
            getattr(self, name)[rows] = getattr(others, name)

    @staticmethod
    def joined(parts: list[Players]) -> Players:
        """All players of some groups."""
        names = [f.name for f in fields(Players)]
        return Players(**{n: np.concatenate([getattr(p, n) for p in parts]) for n in names})


def player_ids(seed: int, code: Ints) -> pa.Array:
    """The UUIDs of players."""
    return uuids(hashed(seed, Purpose.PLAYER_ID, code))


def cohort_days(code: Ints) -> Ints:
    """Day of acquisition, 0 = the first day of the log.

    >>> cohort_days(np.array([100_003 << 32])).tolist()
    [3]
    """
    return (code >> _DAY_SHIFT) - _FIRST_COHORT


def _weights(config: SimulationConfig, days: Ints) -> Floats:
    """Relative number of arrivals: 1 on an average day."""
    weekend = is_weekend(days + config.start_ms // DAY_MS)
    factor = np.where(weekend, 1.15, 1.0) / (1.0 + 0.15 * 2 / 7)
    noise = from_table(normal_table(), config.seed, Purpose.ARRIVALS, days + _FIRST_COHORT)
    featured = planted.arrivals_factor(config.planted, days)
    return factor * np.exp(0.08 * noise) * featured


def arrivals_a_day(config: SimulationConfig) -> dict[int, int]:
    """How many players arrive on each day, those before the log included."""
    days = np.arange(-config.world.live_days_before_log, config.days, dtype=np.int64)
    weights = _weights(config, days)
    if config.installs_per_day is not None:
        counts = np.rint(config.installs_per_day * weights).astype(np.int64)
    else:
        # Rounded sums, so that the counts add up exactly.
        share = np.cumsum(weights) / weights.sum()
        counts = np.diff(np.rint(config.total_users * share), prepend=0.0).astype(np.int64)
    return dict(zip(days.tolist(), counts.tolist(), strict=True))


def _devices(position: Floats, platform: Ints) -> Ints:
    device = np.zeros(len(platform), dtype=np.int64)
    for code, weights in enumerate(DEVICE_WEIGHTS):
        device = np.where(platform == code, pick(weights, position), device)
    return device


def _logins(draw: Floats, platform: Ints) -> Ints:
    return np.where(draw < 0.30, platform, np.where(draw < 0.40, 2, -1))


@cache
def _still_there(world: Preset) -> tuple[float, float, float, float]:
    """S(1), the exponent up to day 8, S(8), the exponent behind it."""
    mean = world.return_alpha / (world.return_alpha + world.return_beta)
    first, seventh, month = (r / mean for r in world.retention)
    early = float(np.log(first / seventh) / np.log(7.0))
    kink = first * KINK_DAY**-early
    late = float(np.log(kink / month) / np.log(28.0 / KINK_DAY))
    return first, early, kink, late


def lifetimes(world: Preset, position: Floats) -> Floats:
    """Ages from which on players do not come back: the inverse of the share still there.

    A player with a lifetime of at most N days is not active at age N.
    """
    first, early, kink, late = _still_there(world)
    before = (position / first) ** (-1.0 / early)
    behind = KINK_DAY * (position / kink) ** (-1.0 / late)
    there = np.maximum(np.where(position >= kink, before, behind), 1.0)
    ages: Floats = np.where(position >= first, 0.5, there)
    return ages


def _return_probability(
    config: SimulationConfig, code: Ints, platform: Ints, channel: Ints
) -> Floats:
    table = beta_table(config.world.return_alpha, config.world.return_beta)
    quality = np.array(PLATFORM_RETURN)[platform] * np.array(CHANNEL_RETURN)[channel]
    drawn = from_table(table, config.seed, Purpose.RETURN, code)
    capped: Floats = np.minimum(drawn * quality, 0.99)
    return capped


def draw_arrivals(config: SimulationConfig, day: int, count: int) -> Players:
    """The players who are acquired on a day, in order of time.

    What each is like does not depend on how many there are.
    """
    world, seed = config.world, config.seed
    code = ((day + _FIRST_COHORT) << _DAY_SHIFT) + np.arange(count, dtype=np.int64)

    def drawn(purpose: Purpose) -> Floats:
        return uniform(seed, purpose, code)

    market = np.array(MARKETS)[pick(tuple(m[2] for m in MARKETS), drawn(Purpose.MARKET))]
    country, offset_hours = (market[:, i].astype(np.int64) for i in (0, 1))
    position = drawn(Purpose.ARRIVAL_TIME)
    weekend = is_weekend(np.full(count, day + config.start_ms // DAY_MS, dtype=np.int64))
    moment = np.minimum(time_of_day(position, offset_hours, weekend), LAST_ACQUISITION_MS)
    ios_share = np.array([c.ios_share for c in COUNTRIES])
    platform = np.where(drawn(Purpose.PLATFORM) < ios_share[country], IOS, ANDROID)
    channel = pick(CHANNEL_WEIGHTS, drawn(Purpose.CHANNEL))
    spread = from_table(normal_table(), seed, Purpose.ENGAGEMENT, code)
    sigma = world.engagement_sigma
    skewed = drawn(Purpose.CLOCK) < 0.08
    skew = np.rint(20_000.0 * from_table(normal_table(), seed, Purpose.CLOCK_SIZE, code))
    zeros = np.zeros(count, dtype=np.int64)
    traits = planted.traits(config.planted, seed, code)
    traits["churner"] &= drawn(Purpose.PAYER) < world.payer_share
    lifetime = lifetimes(world, drawn(Purpose.LIFETIME))
    gone = np.minimum(lifetime, 2.0 + 8.0 * drawn(Purpose.CHURN_AGE))
    found = Players(
        code=code,
        acquired_ms=config.start_ms + day * DAY_MS + moment,
        day=np.full(count, day, dtype=np.int64),
        position=position,
        offset_hours=offset_hours,
        country=country,
        currency=_CURRENCY_OF[country],
        platform=platform,
        device=_devices(drawn(Purpose.DEVICE), platform),
        channel=channel,
        login=_logins(drawn(Purpose.LOGIN), platform),
        version_lag_days=(-VERSION_LAG_DAYS * np.log(drawn(Purpose.VERSION_LAG))).astype(np.int64),
        clock_skew_ms=np.where(skewed, skew, 0.0).astype(np.int64),
        return_probability=_return_probability(config, code, platform, channel),
        lifetime_days=np.where(traits["churner"], gone, lifetime),
        engagement=np.exp(sigma * spread - sigma**2 / 2),
        skill=from_table(normal_table(), seed, Purpose.SKILL, code),
        payer_rank=drawn(Purpose.PAYER),
        ad_viewer=drawn(Purpose.AD_VIEWER) < world.ad_viewer_share,
        **traits,
        variant=assign(config.experiments, seed, code),
        exposed=np.zeros((count, len(config.experiments)), dtype=np.bool_),
        earlier_days=zeros,
        level=zeros + 1,
        tries=zeros,
        rush_level=zeros + 1,
        rush_tries=zeros,
        coins=zeros,
        gems=zeros,
        has_paid=zeros > 0,
        seen=zeros > 0,
        busy_until_ms=zeros,
    )
    return found.take(np.lexsort((code, found.acquired_ms)))


def changed(players: Players, what: str, config: SimulationConfig) -> Floats:
    """The product of what all experiments that players are exposed to make of `what`."""
    return factor(config.experiments, what, players.variant, players.exposed)


def payers(players: Players, config: SimulationConfig) -> Bools:
    """Who ever pays, as things are."""
    share = config.world.payer_share * changed(players, "purchases", config)
    willing: Bools = players.has_paid | (players.payer_rank < share)
    return willing


def versions(players: Players, player: Ints, day: Ints, config: SimulationConfig) -> Ints:
    """Number of the release that each `player` has on `day`: it comes some days after its launch.

    A new player gets the newest one.
    """
    launch, release = -config.world.live_days_before_log, config.world.release_days
    installed = (players.day[player] - launch) // release
    reached = (day - players.version_lag_days[player] - launch) // release
    newest: Ints = np.maximum(installed, reached)
    return newest


def version_names(config: SimulationConfig) -> list[str]:
    """Names of all releases of the game."""
    span = config.world.live_days_before_log + config.days
    return [f"1.{i}.0" for i in range(span // config.world.release_days + 1)]
