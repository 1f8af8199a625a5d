"""JSON Lines as a stream: the same rows as if every line were read by itself."""

import gzip
import random
from codecs import BOM_UTF8
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile import AS_OF, NEIGHBOURS, Judged, Taken, line, lines, uuid, zstd
from lakes import deliver, rows_of, settings_for
from questline.contract import Reason
from questline.ingestion import careful, count
from questline.ingestion import lines as stream
from questline.ingestion.inputs import Input
from questline.ingestion.lines import line_batches, lines_at
from questline.ingestion.mapping import NATIVE, Mapping, Source, Spec
from questline.ingestion.scan import scan_text

LIMIT = 1_000
LATIN, ZERO, LONG = b'{"a":"\xe9"}', b'{"b":"\x00"}', b'{"a":"' + b"x" * LIMIT + b'"}'
ODD = [LATIN, ZERO, LONG, b"\xff" * 40, b"\xc3", b"\xed\xa0\x80", b"\x1f\x8b", b"\x28\xb5\x2f\xfd"]
"""The last ones look like the begin of an archive."""
PLAIN = [
    line(1),
    "é 😀 \u2028 \x85".encode(),
    b"\x01",
    b"x" * LIMIT,
    BOM_UTF8 + b"{}",
    b" ",
    b"a\rb",
]
ENDS = [b"\n"] * 6 + [b"\r\n", b"\r\r\n", b"\n\n", b"\n\r\n"]
PACKED: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstd}
ODD_REASONS = {Reason.TOO_LARGE, Reason.INVALID_ENCODING}
Line = tuple[int, str, str | None]


def one_by_one(content: bytes) -> list[Line]:
    """Number, text and reason of each line that is not blank, without any of the path's code."""
    found: list[Line] = []
    for number, ended in enumerate(content.removeprefix(BOM_UTF8).split(b"\n"), 1):
        body = ended.rstrip(b"\r")
        text = body.decode("utf-8", "replace").replace("\0", "\ufffd")
        if len(body) > LIMIT:
            found.append((number, text, Reason.TOO_LARGE))
        elif text.encode() != body:
            found.append((number, text, Reason.INVALID_ENCODING))
        elif body:
            found.append((number, text, None))
    return found


def at_once(path: Path) -> list[Line]:
    """The same by the path."""
    source = NATIVE.source_of("a.jsonl")
    assert source is not None
    scan = scan_text(path, delimiter=None, max_line_bytes=LIMIT)
    item = Input(7, path, "a.jsonl", source, scan, "batch", AS_OF, as_of_explicit=True)
    rows: list[dict[str, Any]] = []
    for batch in line_batches(item, LIMIT):
        batch.validate(full=True)
        rows += batch.to_pylist()
    assert len(rows) == scan.rows
    chosen = random.Random(len(rows)).sample(rows, len(rows) // 3)
    found = dict(lines_at(item, sorted(r["line"] for r in chosen), LIMIT))
    assert found == {r["line"]: r["raw"] for r in chosen}
    assert {(r["fid"], r["as_of"], r["as_of_explicit"]) for r in rows} <= {(7, AS_OF, True)}
    return [(r["line"], r["raw"], r["found"]) for r in rows]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.2, 0.6, 1.0])
@pytest.mark.parametrize("chunk", [40, 4_000, 1 << 20])
def test_random_files_give_what_their_lines_give(
    share: float, chunk: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "CHUNK", chunk)
    monkeypatch.setattr(count, "STRIDE", chunk)
    monkeypatch.setattr(stream, "STRIDE", chunk)
    for seed in range(12):
        chosen = random.Random(seed)
        parts = [chosen.choice([BOM_UTF8, b"{}\n"])]
        for _ in range(chosen.choice([1, 2, 30, 200])):
            parts.append(chosen.choice(ODD if chosen.random() < share else PLAIN))
            parts.append(chosen.choice(ENDS))
        content = b"".join(parts[: len(parts) - chosen.randrange(2)])
        for ending, pack in PACKED.items():
            path = tmp_path / f"{seed}.jsonl{ending}"
            path.write_bytes(pack(content))
            assert at_once(path) == one_by_one(content)


