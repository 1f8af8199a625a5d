"""Files that try to stop a run: whatever lies in the raw folder, the good neighbour is taken."""

import gzip
import os
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakes import deliver, rows_of, settings_for
from questline.errors import DataError
from questline.ingestion import discover
from questline.pipeline import RunSummary
from questline.settings import Settings

PLAYER = "00000000-0000-4000-8000-00000000000a"


def lines(count: int, start: int = 0, kind: str = "login") -> bytes:
    return b"".join(
        f'{{"event_id":"00000000-0000-4000-8000-{start + n:012d}","player_id":"{PLAYER}",'
        f'"event_type":"{kind}","timestamp":"2026-01-05T12:00:00Z","properties":{{}}}}\n'.encode()
        for n in range(count)
    )


def csv(count: int, header: str = "event_id,player_id,event_type,timestamp,properties") -> bytes:
    rows = [
        f"00000000-0000-4000-8000-{n:012d},{PLAYER},login,2026-01-05T12:00:00Z,{{}}"
        for n in range(count)
    ]
    return "\n".join([header, *rows, ""]).encode()


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def parquet(**changes: Any) -> bytes:
    row = {
        "event_id": ["00000000-0000-4000-8000-000000000000"],
        "player_id": [PLAYER],
        "event_type": ["login"],
        "timestamp": ["2026-01-05T12:00:00Z"],
        "properties": ["{}"],
    } | changes
    table = pa.table({k: v for k, v in row.items() if v is not None})
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink)
    return bytes(sink.getvalue().to_pybytes())


GZIP = gzip.compress(lines(50))
ZSTD = zstd(lines(50))
TWO = lines(2)
BROKEN = GZIP[:-8] + bytes(b ^ 0xFF for b in GZIP[-8:-4]) + GZIP[-4:]
OTHER = "not a regular file"

