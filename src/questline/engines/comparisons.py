"""What Ibis remembers of comparisons, safe for threads.

Ibis keeps by `id` which of its objects are equal, in one dictionary of the process, and takes an
object out when it dies. Where one thread compares while another lets go, an entry can stay behind,
and a later object with the same id would be taken for equal to what it never was: another SQL.
"""

from __future__ import annotations

import threading
from typing import Any

from ibis.common.bases import Comparable


def guard() -> None:
    """Lets one thread at a time change what is remembered; whoever only looks need not wait."""
    # Objects may outlive this module's names when Python ends, hence no globals below.
    known: dict[int, dict[int, bool]] = Comparable.__cache__
    # The same thread may come again, where its garbage is collected meanwhile.
    lock = threading.RLock()

    def equal(one: Any, other: Any) -> bool:  # noqa: ANN401 - Ibis has no types
        if one is other:
            return True
        if type(one) is not type(other):
            return False
        this, that = id(one), id(other)
        try:
            return known[this][that]
        except KeyError:
            found = bool(one.__equals__(other))
        with lock:
            known.setdefault(this, {})[that] = found
            known.setdefault(that, {})[this] = found
        return found

    def forget(one: object) -> None:
        this = id(one)
        with lock:
            for that in known.pop(this, ()):
                others = known[that]
                del others[this]
                if not others:
                    del known[that]

    Comparable.__eq__ = equal
    Comparable.__del__ = forget
