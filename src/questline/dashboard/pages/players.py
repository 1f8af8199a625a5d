"""Players: still to come."""

from questline.dashboard.questions import Lake


def players(lake: Lake) -> None:
    """Draws the page."""
    del lake
