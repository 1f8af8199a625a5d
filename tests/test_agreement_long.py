"""Metrics and oracle agree on logs of eleven weeks, long enough for windows of thirty days, blocks
of four weeks and lapses. The lake holds the oracle's own models: only metrics are compared.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import oracle
from literal import lake
from oracle_contract import COLUMNS, OracleSettings
from questline.api import Analytics
from questline.lake.facts import LakeFacts
from questline.settings import Feature
from test_agreement import assert_same, without_empty_groups

DAY = timedelta(days=1)
FIRST = date(2026, 2, 2)
LENGTH = 77
FEATURES = {
    "old": Feature(event="login"),
    "late": Feature(event="dig", launched=FIRST + 20 * DAY, eligible={"platform": "ios"}),
}
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("wau", {}),
    ("mau", {"by": "platform"}),
    ("stickiness", {}),
    ("mau_calendar", {"by": "platform"}),
    ("lifecycle", {}),
    ("lifecycle", {"by": "platform", "start": FIRST + 30 * DAY}),
    ("lifecycle", {"interval": "4weeks"}),
    ("lapsed", {}),
    ("lapsed", {"days": [14], "by": "platform", "start": FIRST + 40 * DAY}),
    ("power_users", {}),
    ("power_users", {"window": 30, "full_exposure": True, "by": "platform"}),
    ("power_users", {"window": 7, "end": FIRST + 50 * DAY}),
    ("feature_users", {"feature": "old"}),
    ("feature_users", {"feature": "late", "per": "day"}),
    ("feature_users", {"feature": "late", "by": "platform", "start": FIRST + 30 * DAY}),
    ("feature_retention", {"feature": "old", "days": [1, 7, 28]}),
    ("feature_retention", {"feature": "late", "days": [3], "by": "platform"}),
    ("time_to_adopt", {"feature": "old", "days": [0, 3, 14, 30, 60]}),
    ("time_to_adopt", {"feature": "late", "days": [0, 10, 40], "by": "platform"}),
]


@st.composite
def logs(draw: st.DrawFn) -> oracle.World:
    """Events of a few players who come for days, go for weeks and may return."""
    events: list[dict[str, Any]] = []
    registrations: dict[str, dict[str, Any]] = {}
    for name in ("a", "b", "c", "d", "e", "f")[: draw(st.integers(1, 6))]:
        number = draw(st.integers(0, 30))
        platform = draw(st.sampled_from(["ios", "web", None]))
        while number < LENGTH:
            kind = draw(st.sampled_from(["login", "dig", "level_start", "experiment_exposure"]))
            events.append(happened(name, number, kind, len(events), platform))
            number += draw(st.sampled_from([0, 1, 1, 1, 2, 6, 7, 13, 14, 15, 29, 31]))
        if draw(st.booleans()):
            acquired = FIRST + draw(st.sampled_from([-30, 0, 3, 25])) * DAY
            noon = datetime(acquired.year, acquired.month, acquired.day, 12, tzinfo=UTC)
            registrations[name] = {"player_id": name, "acquired_at": noon}
    until = FIRST + draw(st.sampled_from([45, 62, LENGTH - 1])) * DAY
    start = draw(st.sampled_from([None, FIRST + DAY]))
    made = OracleSettings(complete_from=start, complete_until=until)
    events.sort(key=lambda e: (e["event_ts"], e["event_id"]))
    return oracle.World(made, events, [], 0, len(events), registrations)


def happened(
    player: str, number: int, kind: str, ordinal: int, platform: str | None
) -> dict[str, Any]:
    """An event at noon of a day, as the oracle's reading gives it."""
    day = FIRST + number * DAY
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    known = {
        "event_id": f"e{ordinal:04}",
        "player_id": player,
        "event_type": kind,
        "session_id": None,
        "event_ts": noon,
        "event_date": day,
        "client_date": day,
        "properties": "{}",
        "amount_usd": None,
        "experiment": "gate",
        "variant": "early",
    }
    return dict.fromkeys(COLUMNS) | known | {"platform": platform}


def analytics_of(world: oracle.World) -> Analytics:
    """A lake that holds what the oracle's models say of the world."""
    dated = any(r["acquired_at"] for r in world.registrations.values())
    known = LakeFacts(1, world.complete_from, world.complete_until, acquisition_known=dated)
    models = {n: oracle.MODELS[n](world) for n in ("players", "sessions", "player_days")}
    return lake(known, FEATURES, None, events=world.events, **models)


@settings(
    max_examples=4,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(logs())
def test_oracle_agrees_on_long_logs(world: oracle.World) -> None:
    if world.complete_from is None:
        return
    analytics = analytics_of(world)
    for name, question in QUESTIONS:
        asked = dict(question)
        if "feature" in question:
            one = FEATURES[question["feature"]]
            asked["feature"] = oracle.OracleFeature(
                question["feature"], one.event, one.where, one.launched, one.eligible
            )
        expected = oracle.METRICS[name](world, **asked)
        found = analytics.result(name, **question).rows()
        if "by" in question:
            expected, found = (
                without_empty_groups(expected, found),
                without_empty_groups(found, expected),
            )
        assert_same(found, expected, f"{name} {question}")
