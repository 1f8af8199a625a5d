"""What the dialog about a number says is true: its command prints the bytes of its download."""

import csv
import io
import math
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
        assert same(answer.csv, printed(lakes("simulated"), answer.command)), answer.command


@pytest.mark.parametrize("metric", ["retention", "revenue", "funnel"])
def test_what_was_explored_is_what_the_command_prints(
    opened: Opened, lakes: Callable[[str], Path], printed: Printed, metric: str
) -> None:
    tab = opened("simulated")
    tab.open(f"explore?explore_metric={metric}&platform=android")
    answer = taken_along(tab, tab.page.get_by_test_id("stMainBlockContainer"))
    assert answer.command.startswith(f"questline metric {metric} ")
    assert same(answer.csv, printed(lakes("simulated"), answer.command))


def same(one: bytes, other: bytes) -> bool:
    """Whether two files are equal, but for the last digits of sums that threads add up.

    DuckDB adds floating-point numbers in the order in which its threads finish, so that a mean
    may have another sixteenth digit when it is asked for again.
    """
    if one == other:
        return True
    rows = [list(csv.reader(io.StringIO(text.decode()))) for text in (one, other)]
    if [len(row) for row in rows[0]] != [len(row) for row in rows[1]]:
        return False
    cells = [[cell for row in table for cell in row] for table in rows]
    return all(a == b or _close(a, b) for a, b in zip(*cells, strict=True))


def _close(one: str, other: str) -> bool:
    long = min(len(one), len(other)) > 12 and "." in one
    return long and math.isclose(float(one), float(other), rel_tol=1e-12)
