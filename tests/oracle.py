"""The oracle: everything Questline computes, a second way, in plain Python.

Written from the definitions with the standard library only, as loops that are easy to believe
rather than fast; it imports nothing of the package. `ingest` reads raw files, `MODELS` and
`METRICS` name the functions that turn the world it returns into rows.
"""

from collections.abc import Callable
from typing import Any

from oracle_activity import (
    dau,
    events_per_session,
    mau,
    new_players,
    retention,
    retention_compared,
    returning_players,
    session_length,
    sessions_per_dau,
    stickiness,
    wau,
)
from oracle_contract import REASONS, OracleSettings
from oracle_funnels import funnel, funnel_times
from oracle_ingest import World, ingest
from oracle_models import daily, level_attempts, player_days, players, purchases
from oracle_money import ad_revenue, arpdau, arppu, arpu, conversion, revenue
from oracle_product import (
    OracleFeature,
    achievements,
    daily_events,
    feature_adoption,
    level_funnel,
)
from oracle_scope import OracleSegment
from oracle_sessions import Row, sessions

MODELS: dict[str, Callable[[World], list[Row]]] = {
    "players": players,
    "sessions": sessions,
    "player_days": player_days,
    "level_attempts": level_attempts,
    "purchases": purchases,
    "daily": daily,
}
METRICS: dict[str, Callable[..., list[dict[str, Any]]]] = {
    "dau": dau,
    "new_players": new_players,
    "returning_players": returning_players,
    "wau": wau,
    "mau": mau,
    "stickiness": stickiness,
    "retention": retention,
    "retention_compared": retention_compared,
    "sessions_per_dau": sessions_per_dau,
    "events_per_session": events_per_session,
    "session_length": session_length,
    "revenue": revenue,
    "ad_revenue": ad_revenue,
    "arpu": arpu,
    "arpdau": arpdau,
    "arppu": arppu,
    "conversion": conversion,
    "level_funnel": level_funnel,
    "funnel": funnel,
    "funnel_times": funnel_times,
    "feature_adoption": feature_adoption,
    "achievements": achievements,
    "daily": daily_events,
}

__all__ = [
    "METRICS",
    "MODELS",
    "REASONS",
    "OracleFeature",
    "OracleSegment",
    "OracleSettings",
    "Row",
    "World",
    "achievements",
    "ad_revenue",
    "arpdau",
    "arppu",
    "arpu",
    "conversion",
    "daily",
    "daily_events",
    "dau",
    "events_per_session",
    "feature_adoption",
    "funnel",
    "funnel_times",
    "ingest",
    "level_attempts",
    "level_funnel",
    "mau",
    "new_players",
    "player_days",
    "players",
    "purchases",
    "retention",
    "retention_compared",
    "returning_players",
    "revenue",
    "session_length",
    "sessions",
    "sessions_per_dau",
    "stickiness",
    "wau",
]
