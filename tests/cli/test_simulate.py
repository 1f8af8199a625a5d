from __future__ import annotations

from pathlib import Path

import pytest

from questline.cli.simulate import main


def test_simulate_prints_a_summary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "raw"
    assert main(["--days", "2", "--users", "60", "--out", str(out), "--start", "2026-02-01"]) == 0
    printed = capsys.readouterr()
    assert "Simulated 2 days, 2026-02-01 to 2026-02-02, seed 42:" in printed.out
    assert "60 players" in printed.out
    assert printed.err == ""
    assert (out / "events-2026-02-02.jsonl").is_file()


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--preset", "chess"], "--preset"),
        (["--days", "many"], "--days"),
        (["--days"], "--days"),
        (["--dayz", "3"], "--dayz"),
        (["--start", "yesterday"], "--start"),
        (["--format", "xml"], "--format"),
        (["more"], "more"),
    ],
)
def test_simulate_mistake_is_one_line_and_exit_1(
    arguments: list[str],
    named: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("Error: ")
    assert printed.err.count("\n") == 1
    assert named in printed.err
    assert list(tmp_path.iterdir()) == []


def test_simulate_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    printed = capsys.readouterr().out
    names = ("days", "users", "seed", "start", "preset", "format", "compression", "out")
    assert all(f"--{name}" in printed for name in names)
