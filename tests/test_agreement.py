"""The path and the oracle, which share no code, agree on random small worlds: every table and
every metric, with filters, breakdowns and options.
"""

import math
import tempfile
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings

import oracle
import questline
from lakes import Run, deliver, rows_of, settings_of
from questline.api import Analytics
from questline.metrics import CATALOGUE
from questline.settings import Feature
from worlds import RandomWorld, delivered, event_files, uuid

DAY = timedelta(days=1)
FEATURES = {
    "shop": Feature(event="purchase", launched=date(2026, 3, 6)),
    "easy": Feature(event="level_start", where={"level": "1"}, eligible={"platform": "ios"}),
}
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("dau", {}),
    ("dau", {"by": "platform", "end": 2}),
    ("new_players", {}),
    ("returning_players", {"where": {"platform": "ios"}}),
    ("wau", {}),
    ("mau", {}),
    ("stickiness", {}),
    ("sessions_per_dau", {"by": "platform"}),
    ("sessions_per_dau", {"per": "day"}),
    ("events_per_session", {}),
    ("session_length", {}),
    ("session_length", {"per": "day", "where": {"platform": "android"}}),
    ("retention", {"days": [0, 1, 2, 3, 7, 30]}),
    ("retention", {"days": [1, 4], "cohorts": True}),
    ("retention", {"days": [1, 2], "by": "platform"}),
    ("retention", {"days": [1, 2], "by": "experiment.gate"}),
    ("retention", {"days": ["1-2", "1-4", 3], "by": "platform"}),
    ("retention", {"days": ["0", "2-3"], "cohorts": True, "start": 1}),
    ("retention", {"days": [1, 3], "returned": "on_or_after", "follow_up": 2}),
    ("retention", {"days": [1, 2, 4], "returned": "within", "balanced": True}),
    ("retention", {"days": [1, 2, 3], "returned": "every_day"}),
    ("retention", {"days": ["1-2", 3], "balanced": True, "by": "country"}),
    ("retention_compared", {"days": [1, 2, 3], "follow_up": 2}),
    ("retention_compared", {"days": [1, 2], "left": "within", "right": "every_day", "end": 1}),
    ("retention_compared", {"days": [1], "right": "within", "by": "platform"}),
    ("revenue", {}),
    ("revenue", {"per": "day"}),
    ("revenue", {"by": "platform", "start": 2}),
    ("ad_revenue", {}),
    ("arpu", {}),
    ("arpu", {"denominator": "registered"}),
    ("arpdau", {}),
    ("arpdau", {"per": "day"}),
    ("arppu", {}),
    ("conversion", {"by": "country"}),
    ("level_funnel", {}),
    ("level_funnel", {"by": "platform"}),
    ("funnel", {"steps": ["session_start", "level_start", "purchase"], "window": "1d"}),
    ("funnel", {"steps": ["login", "login"], "window": "7d", "by": "platform"}),
    ("funnel", {"steps": ["level_start", "level_fail"], "window": "30m", "end": 0}),
    ("funnel", {"steps": "level_start,level_start[level>=2]", "hold": "mode"}),
    ("funnel", {"steps": "level_start,purchase,level_complete", "order": "any", "window": "1d"}),
    ("funnel", {"steps": "level_start,level_fail", "order": "strict", "segment": "starters"}),
    ("funnel", {"steps": "level_start,login?,purchase", "count": "entries", "without": "refund"}),
    ("funnel", {"steps": "level_start,purchase", "by": "event.level", "exclude": "phones"}),
    ("funnel_times", {"steps": "level_start,purchase", "edges": "45s,30m,1d"}),
    ("dau", {"segment": "early"}),
    ("revenue", {"exclude": "phones"}),
    ("retention", {"days": [1, 2], "segment": ["starters", "elsewhere"]}),
    ("daily", {"segment": "payers", "exclude": ["listed"]}),
    ("feature_adoption", {"feature": "shop"}),
    ("feature_adoption", {"feature": "easy"}),
    ("achievements", {}),
    ("daily", {}),
    ("daily", {"by": "platform"}),
]
MORE_FUNNELS: list[dict[str, Any]] = [
    {"steps": "level_start"},
    {"steps": "level_start", "window": "1d", "by": "country"},
    {"steps": "level_start,purchase", "entry": "first"},
    {"steps": "level_start,purchase", "entry": "first", "hold": "platform"},
    {"steps": "level_start,purchase", "entry": "first", "count": "entries"},
    {"steps": "level_start,purchase", "step_window": "30m"},
    {"steps": "level_start,purchase", "step_gap": "45s"},
    {"steps": "level_start,purchase,level_fail", "step_gap": "0s,1m", "step_window": "1d,2h"},
    {"steps": "level_start,purchase", "without": "level_fail"},
    {"steps": "level_start,purchase,login", "without": "1-2:ad_watched,2-3:dig"},
    {"steps": "level_start,purchase,login", "without": "ad_watched[format=rewarded]"},
    {"steps": "level_start,purchase", "strict_increase": True},
    {"steps": "level_start,level_start,level_start", "strict_increase": True},
    {"steps": "level_start,level_start,level_start", "reuse": True},
    {"steps": "level_start,purchase,login", "strict_deduplication": True},
    {"steps": "level_start,purchase,login", "order": "strict"},
    {"steps": "level_start,purchase,login", "order": "strict", "reentry": True},
    {"steps": "level_start,purchase", "order": "strict", "entry": "first"},
    {"steps": "level_start,refund", "order": "strict", "window": "1d"},
    {"steps": "level_start,purchase", "order": "strict", "count": "entries"},
    {"steps": "level_start,purchase", "order": "strict", "strict_deduplication": True},
    {"steps": "level_start,login,purchase", "order": "any", "entry": "first"},
    {"steps": "level_start,login", "order": "any", "hold": "platform"},
    {"steps": "level_start[level=1],level_start[level=2]", "order": "any", "window": "1d"},
    {"steps": "level_start,login", "order": "any", "by": "event.level"},
    {"steps": "level_start,purchase?,level_fail?,login", "window": "1d"},
    {"steps": "level_start,purchase?,login", "order": "strict"},
    {"steps": "level_start,level_start?,level_start"},
    {"steps": "level_start,purchase", "count": "entries"},
    {"steps": "level_start,purchase", "count": "entries", "end": 1},
    {"steps": "level_start,purchase", "count": "entries", "start": 2, "window": "1d"},
    {"steps": "level_start,level_start", "count": "entries", "hold": "level"},
    {"steps": "level_start,level_complete[success=true]", "hold": "level,mode"},
    {"steps": "level_start[mode=hard],level_start[mode!=hard]"},
    {"steps": "level_start[mode=],level_start[level>0,level<3]"},
    {"steps": "dig[tool=spade],dig[depth>2]"},
    {"steps": "dig[tool=spade],dig[tool=drill,tool=spade]", "by": "event.tool"},
    {"steps": "purchase[price>=0.99],refund[amount<5]", "window": "1d"},
    {"steps": "purchase,purchase", "by": "event.currency", "attribution": "last_touch"},
    {"steps": "level_start,purchase", "by": "event.currency", "attribution": "last_touch"},
    {"steps": "level_start,level_start", "where": {"event.level": "1"}},
    {"steps": "level_start,login", "where": {"platform": "ios"}, "end": 3},
    {"steps": "level_start,login", "where": {"platform": "ios", "event.platform": "ios"}},
    {"steps": "level_start,login", "start": 1, "end": 2, "by": "platform"},
    {"steps": "level_start,login", "segment": "elsewhere", "exclude": ["listed", "payers"]},
    {"steps": "level_start,login", "exclude": "none"},
    {"funnel": "declared"},
    {"funnel": "declared", "window": "30m"},
]
TIMES: list[dict[str, Any]] = [
    {"steps": "level_start,purchase", "count": "entries"},
    {"steps": "level_start,level_start", "order": "strict", "edges": "0s,1m"},
    {"steps": "level_start,login", "order": "any", "by": "platform"},
    {"steps": "level_start,purchase", "by": "event.mode"},
]
FUNNELS_ASKED = [*(("funnel", q) for q in MORE_FUNNELS), *(("funnel_times", q) for q in TIMES)]
NAMES = {
    "event_date",
    "complete",
    "day_number",
    "first_day",
    "last_day",
    "observable",
    "observable_on",
    "step",
    "level",
    "event",
    "bin",
    "from_seconds",
    "to_seconds",
    "event.level",
    "event.tool",
    "event.currency",
    "event.mode",
}
NAMES |= {"platform", "country", "variant", "event_type", "acquisition_date", "mode", "p50"}
SEGMENTS: dict[str, dict[str, Any]] = {
    "phones": {"where": ("device=phone", "device=tablet")},
    "elsewhere": {"where": ("platform!=ios",)},
    "early": {"where": ("acquisition_date<=2026-03-25",)},
    "listed": {"players": (uuid(1), uuid(3), uuid(99))},
    "payers": {"event": "purchase[price>1]"},
    "starters": {"event": "level_start", "at_least": 2},
}
FUNNELS: dict[str, dict[str, Any]] = {
    "declared": {"steps": ("level_start", "purchase"), "window": "1d", "entry": "first"}
}


