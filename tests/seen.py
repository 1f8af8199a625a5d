"""What a reader sees of a page without a browser, and pages on which some questions fail."""

from __future__ import annotations

from collections.abc import Collection

import pytest
from streamlit.testing.v1 import AppTest

from questline.api import Result
from questline.dashboard.questions import Lake, Question


def tiles(app: AppTest) -> dict[str, str]:
    """The numbers of the tiles by label."""
    return {tile.label: tile.value for tile in app.metric}


def titles(app: AppTest) -> list[str]:
    """The titles of the cards, among other Markdown."""
    return [text.value.strip("*").replace("\\", "") for text in app.markdown]


def said(app: AppTest) -> str:
    """All text of the page."""
    return " | ".join(str(part.value) for part in [*app.markdown, *app.caption, *app.text])


def sound(app: AppTest) -> AppTest:
    """The page, which has no fault."""
    assert not app.exception
    assert not app.error
    assert not app.warning
    return app


def break_questions(patch: pytest.MonkeyPatch, metrics: Collection[str]) -> None:
    """Lets every question about these metrics fail."""
    real = Lake.answer

    def answer(lake: Lake, question: Question) -> Result:
        if question.metric in metrics:
            raise ZeroDivisionError("by zero")
        return real(lake, question)

    patch.setattr(Lake, "answer", answer)
