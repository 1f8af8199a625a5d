"""Lakes, a dashboard over each, and Chromium; all of them once for the tests of a session."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("streamlit")
pytest.importorskip("altair")
pytest.importorskip("playwright.sync_api")

from benchmarks.browsing import Server, Tab, chromium, launched, serve, tab
from playwright.sync_api import Browser, sync_playwright

from browsed import Opened
from evil import evil_lake
from questline.cli.app import build
from questline.cli.launch import launch
from questline.ingestion.mapping import load_mapping
from questline.pipeline import run
from questline.settings import Settings

DATA = Path(__file__).parents[3] / "shared" / "data"
Lakes = Callable[[str], Path]
Served = Callable[[str], Server]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, or a reason to skip."""
    if chromium() is None:
        pytest.skip("there is no Chromium; `make browser` brings it where it may")
    with sync_playwright() as playwright:
        found = launched(playwright)
        yield found
        found.close()


@pytest.fixture(scope="session")
def lakes(tmp_path_factory: pytest.TempPathFactory) -> Lakes:
    """Lakes by name, each made when first asked for."""
    made: dict[str, Path] = {}
    makers = {"simulated": simulated, "pink_flamingo": flamingo, "hostile": evil_lake}

    def lake(name: str) -> Path:
        if name not in made:
            folder = tmp_path_factory.mktemp(name)
            makers[name](folder)
            made[name] = folder / "lake"
        return made[name]

    return lake


@pytest.fixture(scope="session")
def served(lakes: Lakes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A dashboard over a lake by name."""
    running: dict[str, Server] = {}
    with ExitStack() as stack:

        def server(name: str) -> Server:
            if name not in running:
                log = tmp_path_factory.mktemp("server") / "log.txt"
                running[name] = stack.enter_context(serve(lakes(name), log))
            return running[name]

        yield server


@pytest.fixture
def opened(browser: Browser, served: Served) -> Iterator[Opened]:
    """Opens a session over a lake by name; whatever went wrong in it fails the test at its end."""
    tabs: list[Tab] = []

    def open_tab(lake: str, **options: Any) -> Tab:
        made = tab(browser, served(lake).url, **options)
        tabs.append(made)
        return made

    yield open_tab
    faults = [fault for one in tabs for fault in one.faults]
    for one in tabs:
        one.close()
    assert faults == []


def simulated(folder: Path) -> None:
    """Three weeks of a simulated game."""
    asked = ["simulate", "--days", "21", "--users", "600", "--out", str(folder / "raw")]
    assert launch(build(), asked, "questline") == 0
    asked = ["run", "--raw", str(folder / "raw"), "--lake", str(folder / "lake")]
    assert launch(build(), asked, "questline") == 0


def flamingo(folder: Path) -> None:
    """A real log, which lies outside the project."""
    raw = DATA / "pink_flamingo"
    if not raw.is_dir():
        pytest.skip("the log pink_flamingo is not on this machine")
    mapping = load_mapping("pink_flamingo")
    chosen = {**mapping.settings, "complete_until": date(2016, 6, 16)}
    run(Settings(raw=raw, lake=folder / "lake", **chosen), mapping)