@dataclass(frozen=True)
class Pair:
    """One world, read by both."""

    lake: Path
    analytics: Analytics
    oracle: oracle.World


def read_twice(world: RandomWorld, runs: list[Run], folder: Path) -> Pair:
    """A lake of the world, delivered in these runs, and the oracle over the same files."""
    made = settings_of(
        world.settings, folder, features=FEATURES, segments=SEGMENTS, funnels=FUNNELS
    )
    for run in runs:
        deliver(made, run, as_of=world.as_of)
    read = oracle.ingest(event_files(runs), world.players, world.settings, world.as_of)
    return Pair(made.lake, questline.open(made.lake, made), read)


def plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return round(value.timestamp() * 1_000_000)
    if isinstance(value, Decimal):
        return value.normalize() if value else Decimal(0)
    return value


def keyed(rows: list[dict[str, Any]], names: list[str]) -> list[list[Any]]:
    return sorted(([plain(row[n]) for n in names] for row in rows), key=repr)


def same(found: Any, expected: Any) -> bool:
    if isinstance(found, float) or isinstance(expected, float):
        if found is None or expected is None:
            return found is expected
        return math.isclose(float(found), float(expected), rel_tol=1e-9, abs_tol=1e-9)
    return bool(found == expected)


def without_empty_groups(rows: list[dict[str, Any]], names: set[str]) -> list[dict[str, Any]]:
    """Rows but those of a group that holds nothing: whether it is listed is left open."""
    measures = [n for n in (rows or [{}])[0] if n not in names]
    return [row for row in rows if any(row[n] for n in measures)]


