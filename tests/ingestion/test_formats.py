"""Formats, compressions and shapes of files: what is said counts, not how it is written down."""

import csv
import gzip
import io
import json
import os
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakes import deliver, rows_of, settings_for, snapshot
from questline.ingestion import scan

Row = dict[str, Any]
FILE_IDS = 77_000_000
HEADER = ["event_id", "player_id", "session_id", "event_type", "timestamp", "sent_at"]
HEADER += ["received_at", "platform", "country", "properties"]
SAID: list[tuple[str, str | None, str]] = [
    ("login", None, "{}"),
    ("session_start", "ios", '{"device":"Pixel \\"8\\", blue","country":"Österreich"}'),
    ("level_complete", "ios", '{"level":3,"time_spent":61.5,"success":false}'),
    ("purchase", None, '{"price":4.990000,"currency":"EUR","transaction_id":"%s"}'),
    ("ad_watched", "a,b", '{"revenue":0.000373,"completed":true}'),
    ("chat", "\ttab 'and' \"quotes\"", '{"text":"line 1\\nline 2","n":[1,2,{"a":null}],"é":"☃"}'),
    ("currency_change", "ios", '{"currency_name":"gems","amount":-12.5,"reason":"shop"}'),
]


def uuid(number: int, row: int) -> str:
    return f"{FILE_IDS + number}-0000-4000-8000-{row:012d}"


def events(number: int) -> list[Row]:
    """The rows of the file with this number: only their ids differ from those of another."""
    return [
        {
            "event_id": uuid(number, row),
            "player_id": uuid(number, 99),
            "session_id": None if row % 3 else "s1",
            "event_type": kind,
            "timestamp": f"2026-01-05T12:00:{row:02d}.250000Z",
            "sent_at": "2026-01-05T12:30:00+00:00" if row % 2 else None,
            "received_at": "2026-01-05T13:30:00Z" if row % 2 else None,
            "platform": platform,
            "country": "DE",
            "properties": properties.replace("%s", uuid(number, row)),
        }
        for row, (kind, platform, properties) in enumerate(SAID)
    ]


def jsonl(rows: list[Row]) -> bytes:
    lines = []
    for row in rows:
        head = json.dumps({k: v for k, v in row.items() if k != "properties"}, ensure_ascii=False)
        lines.append(f'{head[:-1]}, "properties": {row["properties"]}}}\n')
    return "".join(lines).encode()


def csv_text(rows: list[Row], quoting: Any = csv.QUOTE_MINIMAL) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, HEADER, lineterminator="\n", quoting=quoting)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def parquet(codec: str, *, typed: bool = False) -> Callable[[list[Row]], bytes]:
    """A Parquet file; typed: times as timestamps instead of text."""

    def write(rows: list[Row]) -> bytes:
        if typed:
            times = ("timestamp", "sent_at", "received_at")
            rows = [
                r | {t: datetime.fromisoformat(r[t]) if r[t] else None for t in times} for r in rows
            ]
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows), sink, compression=codec)
        return sink.getvalue()

    return write


def zstd(content: bytes) -> bytes:
    return bytes(pa.Codec("zstd").compress(content, asbytes=True))


def plain(content: bytes) -> bytes:
    return content


