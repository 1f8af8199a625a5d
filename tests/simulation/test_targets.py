"""Worlds come out as published games do: every target of every preset, measured."""

from __future__ import annotations

from dataclasses import fields
from functools import cache

import pytest

from questline.simulation.config import SimulationConfig
from questline.simulation.figures import Figures, measure
from questline.simulation.presets import PRESETS
from questline.simulation.targets import (
    MEASURED_DAYS,
    MEASURED_USERS,
    TARGETS,
    Target,
    Unit,
)

CASES = [(preset, target) for preset, targets in TARGETS.items() for target in targets]
NAMES = [f"{preset}-{target.figure}" for preset, target in CASES]


@cache
def _figures(preset: str, seed: int) -> Figures:
    users = MEASURED_USERS[preset]
    return measure(SimulationConfig(days=MEASURED_DAYS, users=users, preset=preset, seed=seed))


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest) -> Figures:
    """The figures of a world of the preset."""
    return _figures(request.param, 42)


@pytest.mark.parametrize(("world", "target"), CASES, ids=NAMES, indirect=["world"])
def test_target_is_met(world: Figures, target: Target) -> None:
    measured = getattr(world, target.figure)
    assert target.met(measured), f"{target.unit.text(measured)}, wanted {target.text}"


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("preset", TARGETS)
def test_target_is_met_with_other_seeds(preset: str, seed: int) -> None:
    found = _figures(preset, seed)
    measured = {target: getattr(found, target.figure) for target in TARGETS[preset]}
    assert {t.figure: (v, t.text) for t, v in measured.items() if not t.met(v)} == {}


def test_every_preset_has_targets_for_figures_that_are_measured() -> None:
    assert set(TARGETS) == set(PRESETS) == set(MEASURED_USERS)
    measured = {field.name for field in fields(Figures)}
    for targets in TARGETS.values():
        named = [target.figure for target in targets]
        assert len(named) == len(set(named))
        assert {"d1", "d7", "d28"} <= set(named) <= measured


def test_every_target_names_what_is_published_or_says_why() -> None:
    for preset, target in CASES:
        if target.published.startswith("none"):
            assert "own assumption" in target.why, (preset, target.figure)
        else:
            assert any(c.isdigit() for c in target.published), (preset, target.figure)


def test_target_is_met_up_to_its_tolerance() -> None:
    target = Target("d1", "Day-1 retention", "40 %", 0.5, 0.25, Unit.SHARE)
    assert [target.met(v) for v in (0.25, 0.75, 0.24, 0.76)] == [True, True, False, False]
    assert not target.met(float("nan"))
    assert target.text == "50.0 % ± 25"


@pytest.mark.parametrize(
    ("unit", "value", "text"),
    [
        (Unit.SHARE, 0.0685, "6.9 %"),
        (Unit.SECONDS, 309.0, "5.2 min"),
        (Unit.MINUTES, 29.6, "30 min"),
        (Unit.USD, 1234.5, "1,234.50 USD"),
        (Unit.NUMBER, 4.096, "4.1"),
    ],
)
def test_unit_writes_values_as_people_do(unit: Unit, value: float, text: str) -> None:
    assert unit.text(value) == text
