from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from questline.errors import UsageError
from questline.simulation.config import SimulationConfig, parse_start
from questline.simulation.experiments import Experiment, Variant
from questline.simulation.plan import Plan
from questline.simulation.planted import Bots, Featured, HardLevel, Outage, Planted
from questline.simulation.players import version_names, versions
from questline.simulation.roster import Roster


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"days": 0}, "--days"),
        ({"users": 0}, "--users"),
        ({"installs_per_day": 0}, "--installs-per-day"),
        ({"installs_per_day": 5, "users": 5}, "--users and --installs-per-day"),
        ({"dirt": 0.6}, "--dirt"),
        ({"dirt": -0.1}, "--dirt"),
        ({"dirt": 0.1, "format": "csv"}, "--dirt needs --format jsonl"),
        ({"threads": 0}, "--threads"),
        ({"seed": -1}, "--seed"),
        ({"preset": "chess"}, "--preset"),
        ({"format": "xml"}, "--format"),
        ({"compression": "rar"}, "--compression"),
        ({"start": date(1969, 1, 1)}, "--start"),
        ({"start": date(2099, 12, 31), "days": 2}, "--start"),
    ],
)
def test_simulation_config_wrong_value_is_named(values: dict[str, object], named: str) -> None:
    with pytest.raises(UsageError, match=named) as caught:
        SimulationConfig(**values)  # type: ignore[arg-type]  # wrong on purpose
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("event", "said"),
    [
        (
            Outage("x", day=7),
            "g: [planted.x] day == 7, must be between 0 and 6: the log has 7 days",
        ),
        (Featured("x", day=400), "day == 400, must be between 0 and 6"),
        (HardLevel("x", level=1501, version="1.4.0"), "level == 1501, must be between 1 and 1500"),
        (
            HardLevel("x"),
            "g: [planted.x] version == '1.5.0' exists from day 10 on, and the log has 7 days; "
            "must be one of: 1.2.0, 1.3.0, 1.4.0.",
        ),
        (HardLevel("x", version="1.0.0"), "players no longer have when the log begins; must be"),
        (HardLevel("x", version="2"), "version == '2' is not in this log; must be one of: 1.2.0"),
    ],
)
def test_simulation_config_planted_event_that_cannot_act(event: Planted, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        SimulationConfig(days=7, preset="g", plan=Plan("g", planted=(event,)))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("experiment", "said"),
    [
        (Experiment("e", (Variant("a"), Variant("b")), starts=7), "[experiments.e] starts == 7"),
        (
            Experiment("e", (Variant("a"), Variant("b", level=2000, difficulty=2.0))),
            "[experiments.e] variants.b level == 2000, must be between 0 and 1500",
        ),
    ],
)
def test_simulation_config_experiment_that_cannot_act(experiment: Experiment, said: str) -> None:
    with pytest.raises(UsageError) as caught:
        SimulationConfig(days=7, preset="g", plan=Plan("g", experiments=(experiment,)))
    assert said in str(caught.value)


def test_simulation_config_accepts_what_can_act_on_the_last_day() -> None:
    events = (Outage("o", day=10, hour=23), HardLevel("h", level=1500), Bots("b"))
    arms = (Variant("a"), Variant("b"))
    plan = Plan("g", planted=events, experiments=(Experiment("e", arms, starts=10),))
    assert SimulationConfig(days=11, preset="g", plan=plan).planted == events


def test_simulation_config_knows_the_versions_that_players_have() -> None:
    config = SimulationConfig(days=12, users=3000)
    roster, found = Roster(config), set()
    names = version_names(config)
    for day in range(config.days):
        for play in roster.plays(day):
            own = play.sessions
            days = np.full(len(own), day, dtype=np.int64)
            found |= {names[v] for v in versions(play.players, own.player, days, config).tolist()}
    for name in found:
        plan = Plan("g", planted=(HardLevel("h", version=name),))
        assert SimulationConfig(days=12, users=3000, preset="g", plan=plan).planted
    assert {"1.3.0", "1.4.0", "1.5.0"} <= found


def test_parse_start_reads_a_day() -> None:
    assert parse_start("2026-02-28") == date(2026, 2, 28)


@pytest.mark.parametrize("text", ["", "today", "2026-02-30", "20260228", "2026-W01-1"])
def test_parse_start_refuses_other_forms(text: str) -> None:
    with pytest.raises(UsageError, match="must be a date"):
        parse_start(text)


def test_simulation_config_days_are_utc() -> None:
    config = SimulationConfig(start=date(2026, 3, 1), days=2)
    assert config.start_ms == 1_772_323_200_000
    assert (config.day(1), config.last_day) == (date(2026, 3, 2), date(2026, 3, 2))
