from collections.abc import Callable
from pathlib import Path

import pytest

from lakes import deliver, settings_for
from questline.cli.app import build
from questline.cli.launch import launch
from questline.lake.publication import lock

Optimize = Callable[..., tuple[int, list[str], str]]
EVENT = (
    b'{"event_id": "00000000-0000-4000-8000-00000000000%d", "event_type": "login", '
    b'"player_id": "00000000-0000-4000-9000-000000000001", "timestamp": "2026-01-01T12:00:00Z", '
    b'"properties": {}}\n'
)


@pytest.fixture(scope="module")
def fed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake fed twice, so that two tables hold two small files."""
    settings = settings_for(tmp_path_factory.mktemp("fed"))
    for number in (1, 2):
        deliver(settings, [(f"{number}.jsonl", EVENT % number)])
    return settings.lake


@pytest.fixture
def optimize(
    fed: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Optimize:
    """Runs `questline optimize`; gives exit code, lines and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str, lake: Path = fed) -> tuple[int, list[str], str]:
        capfd.readouterr()
        code = launch(build(), ["optimize", "--lake", str(lake), *arguments], "questline")
        said = capfd.readouterr()
        return code, [" ".join(text.split()) for text in said.out.splitlines()], said.err

    return run


def test_optimize_without_a_lake_is_a_mistake(optimize: Optimize, tmp_path: Path) -> None:
    code, said, err = optimize(lake=tmp_path / "none")
    assert (code, said, err.count("\n")) == (1, [], 1)
    assert "questline run" in err
    assert not (tmp_path / "none").exists()


def test_optimize_takes_no_negative_hours(optimize: Optimize) -> None:
    code, _, err = optimize("--retain-hours", "-1")
    assert (code, err.count("\n")) == (1, 1)


def test_optimize_beside_a_run_is_locked(optimize: Optimize, fed: Path) -> None:
    with lock(fed):
        code, _, err = optimize()
    assert (code, err.count("\n")) == (3, 1)


def test_optimize_says_what_it_did_and_then_that_there_is_nothing(
    optimize: Optimize, fed: Path
) -> None:
    code, said, err = optimize()
    assert (code, err) == (0, "")
    assert said[0] == f"Published version 3 of {fed}"
    assert "joined 4 small files, now 2" in said
    _, said, _ = optimize()
    assert said[0] == f"Nothing to do; still version 3 of {fed}"
