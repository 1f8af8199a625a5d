"""Where players come from: countries, zones, money, stores, devices, channels."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

import numpy as np

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS


@dataclass(frozen=True)
class Country:
    """One market; `zones` are standard-time offsets from UTC in hours, with their weights."""

    code: str
    weight: float
    currency: str
    ios_share: float
    ecpm_factor: float
    """What an advertiser pays, relative to the United States."""
    zones: tuple[tuple[int, float], ...]


COUNTRIES: tuple[Country, ...] = (
    Country("US", 30, "USD", 0.55, 1.0, ((-5, 0.47), (-6, 0.29), (-7, 0.07), (-8, 0.17))),
    Country("BR", 16, "BRL", 0.15, 0.18, ((-3, 1.0),)),
    Country("JP", 13, "JPY", 0.66, 0.75, ((9, 1.0),)),
    Country("DE", 11, "EUR", 0.38, 0.70, ((1, 1.0),)),
    Country("GB", 10, "GBP", 0.52, 0.80, ((0, 1.0),)),
    Country("FR", 8, "EUR", 0.36, 0.55, ((1, 1.0),)),
    Country("IT", 6, "EUR", 0.30, 0.42, ((1, 1.0),)),
    Country("ES", 6, "EUR", 0.24, 0.40, ((1, 1.0),)),
)
MARKETS: tuple[tuple[int, int, float], ...] = tuple(
    (index, offset, country.weight * weight)
    for index, country in enumerate(COUNTRIES)
    for offset, weight in country.zones
)
"""(index of the country, offset in hours, weight): what a new player is drawn from."""

PLATFORMS = ("ios", "android")
IOS, ANDROID = 0, 1
PLATFORM_RETURN = (1.04, 0.97)
"""Factor of the platform on the chance to return."""

DEVICES = ("iphone", "ipad", "android_high", "android_mid", "android_low")
DEVICE_WEIGHTS = ((0.82, 0.18, 0.0, 0.0, 0.0), (0.0, 0.0, 0.25, 0.5, 0.25))
"""By platform."""

CHANNELS = ("organic", "paid_social", "paid_search", "ad_network", "influencer", "referral")
CHANNEL_WEIGHTS = (0.40, 0.22, 0.10, 0.16, 0.07, 0.05)
CHANNEL_RETURN = (1.06, 0.96, 1.00, 0.88, 1.02, 1.12)
"""Factor of the channel on the chance to return; close to 1 on average."""

CURRENCIES = ("USD", "EUR", "GBP", "JPY", "BRL")
USD_RATES = {"EUR": "1.17", "GBP": "1.35", "JPY": "0.0064", "BRL": "0.18"}
"""USD for one unit, on every day of the simulated world."""
TIER_USD = (0.99, 1.99, 4.99, 9.99, 19.99, 49.99, 99.99)
TIER_PRICES: tuple[tuple[str, ...], ...] = (
    ("0.99", "1.99", "4.99", "9.99", "19.99", "49.99", "99.99"),
    ("0.99", "1.99", "4.99", "9.99", "19.99", "49.99", "99.99"),
    ("0.99", "1.99", "4.99", "8.99", "17.99", "44.99", "89.99"),
    ("160", "300", "800", "1600", "3200", "8000", "16000"),
    ("4.90", "9.90", "24.90", "49.90", "99.90", "249.90", "499.90"),
)
"""Store prices by currency and tier, as exact text."""
TIER_MICROS = np.array([[int(Decimal(p) * 1_000_000) for p in row] for row in TIER_PRICES])
"""The same in millionths."""
PRODUCTS = (
    "gems_80",
    "gems_170",
    "gems_450",
    "gems_950",
    "gems_2000",
    "gems_5300",
    "gems_11000",
)
GEMS = (80, 170, 450, 950, 2000, 5300, 11000)
"""What the product of each tier brings in."""

LOGIN_METHODS = ("game_center", "play_games", "email")
