"""Quality: still to come."""

from questline.dashboard.questions import Lake


def quality(lake: Lake) -> None:
    """Draws the page."""
    del lake
