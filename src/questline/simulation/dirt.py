"""Labelled dirt: lines of a simulated log spoiled in known ways.

What becomes of a line depends on the seed, the hash of its event and the line itself, never on
its neighbours. The labels are the answer key by which `questline verify` judges a lake.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pyarrow as pa

from questline.contract import Reason
from questline.simulation import dirt_lines
from questline.simulation.dirt_lines import Choices, Fields, encoded, fields_of, plain, written
from questline.simulation.draws import Bools, Hashes, Ints, Purpose, hashed, uniform

DUPLICATE = "duplicate"
"""Stands where a reason stands: the line repeats an event that counts once."""


class Label(StrEnum):
    """The kinds of dirt."""

    TRUNCATED = "truncated"
    """Cut off somewhere after event_id."""
    GARBLED = "garbled"
    """A quote, a colon or a brace lost or doubled."""
    NOT_OBJECT = "not_object"
    """JSON, but an array or a text."""
    WRONG_ENCODING = "wrong_encoding"
    """A letter of Latin-1 in UTF-8."""
    MISSING_ID = "missing_id"
    """event_id or player_id absent, null or empty."""
    BAD_ID = "bad_id"
    """event_id or player_id not a UUID."""
    BAD_TIME = "bad_time"
    """A time without zone, as a number, or impossible."""
    WRONG_TYPE = "wrong_type"
    """A value of another JSON type than the contract's."""
    NEGATIVE_PRICE = "negative_price"
    """An amount of real money below zero."""
    UNKNOWN_CURRENCY = "unknown_currency"
    """A currency without exchange rate."""
    FUTURE_CLOCK = "future_clock"
    """Days ahead of its reception, without sent_at."""
    TOO_OLD = "too_old"
    """More than 40 days before its reception, without sent_at."""
    MALFORMED_TYPE = "malformed_type"
    """A control character in the event type."""
    UNKNOWN_TYPE = "unknown_type"
    """A type that the contract does not know: accepted as a custom event."""
    EXACT_DUPLICATE = "exact_duplicate"
    """The line once more, right after itself."""
    DELAYED_DUPLICATE = "delayed_duplicate"
    """The event once more in the file of a later day."""
    ID_COLLISION = "id_collision"
    """Another event with the same id and time, right after, received later."""
    LATE = "late"
    """The event arrives in the file of a later day only."""
    SKEWED_CLOCK = "skewed_clock"
    """The device's clock is hours off; sent_at tells, and the event is corrected."""
    UNIT_MISTAKE = "unit_mistake"
    """The price in cents: accepted, since nothing tells."""
    REPEATED_END = "repeated_end"
    """A second session_end with an id of its own: accepted, since nothing forbids it."""


@dataclass(frozen=True)
class Rule:
    """How often a label is drawn, and for which event types; `types` None stands for all.

    `reason` is that of the refusal, DUPLICATE, or None where the contract has no rule.
    """

    weight: int
    reason: str | None
    types: frozenset[str] | None = None
    except_types: frozenset[str] = frozenset()

    def allows(self, kind: str) -> bool:
        """Whether events of this type may have the label."""
        return kind not in self.except_types and (self.types is None or kind in self.types)


_PAYMENTS = frozenset({"purchase", "refund"})
RULES: dict[Label, Rule] = {
    Label.TRUNCATED: Rule(8, Reason.MALFORMED_JSON),
    Label.GARBLED: Rule(4, Reason.MALFORMED_JSON),
    Label.NOT_OBJECT: Rule(2, Reason.NOT_AN_OBJECT),
    Label.WRONG_ENCODING: Rule(3, Reason.INVALID_ENCODING),
    Label.MISSING_ID: Rule(6, Reason.MISSING_FIELD),
    Label.BAD_ID: Rule(4, Reason.INVALID_ID),
    Label.BAD_TIME: Rule(5, Reason.INVALID_TIMESTAMP),
    Label.WRONG_TYPE: Rule(8, Reason.INVALID_PROPERTY),
    Label.NEGATIVE_PRICE: Rule(4, Reason.INVALID_PROPERTY, _PAYMENTS | {"ad_watched"}),
    Label.UNKNOWN_CURRENCY: Rule(3, Reason.UNKNOWN_CURRENCY, _PAYMENTS),
    Label.FUTURE_CLOCK: Rule(4, Reason.TIMESTAMP_IN_FUTURE),
    Label.TOO_OLD: Rule(3, Reason.TOO_OLD),
    Label.MALFORMED_TYPE: Rule(3, Reason.UNKNOWN_EVENT_TYPE),
    Label.UNKNOWN_TYPE: Rule(4, None, except_types=_PAYMENTS | {"experiment_exposure"}),
    Label.EXACT_DUPLICATE: Rule(18, DUPLICATE),
    Label.DELAYED_DUPLICATE: Rule(12, DUPLICATE),
    Label.ID_COLLISION: Rule(3, Reason.ID_COLLISION, except_types=_PAYMENTS),
    Label.LATE: Rule(20, None),
    Label.SKEWED_CLOCK: Rule(10, None),
    Label.UNIT_MISTAKE: Rule(2, None, frozenset({"purchase"})),
    Label.REPEATED_END: Rule(4, None, frozenset({"session_end"})),
}
LABELS = tuple(Label)

