"""Names from events that are pieces of HTML and Markdown stand on every page as text."""

import pytest

from browsed import ADDRESSES, Opened, boxes, choose, dismiss, explained, shown
from evil import EVIL

pytestmark = pytest.mark.browser

HARM = """
() => {
  const made = [...document.querySelectorAll('script, img, a, strong, .katex')].filter(e =>
    e.matches('[onerror], .katex, [href*="evil.example"]') ||
    (e.tagName === 'SCRIPT' && e.textContent.includes('harmed')) ||
    (e.tagName === 'STRONG' && e.textContent === 'b'));
  return [window.harmed ?? 0, ...made.map(e => e.outerHTML.slice(0, 200))];
}
"""
"""What a name did: its script ran, or a piece of it became an element."""


@pytest.mark.parametrize("title", ADDRESSES)
def test_names_stay_text(opened: Opened, title: str) -> None:
    tab = opened("hostile")
    tab.open(ADDRESSES[title])
    assert boxes(tab) == []
    assert tab.page.evaluate(HARM) == [0]
    choose(tab, "Platform", EVIL)
    assert EVIL in shown(tab)
    assert tab.page.evaluate(HARM) == [0]
    for button in explained(tab)[:2]:
        with tab.changing():
            button.click()
        assert EVIL in tab.page.get_by_role("dialog").inner_text()
        assert tab.page.evaluate(HARM) == [0]
        dismiss(tab)
