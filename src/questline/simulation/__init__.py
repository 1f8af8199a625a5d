"""A simulated game: players, their sessions, and the raw files such a game would log.

What may be set: `config`, `presets`, `plan` (a file of one's own), `experiments`, `planted`.
What the world is made of: `places`, `rhythm`, and `draws`, where every random number comes from.
Who plays and what happens: `players`, `roster`, `behaviour`, `progression`, `economy`, `wallet`,
`exposure`; `play` is one day of some of them.
How it becomes files: `blocks`, `timetable`, `text`, `dirt`, `log`, `writer`, `folder`; `world`
runs it.
What is true: `truth`, `effects`, `key`; `figures` and `targets` hold it against published numbers.
`live` streams: events as they happen.
"""

from questline.simulation.config import SimulationConfig
from questline.simulation.world import Summary, simulate

__all__ = ["SimulationConfig", "Summary", "simulate"]
