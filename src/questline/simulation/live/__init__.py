"""A live stream: events whose time is now, in files that roll every few seconds.

`files` writes them, each visible only when it is complete; `stream` fills each second with
sessions that begin in it; `cast` holds sessions that wait and players; `rows` holds events that
have not happened yet; `worlds` chooses the world to play and replays its earlier days, so that
memory depends on the rate and not on the time.
"""

from questline.simulation.live.files import (
    MAX_RATE,
    LiveSettings,
    LiveSummary,
    SystemClock,
    stream_live,
)

__all__ = ["MAX_RATE", "LiveSettings", "LiveSummary", "SystemClock", "stream_live"]
