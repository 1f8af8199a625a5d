"""Options of levels."""

from __future__ import annotations

from functools import partial

from questline.metrics.options import (
    LARGEST_DAY_NUMBER,
    Option,
    duration,
    flag,
    share,
    text,
    whole,
)

MODE = Option("mode", "One game mode; all of them together if not given.", text)

LARGEST_LEVEL = 999_999_999

MOST_NEIGHBOURS = 50
MOST_INACTIVE = 365

VERSIONS = Option(
    "versions",
    "One row a level and version of the game in which the attempt began, `version`; by "
    "first_version splits by the version at acquisition instead.",
    flag,
)

NEIGHBOURS = Option(
    "neighbours",
    "How many played levels before and after a level it is compared with.",
    whole("neighbours", 1, MOST_NEIGHBOURS),
)

DROP = Option(
    "drop",
    "Least drop of the win rate below the neighbours that makes a spike: 0.05 is five points.",
    share("drop"),
)

WITHIN = Option(
    "within",
    "A fail counts as a quit if no attempt follows within this time: 30m, 12h, 1d, 7d.",
    partial(duration, name="within"),
)

INACTIVE = Option(
    "inactive",
    "Days without activity after which a player counts as gone: 7, or 14 for a final figure.",
    whole("inactive", 1, MOST_INACTIVE),
)

LAST_LEVEL = Option(
    "last_level",
    "The last level that there is to play; the highest one anybody started if not given.",
    whole("last_level", 0, LARGEST_LEVEL),
)

LEVEL = Option("level", "One level; all of them if not given.", whole("level", 0, LARGEST_LEVEL))

BY_DAY = Option(
    "by_day",
    "Day number by which a level must have been started to count as reached.",
    whole("by_day", 0, LARGEST_DAY_NUMBER),
)
