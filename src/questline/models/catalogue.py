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
from questline.models.level_attempts import level_attempts, level_attempts_with_ids
from questline.models.player_days import player_days
from questline.models.players import first_seen, merge_first_seen, players
from questline.models.purchases import purchases
from questline.models.rules import Rules
from questline.models.sessions import (
    session_spans,
    sessionised,
    sessionised_with_ids,
    sessions,
    sessions_with_ids,
)

DAYS = {"event_date": "date", "starts_at": "timestamp('UTC', 6)", "ends_at": "timestamp('UTC', 6)"}


@dataclass(frozen=True)
class Model:
    """A function from named input tables to one table; some also take the rules."""

    name: str
    inputs: tuple[str, ...]
    function: Callable[..., Table]
    ruled: bool = False

    def build(self, rules: Rules, *inputs: Table) -> Table:
        """The model over the given tables."""
        return self.function(*inputs, rules) if self.ruled else self.function(*inputs)


MODELS: dict[str, Model] = {
    m.name: m
    for m in (
        Model("first_seen", ("events",), first_seen, ruled=True),
        Model("merged_first_seen", ("first_seen",), merge_first_seen),
        Model("players", ("first_seen", "registrations", "days"), players),
        Model("purchases", ("events",), purchases),
        Model("sessionised", ("events", "days"), sessionised, ruled=True),
        Model("session_spans", ("events",), session_spans, ruled=True),
        Model(
            "sessionised_with_ids",
            ("events", "session_spans", "days"),
            sessionised_with_ids,
            ruled=True,
        ),
        Model("sessions", ("sessionised",), sessions),
        Model("sessions_with_ids", ("session_spans", "sessionised"), sessions_with_ids),
        Model("level_attempts", ("events", "sessionised"), level_attempts, ruled=True),
        Model(
            "level_attempts_with_ids",
            ("events", "session_spans", "sessionised"),
            level_attempts_with_ids,
            ruled=True,
        ),
        Model("player_days", ("events", "sessions", "purchases", "days"), player_days, ruled=True),
        Model("daily", ("events", "players"), daily),
    )
}
"""In the order in which they are built."""


def expression(name: str, rules: Rules) -> Table:
    """The model over tables that only have names."""
    model = MODELS[name]
    built = model.build(rules, *(_unbound(i, rules) for i in model.inputs))
    target = "first_seen" if name == "merged_first_seen" else name.removesuffix("_with_ids")
    return built.select(*TABLES[target].names) if target in TABLES else built


@lru_cache(maxsize=128)
def compiled(name: str, rules: Rules, dialect: str = "duckdb") -> str:
    """SQL of a model.

    Raises:
        UsageError: the dialect is unknown, or cannot express the model.
    """
    return to_dialect(expression(name, rules), dialect)


def _unbound(name: str, rules: Rules) -> Table:
    if name == "days":
        return ibis.table(DAYS, name="days")
    if name in TABLES:
        return ibis.table(schema(TABLES[name]), name=name)
    return ibis.table(expression(name, rules).schema(), name=name)
