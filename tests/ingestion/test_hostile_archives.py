"""Compressed files in odd but valid shapes, broken ones, and endings that lie."""

import gzip
import struct
import zlib
from pathlib import Path

import pytest

from hostile import (
    AS_OF,
    Judged,
    Taken,
    header,
    line,
    lines,
    packed,
    record,
    uuid,
    zstd,
)
from lakes import deliver
from questline.contract import Reason

ENCODING, MALFORMED = Reason.INVALID_ENCODING, Reason.MALFORMED_JSON
TWO = Taken(2, 2)
SKIPPED = b"\x5a\x2a\x4d\x18\x04\x00\x00\x00data"
"""A frame of zstd that carries no content."""
UNEXPECTED = "Compressed file ended before the end-of-stream marker was reached"


def member(content: bytes, flags: int, extra: bytes) -> bytes:
    """A member of gzip whose header has these optional parts."""
    squeezed = zlib.compressobj(wbits=-15)
    body = squeezed.compress(content) + squeezed.flush()
    head = b"\x1f\x8b\x08" + bytes([flags]) + bytes(4) + b"\x00\xff"
    return head + extra + body + struct.pack("<II", zlib.crc32(content), len(content))


def changed(content: bytes, place: int) -> bytes:
    """The bytes with one bit of one of them turned over."""
    data = bytearray(content)
    data[place] ^= 1
    return bytes(data)


def two(number: int) -> bytes:
    return lines(100 * number, 100 * number + 1)


CASES: dict[str, tuple[str, bytes, Taken | str]] = {
    # odd, but valid
    "extra field": ("jsonl.gz", member(two(1), 4, b"\x04\x00ABCD"), TWO),
    "a path as the name": ("jsonl.gz", member(two(2), 8, b"../" * 999 + b"etc/passwd\0"), TWO),
    "comment": ("jsonl.gz", member(two(3), 16, b"'); DROP TABLE events; --\0"), TWO),
    "marked as text": ("jsonl.gz", member(two(4), 1, b""), TWO),
    "zeros behind": ("jsonl.gz", packed(two(5)) + bytes(512), TWO),
    "zeros behind CSV": (
        "csv.gz",
        packed((header() + record(601)).encode()) + bytes(9),
        Taken(1, 1),
    ),
    "many members": ("jsonl.gz", b"".join(packed(bytes([b])) for b in two(7)), TWO),
    "empty members": ("jsonl.gz", packed(b"") * 3 + packed(two(8)) + packed(b""), TWO),
    "an empty member": ("jsonl.gz", packed(b""), Taken(0, 0)),
    "not squeezed": ("jsonl.gz", gzip.compress(two(9), 0), TWO),
    "an empty frame": ("jsonl.zst", zstd(b""), Taken(0, 0)),
    "a frame to skip first": ("jsonl.zst", SKIPPED + zstd(two(10)), TWO),
    "frames to skip between": ("jsonl.zst", zstd(line(1100)) + SKIPPED + zstd(b"\n"), Taken(1, 1)),
    "a byte order mark inside": ("jsonl.gz", packed(b"\xef\xbb\xbf" + two(12)), TWO),
    # broken
    "checksum": ("jsonl.gz", changed(packed(two(13)), -8), "CRC check failed"),
    "length": ("jsonl.gz", changed(packed(two(14)), -1), "Incorrect length of data produced"),
    "only a header": ("jsonl.gz", packed(two(15))[:10], UNEXPECTED),
    "half": ("jsonl.gz", packed(two(16))[:60], UNEXPECTED),
    "second member cut": ("jsonl.gz", packed(two(17)) + packed(two(18))[:-9], UNEXPECTED),
    "junk behind": ("jsonl.gz", packed(two(19)) + b"junk", "Not a gzipped file"),
    "method unknown": ("jsonl.gz", b"\x1f\x8b\x07" + packed(two(20))[3:], "Unknown compression"),
    "zstd content": ("jsonl.zst", changed(zstd(two(21)), 30), "ZSTD decompress failed"),
    "zstd cut": ("jsonl.zst", zstd(two(22))[:-5], ""),
    "zeros behind zstd": ("jsonl.zst", zstd(two(23)) + bytes(16), "ZSTD decompress failed"),
    "CSV cut": ("csv.gz", packed((header() + record(2401)).encode())[:-4], UNEXPECTED),
    # endings that lie
    "gzip named plain": ("jsonl", packed(two(25)), TWO),
    "plain named gzip": ("jsonl.gz", two(26), TWO),
    "zstd named gzip": ("jsonl.gz", zstd(two(27)), TWO),
    "plain CSV named zstd": ("csv.zst", (header() + record(2801)).encode(), Taken(1, 1)),
    "gzip within gzip": ("jsonl.gz", packed(packed(b"x\n")), Taken(1, 0, {ENCODING: 1})),
}


def name(case: str) -> str:
    return f"{list(CASES).index(case):02d}.{CASES[case][0]}"


@pytest.fixture(scope="module")
def judged(tmp_path_factory: pytest.TempPathFactory) -> Judged:
    files = {name(case): content for case, (_, content, _) in CASES.items()}
    return Judged(tmp_path_factory.mktemp("archives"), files)


def test_neighbour_is_taken_whole(judged: Judged) -> None:
    judged.check_neighbour()


@pytest.mark.parametrize("case", list(CASES))
def test_archive(judged: Judged, case: str) -> None:
    expected, found = CASES[case][2], judged.outcome(name(case))
    if isinstance(expected, str):
        assert isinstance(found, str)
        assert expected in found
    else:
        assert found == expected
    judged.check_refused(name(case))


def test_refused_lines_of_an_odd_archive_are_numbered(tmp_path: Path) -> None:
    content = two(1) + b"half\n" + lines(102) + b"{}\n"
    found = Judged(
        tmp_path, {"a.jsonl.gz": packed(content) + bytes(9), "b.jsonl.gz": packed(two(2))}
    )
    found.check_neighbour()
    assert found.outcome("a.jsonl.gz") == Taken(5, 3, {MALFORMED: 1, Reason.MISSING_FIELD: 1})
    assert found.outcome("b.jsonl.gz") == TWO
    assert [(r["line"], r["raw"]) for r in found.refused("a.jsonl.gz")] == [(3, "half"), (5, "{}")]


def test_loser_in_an_odd_archive_is_found_again(tmp_path: Path) -> None:
    """A better copy arrives later: the old file is read once more, to tell where the old one is."""
    late = line(1, properties='{"copy":1}', more=',"received_at":"2026-01-05T13:00:00Z"')
    early = line(1, properties='{"copy":2}', more=',"received_at":"2026-01-05T12:30:00Z"')
    found = Judged(tmp_path, {"a.jsonl.gz": packed(lines(2) + late + b"\n") + bytes(9)})
    assert found.outcome("a.jsonl.gz") == TWO
    deliver(found.settings, [("b.jsonl", early + b"\n")], as_of=AS_OF)
    again = Judged(tmp_path, {})
    assert again.events[uuid(1)]["properties"] == '{"copy":2}'
    (row,) = again.refused("a.jsonl.gz")
    assert (row["reason"], row["line"], row["raw"]) == (Reason.ID_COLLISION, 2, late.decode())
