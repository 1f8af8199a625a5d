"""The raw folder under a run's feet: what may not be read, what changes, what grows meanwhile."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from hostile import (
    AS_OF,
    NEIGHBOUR,
    NEIGHBOURS,
    Judged,
    header,
    line,
    lines,
    packed,
    parquet,
    record,
    zstd,
)
from lakes import deliver, rows_of, settings_for, snapshot
from questline.errors import DataError, UsageError
from questline.ingestion import discover, statement
from questline.pipeline import RunSummary
from questline.settings import Settings

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
ROOT = "root may read everything"


def prepared(folder: Path) -> Settings:
    """A raw folder with the good neighbour alone."""
    settings = settings_for(folder)
    settings.raw.mkdir(parents=True)
    (settings.raw / NEIGHBOUR).write_bytes(lines(*NEIGHBOURS))
    return settings


def run(settings: Settings, **options: Any) -> RunSummary:
    return deliver(settings, [], as_of=AS_OF, **options)


# what may not be read


def denied(path: Path) -> OSError:
    return PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))


@pytest.mark.parametrize("name", ["stat", "open"])
def test_file_that_is_denied_is_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    settings = prepared(tmp_path)
    (settings.raw / "secret.jsonl").write_bytes(lines(1))
    real = getattr(Path, name)

    def refusing(self: Path, *rest: Any, **more: Any) -> Any:
        if self.name == "secret.jsonl":
            raise denied(self)
        return real(self, *rest, **more)

    monkeypatch.setattr(Path, name, refusing)
    summary = run(settings)
    assert (summary.accepted, summary.skipped) == (3, [("secret.jsonl", "Permission denied")])
    monkeypatch.undo()
    assert run(settings).accepted == 1


@pytest.mark.skipif(AS_ROOT, reason=ROOT)
@pytest.mark.parametrize("closed", ["a.jsonl", "folder"])
def test_closed_file_or_folder_is_skipped(tmp_path: Path, closed: str) -> None:
    settings = prepared(tmp_path)
    (settings.raw / "folder").mkdir()
    (settings.raw / "folder" / "b.jsonl").write_bytes(lines(2))
    (settings.raw / "a.jsonl").write_bytes(lines(1))
    (settings.raw / closed).chmod(0)
    summary = run(settings)
    (settings.raw / closed).chmod(0o700)
    assert (summary.accepted, summary.skipped) == (4, [(closed, "Permission denied")])


def test_closed_folder_is_told_and_the_rest_is_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = prepared(tmp_path)
    for folder in ("closed", "open"):
        (settings.raw / folder).mkdir()
    (settings.raw / "open" / "a.jsonl").write_bytes(lines(1))
    real = os.scandir

    def refusing(path: Any) -> Any:
        if str(path).endswith("closed"):
            raise denied(Path(path))
        return real(path)

    monkeypatch.setattr(os, "scandir", refusing)
    summary = run(settings)
    assert (summary.accepted, summary.skipped) == (4, [("closed", "Permission denied")])


def test_folder_with_the_name_of_a_file_is_a_folder(tmp_path: Path) -> None:
    settings = prepared(tmp_path)
    (settings.raw / "events.jsonl").mkdir()
    (settings.raw / "events.jsonl" / "a.jsonl").write_bytes(lines(1))
    assert (run(settings).accepted, rows_of(settings.lake, "rejected")) == (4, [])


def test_linked_folder_is_told_and_not_followed(tmp_path: Path) -> None:
    settings = prepared(tmp_path)
    (settings.raw / "self").symlink_to(settings.raw)
    summary = run(settings)
    assert (summary.accepted, [name for name, _ in summary.skipped]) == (3, ["self"])


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{", b"[1]", b"\xff\xfe", b'{"complete_from": 5}', b'{"complete_until": "soon"}'),
        *(b"[" * 100_000, b'{"complete_from": "9999-99-99"}', b"NaN"),
    ],
    ids=repr,
)
def test_unreadable_statement_of_the_source_is_one_line(tmp_path: Path, content: bytes) -> None:
    settings = prepared(tmp_path)
    (settings.raw / statement.SOURCE_FILE).write_bytes(content)
    with pytest.raises(UsageError, match="Mend or delete it") as caught:
        run(settings)
    assert "\n" not in str(caught.value)


# what changes between the first pass and the reading


def changing(monkeypatch: pytest.MonkeyPatch, name: str, change: Callable[[Path], object]) -> None:
    """Changes the file of this name after each first pass over it."""
    real = discover._scan

    def scanned(path: Path, *rest: Any) -> Any:
        found = real(path, *rest)
        if path.name == name:
            change(path)
        return found

    monkeypatch.setattr(discover, "_scan", scanned)


def growing(monkeypatch: pytest.MonkeyPatch, more: dict[str, bytes]) -> None:
    """Lets files grow once, after the first pass over them."""
    real = discover._scan

    def scanned(path: Path, *rest: Any) -> Any:
        found = real(path, *rest)
        with path.open("ab") as handle:
            handle.write(more.pop(path.name, b""))
        return found

    monkeypatch.setattr(discover, "_scan", scanned)


CSV = (header() + record(1) + record(2)).encode()
GROWING: dict[str, tuple[bytes, bytes]] = {
    # name: its bytes, and those that are written behind them meanwhile
    "a.jsonl": (lines(11, 12), lines(13)),
    "refused.jsonl": (lines(21) + b"x\n", lines(22) + b"y\n"),
    "crlf.jsonl": (lines(31).replace(b"\n", b"\r\n"), lines(32)),
    "tail.jsonl": (lines(41) + line(42)[:50], line(42)[50:] + b"\n" + lines(43)),
    "only the tail.jsonl": (lines(51) + line(52)[:50], line(52)[50:] + b"\n"),
    "a.csv": ((header() + record(61)).encode(), record(62).encode()),
    "a.jsonl.gz": (packed(lines(71)), packed(lines(72))),
    "a.csv.zst": (zstd((header() + record(81)).encode()), zstd(record(82).encode())),
}


def test_files_that_grow_while_they_are_read_stop_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their lines are taken once: by this run or by the next."""
    settings = prepared(tmp_path / "one")
    for name, (content, _) in GROWING.items():
        (settings.raw / name).write_bytes(content)
    growing(monkeypatch, {name: more for name, (_, more) in GROWING.items()})
    first = run(settings)
    assert first.accepted >= len(NEIGHBOURS) + len(GROWING)
    monkeypatch.undo()
    run(settings)
    fresh = prepared(tmp_path / "fresh")
    for name, (content, more) in GROWING.items():
        (fresh.raw / name).write_bytes(content + more)
    run(fresh)
    assert snapshot(settings.lake) == snapshot(fresh.lake)
    assert len(rows_of(fresh.lake, "events")) == len(NEIGHBOURS) + 18
    assert run(settings).published is False


