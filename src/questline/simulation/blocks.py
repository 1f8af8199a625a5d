"""Events of one type as columns of numbers, and the text of their properties."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from questline.simulation.behaviour import Sessions
from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Hashes, Ints
from questline.simulation.economy import FORMATS, PLACEMENTS, Ads, Purchases, Refunds, moment
from questline.simulation.exposure import AFTER_START_MS, Exposures
from questline.simulation.places import (
    COUNTRIES,
    CURRENCIES,
    DEVICES,
    LOGIN_METHODS,
    PLATFORMS,
    PRODUCTS,
    TIER_PRICES,
    TIER_USD,
)
from questline.simulation.players import Players, version_names
from questline.simulation.progression import MODES, Attempts
from questline.simulation.text import (
    booleans,
    chosen,
    hexadecimal,
    integers,
    joined,
    millionths,
    thousandths,
)
from questline.simulation.wallet import REASONS, Changes, milestones

COUNTRY_CODES = tuple(c.code for c in COUNTRIES)


@dataclass(frozen=True)
class Block:
    """All events of one type; `properties` writes the JSON of some of its rows."""

    event_type: str
    session: Ints
    """Row of the session in which the event happened."""
    time_ms: Ints
    code: Hashes
    """Names the event among those of its type."""
    properties: Callable[[Ints], pa.Array]
    server: bool = False
    """Sent by a server: no session, no device clock."""

    def __len__(self) -> int:
        return len(self.time_ms)


def _prices(currency: Ints, tier: Ints) -> pa.Array:
    names = [price for prices in TIER_PRICES for price in prices]
    return chosen(names, currency * len(TIER_USD) + tier)


def session_blocks(players: Players, sessions: Sessions, config: SimulationConfig) -> list[Block]:
    """session_start, login and session_end."""
    releases = version_names(config)
    every = np.arange(len(sessions), dtype=np.int64)
    logins = np.flatnonzero(sessions.first_of_day & (players.login[sessions.player] >= 0))
    ends = np.flatnonzero(sessions.end_reported)

    def started(rows: Ints) -> pa.Array:
        who = sessions.player[rows]
        return joined(
            '{"platform":"',
            chosen(PLATFORMS, players.platform[who]),
            '","app_version":"',
            chosen(releases, sessions.version[rows]),
            '","country":"',
            chosen(COUNTRY_CODES, players.country[who]),
            '","device":"',
            chosen(DEVICES, players.device[who]),
            '"}',
        )

    def logged_in(rows: Ints) -> pa.Array:
        method = players.login[sessions.player[logins[rows]]]
        return joined('{"method":"', chosen(LOGIN_METHODS, method), '"}')

    def ended(rows: Ints) -> pa.Array:
        return joined('{"duration":', thousandths(sessions.length_ms[ends[rows]]), "}")

    return [
        Block("session_start", every, sessions.start_ms, sessions.code, started),
        Block("login", logins, sessions.start_ms[logins] + 700, sessions.code[logins], logged_in),
        Block("session_end", ends, sessions.end_ms[ends], sessions.code[ends], ended),
    ]


def exposure_block(sessions: Sessions, exposures: Exposures, config: SimulationConfig) -> Block:
    """experiment_exposure."""
    logged = np.flatnonzero(exposures.logged)
    names = [e.name for e in config.experiments]
    most = max((len(e.variants) for e in config.experiments), default=0)
    variants = [
        e.variants[i].name if i < len(e.variants) else ""
        for e in config.experiments
        for i in range(most)
    ]

    def properties(rows: Ints) -> pa.Array:
        picked = logged[rows]
        column = exposures.experiment[picked]
        return joined(
            '{"experiment":"',
            chosen(names, column),
            '","variant":"',
            chosen(variants, column * most + exposures.variant[picked]),
            '"}',
        )

    session = exposures.session[logged]
    at = sessions.start_ms[session] + AFTER_START_MS
    return Block("experiment_exposure", session, at, exposures.code[logged], properties)


def level_blocks(attempts: Attempts) -> list[Block]:
    """level_start, level_complete and level_fail."""
    mode = attempts.mode

    def level(rows: Ints) -> pa.Array:
        return joined(
            '{"level":',
            integers(attempts.level[rows]),
            ',"attempt":',
            integers(attempts.number[rows]),
            ',"mode":"',
            chosen(MODES, mode[rows]),
        )

    def outcome(name: str, chosen_rows: Ints) -> Block:
        def properties(rows: Ints) -> pa.Array:
            picked = chosen_rows[rows]
            return joined(
                level(picked),
                '","time_spent":',
                thousandths(attempts.play_ms[picked]),
                ',"success":',
                booleans(attempts.won[picked]),
                "}",
            )

        at, code = attempts.outcome_ms[chosen_rows], attempts.code[chosen_rows]
        return Block(name, attempts.session[chosen_rows], at, code, properties)

    def started(rows: Ints) -> pa.Array:
        return joined(level(rows), '"}')

    lost = ~attempts.won & ~attempts.abandoned
    return [
        Block("level_start", attempts.session, attempts.start_ms, attempts.code, started),
        outcome("level_complete", np.flatnonzero(attempts.won)),
        outcome("level_fail", np.flatnonzero(lost)),
    ]


def achievement_block(attempts: Attempts) -> Block:
    """achievement_unlocked: levels reached."""
    reached = milestones(attempts)

    def properties(rows: Ints) -> pa.Array:
        return joined('{"achievement_id":"level_', integers(attempts.level[reached[rows]]), '"}')

    at = moment(attempts, reached, 0.06)
    code = attempts.code[reached]
    return Block("achievement_unlocked", attempts.session[reached], at, code, properties)


def ad_block(attempts: Attempts, ads: Ads) -> Block:
    """ad_watched."""

    def properties(rows: Ints) -> pa.Array:
        return joined(
            '{"placement":"',
            chosen(PLACEMENTS, ads.placement[rows]),
            '","format":"',
            chosen(FORMATS, ads.placement[rows]),
            '","revenue":',
            millionths(ads.micro_usd[rows]),
            ',"completed":',
            booleans(ads.completed[rows]),
            "}",
        )

    code = attempts.code[ads.attempt]
    return Block("ad_watched", attempts.session[ads.attempt], ads.time_ms, code, properties)


def money_blocks(attempts: Attempts, purchases: Purchases, refunds: Refunds) -> list[Block]:
    """Purchase and refund."""
    currency, named = purchases.currency, purchases.transaction
    session = attempts.session[purchases.attempt]
    back = refunds.purchase

    def bought(rows: Ints) -> pa.Array:
        return joined(
            '{"product_id":"',
            chosen(PRODUCTS, purchases.tier[rows]),
            '","price":',
            _prices(currency[rows], purchases.tier[rows]),
            ',"currency":"',
            chosen(CURRENCIES, currency[rows]),
            '","transaction_id":"',
            hexadecimal(named[rows]),
            '"}',
        )

    def refunded(rows: Ints) -> pa.Array:
        paid = back[rows]
        return joined(
            '{"transaction_id":"',
            hexadecimal(named[paid]),
            '","amount":',
            _prices(currency[paid], purchases.tier[paid]),
            ',"currency":"',
            chosen(CURRENCIES, currency[paid]),
            '"}',
        )

    return [
        Block("purchase", session, purchases.time_ms, named, bought),
        Block("refund", session[back], refunds.time_ms, named[back], refunded, server=True),
    ]


def wallet_block(name: str, attempts: Attempts, changes: Changes) -> Block:
    """currency_change of one of the game's currencies."""

    def properties(rows: Ints) -> pa.Array:
        return joined(
            f'{{"currency_name":"{name}","amount":',
            integers(changes.amount[rows]),
            ',"balance":',
            integers(changes.balance[rows]),
            ',"reason":"',
            chosen(REASONS, changes.reason[rows]),
            '"}',
        )

    session = attempts.session[changes.attempt]
    return Block("currency_change", session, changes.time_ms, changes.code, properties)
