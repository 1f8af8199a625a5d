"""Features: still to come."""

from questline.dashboard.questions import Lake


def features(lake: Lake) -> None:
    """Draws the page."""
    del lake