def parts(pack: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    """Two archives one after the other, cut in the middle of a line."""
    return lambda content: pack(content[:333]) + pack(content[333:])


def crlf(content: bytes) -> bytes:
    return content.replace(b"\n", b"\r\n")


def blanks(content: bytes) -> bytes:
    return b"\n\r\n" + content.replace(b"\n", b"\n\r\r\n\n") + b"\r\n\n"


SHAPES: dict[str, Callable[[bytes], bytes]] = {
    "plain": plain,
    "blanks": blanks,
    "unended": lambda c: c[:-1],
    "crlf": crlf,
    "bom": lambda c: b"\xef\xbb\xbf" + c,
    "bom-crlf-unended": lambda c: b"\xef\xbb\xbf" + crlf(c)[:-2],
}
PACKED: dict[str, Callable[[bytes], bytes]] = {"": plain, ".gz": gzip.compress, ".zst": zstd}


def shaped(kind: str, shape: str, ending: str) -> Callable[[list[Row]], bytes]:
    write, spoil, pack = {"jsonl": jsonl, "csv": csv_text}[kind], SHAPES[shape], PACKED[ending]
    return lambda rows: pack(spoil(write(rows)))


WRITTEN: dict[str, Callable[[list[Row]], bytes]] = {
    **{
        f"{shape}.{kind}{ending}": shaped(kind, shape, ending)
        for kind in ("jsonl", "csv")
        for ending in PACKED
        for shape in (SHAPES if not ending else ("plain", "blanks"))
    },
    "two.jsonl.gz": lambda rows: parts(gzip.compress)(jsonl(rows)),
    "two.csv.zst": lambda rows: parts(zstd)(csv_text(rows)),
    "two.jsonl.zst": lambda rows: parts(zstd)(jsonl(rows)),
    "quoted.csv": lambda rows: csv_text(rows, csv.QUOTE_ALL),
    "spaced.csv": lambda rows: csv_text(
        [{**r, "properties": r["properties"].replace(',"', ',\n\n "')} for r in rows]
    ),
    "none.parquet": parquet("none"),
    "snappy.parquet": parquet("snappy"),
    "gzip.parquet": parquet("gzip"),
    "zstd.parquet": parquet("zstd"),
    "typed.parquet": parquet("zstd", typed=True),
}


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Row]]:
    """Events by file, without the ids in which files differ."""
    made = settings_for(tmp_path_factory.mktemp("formats"))
    files = [(name, write(events(n))) for n, (name, write) in enumerate(WRITTEN.items())]
    summary = deliver(made, files)
    assert summary.rejected == {}
    assert summary.lines_in == summary.accepted == len(SAID) * len(WRITTEN)
    names = list(WRITTEN)
    found: dict[str, list[Row]] = {name: [] for name in names}
    for row in rows_of(made.lake, "events"):
        head = row["event_id"][:8]
        same = {k: v.replace(head, "N") if isinstance(v, str) else v for k, v in row.items()}
        found[names[int(head) - FILE_IDS]].append(same)
    return found


@pytest.mark.parametrize("name", WRITTEN)
def test_same_events_in_every_format(written: dict[str, list[Row]], name: str) -> None:
    assert len(written[name]) == len(SAID)
    assert written[name] == written["plain.jsonl"]


def test_what_a_file_says(written: dict[str, list[Row]]) -> None:
    _, start, level, bought, *_ = written["plain.jsonl"]
    assert (start["device"], start["country"]) == ('Pixel "8", blue', "DE")
    assert (level["level"], level["success"], level["time_spent"]) == (3, False, 61.5)
    assert str(bought["amount_usd"]) == "5.489000"
    assert [r["time_quality"] for r in written["plain.jsonl"]] == [
        "uncorrected" if row % 2 == 0 else "corrected" for row in range(len(SAID))
    ]


