"""The command line that an answer names gives the same answer, to the last byte."""

from __future__ import annotations

import runpy
import shlex
import shutil
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

import questline
from questline.api import Analytics
from questline.cli.app import build
from questline.cli.launch import launch

SEGMENTS = """
exclude = ["testers"]
[segments.testers]
where = ["platform=android"]
[segments.players]
event = "level_start"
[funnels.first]
steps = ["session_start", "level_start"]
[features.shop]
event = "purchase"
"""
QUESTIONS: list[tuple[str, dict[str, Any]]] = [
    ("dau", {}),
    ("dau", {"start": date(2026, 1, 2), "end": "2026-01-05"}),
    ("revenue", {"per": "day", "where": {"platform": ["ios", "android"]}, "exclude": "none"}),
    ("revenue", {"where": ["country!=DE", "country!=FR", "acquisition_date<=2026-01-03"]}),
    ("arpu", {"by": "experiment.x", "segment": ["players"], "exclude": ()}),
    ("retention", {"days": [1, 3], "balanced": True}),
    ("retention", {"days": "1,2-4", "cohorts": "week", "by": "platform"}),
    ("funnel", {"steps": ["session_start", "level_complete[level>=2]"], "window": "2h"}),
    ("funnel", {"steps": "level_start,level_complete", "window": timedelta(hours=36)}),
    ("funnel", {"funnel": "first", "by": "event.level", "hold": "level"}),
    ("event_trend", {"event": "ad_watched[format='a b']", "where": "event.placement=it's"}),
    ("feature_adoption", {"feature": "shop"}),
    ("level_quits", {"within": "2h", "versions": False}),
]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Analytics]:
    """A small simulated lake, in whose folder the commands run."""
    folder = tmp_path_factory.mktemp("command")
    (folder / "questline.toml").write_text(SEGMENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        simulated = ["simulate", "--days", "8", "--users", "200", "--out", "data/raw_events"]
        assert launch(build(), simulated, "questline") == 0
        assert launch(build(), ["run"], "questline") == 0
        yield questline.open()


@pytest.mark.parametrize(("metric", "asked"), QUESTIONS)
def test_command_gives_the_same_rows(
    lake: Analytics, capfd: pytest.CaptureFixture[str], metric: str, asked: dict[str, Any]
) -> None:
    result = lake.result(metric, **asked)
    words = shlex.split(result.command)
    assert words[:3] == ["questline", "metric", metric]
    capfd.readouterr()
    assert launch(build(), [*words[1:], "--format", "csv"], "questline") == 0
    sys.stdout.flush()
    assert capfd.readouterr().out.encode() == result.to_csv()
    again = lake.result(metric, **asked)
    assert again.command == result.command


def test_what_the_settings_leave_out_is_not_repeated(lake: Analytics) -> None:
    assert lake.result("dau").command == "questline metric dau"
    assert lake.result("dau", exclude="testers").command == "questline metric dau"
    assert lake.result("dau", exclude=()).command == "questline metric dau --exclude none"
    assert lake.result("dau", exclude="none").command == "questline metric dau --exclude none"


def test_lake_of_another_folder_is_named(
    lake: Analytics, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    elsewhere = tmp_path / "my lake"
    shutil.copytree("data/processed", elsewhere)
    result = questline.open(elsewhere).result("dau")
    words = shlex.split(result.command)
    assert words == ["questline", "metric", "dau", "--lake", str(elsewhere)]
    assert lake.result("dau").command == "questline metric dau"
    capfd.readouterr()
    assert launch(build(), [*words[1:], "--format", "csv"], "questline") == 0
    sys.stdout.flush()
    assert capfd.readouterr().out.encode() == result.to_csv()


def test_csv_of_an_answer_is_for_spreadsheets(lake: Analytics, tmp_path: Path) -> None:
    made = lake.result("revenue", by="country").to_csv()
    assert made.startswith(b"country,")
    (tmp_path / "made.csv").write_bytes(made)
    assert len(made.splitlines()) == lake.result("revenue", by="country").table.num_rows + 1


def test_package_runs_as_a_module(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["questline", "metrics"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_module("questline", run_name="__main__")
    assert not ended.value.code
    assert "retention" in capsys.readouterr().out
