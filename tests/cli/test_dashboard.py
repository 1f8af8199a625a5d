import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from questline.cli import dashboard
from questline.cli.app import build
from questline.cli.launch import launch


def start(*arguments: str) -> int:
    return launch(build(), ["dashboard", *arguments], "questline")


def test_server_is_for_this_machine_and_knows_the_lake(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: dict[str, Any] = {}

    def become(program: str, command: list[str], env: dict[str, str]) -> None:
        seen.update(program=program, command=command, lake=env["QUESTLINE_LAKE"])

    monkeypatch.setattr(os, "execve", become)
    assert start("--lake", str(tmp_path), "--port", "8777", "--no-browser") == 0
    assert "--server.address=127.0.0.1" in seen["command"]
    assert "--server.port=8777" in seen["command"]
    assert "--server.headless=true" in seen["command"]
    assert seen["lake"] == str(tmp_path)
    assert Path(seen["command"][4]).is_file()


def test_without_streamlit_the_way_to_get_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(dashboard, "find_spec", lambda _: None)
    assert start() == 1
    assert "pip install" in capsys.readouterr().err


def test_options_are_those_of_the_checkout() -> None:
    file = Path(__file__).parents[2] / ".streamlit" / "config.toml"
    config = tomllib.loads(file.read_text(encoding="utf-8"))
    for name, value in dashboard.OPTIONS.items():
        found: Any = config
        for part in name.split("."):
            found = found[part]
        assert str(found).lower() == value.lower()