def test_line_that_is_longer_than_what_is_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream, "CHUNK", 64)
    monkeypatch.setattr(careful, "LONGEST", 2_000)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{}\n" + b"y" * 90_000 + b"\n\n[]" + b"\r" * 90_000 + b"\n" + b"z" * 90_000)
    (first, text, _), (second, kept, large), *rest = at_once(path)
    assert (first, text, second, large, set(kept)) == (1, "{}", 2, Reason.TOO_LARGE, {"y"})
    assert len(kept) < 2_200
    assert [(n, t[:2], reason) for n, t, reason in rest] == [
        (4, "[]", None),
        (5, "zz", Reason.TOO_LARGE),
    ]


def test_lines_far_apart_are_found_without_reading_between_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"".join(b'{"n": %d, "more": "%s"}\n' % (n, b"x" * 80) for n in range(50_000)))
    source = NATIVE.source_of("a.jsonl")
    assert source is not None
    scan = scan_text(path, delimiter=None, max_line_bytes=LIMIT)
    slice_of = Input(7, path, "a.jsonl", source, scan, "b", AS_OF, as_of_explicit=True, before=100)
    read = []
    real = stream._whole_lines

    def told(*given: Any) -> Any:
        for chunk in real(*given):
            read.append(len(chunk))
            yield chunk

    monkeypatch.setattr(stream, "_whole_lines", told)
    wanted = [101, 105, 20_000, 20_001, 49_000, 50_100]
    found = dict(lines_at(slice_of, wanted, LIMIT))
    assert {n: text[: text.index(",")] for n, text in found.items()} == {
        n: f'{{"n": {n - 101}' for n in wanted
    }
    assert sum(read) < 8 * count.STRIDE < path.stat().st_size
    assert dict(lines_at(slice_of, [7, 60_000], LIMIT)) == {}


PLACES: dict[str, bytes] = {
    "at the start": LATIN + b"\n" + lines(*range(20)),
    "at the end": lines(*range(20)) + ZERO + b"\n",
    "adjacent": lines(*range(10)) + LATIN + b"\n" + LONG + b"\n" + lines(*range(5, 15)),
    "alone": LATIN + b"\n" + ZERO + b"\n" + LATIN + b"\n",
    "unterminated": lines(*range(20)) + LATIN,
    "before an unterminated one": lines(*range(9)) + LATIN + b"\nx\n" + line(10),
    "after a mark": BOM_UTF8 + lines(*range(9)) + LATIN + b"\n\n\r\n{}\n",
    "in the line of the mark": BOM_UTF8 + LATIN + b"\n" + lines(*range(9)),
}


def told(found: Judged) -> tuple[Any, ...]:
    """What a run says that does not depend on when it was."""
    ledger = [found.outcome(name) for name in sorted(found.ledger)]
    events = [{k: v for k, v in e.items() if k != "batch"} for _, e in sorted(found.events.items())]
    rejected = sorted((r["file"], r["line"], r["reason"], r["raw"]) for r in found.rejected)
    return ledger, events, rejected, sorted(r["times_seen"] for r in found.rejected)


