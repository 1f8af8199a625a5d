from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from lakes import deliver, settings_for
from questline.cli.app import build
from questline.cli.launch import launch
from test_verification import (
    Dirt,
    World,
    dirt,
    files_without,
    no_events,
    put,
    raw_files,
    world,
    write_key,
)

Verify = Callable[..., tuple[int, list[str], str]]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the raw files of the tiny world, their key and their lake."""
    folder = tmp_path_factory.mktemp("project")
    deliver(settings_for(folder), raw_files())
    write_key(folder / "raw_truth", world(), dirt())
    return folder


@pytest.fixture
def run(
    project: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Verify:
    """Runs `questline verify` beside the folders; gives exit code, lines and errors."""
    monkeypatch.chdir(project)

    def verify(*arguments: str, lake: str = "lake") -> tuple[int, list[str], str]:
        capfd.readouterr()
        words = ["verify", "--raw", "raw", "--lake", lake, *arguments]
        code = launch(build(), words, "questline")
        sys.stdout.flush()
        said = capfd.readouterr()
        return code, said.out.splitlines(), said.err

    return verify


def another_key(folder: Path, numbers: World | None = None, lines: Dirt | None = None) -> str:
    """Another key, as an argument."""
    write_key(folder / "key", numbers or world(), dirt() if lines is None else lines)
    return str(folder / "key")


def test_verify_finds_the_key_beside_the_raw_folder_and_passes(run: Verify) -> None:
    code, said, err = run()
    assert (code, err) == (0, "")
    words = [text.split() for text in said]
    assert ["truncated", "malformed_json", "1", "1", "100", "%", "1", "100", "%"] in words
    assert ["exact_duplicate", "duplicate", "1", "-", "-", "2", "-"] in words
    assert ["delayed_duplicate", "duplicate", "1", "-", "-", "-", "-"] in words
    assert ["unknown_type", "no", "rule", "1", "-", "-", "-", "-"] in words
    assert ["accepted", "1", "1", "4.762", "%"] in words
    assert ["levels.attempts", "by", "level", "2", "2", "20.000", "%"] in words
    assert ["duplicates", "1", "1", "-"] in words
    assert "4 as in the key, 0 not, 0 of files that the lake does not know." in said[-2]
    assert said[-1] == (
        "Verified: 4 refused lines and 44 values of 17 figures are as raw_truth says; "
        "lake version 1."
    )


def test_verify_aligns_its_columns(run: Verify) -> None:
    _, said, _ = run()
    head = next(text for text in said if "label" in text)
    row = next(text for text in said if "truncated" in text)
    assert head.index("reason") == row.index("malformed_json")


def test_verify_of_another_figure_is_exit_2_and_names_it_on_stderr(
    run: Verify, tmp_path: Path
) -> None:
    numbers = world()
    for day in (1, 2, 3):
        put(numbers, f"days/2026-01-0{day}/dau", 3)
    code, said, err = run("--truth", another_key(tmp_path, numbers))
    assert code == 2
    (row,) = [text for text in said if "days.dau" in text]
    assert "2026-01-01: lake 2, key 3; 2026-01-02: lake 2, key 3; 2026-01-03:" in row
    assert not any("erified" in text for text in said)
    assert err.startswith("Not verified: days.dau (2026-01-01: lake 2, key 3; 2 more). Build a ")
    assert err.count("\n") == 1


def test_verify_of_a_line_too_few_says_which_row_differs(run: Verify, tmp_path: Path) -> None:
    fewer = [row for row in dirt() if row["label"] != "too_old"]
    code, said, err = run("--truth", another_key(tmp_path, lines=fewer))
    assert code == 2
    (row,) = [text.split() for text in said if "too_old" in text]
    assert row == ["-", "too_old", "0", "-", "-", "1", "0.000", "%", "differs"]
    assert "precision of too_old (the key names 0 of 1 lines)" in err


def test_verify_names_some_of_many_differences(run: Verify, tmp_path: Path) -> None:
    numbers = world()
    numbers["recoverable"] |= {"days": {"2026-01-01": numbers["recoverable"]["days"]["2026-01-01"]}}
    numbers["recoverable"] |= {"purchases": {}, "levels": {}}
    code, said, err = run("--truth", another_key(tmp_path, numbers))
    assert (code, err.count("\n")) == (2, 1)
    assert "2 more. Build a lake" in err
    (row,) = [text for text in said if "days.events" in text]
    assert row.split()[:6] == ["days.events", "by", "day", "3", "1", "4.762"]


def test_verify_json_is_one_array(run: Verify, tmp_path: Path) -> None:
    code, said, err = run("--format", "json")
    rows = json.loads("\n".join(said))
    assert code == 0
    assert err.startswith("Verified: ")
    assert {row["check"] for row in rows} == {"label", "reason", "place", "figure"}
    by_name = {(row["check"], row["name"]): row for row in rows}
    label = by_name["label", "truncated"]
    assert (label["reason"], label["in_key"], label["found"], label["share"]) == (
        *("malformed_json", 1, 1),
        1.0,
    )
    assert by_name["label", "unknown_type"]["equal"] is None
    assert by_name["reason", "duplicate"]["in_lake"] == 2
    assert by_name["place", "places"]["found"] == 4
    assert by_name["figure", "levels.attempts"]["distance_percent"] == pytest.approx(20)

    numbers = world()
    put(numbers, "days/2026-01-02/dau", 3)
    code, said, err = run("--format", "json", "--truth", another_key(tmp_path, numbers))
    found = {row["name"]: row for row in json.loads("\n".join(said))}
    assert code == 2
    assert err.startswith("Not verified: ")
    assert found["days.dau"]["equal"] is False
    assert found["days.dau"]["differences"] == [{"at": "2026-01-02", "lake": 2, "key": 3}]


def test_verify_takes_its_folders_from_the_settings(
    run: Verify, project: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    del run
    text = 'raw = "raw"\nlake = "lake"\n'
    (project / "other.toml").write_text(text, encoding="utf-8")
    assert launch(build(), ["verify", "--settings", "other.toml"], "questline") == 0
    assert "Verified: " in capfd.readouterr().out


def test_verify_of_days_not_observed_names_the_settings(run: Verify, project: Path) -> None:
    deliver(settings_for(project, complete_until="2026-01-02"), [])
    code, _, err = run()
    deliver(settings_for(project), [])
    assert (code, err.count("\n")) == (2, 1)
    assert "retention.retained (1: lake 2, key 3" in err
    observed = "the lake observes 2026-01-01 to 2026-01-02, the simulation 2026-01-01 to 2026-01-03"
    assert err.startswith(f"Not verified: {observed}; take complete_from and complete_until out of")
    assert "leave _source.json in raw, run `questline run` and verify again. What differs: " in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--truth", "none"), "No answer key at none. `questline simulate` writes one"),
        (("--raw", "elsewhere"), "No answer key at elsewhere_truth."),
        (("--format", "csv"), "must be one of table, json"),
        (("--settings", "none.toml"), "No settings file"),
    ],
)
def test_verify_mistake_is_one_line_and_exit_1(
    arguments: tuple[str, ...], said: str, run: Verify
) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err.count("\n")) == (1, [], 1)
    assert err.startswith("Error: ")
    assert said in err


def test_verify_without_a_lake_says_what_to_run(run: Verify, project: Path) -> None:
    code, out, err = run(lake="none")
    assert (code, out, err.count("\n")) == (1, [], 1)
    assert "questline run" in err
    assert not (project / "none").exists()


def test_verify_of_another_simulation_or_zone_is_exit_1(run: Verify, tmp_path: Path) -> None:
    code, out, err = run("--truth", another_key(tmp_path, world() | {"seed": 8}))
    assert (code, out, err.count("\n")) == (1, [], 1)
    assert "of another simulation: its seed is 8" in err
    (tmp_path / "zone").mkdir()
    abroad = another_key(tmp_path / "zone", world() | {"zone": "Asia/Tokyo"})
    code, out, err = run("--truth", abroad)
    assert (code, out, err.count("\n")) == (1, [], 1)
    assert "reporting_zone = 'Asia/Tokyo'" in err


def test_verify_of_a_damaged_key_is_exit_1(run: Verify, tmp_path: Path) -> None:
    broken = Path(another_key(tmp_path))
    (broken / "dirt.parquet").write_bytes(b"PAR1")
    code, out, err = run("--truth", str(broken))
    assert (code, out, err.count("\n")) == (1, [], 1)
    assert "dirt.parquet is damaged" in err
    (broken / "dirt.parquet").unlink()
    code, out, err = run("--truth", str(broken))
    assert (code, out, err.count("\n")) == (1, [], 1)
    assert "dirt.parquet is missing. Simulate again with seed 7 and the same options" in err


def elsewhere(folder: Path, files: list[tuple[str, bytes]], numbers: World, lines: Dirt) -> str:
    """The raw folder of another project; its lake and its key stand beside it."""
    deliver(settings_for(folder), files)
    write_key(folder / "raw_truth", numbers, lines)
    return str(folder / "raw")


def test_verify_says_first_which_files_are_missing(run: Verify, tmp_path: Path) -> None:
    raw = elsewhere(tmp_path, files_without("events-2026-01-03"), world(), dirt())
    code, _, err = run("--raw", raw, lake=str(tmp_path / "lake"))
    assert (code, err.count("\n")) == (2, 1)
    assert err.startswith(
        "Not verified: events-2026-01-03.jsonl of the simulation is not in the lake; put it into "
        f"{raw} whole, run `questline run` and verify again. What differs: "
    )
    assert "Build a lake" not in err


def test_verify_of_a_world_without_events_says_that_there_is_nothing_to_compare(
    run: Verify, tmp_path: Path
) -> None:
    files = [(name, b"" if name.startswith("events") else text) for name, text in raw_files()]
    raw = elsewhere(tmp_path, files, no_events(), [])
    code, said, err = run("--raw", raw, lake=str(tmp_path / "lake"))
    assert (code, err) == (0, "")
    assert not any("Dirty lines" in text or "File and line" in text for text in said)
    assert "has no events and the lake holds none, so there is nothing more to com" in said[-1]
