"""What the dialog about a number says is true: its command prints the bytes of its download."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from browsed import ADDRESSES, Opened, choose, explained, taken_along, told
from questline.cli.app import build
from questline.cli.launch import launch

pytestmark = pytest.mark.browser

Printed = Callable[[Path, str], bytes]
WITHOUT_CARDS = {"Players", "Explore", "Data quality"}
"""Pages whose numbers stand without a dialog of their own."""


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]) -> Printed:
    """What a command line prints as CSV."""

    def run(lake: Path, command: str) -> bytes:
        monkeypatch.setenv("QUESTLINE_LAKE", str(lake))
        program, *words = shlex.split(command)
        capfdbinary.readouterr()
        assert launch(build(), [*words, "--format", "csv"], program) == 0
        return capfdbinary.readouterr().out

    return run


@pytest.mark.parametrize("title", [title for title in ADDRESSES if title not in WITHOUT_CARDS])
def test_download_is_what_the_command_prints(
    opened: Opened, lakes: Callable[[str], Path], printed: Printed, title: str
) -> None:
    tab = opened("simulated")
    tab.open(ADDRESSES[title])
    if title == "Overview":
        choose(tab, "Platform", "ios")
    asked = [answer for button in explained(tab) for answer in told(tab, button)]
    assert asked
    for answer in asked:
        assert answer.command.startswith("questline metric ")
        assert answer.csv == printed(lakes("simulated"), answer.command), answer.command


@pytest.mark.parametrize("metric", ["retention", "revenue", "funnel"])
def test_what_was_explored_is_what_the_command_prints(
    opened: Opened, lakes: Callable[[str], Path], printed: Printed, metric: str
) -> None:
    tab = opened("simulated")
    tab.open(f"explore?explore_metric={metric}&platform=android")
    answer = taken_along(tab, tab.page.get_by_test_id("stMainBlockContainer"))
    assert answer.command.startswith(f"questline metric {metric} ")
    assert answer.csv == printed(lakes("simulated"), answer.command)