CONTENTS: dict[str, tuple[str, bytes, object]] = {
    # name of the file, bytes, and: lines accepted, or reasons of the refused, or "incomplete"
    "empty": ("e.jsonl", b"", 0),
    "only line ends": ("e.jsonl", b"\n\n\r\n\n", 0),
    "only a byte order mark": ("e.jsonl", b"\xef\xbb\xbf", 0),
    "no final newline": ("e.jsonl", TWO[:-1], 2),
    "CRLF": ("e.jsonl", TWO.replace(b"\n", b"\r\n"), 2),
    "CRLF and LF": ("e.jsonl", TWO.replace(b"\n", b"\r\n", 1), 2),
    "bare CR": ("e.jsonl", TWO.replace(b"\n", b"\r"), {"malformed_json": 1}),
    "byte order mark": ("e.jsonl", b"\xef\xbb\xbf" + TWO, 2),
    "UTF-16": ("e.jsonl", TWO.decode().encode("utf-16"), {"invalid_encoding": 3}),
    "zero bytes": ("e.jsonl", bytes(5_000), {"invalid_encoding": 1}),
    "a picture": (
        "e.jsonl",
        b"\x89PNG\r\n\x1a\n\x00\x00",
        {"invalid_encoding": 2, "malformed_json": 1},
    ),
    "gzip": ("e.jsonl.gz", GZIP, 50),
    "gzip without its ending": ("e.jsonl", GZIP, 50),
    "plain with the ending of gzip": ("e.jsonl.gz", TWO, 2),
    "truncated gzip": ("e.jsonl.gz", GZIP[:-20], "incomplete"),
    "gzip without trailer": ("e.jsonl.gz", GZIP[:-4], "incomplete"),
    "gzip of two bytes": ("e.jsonl.gz", GZIP[:2], "incomplete"),
    "broken checksum": ("e.jsonl.gz", BROKEN, "incomplete"),
    "gzip with a tail of junk": ("e.jsonl.gz", GZIP + b"junk", "incomplete"),
    "two members of gzip": ("e.jsonl.gz", gzip.compress(TWO) + gzip.compress(lines(1, 5)), 3),
    "zstd": ("e.jsonl.zst", ZSTD, 50),
    "truncated zstd": ("e.jsonl.zst", ZSTD[:-9], "incomplete"),
    "broken zstd": ("e.jsonl.zst", ZSTD[:12] + b"\xff" * 8 + ZSTD[20:], "incomplete"),
    "bare deflate": ("e.jsonl", zlib.compress(b"x"), {"invalid_encoding": 1}),
    "CSV": ("e.csv", csv(2), 2),
    "CSV of a header": ("e.csv", csv(0), 0),
    "an empty CSV": ("e.csv", b"", 0),
    "CSV of nothing but line ends": ("e.csv", b"\n\n", 0),
    "CSV with a row too short": ("e.csv", csv(1) + b"1,2\n", {"malformed_json": 1}),
    "CSV with a row too long": ("e.csv", csv(1) + b"1,2,3,4,5,6\n", {"malformed_json": 1}),
    "CSV with another header": ("e.csv", csv(1, "a,b,c,d,e"), {"missing_field": 1}),
    "CSV with a column twice": (
        "e.csv",
        csv(1, "event_id,player_id,event_type,timestamp,timestamp"),
        {"missing_field": 1},
    ),
    "CSV with semicolons": ("e.csv", csv(1).replace(b",", b";"), {"missing_field": 1}),
    "CSV named as JSON": ("e.jsonl", csv(1), {"malformed_json": 2}),
    "JSON named as CSV": ("e.csv", lines(2), {"missing_field": 1}),
    "Parquet": ("e.parquet", parquet(), 1),
    "Parquet of no rows": (
        "e.parquet",
        parquet(
            **{
                n: pa.array([], pa.string())
                for n in ("event_id", "player_id", "event_type", "timestamp", "properties")
            }
        ),
        0,
    ),
    "Parquet of no bytes": ("e.parquet", b"", "incomplete"),
    "Parquet with a broken footer": (
        "e.parquet",
        parquet()[:-8] + b"\xff\xff\xff\x0fPAR1",
        "incomplete",
    ),
    "Parquet cut short": ("e.parquet", parquet()[:100], "incomplete"),
    "Parquet with numbers as ids": ("e.parquet", parquet(player_id=[7]), {"invalid_id": 1}),
    "Parquet without properties": ("e.parquet", parquet(properties=None), {"missing_field": 1}),
    "Parquet with a time without zone": (
        "e.parquet",
        parquet(timestamp=pa.array([0], pa.timestamp("us"))),
        {"invalid_timestamp": 1},
    ),
    "Parquet with a time with zone": (
        "e.parquet",
        parquet(timestamp=pa.array([1_767_614_400_000_000], pa.timestamp("us", "UTC"))),
        1,
    ),
    "Parquet with properties as a struct": ("e.parquet", parquet(properties=[{"a": 1}]), 1),
    "Parquet with bytes as a type": ("e.parquet", parquet(event_type=[b"\xff\xfe"]), None),
    "Parquet named as JSON": ("e.jsonl", parquet(), None),
}

NAMES = [
    "it's.jsonl",
    'a"b.jsonl',
    "a b.jsonl",
    "é.jsonl",
    "e\u0301.jsonl",
    "#1.jsonl",
    "100%.jsonl",
]
NAMES += ["%41.jsonl", "[a].jsonl", "{a,b}.jsonl", "*.jsonl", "?.jsonl", "a\\b.jsonl", "-rf.jsonl"]
NAMES += ["a\nb.jsonl", "a\tb.jsonl", "a;b.jsonl", "$HOME.jsonl", "~.jsonl", "x" * 244 + ".jsonl"]
NAMES += [
    "日本語.jsonl",
    "\u202eevil.jsonl",
    "a..b.jsonl",
    " .jsonl",
    "event_date=2026-01-01.jsonl",
]