_REPLACED: dict[Label, Callable[[Fields, Choices], str]] = {
    Label.TRUNCATED: dirt_lines.truncated,
    Label.GARBLED: dirt_lines.garbled,
    Label.NOT_OBJECT: dirt_lines.not_object,
    Label.WRONG_ENCODING: dirt_lines.wrong_encoding,
    Label.MISSING_ID: dirt_lines.missing_id,
    Label.BAD_ID: dirt_lines.bad_id,
    Label.BAD_TIME: dirt_lines.bad_time,
    Label.WRONG_TYPE: dirt_lines.wrong_type,
    Label.NEGATIVE_PRICE: dirt_lines.negative_price,
    Label.UNKNOWN_CURRENCY: dirt_lines.unknown_currency,
    Label.FUTURE_CLOCK: dirt_lines.future_clock,
    Label.TOO_OLD: dirt_lines.too_old,
    Label.MALFORMED_TYPE: dirt_lines.malformed_type,
    Label.UNKNOWN_TYPE: dirt_lines.unknown_type,
    Label.SKEWED_CLOCK: dirt_lines.skewed_clock,
    Label.UNIT_MISTAKE: dirt_lines.unit_mistake,
}
"""Labels of lines that stand for the right one; those with a reason lose the event."""
_FOLLOWED: dict[Label, Callable[[Fields, Choices], Fields]] = {
    Label.EXACT_DUPLICATE: dirt_lines.exact_duplicate,
    Label.ID_COLLISION: dirt_lines.id_collision,
    Label.REPEATED_END: dirt_lines.repeated_end,
}
"""Labels of lines that stand after the right one."""


@dataclass(frozen=True)
class Held:
    """A line for the file of a later day: `days_later` UTC days (1 or more) by received_at."""

    days_later: int
    line: bytes
    label: Label
    event_id: str


@dataclass(frozen=True)
class Mark:
    """A dirty line at `position` (from 0), and the id of the event it was meant to be."""

    position: int
    label: Label
    event_id: str


@dataclass(frozen=True)
class Dirtied:
    """Lines after the dirt, and what that means for each row before it.

    A line added after a right one is the marked one of the two.
    """

    lines: pa.Array
    """Binary, without line ends, in the order of the file."""
    marks: list[Mark]
    """The dirty ones among `lines`, in order."""
    held: list[Held]
    """Dirty lines for files of later days."""
    lost: Bools
    """Refused, and no valid copy arrives."""
    retyped: Bools
    """Accepted as another type."""
    factor: Ints
    """What the price is multiplied by."""
    repeated: Bools
    """One more session_end is accepted."""
    repeat_after_ms: Ints
    """How much later the additional session_end happened, 0 where there is none."""


@dataclass(frozen=True)
class _Fate:
    """What stands for one line: lines in its place, with the mark if any, or one held back."""

    lines: tuple[bytes, ...]
    marked: int | None = None
    event_id: str = ""
    held: Held | None = None
    factor: int = 1
    after_ms: int = 0


def choose(
    seed: int,
    rate: float,
    event: Hashes,
    kind: Ints,
    kinds: Sequence[str],
    *,
    weights: Sequence[tuple[str, float]] = (),
) -> Ints:
    """Draws the events to be spoiled and their labels.

    An event is dirty with probability `rate`, whatever its type; among the labels that its type
    allows it gets one in proportion to the weights. A higher rate adds dirt to the same dirt.
    `event` is a hash of each event's identity, `kind` the index of its type in `kinds`. Where
    `weights` are given, by label, they take the place of those of RULES, and events whose type
    allows none of them stay clean.

    Returns:
        For each event the index of its label in list(Label), -1 for a clean one.
    """
    codes = np.full(len(event), -1, dtype=np.int64)
    rows = np.flatnonzero(uniform(seed, Purpose.DIRT, event) < rate)
    chosen = dict(weights) or {label: rule.weight for label, rule in RULES.items()}
    table = [[chosen.get(n, 0.0) * r.allows(kind) for n, r in RULES.items()] for kind in kinds]
    bounds = np.cumsum(np.array(table, dtype=np.float64).reshape(-1, len(RULES)), axis=1)
    own = bounds[kind[rows]]
    position = uniform(seed, Purpose.DIRT, event[rows], np.ones(len(rows), dtype=np.int64))
    total = own[:, -1:]
    found = (own <= position[:, None] * total).sum(axis=1)
    # A product may round up to the total, which lies behind the last label.
    last = (own < total).sum(axis=1)
    codes[rows] = np.where(total[:, 0] > 0, np.minimum(found, last), -1)
    return codes


