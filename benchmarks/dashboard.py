"""How long a reader waits for the dashboard: `python -m benchmarks.dashboard`.

Starts the dashboard over a lake, drives Debian's Chromium through its pages, and measures from what
the reader does to the moment when the page is complete: the script has ended, nothing is greyed,
every chart is drawn and nothing changes any more. Steps that ask what nobody asked before and steps
whose answers are remembered are measured as they come.

- *First page*: the address is opened in a browser just started, on a server just started.
- *Warm load*: the address again, in a session of its own.
- *Filter change*: a value of an attribute or a period is chosen in the bar; each with new answers.
- *Page switch*: a click in the navigation, rounds over all pages.

Pages that read raw events may take longer. Memory is the most that the server's process held.
A lake of 5 million events is simulated unless `--lake` is given.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Playwright, sync_playwright

import questline
from benchmarks.browsing import Server, Tab, chromium, launched, serve, tab
from benchmarks.metrics import aligned, simulated
from benchmarks.page import put
from questline.dashboard.app import ALWAYS, PAGES
from questline.dashboard.pages.overview import overview

CALL = "from questline.cli import main; main(*{words!r})"
ADDRESSES = {title: "" if draw is overview else draw.__name__ for title, _, draw in PAGES}
RAW = ("Funnels", "Explore", "Players")
UNFILTERED = [title for title, _, draw in PAGES if draw in ALWAYS]
PERIODS = ("7 days", "14 days", "28 days", "All days")
FIRST, WARM, FILTER, SWITCH, RAW_LIMIT, MEMORY = 9.0, 2.5, 1.2, 1.3, 4.0, 900.0
PATIENCE = 300.0
"""Seconds after which a step is given up: large lakes may be slow, and that is to be measured."""
HEAD = ["what", "times", "median s", "p95 s", "worst s", "limit s", ""]


@dataclass
class Measured:
    """What one kind of step took, in milliseconds."""

    name: str
    limit: float | None
    taken: list[float] = field(default_factory=list)
    worst: bool = False

    @property
    def p95(self) -> float:
        """The nearest rank, in seconds."""
        return sorted(self.taken)[math.ceil(0.95 * len(self.taken)) - 1] / 1000

    @property
    def ok(self) -> bool:
        """Whether it keeps its limit: the worst of loads, the 95th percentile of the others."""
        if self.limit is None or not self.taken:
            return True
        return (max(self.taken) / 1000 if self.worst else self.p95) <= self.limit

    def cells(self) -> list[str]:
        """Its row of the table."""
        if not self.taken:
            return [self.name, "0", *[""] * 5]
        verdict = "" if self.limit is None else "ok" if self.ok else "slow"
        return [
            self.name,
            str(len(self.taken)),
            f"{statistics.median(self.taken) / 1000:.2f}",
            f"{self.p95:.2f}",
            f"{max(self.taken) / 1000:.2f}",
            "" if self.limit is None else f"{self.limit:.1f}",
            verdict,
        ]


def first_pages(
    playwright: Playwright, lake: Path, place: Path, starts: int
) -> tuple[Measured, Measured]:
    """Until servers answer, and the first page of servers and browsers that were just started."""
    started = Measured("server answers", None)
    first = Measured("first page of a started server", FIRST, worst=True)
    for number in range(starts):
        browser = launched(playwright)
        began = time.perf_counter()
        with serve(lake, place / f"first{number}.log") as server:
            started.taken.append((time.perf_counter() - began) * 1000)
            first.taken.append(tab(browser, server.url, patience=PATIENCE).open())
        browser.close()
    return started, first


def one_server(
    playwright: Playwright, server: Server, values: Sequence[str], options: argparse.Namespace
) -> list[Measured]:
    """Loads, switches and filter changes on one server, in one browser."""
    browser = launched(playwright)
    tab(browser, server.url, patience=PATIENCE).open()
    warm = Measured("warm load", WARM, worst=True)
    for _ in range(options.loads):
        reader = tab(browser, server.url, patience=PATIENCE)
        warm.taken.append(reader.open())
        reader.close()
    reader = tab(browser, server.url, patience=PATIENCE)
    reader.open()
    switches = {title: Measured(f"switch to {title}", None) for title in ADDRESSES}
    for _ in range(options.rounds):
        for title in [*list(ADDRESSES)[1:], next(iter(ADDRESSES))]:
            switches[title].taken.append(reader.to(title))
    changes = {t: Measured(f"filter on {t}", None) for t in ADDRESSES if t not in UNFILTERED}
    for title, change in changes.items():
        reader.to(title)
        change.taken += filter_changes(reader, values)
    browser.close()
    return [
        warm,
        gathered("page switch", SWITCH, switches, raw=False),
        gathered("page switch, raw events", RAW_LIMIT, switches, raw=True),
        gathered("filter change", FILTER, changes, raw=False),
        gathered("filter change, raw events", RAW_LIMIT, changes, raw=True),
        *switches.values(),
        *changes.values(),
    ]


def gathered(name: str, limit: float, parts: dict[str, Measured], *, raw: bool) -> Measured:
    """Steps of all pages that read raw events, or of all others."""
    chosen = [one for title, one in parts.items() if (title in RAW) == raw]
    taken = [ms for one in chosen for ms in one.taken]
    return Measured(name, limit, taken)


def filter_changes(reader: Tab, values: Sequence[str]) -> list[float]:
    """Each value alone, in all days and then in each period; the way back is not counted."""
    taken = []
    period(reader, PERIODS[-1])
    for value in values:
        taken.append(pick(reader, value))
        taken += [period(reader, name) for name in PERIODS[:-1]]
        period(reader, PERIODS[-1])
        unpick(reader)
    return taken


def period(reader: Tab, name: str) -> float:
    """Chooses a period; returns milliseconds."""
    periods = reader.page.get_by_role("radiogroup", name="Period")
    button = periods.get_by_role("radio", name=name, exact=True)
    if button.get_attribute("aria-checked") == "true":
        return 0.0
    with reader.changing() as taken:
        button.click()
    return taken[0]


def pick(reader: Tab, value: str) -> float:
    """Adds a platform to the filters; returns milliseconds, without those of the open menus."""
    page = reader.page
    page.get_by_test_id("stPopoverButton").filter(has_text="Filters").click()
    page.get_by_role("combobox", name="Platform", exact=True).click()
    with reader.changing() as taken:
        page.get_by_role("option", name=value, exact=True).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    return taken[0]


def unpick(reader: Tab) -> None:
    """Takes the platforms away from the filters."""
    page = reader.page
    page.get_by_test_id("stPopoverButton").filter(has_text="Filters").click()
    chosen = page.locator(".st-key-platform")
    with reader.changing():
        chosen.get_by_role("button", name="Clear all").click()
    page.keyboard.press("Escape")


def main() -> None:
    """Prints the table; ends with 1 where something is slow."""
    options = _arguments()
    if chromium() is None:
        sys.exit("There is no Chromium. As root on Debian: apt-get install chromium")
    with tempfile.TemporaryDirectory(prefix="questline-bench-") as folder:
        place = Path(folder)
        lake = options.lake or simulated(place, options.users)
        asked = questline.open(lake)
        values = [str(value) for value in asked.values("platform")][: options.values]
        events = asked.read(asked.table("events").count().as_table())[0][0].as_py()
        with sync_playwright() as playwright:
            found = [*first_pages(playwright, lake, place, options.starts)]
            with serve(lake, place / "server.log") as server:
                found += one_server(playwright, server, values, options)
                peak = server.peak_mb
    within = all(one.ok for one in found) and peak < MEMORY
    made = aligned(HEAD, [one.cells() for one in found if one.taken])
    made += f"\n\n{events:,} events. Peak memory of the server: {peak:,.0f} MB, "
    made += f"limit {MEMORY:,.0f}: {'ok' if peak < MEMORY else 'too much'}."
    print(made)
    if options.page:
        put("dashboard", "Dashboard", "python -m benchmarks.dashboard --page", made + _EXPLAINED)
    sys.exit(int(not within))


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks.dashboard",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("--lake", type=Path, help="a published lake; simulated if not given")
    asked.add_argument("--users", type=int, default=41_000, help="players of the simulated lake")
    asked.add_argument("--starts", type=int, default=3, help="servers that are started anew")
    asked.add_argument("--loads", type=int, default=5, help="warm loads")
    asked.add_argument("--rounds", type=int, default=2, help="rounds over all pages")
    asked.add_argument("--values", type=int, default=2, help="platforms to filter by, a page")
    asked.add_argument("--page", action="store_true", help="write docs/benchmarks.md")
    return asked.parse_args()


_EXPLAINED = """
Seconds from what the reader does to a page on which the script has ended, every chart is drawn and
nothing moves any more, in Chromium on the machine of the server. Loads must keep their limit each
time, the others in 95 of 100. Filters ask for what nobody asked before.
"""


if __name__ == "__main__":
    main()
