"""Progression: still to come."""

from questline.dashboard.questions import Lake


def progression(lake: Lake) -> None:
    """Draws the page."""
    del lake
