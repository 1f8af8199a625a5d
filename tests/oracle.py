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
    returning_players,
    session_length,
    sessions_per_dau,
    stickiness,
    wau,
)
from oracle_contract import REASONS, OracleSettings
from oracle_economy import ad_performance, currency_balances, economy
from oracle_engagement import (
    install_ratio,
    lapsed,
    lifecycle,
    mau_calendar,
    playtime,
    power_users,
    session_hours,
    wau_calendar,
)
from oracle_events import event_trend
from oracle_features import feature_breadth, feature_retention, feature_users, time_to_adopt
from oracle_funnels import funnel, funnel_times
from oracle_ingest import World, ingest
from oracle_level_ways import level_attempts_curve, level_churn, level_quits, level_time
from oracle_levels import level_difficulty, level_funnel, level_survival
from oracle_ltv import ltv
from oracle_models import daily, level_attempts, player_days, players, purchases
from oracle_money import ad_revenue, arpdau, arppu, arpt, arpu, conversion, revenue
from oracle_payers import (
    concentration,
    first_purchase,
    first_purchase_curve,
    payer_tiers,
    repeat_rate,
)
from oracle_product import (
    OracleFeature,
    achievements,
    daily_events,
    feature_adoption,
)
from oracle_retention import retention, retention_compared
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
    "arpt": arpt,
    "ad_performance": ad_performance,
    "repeat_rate": repeat_rate,
    "concentration": concentration,
    "payer_tiers": payer_tiers,
    "first_purchase": first_purchase,
    "first_purchase_curve": first_purchase_curve,
    "ltv": ltv,
    "economy": economy,
    "currency_balances": currency_balances,
    "level_funnel": level_funnel,
    "level_attempts_curve": level_attempts_curve,
    "level_churn": level_churn,
    "level_difficulty": level_difficulty,
    "level_quits": level_quits,
    "level_survival": level_survival,
    "level_time": level_time,
    "funnel": funnel,
    "funnel_times": funnel_times,
    "feature_adoption": feature_adoption,
    "achievements": achievements,
    "daily": daily_events,
    "event_trend": event_trend,
    "install_ratio": install_ratio,
    "wau_calendar": wau_calendar,
    "mau_calendar": mau_calendar,
    "lifecycle": lifecycle,
    "lapsed": lapsed,
    "power_users": power_users,
    "session_hours": session_hours,
    "playtime": playtime,
    "feature_users": feature_users,
    "feature_retention": feature_retention,
    "time_to_adopt": time_to_adopt,
    "feature_breadth": feature_breadth,
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
    "event_trend",
    "events_per_session",
    "feature_adoption",
    "funnel",
    "funnel_times",
    "ingest",
    "level_attempts",
    "level_attempts_curve",
    "level_churn",
    "level_difficulty",
    "level_funnel",
    "level_quits",
    "level_survival",
    "level_time",
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
