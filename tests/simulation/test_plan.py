from __future__ import annotations

from pathlib import Path

import pytest

from questline.errors import UsageError
from questline.simulation import SimulationConfig
from questline.simulation.plan import load_plan
from questline.simulation.presets import HARDCORE, PUZZLE

WHOLE = """
preset = "hardcore"

[world]
payer_share = 0.1
retention = [0.5, 0.3, 0.2]
last_level = 40

[dirt]
late = 3
truncated = 1.5

[experiments.gate]
salt = "s"
starts = 2
audience = "all"

[experiments.gate.variants.a]
[experiments.gate.variants.b]
weight = 2
retention = 1.1
"""


def written(folder: Path, text: str) -> str:
    path = folder / "my game.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_load_plan_names_and_files(tmp_path: Path) -> None:
    assert load_plan("puzzle").world is PUZZLE
    plan = load_plan(written(tmp_path, WHOLE))
    assert plan.world.payer_share == 0.1
    assert plan.world.retention == (0.5, 0.3, 0.2)
    assert plan.world.attempt_seconds == HARDCORE.attempt_seconds
    assert plan.dirt == (("late", 3.0), ("truncated", 1.5))
    (gate,) = plan.experiments
    assert (gate.name, gate.salt, gate.starts, gate.audience) == ("gate", "s", 2, "all")
    assert [(v.name, v.weight, v.retention) for v in gate.variants] == [("a", 1, 1), ("b", 2, 1.1)]
    assert SimulationConfig(preset=str(tmp_path / "my game.toml")).world is not PUZZLE


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("preset = 'chess'", "must be one of: puzzle, median, hardcore"),
        ("colour = 1", "colour is not known, must be one of: preset, world, dirt, experiments"),
        (
            "[world]\npayer_shar = 1",
            "my game.toml: [world] payer_shar is not known, did you mean payer_share? "
            "Must be one of: live_days_before_log",
        ),
        (
            "[world]\nzzz = 1",
            "toml: [world] zzz is not known, must be one of: live_days_before_log",
        ),
        ("presett = 'x'", "my game.toml: presett is not known, did you mean preset? Must"),
        ("[world]\n'a\\n' = 1", "is not known"),
        ("preset = ['puzzle']", "preset == ['puzzle'], must be one of: puzzle, median, hardcore"),
        ("preset = {a = 1}", "preset == {'a': 1}, must be one of: puzzle, median, hardcore"),
        ("[world]\npayer_share = 1.5", "payer_share == 1.5, must be between 0 and 1"),
        ("[world]\npayer_share = -1", "payer_share == -1, must be between 0 and 1"),
        ("[world]\npayer_share = 'x'", "payer_share == 'x', must be a number"),
        ("[world]\nlast_level = 2.5", "last_level == 2.5, must be a whole number"),
        ("[world]\nlast_level = true", "last_level == True, must be a number"),
        ("[world]\nreturn_alpha = 0", "return_alpha == 0, must be between"),
        ("[world]\nretention = [0.4, 0.2]", "retention must be a list of 3 shares"),
        ("[world]\nretention = 0.4", "retention must be a list of 3 shares"),
        ("[world]\nretention = [0.2, 0.3, 0.1]", "retention must fall"),
        ("[world]\nretention = [0.9, 0.3, 0.1]", "retention starts above"),
        ("world = 3", "[world] must be a table"),
        ("[dirt]\nmud = 1", "mud is not known, must be one of: truncated"),
        ("[dirt]\nlate = 0", "all weights are 0"),
        ("[experiments.g.variants.a]", "needs at least two variants"),
        ("[experiments.g]\nwho = 1\n[experiments.g.variants.a]\n[experiments.g.variants.b]", "who"),
        (
            "[experiments.g]\naudience = 'old'\n[experiments.g.variants.a]\n"
            "[experiments.g.variants.b]",
            "audience == 'old', must be one of: new, all",
        ),
        (
            "[experiments.g.variants.a]\nweight = 0\n[experiments.g.variants.b]\nweight = 0",
            "all weights are 0",
        ),
        (
            "[experiments.g.variants.a]\nlost_exposures = 2\n[experiments.g.variants.b]",
            "lost_exposures == 2, must be between 0 and 1",
        ),
        ("[experiments.g.variants]\na = 1\nb = 2", "variants.a must be a table"),
        ("[experiments.'a\"b'.variants.a]\n[experiments.'a\"b'.variants.b]", "name"),
        ("x = [", "is not TOML"),
        ("[planted.x]\nday = 1", "kind is missing, must be one of: outage, store_bug, featured"),
        ("[planted.x]\nkind = ['outage']", "kind == ['outage'], must be one of: outage, store_bug"),
        ("[planted.x]\nkind = {}", "kind == {}, must be one of: outage, store_bug, featured"),
        ("[planted.x]\nkind = 'outage'\nhours = 0", "[planted.x] hours == 0, must be at least 1"),
        ("[planted.x]\nkind = 'outage'\nhour = 24", "hour == 24, must be between 0 and 23"),
        ("[planted.x]\nkind = 'store_bug'\ndays = 0", "days == 0, must be at least 1"),
        ("[planted.x]\nkind = 'hard_level'\nlevel = 0", "level == 0, must be at least 1"),
        (
            "[experiments.g.variants.a]\n[experiments.g.variants.b]\ndifficulty = 0.7",
            "[experiments.g] variants.b difficulty == 0.7 needs level",
        ),
        (
            "[experiments.g.variants.a]\n[experiments.g.variants.b]\nlevel = 7",
            "[experiments.g] variants.b level == 7 needs difficulty",
        ),
        ("[planted.x]\nkind = 'outage'\nhuor = 1", "huor is not known, did you mean hour? Must"),
        ("[planted.x]\nkind = 'store_bug'\nplatform = 'pc'", "must be one of: ios, android"),
        ("[planted.x]\nkind = 'bots'\nbot_share = 3", "bot_share == 3, must be between 0 and 1"),
    ],
)
def test_load_plan_mistakes_are_one_line_that_says_what_is_allowed(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(UsageError) as caught:
        load_plan(written(tmp_path, text))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_load_plan_a_control_may_spell_out_what_it_leaves_as_it_is(tmp_path: Path) -> None:
    text = "a = { level = 7, difficulty = 1 }\nb = { level = 7, difficulty = 2 }"
    (gate,) = load_plan(written(tmp_path, f"[experiments.g.variants]\n{text}")).experiments
    assert [(v.level, v.difficulty) for v in gate.variants] == [(7, 1), (7, 2)]


@pytest.mark.parametrize("name", ["chess", "missing.toml", ""])
def test_load_plan_unknown_names(name: str) -> None:
    with pytest.raises(UsageError, match="--preset") as caught:
        load_plan(name)
    assert "\n" not in str(caught.value)
