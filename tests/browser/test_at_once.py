"""Many readers at once, readers during a run, and readers who have to log in."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from benchmarks.browsing import ROOT, serve, tab
from playwright.sync_api import Browser

import questline
from browsed import ADDRESSES, Opened, boxes, shown, tiles
from questline.metrics import Kind
from questline.metrics.display import brief

pytestmark = pytest.mark.browser

CALL = "from questline.cli import main; main(*{words!r})"


def test_ten_readers_at_once_see_what_each_asked_for(
    opened: Opened, lakes: Callable[[str], Path]
) -> None:
    lake = questline.open(lakes("simulated"))
    countries = [str(value) for value in lake.values("country")][:5]
    asked = [(c, version) for c in countries for version in ("", "&compare=false")]
    readers = [(country, more, opened("simulated")) for country, more in asked]
    assert len(readers) == 10
    for country, more, reader in readers:
        reader.start(f"?period=All+days&country={country}{more}")
    for country, _, reader in readers:
        reader.complete()
        assert boxes(reader) == []
        revenue = lake.result("revenue", where=f"country={country}").rows()[0]["revenue_usd"]
        assert tiles(reader)["Revenue"] == brief(revenue, Kind.USD)
    runs = [reader.runs for _, _, reader in readers]
    for (_, _, reader), title in zip(readers, [*list(ADDRESSES)[1:]] * 2, strict=False):
        reader.page.get_by_test_id("stTopNavLink").filter(has_text=title).click()
    for (country, _, reader), before in zip(readers, runs, strict=True):
        reader.complete(before + 1)
        assert f"Filtered: {country}" in shown(reader)
        assert boxes(reader) == []


def test_readers_during_a_run_see_one_version(
    browser: Browser, lakes: Callable[[str], Path], tmp_path: Path
) -> None:
    """The lake of half of the days gets the other half while pages are opened again and again."""
    whole = lakes("simulated").parent / "raw"
    raw, lake = tmp_path / "raw", tmp_path / "lake"
    raw.mkdir()
    files = sorted(path for path in whole.rglob("*") if path.is_file())
    half = [path for path in files if "2026-01-1" not in path.name and "2026-01-2" not in path.name]
    assert 0 < len(half) < len(files)
    _copy(half, whole, raw)
    words = ("run", "--raw", str(raw), "--lake", str(lake))
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    call = [sys.executable, "-c", CALL.format(words=words)]
    subprocess.run(call, check=True, cwd=ROOT, env=environment, capture_output=True)
    numbers = {1: _numbers(lake)}
    _copy(files, whole, raw)
    seen: list[tuple[int, str, str]] = []
    with serve(lake, tmp_path / "log.txt") as server:
        reader = tab(browser, server.url)
        reader.open("?period=All+days")
        seen.append(_seen(shown(reader), tiles(reader)))
        process = subprocess.Popen(
            call, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        during = 0
        while process.poll() is None:
            reader.open("?period=All+days")
            assert boxes(reader) == []
            seen.append(_seen(shown(reader), tiles(reader)))
            during += 1
        assert process.returncode == 0
        numbers[2] = _numbers(lake)
        reader.open("?period=All+days")
        seen.append(_seen(shown(reader), tiles(reader)))
        assert reader.faults == []
        reader.close()
    assert during > 1
    assert (seen[0][0], seen[-1][0]) == (1, 2)
    assert numbers[1] != numbers[2]
    assert all((players, revenue) == numbers[version] for version, players, revenue in seen)


def _copy(files: list[Path], whole: Path, raw: Path) -> None:
    for path in files:
        target = raw / path.relative_to(whole)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, target)


def _numbers(lake: Path) -> tuple[str, str]:
    """Players of the last day and the revenue, as tiles show them."""
    asked = questline.open(lake)
    players = asked.result("dau").rows()[-1]["players"]
    revenue = asked.result("revenue").rows()[0]["revenue_usd"]
    return brief(players, Kind.COUNT), brief(revenue, Kind.USD)


def _seen(text: str, shown_tiles: dict[str, str]) -> tuple[int, str, str]:
    """Version of the lake, players of the last day and revenue of one look at the page."""
    (version,) = set(re.findall(r"lake version (\d+)", text))
    (players,) = [v for name, v in shown_tiles.items() if name.startswith("Daily players")]
    return int(version), players, shown_tiles["Revenue"]
