"""The catalogue of models: each one's inputs, and its SQL, compiled once per set of rules."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import ibis
from ibis.expr.types import Table

from questline.engines.base import schema
from questline.engines.dialects import to_dialect
from questline.lake.schemas import TABLES
from questline.models.daily import daily
from questline.models.level_attempts import level_attempts
from questline.models.player_days import player_days
from questline.models.players import first_seen, merge_first_seen, players
from questline.models.purchases import purchases
from questline.models.rules import Rules
from questline.models.sessions import sessionised, sessions

_DAYS = {"event_date": "date", "starts_at": "timestamp('UTC', 6)", "ends_at": "timestamp('UTC', 6)"}


@dataclass(frozen=True)
class Model:
    """A function from named input tables to one table."""

    name: str
    inputs: tuple[str, ...]
    build: Callable[..., Table]


MODELS: dict[str, Model] = {
    m.name: m
    for m in (
        Model("first_seen", ("events",), lambda r, events: first_seen(events, r)),
        Model("merged_first_seen", ("first_seen",), lambda _, seen: merge_first_seen(seen)),
        Model(
            "players",
            ("first_seen", "registrations", "days"),
            lambda _, seen, registered, days: players(seen, registered, days),
        ),
        Model("purchases", ("events",), lambda _, events: purchases(events)),
        Model(
            "sessionised", ("events", "days"), lambda r, events, days: sessionised(events, days, r)
        ),
        Model("sessions", ("sessionised",), lambda _, marked: sessions(marked)),
        Model(
            "level_attempts",
            ("events", "sessionised"),
            lambda r, events, marked: level_attempts(events, marked, r),
        ),
        Model(
            "player_days",
            ("events", "sessions", "purchases", "days"),
            lambda r, events, sess, bought, days: player_days(events, sess, bought, days, r),
        ),
        Model("daily", ("events", "players"), lambda _, events, who: daily(events, who)),
    )
}
"""In the order in which they are built."""


def expression(name: str, rules: Rules) -> Table:
    """The model over tables that only have names."""
    model = MODELS[name]
    built = model.build(rules, *(_unbound(i, rules) for i in model.inputs))
    target = "first_seen" if name == "merged_first_seen" else name
    return built.select(*TABLES[target].names) if target in TABLES else built


@lru_cache(maxsize=128)
def compiled(name: str, rules: Rules) -> str:
    """DuckDB's SQL of a model."""
    return to_dialect(expression(name, rules), "duckdb")


def _unbound(name: str, rules: Rules) -> Table:
    if name == "days":
        return ibis.table(_DAYS, name="days")
    if name in TABLES:
        return ibis.table(schema(TABLES[name]), name=name)
    return ibis.table(expression(name, rules).schema(), name=name)