def settle(folder: Path, name: str, content: bytes) -> tuple[Settings, RunSummary]:
    settings = settings_for(folder)
    files = [(name, content), ("neighbour.jsonl", lines(3, start=900))]
    return settings, deliver(settings, files)


def conserved(settings: Settings) -> None:
    for entry in rows_of(settings.lake, "ledger", comparable=False):
        counts = entry["accepted"] + entry["duplicates"] + entry["rejected"]
        assert entry["lines_in"] == counts, entry["file"]


@pytest.mark.parametrize("case", list(CONTENTS))
def test_content_is_judged_and_the_neighbour_is_taken(case: str, tmp_path: Path) -> None:
    name, content, expected = CONTENTS[case]
    settings, summary = settle(tmp_path, name, content)
    conserved(settings)
    events = rows_of(settings.lake, "events", comparable=False)
    assert sum(int(e["event_id"][-12:]) >= 900 for e in events) == 3
    if expected == "incomplete":
        assert [file for file, _ in summary.incomplete] == [name]
        assert len(events) == 3
    elif isinstance(expected, int):
        assert (summary.rejected, summary.accepted - 3) == ({}, expected)
    elif expected is not None:
        assert summary.rejected == expected
        rows = rows_of(settings.lake, "rejected", comparable=False)
        assert {r["file"] for r in rows} == {name}
        assert all(r["raw"] is not None and r["line"] >= 1 for r in rows)


def test_names_are_only_names(tmp_path: Path) -> None:
    files = [(name, lines(1, start=n)) for n, name in enumerate(NAMES)]
    settings = settings_for(tmp_path)
    summary = deliver(settings, files)
    assert (summary.accepted, summary.skipped) == (len(NAMES), [])
    ledger = rows_of(settings.lake, "ledger", comparable=False)
    assert {e["file"] for e in ledger} == set(NAMES)
    again = deliver(settings, [("*.jsonl", b"no json\n")])
    assert (again.rejected, again.unchanged) == ({"malformed_json": 1}, len(NAMES) - 1)


