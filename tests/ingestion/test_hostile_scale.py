"""Input that is small on the way in and large inside: memory and disk stay bounded."""

import gzip
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostile import NEIGHBOUR, NEIGHBOURS, PLAYER, Judged, Taken, header, line, lines, record, uuid
from lakes import rows_of
from questline.contract import Reason
from questline.ingestion import careful

MB = 1_000_000
TOO_LARGE, MALFORMED = Reason.TOO_LARGE, Reason.MALFORMED_JSON
MEASURED = """
import pathlib, re, sys
from questline.cli import main
try:
    main("run")
finally:
    status = pathlib.Path("/proc/self/status").read_text()
    print(int(re.search(r"VmHWM:\\s+(\\d+)", status)[1]) // 1024, file=sys.stderr)
"""
"""Tells the peak of this process alone: `getrusage` would start from that of its parent."""

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")


def test_line_of_50_megabytes(tmp_path: Path) -> None:
    large = line(2, properties='{"a":"' + "x" * 50_000_000 + '"}')
    files = {"a.jsonl": lines(1) + large + b"\n" + lines(3), "b.jsonl": large.replace(b"x", b"\\")}
    files["c.csv"] = (header() + record(4) + record(5)).encode()
    files["c.csv"] += record(6, properties="x" * 50_000_000).encode() + record(7).encode()
    found = Judged(tmp_path, files)
    found.check_neighbour()
    assert found.outcome("a.jsonl") == Taken(3, 2, {TOO_LARGE: 1})
    assert found.outcome("b.jsonl") == Taken(1, 0, {TOO_LARGE: 1})
    assert found.outcome("c.csv") == Taken(4, 3, {TOO_LARGE: 1})
    (row,) = found.refused("a.jsonl")
    assert (row["line"], row["raw"]) == (2, large[:65_536].decode())


def test_line_longer_than_what_is_read_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest of such a line is passed over, whatever it is."""
    monkeypatch.setattr(careful, "LONGEST", 2_000)
    monkeypatch.setattr(careful._bodies, "__defaults__", (2_000,))
    long = [b"x" * 2_001, b"x" * 1_999 + b"\r\r", b"\r" * 5_000, b"\r" * 5_000 + b"x", b"y" * 9_000]
    content = b"\n".join((line(1), *long[:3], line(2), *long[3:], line(3), b"z" * 2_500))
    found = Judged(tmp_path, {"a.jsonl": content}, max_line_bytes=1_000)
    found.check_neighbour()
    assert found.outcome("a.jsonl") == Taken(8, 3, {TOO_LARGE: 5})
    assert [r["line"] for r in found.refused("a.jsonl")] == [2, 3, 6, 7, 9]


def test_many_long_lines_are_judged_by_batches(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(careful, "BATCH_BYTES", 1_000)
    text = "".join(record(n) for n in range(50))
    files = {"a.jsonl": lines(*range(100, 150)) + b"\r\n", "b.csv": (header() + text).encode()}
    files["b.csv"] += b"\r\n"
    found = Judged(tmp_path, files)
    assert (found.outcome("a.jsonl"), found.outcome("b.csv")) == (Taken(50, 50), Taken(50, 50))


def test_equal_refused_lines_are_one_row(tmp_path: Path) -> None:
    found = Judged(tmp_path, {"a.jsonl": b"{\n" * 70_000 + lines(1), "b.jsonl": b"{\r\n" * 70_000})
    found.check_neighbour()
    (row,) = found.rejected
    assert (row["file"], row["line"], row["times_seen"]) == ("a.jsonl", 1, 140_000)
    assert found.outcome("b.jsonl") == Taken(70_000, 0, {MALFORMED: 70_000})


def parts(unit: bytes, size: int) -> Iterator[bytes]:
    """The unit, over and over."""
    block = unit * (MB // len(unit))
    for _ in range(size // len(block)):
        yield block


def measured(folder: Path, name: str, first: bytes, unit: bytes, size: int) -> tuple[str, int]:
    """Runs over a bomb in a process of its own; what it said, and its peak in MB."""
    raw, lake = folder / "raw", folder / "lake"
    raw.mkdir(exist_ok=True)
    (raw / NEIGHBOUR).write_bytes(lines(*NEIGHBOURS))
    with gzip.open(raw / name, "wb", compresslevel=1) as sink:
        sink.write(first)
        sink.writelines(parts(unit, size))
    done = subprocess.run(
        [sys.executable, "-c", MEASURED, "--raw", str(raw), "--lake", str(lake)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout, int(done.stderr.split()[-1])


BOMBS: dict[str, tuple[str, bytes, bytes, str]] = {
    # name, first bytes, bytes repeated, and what the run says
    "newlines": ("b.jsonl.gz", b"", b"\n", "lines in         3"),
    "an endless line": ("b.jsonl.gz", b"", b"x", "too_large      1"),
    "an endless text": ("b.jsonl.gz", b'{"a":"', b"\\n", "too_large      1"),
    "a record without end": (
        "b.csv.gz",
        header().encode() + b'"',
        b"x\n",
        "is a quote never closed",
    ),
    "an endless record": ("b.csv.gz", header().encode(), b"x,", "is a quote never closed"),
    "a header without end": ("b.csv.gz", b"", b"x,", "is a quote never closed"),
}


@LINUX
@pytest.mark.parametrize("case", list(BOMBS))
def test_bomb(tmp_path: Path, case: str) -> None:
    name, first, unit, said = BOMBS[case]
    text, peak = measured(
        tmp_path, name, first, unit, (300 if name.startswith("b.jsonl") else 100) * MB
    )
    assert said in text
    assert "accepted         3" in text
    assert peak < 400
    lake = sum(f.stat().st_size for f in (tmp_path / "lake").rglob("*") if f.is_file())
    assert lake < MB


@pytest.mark.slow
@pytest.mark.parametrize("unit", [b"{}\n", b"x\r\n"], ids=["fast", "careful"])
@LINUX
def test_bomb_of_refused_lines(tmp_path: Path, unit: bytes) -> None:
    _, peak = measured(tmp_path, "b.jsonl.gz", b"", unit, 30 * MB)
    assert peak < 2_500
    (row,) = rows_of(tmp_path / "lake", "rejected", comparable=False)
    assert row["times_seen"] == 30 * (MB // len(unit))


@pytest.mark.parametrize("count", [20_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_event_types_without_number(tmp_path: Path, count: int) -> None:
    content = b"".join(line(n, f"type {n}") + b"\n" for n in range(MB, MB + count))
    found = Judged(tmp_path, {"a.jsonl": content})
    assert found.outcome("a.jsonl") == Taken(count, count)
    days = rows_of(found.settings.lake, "daily")
    assert len({r["event_type"] for r in days}) == count + 1
    assert sum(r["events"] for r in days) == count + len(NEIGHBOURS)


@pytest.mark.parametrize("count", [50_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_player_without_rest(tmp_path: Path, count: int) -> None:
    """All in the same second: nothing orders the events but their ids."""
    content = b"".join(line(n) + b"\n" for n in range(MB, MB + count))
    found = Judged(tmp_path, {"a.jsonl": content})
    assert found.outcome("a.jsonl") == Taken(count, count)
    (player,) = rows_of(found.settings.lake, "player_days")
    assert (player["player_id"], player["events"]) == (PLAYER, count + len(NEIGHBOURS))
    assert uuid(MB) in found.events
