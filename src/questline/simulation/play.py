"""What some players do on one day, and every event of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from questline.simulation.behaviour import Sessions, draw_sessions
from questline.simulation.blocks import (
    Block,
    achievement_block,
    ad_block,
    exposure_block,
    level_blocks,
    money_blocks,
    session_blocks,
    wallet_block,
)
from questline.simulation.config import SimulationConfig
from questline.simulation.draws import Bools, Hashes, Ints, Purpose, hashed
from questline.simulation.economy import (
    Ads,
    Purchases,
    Refunds,
    draw_ads,
    draw_purchases,
    draw_refunds,
)
from questline.simulation.exposure import Exposures, admit, draw_exposures
from questline.simulation.players import Players
from questline.simulation.progression import Attempts, draw_attempts
from questline.simulation.wallet import draw_coins, draw_gems


@dataclass(frozen=True)
class Play:
    """One day of some players; `blocks` hold its events, one block an event type."""

    players: Players
    sessions: Sessions
    attempts: Attempts
    ads: Ads
    purchases: Purchases
    refunds: Refunds
    exposures: Exposures
    blocks: list[Block]

    def hashes(self, seed: int) -> list[Hashes]:
        """A hash of each event's identity."""
        return [
            hashed(seed, Purpose.EVENT_ID, block.code, np.full(len(block), kind, dtype=np.int64))
            for kind, block in enumerate(self.blocks)
        ]

    def of_type(self, event_type: str) -> int:
        """Index of the first block of a type."""
        return next(i for i, b in enumerate(self.blocks) if b.event_type == event_type)

    def player(self, block: Block) -> Ints:
        """Row of the player of each event."""
        return self.sessions.player[block.session]


@dataclass(frozen=True)
class Fates:
    """What becomes of each event of a play, block by block."""

    hashes: list[Hashes]
    """Of the event's identity; its id and its dirt are made of it."""
    codes: list[Ints]
    """Index of the label of a dirty event, else -1."""
    lost: list[Bools]
    """The event never reaches the log."""


def play_day(players: Players, day: int, config: SimulationConfig) -> Play:
    """Lets these players, all active on the day, play it; their state moves on."""
    fresh = admit(players, day, config)
    sessions = draw_sessions(players, day, config)
    exposures = draw_exposures(players, sessions, fresh, config)
    attempts = draw_attempts(players, sessions, day, config)
    ads = draw_ads(players, attempts, config)
    purchases = draw_purchases(players, attempts, day, config)
    refunds = draw_refunds(players, attempts, purchases, day, config)
    coins = draw_coins(players, attempts, ads, config)
    gems = draw_gems(players, attempts, purchases, config)
    start, login, end = session_blocks(players, sessions, config)
    blocks = [
        start,
        login,
        exposure_block(sessions, exposures, config),
        *level_blocks(attempts),
        achievement_block(attempts),
        ad_block(attempts, ads),
        *money_blocks(attempts, purchases, refunds),
        wallet_block("coins", attempts, coins),
        wallet_block("gems", attempts, gems),
        end,
    ]
    return Play(players, sessions, attempts, ads, purchases, refunds, exposures, blocks)
