"""Names from events that are pieces of HTML and Markdown stand on every page as text."""

import pytest

from browsed import ADDRESSES, Opened, boxes, choose, shown
from evil import EVIL

pytestmark = pytest.mark.browser

HARM = """
() => {
  const kinds = 'script, img, a, strong, .katex';
  const made = [...document.querySelectorAll(kinds)];
  const own = made.filter(e => /harmed|evil\\.example/.test(e.outerHTML));
  return [window.harmed ?? 0, ...own.map(e => e.outerHTML.slice(0, 200))];
}
"""


@pytest.mark.parametrize("title", ADDRESSES)
def test_names_stay_text(opened: Opened, title: str) -> None:
    tab = opened("hostile")
    tab.open(ADDRESSES[title])
    assert boxes(tab) == []
    assert tab.page.evaluate(HARM) == [0]
    choose(tab, "Platform", EVIL)
    assert EVIL in shown(tab)
    assert tab.page.evaluate(HARM) == [0]
    for button in tab.page.locator("[class*='st-key-about'] button:visible").all():
        with tab.changing():
            button.click()
        assert EVIL in tab.page.get_by_role("dialog").inner_text()
        assert tab.page.evaluate(HARM) == [0]
        tab.page.keyboard.press("Escape")
        tab.page.get_by_role("dialog").wait_for(state="hidden")