def test_name_that_is_not_utf8_is_skipped(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    settings.raw.mkdir()
    Path(os.fsdecode(os.fsencode(settings.raw) + b"/\xff.jsonl")).write_bytes(lines(1))
    summary = deliver(settings, [("good.jsonl", lines(3))])
    assert summary.accepted == 3
    assert [why for _, why in summary.skipped] == ["the name is not UTF-8; rename the file"]


OBSTACLES: dict[str, tuple[Callable[[Path], object], str]] = {
    "a folder": (lambda p: p.mkdir(), ""),
    "a fifo": (os.mkfifo, OTHER),
    "a dangling link": (lambda p: p.symlink_to(p.parent / "nothing"), OTHER),
    "a link to itself": (lambda p: p.symlink_to(p), OTHER),
    "a link to a folder": (
        lambda p: p.symlink_to(p.parent.parent),
        "a link to a folder is not followed",
    ),
    "a link to a device": (lambda p: p.symlink_to("/dev/zero"), OTHER),
}


@pytest.mark.parametrize("case", list(OBSTACLES))
def test_what_is_no_file_is_passed_over(case: str, tmp_path: Path) -> None:
    make, why = OBSTACLES[case]
    settings = settings_for(tmp_path)
    settings.raw.mkdir()
    make(settings.raw / "e.jsonl")
    summary = deliver(settings, [("good.jsonl", lines(3))])
    assert summary.accepted == 3
    assert summary.skipped == ([("e.jsonl", why)] if why else [])


def test_link_to_a_file_is_read(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    settings.raw.mkdir()
    (tmp_path / "elsewhere").write_bytes(lines(2))
    (settings.raw / "e.jsonl").symlink_to(tmp_path / "elsewhere")
    assert deliver(settings, []).accepted == 2


def test_file_that_may_not_be_read_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = discover._scan

    def refusing(path: Path, *rest: Any) -> Any:
        if path.name == "secret.jsonl":
            raise PermissionError(13, "Permission denied")
        return real(path, *rest)

    monkeypatch.setattr(discover, "_scan", refusing)
    settings, summary = settle(tmp_path, "secret.jsonl", lines(2))
    assert (summary.accepted, summary.skipped) == (3, [("secret.jsonl", "Permission denied")])
    monkeypatch.undo()
    assert deliver(settings, []).accepted == 2


CHANGES: dict[str, Callable[[Path], object]] = {
    "shrinks": lambda p: p.write_bytes(lines(1)),
    "is emptied": lambda p: p.write_bytes(b""),
    "is replaced": lambda p: p.write_bytes(lines(9, start=50)),
    "vanishes": lambda p: p.unlink(),
}


@pytest.mark.parametrize("case", list(CHANGES))
def test_file_that_changes_while_it_is_read_stops_the_run_whole(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path)
    deliver(settings, [("good.jsonl", lines(3, start=900))])
    before = rows_of(settings.lake, "events")
    real = discover._scan

    def scanned(path: Path, *rest: Any) -> Any:
        found = real(path, *rest)
        if path.name == "e.jsonl":
            CHANGES[case](path)
        return found

    monkeypatch.setattr(discover, "_scan", scanned)
    with pytest.raises(DataError, match=r"e\.jsonl"):
        deliver(settings, [("e.jsonl", lines(5))])
    assert rows_of(settings.lake, "events") == before
    monkeypatch.undo()
    (settings.raw / "e.jsonl").write_bytes(lines(5))
    assert deliver(settings, []).accepted == 5


def test_line_of_50_megabytes_is_refused_and_kept_in_part(tmp_path: Path) -> None:
    settings, summary = settle(tmp_path, "e.jsonl", TWO + b'{"a":"' + b"x" * 50_000_000 + b'"}\n')
    assert (summary.accepted, summary.rejected) == (5, {"too_large": 1})
    (row,) = rows_of(settings.lake, "rejected", comparable=False)
    assert (row["line"], len(row["raw"])) == (3, 65_536)


def test_many_event_types(tmp_path: Path) -> None:
    content = b"".join(lines(1, start=n, kind=f"type_{n}") for n in range(20_000))
    settings = settings_for(tmp_path)
    assert deliver(settings, [("e.jsonl", content)]).accepted == 20_000
    (day,) = {r["event_date"] for r in rows_of(settings.lake, "daily")}
    assert day.isoformat() == "2026-01-05"


def test_player_with_many_events_a_day(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert deliver(settings, [("e.jsonl", lines(50_000))]).accepted == 50_000
    (row,) = rows_of(settings.lake, "player_days")
    assert (row["events"], row["sessions"]) == (50_000, 1)


BOMB = """
import resource, sys
from questline.cli import main
raw, lake = sys.argv[1:]
sys.argv[1:] = []
try:
    main("run", "--raw", raw, "--lake", lake)
finally:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, file=sys.stderr)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the unit of ru_maxrss is Linux's")
@pytest.mark.parametrize("unit", [b"x", b"\n", b'{"a":1}\n'])
def test_bomb_takes_neither_memory_nor_disk(unit: bytes, tmp_path: Path) -> None:
    raw, lake = tmp_path / "raw", tmp_path / "lake"
    raw.mkdir()
    (raw / "good.jsonl").write_bytes(lines(3))
    with gzip.open(raw / "bomb.jsonl.gz", "wb", compresslevel=9) as sink:
        for _ in range(600):
            sink.write(unit * (1_000_000 // len(unit)))
    done = subprocess.run(
        [sys.executable, "-c", BOMB, str(raw), str(lake)],
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stderr.split()[-1]) < 2_500_000
    assert sum(f.stat().st_size for f in lake.rglob("*") if f.is_file()) < 50_000_000