@pytest.mark.parametrize("ending", PACKED)
def test_lake_is_the_same_as_by_the_careful_reader_alone(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {f"{name}.jsonl{ending}": PACKED[ending](content) for name, content in PLACES.items()}
    split = Judged(tmp_path / "split", files, max_line_bytes=LIMIT)
    monkeypatch.setattr(stream, "MOST", -1)
    alone = Judged(tmp_path / "alone", files, max_line_bytes=LIMIT)
    assert told(split) == told(alone)
    first: dict[tuple[str, str], tuple[str, int]] = {}
    times: Counter[tuple[str, str]] = Counter()
    for name, content in sorted(PLACES.items()):
        for number, text, reason in one_by_one(content):
            if reason:
                first.setdefault((reason, text), (f"{name}.jsonl{ending}", number))
                times[reason, text] += 1
    refused = [r for r in split.rejected if r["reason"] in ODD_REASONS]
    assert {(r["reason"], r["raw"]): (r["file"], r["line"]) for r in refused} == first
    assert {(r["reason"], r["raw"]): r["times_seen"] for r in refused} == times


def test_only_lines_are_looked_at_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    real = careful.decode_line

    def counted(body: bytes, limit: int) -> tuple[str, str | None]:
        seen.append(body)
        return real(body, limit)

    monkeypatch.setattr(careful, "decode_line", counted)
    good = lines(*range(200))
    content = BOM_UTF8 + LATIN + b"\n" + good + b"\r\n\n" + ZERO + b"\n" + LONG + b"\n" + line(200)
    found = Judged(tmp_path, {"a.jsonl": content}, max_line_bytes=LIMIT)
    assert found.outcome("a.jsonl") == Taken(
        204, 201, {Reason.INVALID_ENCODING: 2, Reason.TOO_LARGE: 1}
    )
    assert seen == [LATIN, ZERO, LONG]
    assert [r["line"] for r in found.refused("a.jsonl")] == [1, 204, 205]


def test_odd_line_of_a_grown_file_has_its_number_in_the_whole(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    deliver(made, [("a.jsonl", lines(1, 2, 3))], as_of=AS_OF)
    deliver(made, [("a.jsonl", lines(4) + LATIN + b"\n" + b"half\n")], as_of=AS_OF)
    found = rows_of(made.lake, "rejected", comparable=False)
    assert {(r["line"], r["reason"]) for r in found} == {
        (5, Reason.INVALID_ENCODING),
        (6, Reason.MALFORMED_JSON),
    }


def test_files_of_a_source_are_read_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lengths: list[int] = []
    real = stream._gathered

    def counted(*given: Any) -> Any:
        for batch in real(*given):
            lengths.append(batch.num_rows)
            yield batch

    monkeypatch.setattr(stream, "_gathered", counted)
    files = {f"{n}.jsonl": lines(*range(10 * n, 10 * n + 9)) + LATIN + b"\n" for n in range(20)}
    found = Judged(tmp_path, files)
    assert lengths == [200 + len(NEIGHBOURS)]
    for name in files:
        assert found.outcome(name) == Taken(10, 9, {Reason.INVALID_ENCODING: 1})
    assert uuid(198) in found.events


@pytest.mark.parametrize("stop", [KeyboardInterrupt(), MemoryError(), OSError(5, "no such disk")])
def test_what_stops_the_stream_is_raised_as_it_is(
    stop: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ctrl-C may arrive while DuckDB asks for the next lines."""
    real = stream._gathered

    def stopped(*given: Any) -> Any:
        yield from real(*given)
        raise stop

    monkeypatch.setattr(stream, "_gathered", stopped)
    made = settings_for(tmp_path)
    with pytest.raises(type(stop)):
        deliver(made, [("a.jsonl", lines(1, 2))], as_of=AS_OF)
    monkeypatch.undo()
    assert deliver(made, [], as_of=AS_OF).accepted == 2


def test_long_lines_are_not_gathered(tmp_path: Path) -> None:
    """A batch holds little more than a chunk, however few its lines are."""
    path = tmp_path / "a.jsonl"
    path.write_bytes((b'{"a": "' + b"x" * 300_000 + b'"}\n') * 40)
    source = NATIVE.source_of("a.jsonl")
    assert source is not None
    scan = scan_text(path, delimiter=None, max_line_bytes=1_000_000)
    item = Input(7, path, "a.jsonl", source, scan, "batch", AS_OF, as_of_explicit=True)
    sizes = [(b.num_rows, b.nbytes) for b in stream._gathered([item], 1_000_000)]
    assert sum(rows for rows, _size in sizes) == 40
    assert max(size for _rows, size in sizes) < 2 * stream.CHUNK


def test_equal_rows_that_count_are_numbered_within_their_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though a batch holds less than a file: then the ids would begin anew."""
    monkeypatch.setattr(stream, "FEWEST", 1)
    monkeypatch.setattr(stream, "CHUNK", 300)
    fields: dict[str, Spec] = {"player_id": "who", "timestamp": "at", "event_type": "what"}
    kept = Source(name="k", path=["k*"], format="jsonl", ids="keep", fields=fields)
    native = Source(name="n", path=["*"], format="jsonl", native=True)
    click = b'{"who":"anna","at":"2026-01-05T12:00:00Z","what":"click"}\n'
    content = click * 15 + LATIN + b"\n" + click * 15
    files = {"k1.jsonl": content, "k2.jsonl": content}
    found = Judged(tmp_path, files, Mapping(source=[kept, native]))
    one: dict[str, int] = {Reason.INVALID_ENCODING: 1}
    # The second file says the same thirty things.
    assert found.outcome("k1.jsonl") == Taken(31, 30, one)
    assert found.outcome("k2.jsonl") == Taken(31, 0, one, duplicates=30)
    assert [r["line"] for r in found.refused("k1.jsonl")] == [16]
