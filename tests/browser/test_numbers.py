"""What the dialog about a number says is true: its command prints the bytes of its download."""

import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from browsed import ADDRESSES, Opened, choose, told
from questline.cli.app import build
from questline.cli.launch import launch

pytestmark = pytest.mark.browser


@pytest.fixture
def printed(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[[Path, str], bytes]:
    """What a command line prints as CSV."""

    def run(lake: Path, command: str) -> bytes:
        monkeypatch.setenv("QUESTLINE_LAKE", str(lake))
        program, *words = shlex.split(command)
        capfdbinary.readouterr()
        assert launch(build(), [*words, "--format", "csv"], program) == 0
        return capfdbinary.readouterr().out

    return run


@pytest.mark.parametrize("title", ADDRESSES)
def test_download_is_what_the_command_prints(
    opened: Opened,
    lakes: Callable[[str], Path],
    printed: Callable[[Path, str], bytes],
    title: str,
) -> None:
    tab = opened("simulated")
    tab.open(ADDRESSES[title])
    if title == "Overview":
        choose(tab, "Platform", "ios")
    explained = tab.page.locator("[class*='st-key-about'] button:visible")
    asked = 0
    for number in range(explained.count()):
        for answer in told(tab, explained.nth(number)):
            assert answer.command.startswith("questline metric ")
            assert answer.csv == printed(lakes("simulated"), answer.command), answer.command
            asked += 1
    assert asked or title in ("Players", "Data quality")
