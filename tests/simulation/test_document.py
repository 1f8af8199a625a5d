"""docs/simulation.md and the README's table say what the simulator does."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from questline.errors import DataError
from questline.simulation import SimulationConfig, document, simulate
from questline.simulation.dirt import RULES, Label
from questline.simulation.figures import Figures
from questline.simulation.plan import load_plan
from questline.simulation.planted import KINDS
from questline.simulation.presets import PRESETS
from questline.simulation.targets import TARGETS

ROOT = Path(__file__).parents[2]
README = (ROOT / document.README).read_text(encoding="utf-8")
PAGE = (ROOT / document.PAGE).read_text(encoding="utf-8")


def cells(table: str) -> list[list[str]]:
    return [[c.strip() for c in row.strip("|").split("|")] for row in table.splitlines()[2:]]


def test_page_is_fresh_apart_from_what_was_measured() -> None:
    assert document.unmeasured(PAGE) == document.page({})
    assert document.UNMEASURED not in PAGE


def test_readme_table_is_fresh_apart_from_what_was_measured() -> None:
    fresh = document.with_table(README, {})
    assert document.unmeasured(README) == document.unmeasured(fresh)
    assert document.UNMEASURED not in README


def test_readme_and_page_show_the_same_measured_figures() -> None:
    table = README.partition(document.BEGIN)[2].partition(document.END)[0].strip()
    assert len(cells(table)) == len(document.IN_README)
    assert set(table.splitlines()) <= set(PAGE.splitlines())


def test_readme_counts_the_labels() -> None:
    assert f"spoils lines, in {len(Label)} ways" in README


@pytest.mark.slow
def test_measured_figures_are_what_the_worlds_give() -> None:
    measured = document.measured_worlds()
    assert document.page(measured) == PAGE
    assert document.with_table(README, measured) == README


def test_page_has_every_label_with_its_reason() -> None:
    for label in Label:
        row = next(line for line in PAGE.splitlines() if line.startswith(f"| `{label}` |"))
        _, weight, meaning, does = cells(f"\n\n{row}")[0]
        reason = RULES[label].reason
        assert weight == str(RULES[label].weight)
        assert meaning
        assert (reason or "no rule") in does


def test_page_has_a_table_of_every_preset_with_its_targets() -> None:
    for preset in PRESETS:
        table = PAGE.partition(f"### {preset}\n\n")[2].partition("\n\n")[0]
        found = {row[0]: row[2] for row in cells(table)}
        assert found == {t.title: t.text for t in TARGETS[preset]}


def test_page_has_every_kind_of_planted_event() -> None:
    for name in KINDS:
        assert f"| `{name}` |" in PAGE


def test_page_names_the_columns_of_the_key(tmp_path: Path) -> None:
    summary = simulate(SimulationConfig(days=2, users=60, dirt=0.1, out=tmp_path / "raw"))
    for name, columns in document.KEY_COLUMNS.items():
        assert list(columns) == pq.read_schema(summary.truth / name).names


def test_pages_example_of_a_plan_can_be_read(tmp_path: Path) -> None:
    (text,) = re.findall(r"^```toml\n(.*?)^```$", PAGE, flags=re.M | re.S)
    path = tmp_path / "mygame.toml"
    path.write_text(text, encoding="utf-8")
    plan = load_plan(str(path))
    assert plan.world.payer_share == tomllib.loads(text)["world"]["payer_share"]
    assert [e.name for e in plan.experiments] == ["easier_start"]
    assert [e.name for e in plan.planted] == ["blackout"]


def test_page_links_to_what_exists() -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", PAGE)
    assert len(links) >= 6
    for link in links:
        assert (ROOT / "docs" / link).is_file(), link
    for path in re.findall(r"`((?:src|tests|docs)/[\w./-]+)`", PAGE):
        assert (ROOT / path).is_file(), path


def test_pictures_are_small_and_all_of_them_shown() -> None:
    pictures = sorted((ROOT / "docs" / "pictures").glob("*.png"))
    for path in pictures:
        assert path.stat().st_size < 150_000, path.name
        assert f"(pictures/{path.name})" in PAGE
    assert len(pictures) == PAGE.count("](pictures/")


def test_figures_puts_measured_values_in_the_last_column() -> None:
    world = Figures(*[0.5] * len(Figures.__dataclass_fields__))
    found = document.figures("puzzle", TARGETS["puzzle"][:1], {"puzzle": world})
    assert cells(found)[0][-1] == "50.0 %"
    assert document.unmeasured(found) == document.figures("puzzle", TARGETS["puzzle"][:1], {})


def test_with_table_without_marks_says_which() -> None:
    with pytest.raises(DataError, match="simulation: begin"):
        document.with_table("# Questline\n", {})
