"""Explore: still to come."""

from questline.dashboard.questions import Lake


def explore(lake: Lake) -> None:
    """Draws the page."""
    del lake
