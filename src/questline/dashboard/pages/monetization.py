"""Monetization: still to come."""

from questline.dashboard.questions import Lake


def monetization(lake: Lake) -> None:
    """Draws the page."""
    del lake
