"""A simulated game: players, their sessions, and the raw files such a game would log.

`config` and `presets` say what may be set; `places` and `rhythm` hold countries, prices and hours;
`players`, `behaviour`, `progression`, `economy` and `wallet` draw the world, each from its own
random stream (`streams`); `blocks`, `timetable` and `text` turn it into rows; `writer` and
`folder` into files; `world` runs it all.
"""

from questline.simulation.config import SimulationConfig
from questline.simulation.world import Summary, simulate

__all__ = ["SimulationConfig", "Summary", "simulate"]
