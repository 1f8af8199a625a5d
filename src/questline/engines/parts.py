"""Parts of questions, worked out once: tables of one engine that several questions read."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from questline.engines.base import Query

PART = "part_"
"""Begins the name of a table that holds a part."""
MOST = 24


@dataclass
class _Part:
    """One table: whether it is there, and how many questions read it now."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    made: bool = False
    readers: int = 0


@dataclass
class Parts:
    """The latest parts that questions asked for; safe to use from several threads.

    Who asks for a part that another thread is working out waits for it. A part that failed is
    tried again by the next one who asks, and none is dropped while it is read.
    """

    make: Callable[[str, Query], None]
    drop: Callable[[str], None]
    most: int = MOST
    _known: OrderedDict[str, _Part] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    @contextmanager
    def ready(self, wanted: Mapping[str, Query]) -> Iterator[None]:
        """In the block, every one of these is a table."""
        with self._lock:
            held = {name: self._known.setdefault(name, _Part()) for name in wanted}
            for name, part in held.items():
                part.readers += 1
                self._known.move_to_end(name)
        try:
            for name, part in held.items():
                with part.lock:
                    if not part.made:
                        self.make(name, wanted[name])
                        part.made = True
            yield
        finally:
            with self._lock:
                for part in held.values():
                    part.readers -= 1
                self._forget()

    def _forget(self) -> None:
        """Drops what was asked for longest ago and is not read now."""
        for name in list(self._known):
            if len(self._known) <= self.most:
                return
            if not self._known[name].readers:
                del self._known[name]
                self.drop(name)