def turned(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


SWAPPED: dict[str, tuple[str, bytes, Callable[[Path], object]]] = {
    "gzip is cut": (
        "e.jsonl.gz",
        packed(lines(*range(1, 99))),
        lambda p: p.write_bytes(p.read_bytes()[:-30]),
    ),
    "careful gzip is cut": (
        "e.jsonl.gz",
        packed(lines(*range(1, 99)) + b"\r\n"),
        lambda p: p.write_bytes(p.read_bytes()[:-30]),
    ),
    "careful zstd is cut": (
        "e.jsonl.zst",
        zstd(lines(*range(1, 99)) + b"\r\n"),
        lambda p: p.write_bytes(p.read_bytes()[:-30]),
    ),
    "CSV is emptied": ("e.csv", CSV, lambda p: p.write_bytes(b"")),
    "CSV gets another header": ("e.csv", CSV, lambda p: p.write_bytes(b"a\n" + CSV + CSV)),
    "Parquet gets fewer rows": ("e.parquet", parquet(1, 2), lambda p: p.write_bytes(parquet(1))),
    "Parquet vanishes": ("e.parquet", parquet(1, 2), lambda p: p.unlink()),
    "a link is turned": ("e.jsonl", lines(1, 2), turned),
}


@pytest.mark.parametrize("case", list(SWAPPED))
def test_file_that_is_swapped_while_it_is_read_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, case: str
) -> None:
    """One line that names the file, an unchanged lake; or the others are taken without it."""
    name, content, change = SWAPPED[case]
    settings = prepared(tmp_path)
    run(settings)
    before = snapshot(settings.lake)
    (settings.raw / name).write_bytes(content)
    changing(monkeypatch, name, change)
    with pytest.raises(DataError, match=r"^e\.") as caught:
        run(settings)
    assert "\n" not in str(caught.value)
    assert "input-" not in str(caught.value)
    assert snapshot(settings.lake) == before
    monkeypatch.undo()
    (settings.raw / name).unlink(missing_ok=True)
    (settings.raw / name).write_bytes(content)
    assert run(settings).accepted >= 2


def test_parquet_that_breaks_while_it_is_read_is_set_aside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = prepared(tmp_path)
    (settings.raw / "e.parquet").write_bytes(parquet(1, 2))
    changing(monkeypatch, "e.parquet", lambda p: p.write_bytes(parquet(1, 2)[:-20]))
    summary = run(settings)
    assert (summary.accepted, [n for n, _ in summary.incomplete]) == (3, ["e.parquet"])
    monkeypatch.undo()
    (settings.raw / "e.parquet").write_bytes(parquet(1, 2))
    assert run(settings).accepted == 2


@pytest.mark.parametrize("name", ["e.jsonl.gz", "e.parquet"])
def test_full_rebuild_without_a_file_that_broke_is_refused(tmp_path: Path, name: str) -> None:
    whole = {"e.jsonl.gz": packed(lines(1, 2)), "e.parquet": parquet(1, 2)}[name]
    found = Judged(tmp_path, {name: whole})
    before = snapshot(found.settings.lake)
    broken = bytearray(whole)
    broken[8:-20] = b"\xff" * (len(whole) - 28)
    (found.settings.raw / name).write_bytes(broken)
    assert [n for n, _ in run(found.settings).incomplete] == [name]
    for _ in range(2):
        with pytest.raises(DataError, match=name):
            run(found.settings, full=True)
        assert snapshot(found.settings.lake) == before
    (found.settings.raw / name).write_bytes(whole)
    run(found.settings, full=True)
    assert snapshot(found.settings.lake) == before


def test_first_file_that_is_broken_does_not_hinder_a_full_run(tmp_path: Path) -> None:
    found = Judged(tmp_path, {"e.jsonl.gz": packed(lines(1))[:-9]})
    summary = run(found.settings, full=True)
    assert (summary.accepted, len(summary.incomplete)) == (len(NEIGHBOURS), 1)
