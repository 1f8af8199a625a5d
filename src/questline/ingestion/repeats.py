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
PATIENCE = 500_000
"""Lines in a row, no id of which came before, after which no more are looked at."""

_BYTES = 8
_MIX = np.uint64(0x9E3779B97F4A7C15)
_Places = NDArray[np.int64]


def id_key(source: Source) -> str | None:
    """The key under which the lines of a source hold the event's id, if it is as simple as that."""
    if source.feeds != "events" or source.ids != "field":
        return None
    spec = "event_id" if source.native else source.fields.get("event_id")
    return spec if isinstance(spec, str) and re.fullmatch(r"\w+", spec) else None


class _Word(NamedTuple):
    """Eight bytes of a line: from which place on, which of them are `fixed`, and which the id's."""

    begin: int
    mask: np.uint64
    fixed: np.uint64
    of_id: np.uint64


class Repeats:
    """The ids that came so far, as a hash table of 32 bits each: a slot and a mark.

    Two ids are taken for one where slot and mark agree, which is rare and does no harm. Ids for
    which there is no room are not remembered, so memory has a limit: 4 bytes a slot. Looking costs
    a thirtieth of a run, so it ends where it is in vain.
    """

    def __init__(self, key: str, rows: int, most_slots: int = MOST_SLOTS) -> None:
        """`key` is that of the id in a line, `rows` how many lines will come."""
        self._form = re.compile(rb'"' + key.encode() + rb'"[ ]?:[ ]?"([^"\\\n]{1,128})"')
        self._words: list[_Word] = []
        self._quote = 0
        # Drawn, so that nobody can choose ids that all want one slot.
        self._factors = np.random.default_rng().integers(0, 1 << 63, 64, np.uint64) * 2 + 1
        slots = min(1 << int(rows / FULL).bit_length(), most_slots)
        self._marks = np.zeros(slots, np.uint32)
        self._room = int(slots * FULL)
        self._patience = PATIENCE

    def in_lines(self, text: bytes, ends: _Places) -> NDArray[np.bool_]:
        """Which lines hold an id that came before, on these or on earlier ones.

        Seen are ids that stand at one place in their lines and are equally long, as programs write
        them. `ends` are the places of the line ends in `text`.
        """
        found = np.zeros(len(ends), bool)
        if self._patience <= 0:
            return found
        lines, hashes = self._hashed(text, ends)
        if 2 * len(lines) < len(ends) and (first := self._form.search(text)):
            self._quote, self._words = _words(first)
            lines, hashes = self._hashed(text, ends)
        found[lines] = told = self.came_before(hashes)
        self._patience = PATIENCE if told.any() else self._patience - len(ends)
        if self._patience <= 0:
            self._marks = np.zeros(0, np.uint32)
        return found

    def _hashed(self, text: bytes, ends: _Places) -> tuple[_Places, NDArray[np.uint64]]:
        """The lines whose id stands where it was seen last, and 64 bits of each of these."""
        if not self._words or len(text) < _BYTES:
            return np.zeros(0, np.int64), np.zeros(0, np.uint64)
        # Eight bytes from any place on, without a copy.
        bytes_from = np.ndarray((len(text) - _BYTES + 1,), "<u8", text, strides=(1,))
        begins = np.concatenate(([0], ends[:-1] + 1))
        there = (begins + self._quote < ends) & (begins + self._words[-1].begin < len(bytes_from))
        lines = np.flatnonzero(there)
        begins, alike = begins[lines], np.ones(len(lines), bool)
        sums = np.zeros(len(lines), np.uint64)
        for (begin, mask, fixed, of_id), factor in zip(self._words, self._factors, strict=False):
            word = bytes_from[begins + begin]
            if mask:
                alike &= word & mask == fixed
            if of_id:
                sums += (word & of_id) * factor
        mixed = (sums ^ (sums >> np.uint64(29))) * _MIX
        return lines[alike], (mixed ^ (mixed >> np.uint64(32)))[alike]

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


def _words(found: re.Match[bytes]) -> tuple[int, list[_Word]]:
    """Where in its line the quote after an id stands, and what holds the key, the id and it."""
    line = found.string.rfind(b"\n", 0, found.start()) + 1
    begin, first, quote = (place - line for place in (found.start(), *found.span(1)))
    text = np.frombuffer(found.string[line : line + quote + 1] + b"\0" * _BYTES, np.uint8)
    places = np.arange(len(text))
    of_id = np.where((first <= places) & (places < quote), 255, 0).astype(np.uint8)
    fixed = np.where((begin <= places) & (places <= quote), 255, 0).astype(np.uint8) & ~of_id

    def word(place: int) -> _Word:
        held, mask, own = (
            np.uint64(int.from_bytes(column[place : place + _BYTES].tobytes(), "little"))
            for column in (text, fixed, of_id)
        )
        return _Word(place, mask, held & mask, own if place >= first else np.uint64(0))

    # Those of the id begin with it, so that it is the same whatever precedes it.
    return quote, [
        word(p) for p in (*range(begin, first, _BYTES), *range(first, quote + 1, _BYTES))
    ]
