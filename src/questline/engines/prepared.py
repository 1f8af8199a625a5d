"""Questions that were compiled before: a question asked again is not built again."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from questline.engines.base import Query

MOST = 600


@dataclass(frozen=True)
class Prepared:
    """The latest queries by what was asked; safe to use from several threads."""

    most: int = MOST
    _found: OrderedDict[str, Query] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def query(self, asked: str, prepare: Callable[[], Query]) -> Query:
        """The query of this text, prepared if it is not among the latest."""
        with self._lock:
            found = self._found.get(asked)
            if found is not None:
                self._found.move_to_end(asked)
                return found
        made = prepare()
        with self._lock:
            self._found[asked] = made
            while len(self._found) > self.most:
                self._found.popitem(last=False)
        return made
