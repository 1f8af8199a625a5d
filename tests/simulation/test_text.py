from __future__ import annotations

import uuid

import numpy as np

from questline.simulation.draws import Purpose, hashed
from questline.simulation.text import chosen, hexadecimal, joined, millionths, times, uuids


def test_times_edges_of_days() -> None:
    ms = np.array([0, 86_399_999, 1_767_225_600_000, 951_782_400_001])
    assert times(ms).to_pylist() == [
        "1970-01-01T00:00:00.000Z",
        "1970-01-01T23:59:59.999Z",
        "2026-01-01T00:00:00.000Z",
        "2000-02-29T00:00:00.001Z",
    ]


def test_times_nothing() -> None:
    assert times(np.array([], dtype=np.int64)).to_pylist() == []


def test_millionths_are_exact() -> None:
    numbers = np.array([0, 1, 4_990_000, 12_345_678])
    assert millionths(numbers).to_pylist() == ["0.000000", "0.000001", "4.990000", "12.345678"]


def test_uuids_are_of_version_4_and_repeatable() -> None:
    hashes = hashed(1, Purpose.EVENT_ID, np.arange(100))
    ids = uuids(hashes).to_pylist()
    assert ids[7:9] == uuids(hashes[7:9]).to_pylist()
    assert len(set(ids)) == 100
    assert {(uuid.UUID(i).version, uuid.UUID(i).variant) for i in ids} == {(4, uuid.RFC_4122)}


def test_hexadecimal_keeps_its_width() -> None:
    assert hexadecimal(np.array([255, 2**40])).to_pylist() == [
        "00000000000000ff",
        "0000010000000000",
    ]


def test_joined_null_makes_null() -> None:
    names = chosen(("a", None), np.array([0, 1, 0]))
    assert joined("<", names, ">").to_pylist() == ["<a>", None, "<a>"]
