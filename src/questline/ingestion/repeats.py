"""Repeats: lines whose event id came before in the same run, told while they are read.

Of two copies of an event the one read first mostly counts, so a later one that is put aside at
once spares its day's file from being written again without it. What is told here decides only into
which file a row goes; which copy counts, `deduplicate` decides.
"""

import re
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from questline.ingestion.mapping import Source

MOST_SLOTS = 1 << 26
FULL = 0.6
"""The part of the slots that may be taken; beyond it the search for a free one gets long."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_Places = NDArray[np.int64]


def id_key(source: Source) -> str | None:
    """The key under which the lines of a source hold the event's id, if it is as simple as that."""
    if source.feeds != "events" or source.ids != "field":
        return None
    spec = "event_id" if source.native else source.fields.get("event_id")
    return spec if isinstance(spec, str) and re.fullmatch(r"\w+", spec) else None


class _Shape(NamedTuple):
    """Where an id stands: what precedes it begins at this place of the line; bytes of the id."""

    begin: int
    opening: bytes
    size: int


class Repeats:
    """The ids that came so far, as a hash table of 32 bits each: a slot and a mark.

    Two ids are taken for one where slot and mark agree, which is rare and does no harm. Ids for
    which there is no room are not remembered, so memory has a limit: 4 bytes a slot.
    """

    def __init__(self, key: str, rows: int, most_slots: int = MOST_SLOTS) -> None:
        """`key` is that of the id in a line, `rows` how many lines will come."""
        self._form = re.compile(rb'"' + key.encode() + rb'"[ ]?:[ ]?"([^"\\\n]{1,128})"')
        self._shape = _Shape(0, b"", 0)
        # Drawn, so that nobody can choose ids that all want one slot.
        self._factors = np.random.default_rng().integers(0, 1 << 63, 16, np.uint64) * 2 + 1
        slots = min(1 << int(rows / FULL).bit_length(), most_slots)
        self._marks = np.zeros(slots, np.uint32)
        self._room = int(slots * FULL)

    def in_lines(self, text: bytes, ends: _Places) -> NDArray[np.bool_]:
        """Which lines hold an id that came before, on these or on earlier ones.

        Seen are ids that stand at one place in their lines and are equally long, as programs write
        them. `ends` are the places of the line ends in `text`.
        """
        found = np.zeros(len(ends), bool)
        lines, ids = self._ids(text, ends)
        if 2 * len(lines) < len(ends) and (first := self._form.search(text)):
            begin = first.start() - text.rfind(b"\n", 0, first.start()) - 1
            self._shape = _Shape(begin, text[first.start() : first.start(1)], len(first[1]))
            lines, ids = self._ids(text, ends)
        found[lines] = self.came_before(self._hashed(ids))
        return found

    def _ids(self, text: bytes, ends: _Places) -> tuple[_Places, NDArray[np.uint8]]:
        """The lines of the shape that was seen last, and their ids, one a row."""
        begin, opening, size = self._shape
        width = len(opening) + size + 1
        begins = np.concatenate(([0], ends[:-1] + 1)) + begin
        lines = np.flatnonzero(begins + width <= ends)
        if not len(lines):
            return lines, np.zeros((0, size), np.uint8)
        windows = np.lib.stride_tricks.sliding_window_view(np.frombuffer(text, np.uint8), width)
        held = windows[begins[lines]]
        opened = held[:, : len(opening)] == np.frombuffer(opening, np.uint8)
        alike = opened.all(axis=1) & (held[:, -1] == ord('"'))
        return lines[alike], held[alike, len(opening) : -1]

    def _hashed(self, ids: NDArray[np.uint8]) -> NDArray[np.uint64]:
        """64 bits of each row."""
        count, size = ids.shape
        words = np.zeros((count, -(-size // 8)), np.uint64)
        words.view(np.uint8)[:, :size] = ids
        factors = self._factors[: words.shape[1]]
        sums: NDArray[np.uint64] = np.sum(words * factors, axis=1, dtype=np.uint64)
        mixed = (sums ^ (sums >> np.uint64(29))) * _MIX
        return mixed ^ (mixed >> np.uint64(32))

    def came_before(self, hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Whether each one came before, here or in an earlier call; from now on all of them did."""
        found = np.zeros(len(hashes), bool)
        ordered = np.sort(hashes)
        if (ordered[1:] == ordered[:-1]).any():
            found[:] = True
            found[np.unique(hashes, return_index=True)[1]] = False
        fresh = np.flatnonzero(~found)
        found[fresh] = self._look(hashes[fresh], kept=len(fresh) <= self._room)
        return found

    def _look(self, hashes: NDArray[np.uint64], *, kept: bool) -> NDArray[np.bool_]:
        """The same for hashes that differ; without `kept` they are only looked up."""
        found = np.zeros(len(hashes), bool)
        last = len(self._marks) - 1
        slots = (hashes & np.uint64(last)).astype(np.int64)
        marks = (hashes >> np.uint64(32)).astype(np.uint32) | np.uint32(1)  # 0 is a free slot
        places = np.arange(len(hashes))
        while len(places):
            there = self._marks[slots]
            same, done = there == marks, there == 0
            found[places[same]] = True
            if kept:
                # Of several that take one slot, the last one has it, and the others go on.
                self._marks[slots[done]] = marks[done]
                done &= self._marks[slots] == marks
                self._room -= int(np.count_nonzero(done))
            left = ~(same | done)
            places, marks, slots = places[left], marks[left], (slots[left] + 1) & last
        return found
