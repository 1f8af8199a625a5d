"""Repeats: lines whose event id seems to have come before, told while they are read.

Of two copies of an event the one read first mostly counts, so a later one that is put aside at
once spares its day's file from being written again without it. What is told here decides only into
which file a row goes; which copy counts, `deduplicate` decides.
"""

import json
import re
from contextlib import suppress
from itertools import islice
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
_TRIES = 4
_MIX = np.uint64(0x9E3779B97F4A7C15)
_Places = NDArray[np.int64]


def id_key(source: Source) -> str | None:
    """The key under which the lines of a source hold the event's id, if it is as simple as that."""
    if source.format != "jsonl" or source.feeds != "events" or source.ids != "field":
        return None
    spec = "event_id" if source.native else source.fields.get("event_id")
    return spec if isinstance(spec, str) and re.fullmatch(r"\w+", spec) else None


class _Word(NamedTuple):
    """Eight bytes of a line: from which place on, which of them are meant, and what they hold."""

    begin: int
    mask: np.uint64
    held: np.uint64


class _Form(NamedTuple):
    """Where an id stands in its line: what is around it, its own words, the quote after it."""

    around: list[_Word]
    own: list[_Word]
    quote: int


class Repeats:
    """The ids that came so far, as a hash table: a mark of 32 bits each, in the slot of its id.

    Two ids are taken for one where slot and mark agree, which is rare and does no harm. Ids for
    which there is no room are not remembered, so memory has a limit: 4 bytes a slot. Looking costs
    a thirtieth of a run, so it ends where it is in vain.
    """

    def __init__(self, key: str, rows: int, most_slots: int = MOST_SLOTS) -> None:
        """`key` is that of the id in a line, `rows` how many lines will come."""
        self._key = key
        self._form: _Form | None = None
        # Drawn, so that nobody can choose ids that all want one slot.
        self._factors = np.random.default_rng().integers(0, 1 << 63, 17, np.uint64) * 2 + 1
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
        if 2 * len(lines) < len(ends) and (form := _form_of(text, self._key)):
            self._form = form
            lines, hashes = self._hashed(text, ends)
        found[lines] = told = self.came_before(hashes)
        self._patience = PATIENCE if told.any() else self._patience - len(ends)
        if self._patience <= 0:
            self._marks = np.zeros(0, np.uint32)
        return found

    def _hashed(self, text: bytes, ends: _Places) -> tuple[_Places, NDArray[np.uint64]]:
        """The lines whose id stands where it was seen last, and 64 bits of each of these."""
        if self._form is None or len(text) < _BYTES:
            return np.zeros(0, np.int64), np.zeros(0, np.uint64)
        # Eight bytes from any place on, without a copy.
        bytes_from = np.ndarray((len(text) - _BYTES + 1,), "<u8", text, strides=(1,))
        begins = np.concatenate(([0], ends[:-1] + 1))
        quotes = begins + self._form.quote
        lines = np.flatnonzero((quotes < ends) & (quotes < len(bytes_from)))
        begins, alike = begins[lines], np.ones(len(lines), bool)
        for begin, mask, held in self._form.around:
            alike &= bytes_from[begins + begin] & mask == held
        sums = np.zeros(len(lines), np.uint64)
        for word, factor in zip(self._form.own, self._factors, strict=False):
            sums = _spread((sums ^ bytes_from[begins + word.begin] & word.mask) * factor)
        return lines[alike], _spread(_spread(sums * _MIX) * _MIX)[alike]

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


def _spread(sums: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Brings the high bits, which a product mixes, to the low ones."""
    return sums ^ (sums >> np.uint64(32))


def _form_of(text: bytes, key: str) -> _Form | None:
    """Where the first lines hold their id, if they are JSON that does."""
    looked = re.finditer(rb'"%b"[ ]?:[ ]?"([^"\\\n]{1,128})"' % key.encode(), text)
    for found in islice(looked, _TRIES):
        line = text.rfind(b"\n", 0, found.start()) + 1
        # What is further within may have the same name.
        with suppress(ValueError, RecursionError):
            row = json.loads(text[line : text.find(b"\n", line)])
            if isinstance(row, dict) and row.get(key) == found[1].decode():
                places = (found.start(), *found.span(1))
                return _placed(text[line : found.end()], *(place - line for place in places))
    return None


def _placed(begin: bytes, key: int, first: int, quote: int) -> _Form:
    """The form of lines that begin so; where the key, the id and the quote after it are."""
    text = begin + b"\0" * _BYTES
    places = np.arange(len(text))
    own = (first <= places) & (places < quote)
    around = (key <= places) & (places <= quote) & ~own

    def word(place: int, meant: NDArray[np.bool_]) -> _Word:
        mask = int.from_bytes(bytes(255 * m for m in meant[place : place + _BYTES]), "little")
        held = int.from_bytes(text[place : place + _BYTES], "little")
        return _Word(place, np.uint64(mask), np.uint64(held & mask))

    # The words of an id begin with it, so that it is the same whatever precedes it.
    places_of_key, places_of_id = range(key, first, _BYTES), range(first, quote + 1, _BYTES)
    return _Form(
        [*(word(p, around & (places < first)) for p in places_of_key), word(quote, around)],
        [word(p, own) for p in places_of_id],
        quote,
    )
