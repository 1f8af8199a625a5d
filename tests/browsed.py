"""A page of the dashboard in a browser as its reader sees it, and what the reader does there."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.browsing import Tab
from playwright.sync_api import Locator

from questline.dashboard.app import ALWAYS, PAGES
from questline.dashboard.pages.overview import overview

Opened = Callable[..., Tab]
ADDRESSES = {title: "" if draw is overview else draw.__name__ for title, _, draw in PAGES}
FILTERED = [title for title, _, draw in PAGES if draw not in ALWAYS]
BOXES = ("stException", "stAlertContentError", "stAlertContentWarning")
"""What a page says where something cannot be shown."""


def shown(tab: Tab) -> str:
    """All text of the page below the navigation."""
    return tab.page.get_by_test_id("stMainBlockContainer").inner_text()


def explained(tab: Tab) -> list[Locator]:
    """The buttons that tell what the numbers of the page mean, one a card."""
    return tab.page.locator("[class*='st-key-about'] button:visible").all()


def tiles(tab: Tab) -> dict[str, str]:
    """The numbers of the tiles by their names."""
    found = {}
    for tile in tab.page.get_by_test_id("stMetric").all():
        name = tile.get_by_test_id("stMetricLabel").inner_text().strip()
        found[name] = tile.get_by_test_id("stMetricValue").inner_text().strip()
    return found


def boxes(tab: Tab) -> list[str]:
    """Texts of all exceptions, errors and warnings on the page."""
    return [text for kind in BOXES for text in tab.page.get_by_test_id(kind).all_inner_texts()]


def pictures(tab: Tab) -> list[str]:
    """Every chart, as the shapes that it is made of."""
    drawn: list[str] = tab.page.evaluate(
        "() => [...document.querySelectorAll('[data-testid=stVegaLiteChart]')].map(chart =>"
        " [...chart.querySelectorAll('path')].map(path => path.getAttribute('d')).join(' '))"
    )
    return drawn


def choose(tab: Tab, label: str, value: str) -> None:
    """Adds a value of an attribute to the filters."""
    page = tab.page
    page.get_by_test_id("stPopoverButton").filter(has_text="Filters").click()
    page.get_by_role("combobox", name=label, exact=True).click()
    with tab.changing():
        page.get_by_role("option", name=value, exact=True).click()
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    tab.complete()


@dataclass(frozen=True)
class Told:
    """What the dialog about a number offers."""

    command: str
    csv: bytes


def told(tab: Tab, button: Locator) -> list[Told]:
    """Opens the dialog about a card and reads it: the first of its numbers, and the last."""
    with tab.changing():
        button.click()
    dialog = tab.page.get_by_role("dialog")
    found = [taken_along(tab, dialog)]
    choice = dialog.get_by_test_id("stSelectbox")
    if choice.count():
        choice.get_by_role("combobox").press("ArrowDown")
        with tab.changing():
            tab.page.get_by_role("option").last.click()
        found.append(taken_along(tab, dialog))
    dismiss(tab)
    return found


def dismiss(tab: Tab) -> None:
    """Closes the dialog."""
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("button", name="Close").click()
    dialog.wait_for(state="hidden")


def taken_along(tab: Tab, place: Locator) -> Told:
    """The command and the download that stand in one place of the page."""
    command = place.get_by_test_id("stCode").first.inner_text().strip()
    with tab.page.expect_download() as coming:
        place.get_by_test_id("stDownloadButton").get_by_role("button").first.click()
    return Told(command, Path(coming.value.path()).read_bytes())
