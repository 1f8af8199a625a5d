from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest

from questline.simulation import SimulationConfig, simulate
from questline.simulation.document import EXPERIMENT_COLUMNS
from questline.simulation.effects import Audience, forced, play_audiences, true_effects
from questline.simulation.experiments import Experiment, Variant
from questline.simulation.plan import Plan
from questline.simulation.presets import PUZZLE

CONTROL = Variant("control")
YOUNG = replace(PUZZLE, live_days_before_log=1)
"""A game that has only just come out: nearly everybody arrives during the log."""


def world(*variants: Variant, seed: int = 1, days: int = 9, **options: object) -> SimulationConfig:
    experiment = Experiment("gate", variants, **options)  # type: ignore[arg-type]
    plan = Plan("puzzle", YOUNG, experiments=(experiment,))
    return SimulationConfig(days=days, installs_per_day=150, seed=seed, plan=plan)


def effects(config: SimulationConfig, variant: str) -> dict[str, float]:
    rows = true_effects(config, play_audiences(config))
    return {r["outcome"]: r["true_effect"] for r in rows if r["variant"] == variant}


def test_assignment_follows_the_weights_and_the_salt() -> None:
    code = np.arange(20_000, dtype=np.int64)
    experiment = Experiment("gate", (Variant("a", weight=1), Variant("b", weight=3)))
    first = experiment.assigned(1, code)
    assert abs(first.mean() - 0.75) < 4 * np.sqrt(0.75 * 0.25 / 20_000)
    assert (experiment.assigned(1, code[7:9]) == first[7:9]).all()
    other = replace(experiment, salt="another").assigned(1, code)
    agree = (first == other).mean()
    assert abs(agree - (0.75**2 + 0.25**2)) < 0.02


def test_true_effect_is_zero_where_nothing_is_changed() -> None:
    assert set(effects(world(CONTROL, Variant("same")), "same").values()) == {0.0}


def test_true_effect_touches_only_what_the_variant_touches() -> None:
    found = effects(world(CONTROL, Variant("sale", purchases=2.0)), "sale")
    assert {n for n, v in found.items() if v} == {"payer", "purchases", "spend_usd"}
    assert found["payer"] > 0
    harder = effects(world(CONTROL, Variant("harder", level=10, difficulty=4.0)), "harder")
    assert harder["wins"] < 0
    assert harder["retained_1"] == harder["sessions"] == 0
    sticky = effects(world(CONTROL, Variant("sticky", retention=1.2, sessions=1.5)), "sticky")
    assert sticky["retained_1"] > 0.03
    assert sticky["sessions"] > 1


def test_players_do_as_in_the_world_where_everybody_has_their_variant() -> None:
    config = world(CONTROL, Variant("sticky", retention=1.3))
    played = play_audiences(config)[0]
    for index in (0, 1):
        alone = play_audiences(forced(config, 0, index))[0]
        assert (alone.code == played.code).all()
        own = played.variant == index
        assert 0.4 < own.mean() < 0.6
        for name, values in played.outcomes.items():
            assert np.array_equal(values[own], alone.outcomes[name][own], equal_nan=True), name


def test_audience_new_players_from_the_start_on_or_everybody() -> None:
    young = play_audiences(world(CONTROL, Variant("b"), starts=4))[0]
    arrived = (young.code >> 32) - 100_000
    assert (arrived == young.day).all()
    assert young.day.min() == 4
    everybody = play_audiences(world(CONTROL, Variant("b"), starts=4, audience="all"))[0]
    assert everybody.day.min() == 4
    assert len(everybody.code) > len(young.code)
    assert set(young.code) < set(everybody.code)


def test_lost_exposures_are_missing_in_the_log_of_one_variant() -> None:
    audience = play_audiences(world(CONTROL, Variant("b", lost_exposures=0.2)))[0]
    control, treated = (audience.logged[audience.variant == i].mean() for i in (0, 1))
    assert control == 1.0
    assert abs(treated - 0.8) < 0.08


def test_retention_of_young_exposures_is_unknown() -> None:
    audience = play_audiences(world(CONTROL, Variant("b"), days=4))[0]
    assert np.isnan(audience.outcomes["retained_7"]).all()
    assert (np.isnan(audience.outcomes["retained_1"]) == (audience.day == 3)).all()


def test_key_holds_effects_and_outcomes_of_what_is_logged(tmp_path: Path) -> None:
    config = world(CONTROL, Variant("b", lost_exposures=0.3, sessions=1.4), days=3)
    summary = simulate(replace(config, out=tmp_path / "raw"))
    rows = json.loads((summary.truth / "effects.json").read_text(encoding="utf-8"))
    assert {r["variant"] for r in rows} == {"control", "b"}
    assert all(list(r) == list(EXPERIMENT_COLUMNS["effects.json"]) for r in rows)
    columns = pq.read_schema(summary.truth / "outcomes.parquet").names
    assert columns == list(EXPERIMENT_COLUMNS["outcomes.parquet"])
    logged = duckdb.sql(f"""
        SELECT player_id, properties->>'experiment' AS experiment,
            properties->>'variant' AS variant
        FROM read_json('{tmp_path}/raw/events-*.jsonl', columns = {{
            player_id: 'VARCHAR', event_type: 'VARCHAR', properties: 'JSON'}})
        WHERE event_type = 'experiment_exposure' ORDER BY ALL""").fetchall()
    key = duckdb.sql(f"""
        SELECT player_id::VARCHAR, experiment, variant
        FROM read_parquet('{summary.truth}/outcomes.parquet') WHERE logged ORDER BY ALL""")
    assert logged == key.fetchall()
    assert sum(r["logged"] for r in rows if r["outcome"] == "sessions") == len(logged)


def _difference(audience: Audience, outcome: str) -> tuple[float, float, float]:
    """Estimated effect and two standard errors: of the interval, and of the test of no effect."""
    values = audience.outcomes[outcome]
    known = ~np.isnan(values)
    control, treated = (values[known & (audience.variant == i)] for i in (0, 1))
    apart = float(np.sqrt(control.var(ddof=1) / len(control) + treated.var(ddof=1) / len(treated)))
    share = values[known].mean()
    pooled = float(np.sqrt(share * (1 - share) * (1 / len(control) + 1 / len(treated))))
    return float(treated.mean() - control.mean()), apart, pooled


@pytest.mark.slow
def test_true_effect_lies_in_the_interval_as_often_as_it_should() -> None:
    inside = 0
    for seed in range(1000):
        config = world(CONTROL, Variant("b", retention=0.85), seed=seed, days=4)
        played = play_audiences(config)
        truth = next(
            r["true_effect"]
            for r in true_effects(config, played)
            if (r["variant"], r["outcome"]) == ("b", "retained_1")
        )
        assert truth < 0
        found, error, _ = _difference(played[0], "retained_1")
        inside += abs(found - truth) <= 1.96 * error
    print(f"planted effect inside its 95 % interval {inside} times of 1,000")
    assert inside >= 926


@pytest.mark.slow
def test_experiment_without_effect_is_rejected_as_rarely_as_it_should_be() -> None:
    rejected = 0
    for seed in range(1000):
        played = play_audiences(world(CONTROL, Variant("b"), seed=seed, days=4))[0]
        found, _, error = _difference(played, "retained_1")
        rejected += abs(found) > 1.96 * error
    print(f"A/A rejected at 5 % {rejected} times of 1,000")
    assert 29 <= rejected <= 74