CUTS: dict[str, tuple[Callable[[list[Row]], bytes], Callable[[int], int]]] = {
    "half.jsonl.gz": (lambda r: gzip.compress(jsonl(r)), lambda n: n // 2),
    "no-checksum.csv.gz": (lambda r: gzip.compress(csv_text(r)), lambda n: n - 1),
    "first-bytes.jsonl.gz": (lambda r: gzip.compress(jsonl(r)), lambda _: 2),
    "one-byte.jsonl.gz": (lambda r: gzip.compress(jsonl(r)), lambda _: 1),
    "nothing.jsonl.gz": (lambda r: gzip.compress(jsonl(r)), lambda _: 0),
    "half.jsonl.zst": (lambda r: zstd(jsonl(r)), lambda n: n // 2),
    "last-byte.csv.zst": (lambda r: zstd(csv_text(r)), lambda n: n - 1),
    "magic.jsonl.zst": (lambda r: zstd(jsonl(r)), lambda _: 4),
    "three-bytes.jsonl.zst": (lambda r: zstd(jsonl(r)), lambda _: 3),
    "half.parquet": (parquet("zstd"), lambda n: n // 2),
    "last-byte.parquet": (parquet("none"), lambda n: n - 1),
    "nothing.parquet": (parquet("none"), lambda _: 0),
}


def test_truncated_files_wait_and_are_taken_once_when_complete(tmp_path: Path) -> None:
    whole = {name: write(events(n)) for n, (name, (write, _)) in enumerate(CUTS.items())}
    made = settings_for(tmp_path / "cut")
    first = deliver(made, [("good.jsonl", jsonl(events(900)))])
    cut = [(name, whole[name][: place(len(whole[name]))]) for name, (_, place) in CUTS.items()]
    torn = deliver(made, cut)
    assert (first.accepted, torn.accepted) == (len(SAID), 0)
    waiting = {name for name, _ in torn.incomplete}
    assert waiting >= set(CUTS) - {"nothing.jsonl.gz"}
    states = {r["file"]: r["kind"] for r in rows_of(made.lake, "ledger", comparable=False)}
    assert all(states[name] == "incomplete" for name in waiting)
    assert rows_of(made.lake, "rejected") == []
    for name, content in whole.items():
        (made.raw / name).write_bytes(content)
    assert deliver(made, []).accepted == len(SAID) * len(CUTS)
    again = deliver(made, [])
    assert (again.lines_in, again.published) == (0, False)
    fresh = settings_for(tmp_path / "fresh")
    deliver(fresh, [("good.jsonl", jsonl(events(900))), *whole.items()])
    assert snapshot(made.lake) == snapshot(fresh.lake)


def test_broken_archive_is_not_taken(tmp_path: Path) -> None:
    packed = gzip.compress(jsonl(events(1)))
    made = settings_for(tmp_path)
    flipped = packed[:-6] + bytes([packed[-6] ^ 1]) + packed[-5:]
    summary = deliver(made, [("flipped.jsonl.gz", flipped), ("tail.jsonl.gz", packed + b"junk")])
    assert {name for name, _ in summary.incomplete} == {"flipped.jsonl.gz", "tail.jsonl.gz"}
    assert summary.accepted == 0


NAMES = [
    "sp ace",
    "quo'te\"s",
    "é☃",
    "#hash",
    "100%",
    "%41",
    "[a-z]",
    "{b}",
    "wild*?",
    "a\nb",
    "a;b$c",
]


def test_odd_file_names(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    files = [
        (
            f"{folder}{name}.{kind}",
            write(events(number)[:1]) + (b"{}\n" if kind == "jsonl" else b""),
        )
        for number, (folder, name, kind, write) in enumerate(
            (folder, name, kind, write)
            for name in NAMES
            for folder, kind, write in (
                ("", "jsonl", jsonl),
                ("", "csv", csv_text),
                ("", "parquet", parquet("none")),
                (f"{name}/", "jsonl", jsonl),
            )
        )
    ]
    for name in NAMES:
        (made.raw / name).mkdir(parents=True)
    Path(os.fsdecode(os.fsencode(made.raw) + b"/\xff.jsonl")).write_bytes(b"{}\n")
    summary = deliver(made, files)
    assert summary.accepted == 4 * len(NAMES)
    assert [name for name, _ in summary.skipped] == ["\ufffd.jsonl"]
    ledger = rows_of(made.lake, "ledger", comparable=False)
    assert {r["file"] for r in ledger} == {name for name, _ in files}
    (refused,) = rows_of(made.lake, "rejected", comparable=False)
    assert (refused["file"], refused["line"]) == (min(n for n, _ in files if "jsonl" in n), 2)
    assert deliver(made, []).unchanged == len(files)


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_empty_files(tmp_path: Path, kind: str) -> None:
    made = settings_for(tmp_path)
    header = csv_text([]) if kind == "csv" else b""
    shapes = [b"", b"\n", b"\r\n\n", b"\xef\xbb\xbf", b"\xef\xbb\xbf\r\n", gzip.compress(b"")]
    shapes += [header, header[:-1], gzip.compress(header), zstd(header), header + b"\n\n"]
    summary = deliver(made, [(f"{n}.{kind}", content) for n, content in enumerate(shapes)])
    assert (summary.files, summary.lines_in, summary.incomplete) == (len(shapes), 0, [])
    assert len(rows_of(made.lake, "ledger")) == len(shapes)


@pytest.mark.parametrize("chunk", [7, 8 << 20])
def test_junk_is_counted_alike_by_scan_and_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chunk: int
) -> None:
    monkeypatch.setattr(scan, "CHUNK", chunk)
    rng = random.Random(chunk)
    bits = [b"a", b",", b'"', b'""', b"\n", b"\r\n", b"\r", b"\0", b"\xff", b"{}", b"\x01", b" "]
    files = []
    for number in range(9):
        junk = b"".join(rng.choices(bits, k=rng.randrange(40)))
        files += [(f"{number}.jsonl", junk), (f"{number}.csv", b"event_id,x\n" + junk)]
    summary = deliver(settings_for(tmp_path), files)
    assert summary.lines_in == sum(summary.rejected.values()) > 30
