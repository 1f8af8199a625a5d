"""Funnels: still to come."""

from questline.dashboard.questions import Lake


def funnels(lake: Lake) -> None:
    """Draws the page."""
    del lake