def assert_same(found: list[dict[str, Any]], expected: list[dict[str, Any]], what: str) -> None:
    if not found and not expected:
        return
    names = sorted(set((found or expected)[0]) & set((expected or found)[0]))
    rows, wanted = keyed(found, names), keyed(expected, names)
    assert len(rows) == len(wanted), (what, names, rows, wanted)
    for row, other in zip(rows, wanted, strict=True):
        assert all(map(same, row, other)), (what, names, row, other)


def check_table(pair: Pair, name: str) -> None:
    model = oracle.MODELS[name](pair.oracle)
    expected = [{k: v for k, v in row.items() if k != "variants"} for row in model]
    assert_same(rows_of(pair.lake, name), expected, name)


def check_events(pair: Pair) -> None:
    events = rows_of(pair.lake, "events")
    assert_same(
        [{k: v for k, v in row.items() if k != "properties"} for row in events],
        pair.oracle.events,
        "events",
    )
    reasons = sorted({(r["reason"], r["raw"]) for r in rows_of(pair.lake, "rejected")})
    lost = {"id_collision", "duplicate_transaction"}
    expected_reasons = sorted({(r, t) for r, t in pair.oracle.rejected if r not in lost})
    assert [r for r in reasons if r[0] not in lost] == expected_reasons


def dated(world: oracle.World, question: dict[str, Any]) -> dict[str, Any]:
    """The question with its days, given as days from those that are complete, as dates."""
    days = {"start": world.complete_from, "end": world.complete_until}
    found = dict(question)
    for name, day in days.items():
        if name in question:
            found.pop(name)
            if day:
                found[name] = day + question[name] * DAY
    return found


def check_metric(pair: Pair, name: str, question: dict[str, Any]) -> None:
    question = dated(pair.oracle, question)
    asked = dict(question)
    for option in ("segment", "exclude"):
        if option in question:
            named = question[option]
            names = [named] if isinstance(named, str) else named
            asked[option] = tuple(oracle.OracleSegment(**SEGMENTS[n]) for n in names if n != "none")
    if "funnel" in asked:
        asked = {**FUNNELS[asked.pop("funnel")], **asked}
    if name == "feature_adoption":
        chosen = FEATURES[question["feature"]]
        asked["feature"] = oracle.OracleFeature(
            question["feature"], chosen.event, chosen.where, chosen.launched, chosen.eligible
        )
    expected = oracle.METRICS[name](pair.oracle, **asked)
    found = pair.analytics.result(name, **question).rows()
    if "by" in question:
        expected = without_empty_groups(expected, NAMES)
        found = without_empty_groups(found, NAMES)
    assert_same(found, expected, f"{name} {question}")


def agree(world: RandomWorld, runs: list[Run], questions: list[tuple[str, Any]]) -> None:
    with tempfile.TemporaryDirectory() as made:
        pair = read_twice(world, runs, Path(made))
        check_events(pair)
        for name in oracle.MODELS:
            check_table(pair, name)
        for name, question in questions:
            check_metric(pair, name, question)


@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(delivered())
def test_oracle_agrees_on_every_table_and_metric(both: tuple[RandomWorld, list[Run]]) -> None:
    agree(*both, QUESTIONS)


@settings(
    max_examples=2,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(delivered())
def test_oracle_agrees_on_every_option_of_funnels(both: tuple[RandomWorld, list[Run]]) -> None:
    agree(*both, FUNNELS_ASKED)


@pytest.mark.slow
@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(delivered())
def test_oracle_agrees_on_many_worlds(both: tuple[RandomWorld, list[Run]]) -> None:
    agree(*both, [*QUESTIONS, *FUNNELS_ASKED])


def test_every_metric_is_asked() -> None:
    assert {name for name, _ in QUESTIONS} == set(oracle.METRICS) == set(CATALOGUE)