def spoil(seed: int, lines: pa.Array, event: Hashes, codes: Ints) -> Dirtied:
    """Spoils the lines to which `choose` gave a label.

    `lines` are the simulator's, without their ends; each has timestamp, sent_at and received_at.
    A price too high for `unit_mistake` stays as it is, unmarked.
    """
    rows = np.flatnonzero(codes >= 0)
    labels = [LABELS[code] for code in codes[rows].tolist()]
    texts = lines.take(pa.array(rows)).to_pylist()
    fates = list(map(_fate, labels, texts, _bits(seed, event[rows])))
    counts = np.array([len(fate.lines) for fate in fates], dtype=np.int64)
    starts = (rows + np.cumsum(counts - 1) - (counts - 1)).tolist()
    flagged = {label: codes == code for code, label in enumerate(LABELS)}
    refused = [flagged[label] for label in _REPLACED if RULES[label].reason is not None]
    factor = np.ones(len(lines), dtype=np.int64)
    factor[rows] = [fate.factor for fate in fates]
    after = np.zeros(len(lines), dtype=np.int64)
    after[rows] = [fate.after_ms for fate in fates]
    return Dirtied(
        lines=_with_fates(lines, rows, fates),
        marks=[
            Mark(start + fate.marked, label, fate.event_id)
            for start, label, fate in zip(starts, labels, fates, strict=True)
            if fate.marked is not None
        ],
        held=[fate.held for fate in fates if fate.held is not None],
        lost=np.logical_or.reduce(refused),
        retyped=flagged[Label.UNKNOWN_TYPE],
        factor=factor,
        repeated=flagged[Label.REPEATED_END],
        repeat_after_ms=after,
    )


def _bits(seed: int, event: Hashes) -> list[int]:
    """192 bits for each event."""
    bits = [0] * len(event)
    for part in range(3):
        which = np.full(len(event), part, dtype=np.int64)
        words = hashed(seed, Purpose.DIRT_VARIANT, event, which).tolist()
        bits = [high << 64 | low for high, low in zip(bits, words, strict=True)]
    return bits


def _fate(label: Label, text: str, bits: int) -> _Fate:
    fields, choices = fields_of(text), Choices(bits)
    event_id = plain(fields["event_id"])
    line = encoded(text)
    if label in _REPLACED:
        spoiled = encoded(_REPLACED[label](fields, choices))
        if spoiled == line:
            return _Fate((line,))
        factor = dirt_lines.CENTS if label is Label.UNIT_MISTAKE else 1
        return _Fate((spoiled,), 0, event_id, factor=factor)
    if label in _FOLLOWED:
        added = _FOLLOWED[label](fields, choices)
        repeats = label is Label.REPEATED_END
        after = dirt_lines.milliseconds_between(fields, added) if repeats else 0
        pair = (line, encoded(written(added)))
        return _Fate(pair, 1, plain(added["event_id"]), after_ms=after)
    days, later = dirt_lines.postponed(fields, choices)
    held = Held(days, encoded(written(later)), label, event_id)
    return _Fate(() if label is Label.LATE else (line,), held=held)


def _with_fates(lines: pa.Array, rows: Ints, fates: list[_Fate]) -> pa.Array:
    """The lines, those of the fates in place of those at `rows`."""
    clean = lines.cast(pa.large_binary())
    if not fates:
        return clean
    spoiled = pa.array([line for fate in fates for line in fate.lines], pa.large_binary())
    parts, low, used = [], 0, 0
    for row, fate in zip(rows.tolist(), fates, strict=True):
        parts += [clean.slice(low, row - low), spoiled.slice(used, len(fate.lines))]
        low, used = row + 1, used + len(fate.lines)
    return pa.concat_arrays([*parts, clean.slice(low)])
