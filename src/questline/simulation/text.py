"""Text for millions of rows at once: ids, times, exact decimals, joined pieces."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from questline.simulation.draws import Hashes, Ints, again
from questline.simulation.places import DAY_MS

_Bytes = npt.NDArray[np.uint8]


def _table(texts: Sequence[str]) -> _Bytes:
    """Texts of one width as rows of bytes."""
    raw = "".join(texts).encode("ascii")
    return np.frombuffer(raw, dtype=np.uint8).reshape(len(texts), len(texts[0]))


_HEX = _table([f"{i:02x}" for i in range(256)])
_THOUSAND = _table([f"{i:03d}" for i in range(1000)])
_CLOCK = _table([f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in range(86_400)])
_HEX_PAIRS = _HEX.view(np.uint16).ravel()
_UUID_PARTS = ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
"""Where the parts of a UUID begin and end among its 32 digits."""


def fixed_width(rows: _Bytes) -> pa.Array:
    """A string array from rows of ASCII bytes."""
    count, width = rows.shape
    offsets = np.arange(count + 1, dtype=np.int64) * width
    data = np.ascontiguousarray(rows)
    buffers = [None, pa.py_buffer(offsets.tobytes()), pa.py_buffer(data.tobytes())]
    return pa.Array.from_buffers(pa.large_string(), count, buffers)


def uuids(hashes: Hashes) -> pa.Array:
    """Random-looking UUIDs (version 4), one for each hash."""
    return fixed_width(uuid_bytes(hashes))


def uuid_bytes(hashes: Hashes) -> _Bytes:
    """The text of `uuids` as rows of 36 bytes."""
    halves = np.stack((hashes, again(hashes)), axis=1)
    raw = halves.view(np.uint8).reshape(len(hashes), 16)
    raw[:, 6] = (raw[:, 6] & 0x0F) | 0x40
    raw[:, 8] = (raw[:, 8] & 0x3F) | 0x80
    digits = _HEX_PAIRS[raw].view(np.uint8)
    rows = np.full((len(hashes), 36), ord("-"), dtype=np.uint8)
    for dashes, (low, high) in enumerate(_UUID_PARTS):
        rows[:, low + dashes : high + dashes] = digits[:, low:high]
    return rows


def hexadecimal(numbers: Ints | Hashes) -> pa.Array:
    """Whole numbers as 16 hexadecimal digits."""
    raw = np.ascontiguousarray(numbers.astype(">u8")).view(np.uint8).reshape(len(numbers), 8)
    return fixed_width(_HEX[raw].reshape(len(numbers), 16))


def times(ms: Ints) -> pa.Array:
    """Milliseconds since 1970 as ISO 8601 in UTC, such as 2026-01-01T00:00:00.000Z."""
    if not len(ms):
        return pa.array([], pa.large_string())
    first = int(ms.min()) // DAY_MS
    last = int(ms.max()) // DAY_MS
    days = np.arange(first, last + 1).astype("datetime64[D]").astype(str).tolist()
    rows = np.empty((len(ms), 24), dtype=np.uint8)
    rows[:, :10] = _table(days)[ms // DAY_MS - first]
    rows[:, 10] = ord("T")
    rows[:, 11:19] = _CLOCK[ms % DAY_MS // 1000]
    rows[:, 19] = ord(".")
    rows[:, 20:23] = _THOUSAND[ms % 1000]
    rows[:, 23] = ord("Z")
    return fixed_width(rows)


def integers(numbers: Ints) -> pa.Array:
    """Whole numbers as decimal text."""
    return pc.cast(pa.array(numbers), pa.large_string())


def thousandths(numbers: Ints) -> pa.Array:
    """Not negative counts of 1/1000 as text with three decimals: 1500 gives 1.500."""
    return joined(integers(numbers // 1000), ".", fixed_width(_THOUSAND[numbers % 1000]))


def millionths(numbers: Ints) -> pa.Array:
    """Not negative counts of 1/1,000,000 as text with six decimals."""
    thousands = numbers // 1000
    return joined(thousandths(thousands), fixed_width(_THOUSAND[numbers % 1000]))


def chosen(names: Sequence[str | None], codes: Ints) -> pa.Array:
    """The name of each code."""
    return pa.array(names, pa.large_string()).take(pa.array(codes))


def booleans(flags: npt.NDArray[np.bool_]) -> pa.Array:
    """JSON's true and false."""
    return chosen(("false", "true"), flags.astype(np.int64))


def joined(*parts: pa.Array | str) -> pa.Array:
    """Row-wise concatenation; a plain string is the same in every row, null makes null."""
    merged: list[pa.Array | str] = []
    for part in parts:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    wide = [pa.scalar(p, pa.large_string()) if isinstance(p, str) else p for p in merged]
    return pc.binary_join_element_wise(*wide, pa.scalar("", pa.large_string()))
