"""Every page in Chromium, over a simulated lake and a real log: whole, and the same by link."""

import pytest
from benchmarks.browsing import PHONE

from browsed import ADDRESSES, FILTERED, Opened, boxes, choose, pictures, shown

pytestmark = pytest.mark.browser

WITHOUT_CHARTS = {"Players"}
"""Pages that draw nothing until the reader has asked for something."""


@pytest.mark.parametrize("title", ADDRESSES)
@pytest.mark.parametrize("lake", ["simulated", "pink_flamingo"])
def test_page_is_whole(opened: Opened, lake: str, title: str) -> None:
    tab = opened(lake)
    tab.open(ADDRESSES[title])
    assert boxes(tab) == []
    assert "lake version 1" in shown(tab)
    marks = tab.marks()
    assert marks or lake != "simulated" or title in WITHOUT_CHARTS
    assert 0 not in marks, marks


@pytest.mark.parametrize("title", ADDRESSES)
def test_page_fits_a_phone(opened: Opened, title: str) -> None:
    tab = opened("simulated", size=PHONE, is_mobile=True, has_touch=True, color_scheme="dark")
    tab.open(ADDRESSES[title])
    assert boxes(tab) == []
    beyond = tab.page.evaluate(
        "() => [document.documentElement, document.querySelector('[data-testid=stMain]')]"
        ".map(place => place.scrollWidth - place.clientWidth)"
    )
    assert beyond == [0, 0]


@pytest.mark.parametrize("title", FILTERED)
def test_filter_changes_the_page_and_its_link_gives_the_same(opened: Opened, title: str) -> None:
    tab = opened("simulated")
    tab.open(ADDRESSES[title])
    before = shown(tab), pictures(tab)
    choose(tab, "Platform", "ios")
    text, drawn = shown(tab), pictures(tab)
    assert (text.replace("Filtered: ios", ""), drawn) != before
    other = opened("simulated")
    other.open(tab.page.url.removeprefix(f"{tab.base}/"))
    assert shown(other) == text
    assert pictures(other) == drawn


def test_filters_survive_a_change_of_the_page(opened: Opened) -> None:
    tab = opened("simulated")
    tab.open()
    choose(tab, "Platform", "android")
    with tab.changing():
        tab.page.get_by_role("radio", name="All days").click()
    for title in [*list(ADDRESSES)[1:], "Overview"]:
        tab.to(title)
        assert "Filtered: android" in shown(tab), title
        assert "platform=android" in tab.query, title
        assert "period=All+days" in tab.query, title
