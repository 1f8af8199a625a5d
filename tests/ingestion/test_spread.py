"""Judging in tasks: what executors do, done here one after the other, gives the same lake."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import chdir
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakes import rows_of, settings_for, snapshot
from questline import pipeline
from questline.engines.base import Work
from questline.errors import DataError
from questline.ingestion.load import load
from questline.ingestion.mapping import NATIVE
from questline.ingestion.spread import judge_on
from questline.settings import Settings

HEADER = "event_id,player_id,event_type,timestamp,properties"


class Here:
    """Takes the place of Spark: one task after the other, in another folder of this process."""

    slots = 3

    def __init__(self, before: Callable[[], None] = lambda: None) -> None:
        self.tasks = 0
        self.before = before

    def each(self, payloads: Sequence[bytes], work: Work) -> Iterator[bytes]:
        self.before()
        self.tasks = len(payloads)
        for payload in payloads:
            with chdir(gettempdir()):
                told = list(work([pa.RecordBatch.from_pydict({"task": [payload]})]))
            for batch in told:
                yield from batch.column("told").to_pylist()


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def row(number: int, second: int = 0) -> dict[str, Any]:
    return {
        "event_id": uuid(number),
        "player_id": uuid(number % 3),
        "event_type": "login",
        "timestamp": f"2026-01-{number % 5 + 1:02d}T10:00:{second:02d}Z",
        "properties": "{}",
    }


def jsonl(*rows: dict[str, Any]) -> bytes:
    return "".join(json.dumps({**r, "properties": {}}) + "\n" for r in rows).encode()


def csv(*rows: dict[str, Any]) -> bytes:
    return "\n".join([HEADER, *(",".join(r.values()) for r in rows), ""]).encode()


def parquet(*rows: dict[str, Any]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), sink)
    return sink.getvalue()


FILES = {
    "a.jsonl": jsonl(row(1), row(2), row(2), row(3)) + b"{broken\n\xff\xfe\n",
    "b.jsonl.gz": gzip.compress(jsonl(row(2), row(4, 5)) + b"[1]\n"),
    "c.csv": csv(row(5), row(3, 1), {**row(6), "timestamp": "yesterday"}),
    "d.csv": csv(row(7)) + b'odd,"row\n' + csv(row(8)).split(b"\n", 1)[1],
    "e.parquet": parquet(row(9), row(1), {**row(10), "event_type": ""}),
    "f.parquet": parquet(row(11)).replace(uuid(11).encode(), b"\xff" * 36),
    "players.jsonl": b'{"player_id": "%s", "acquired_at": "2026-01-01T00:00:00Z"}\n{}\n'
    % uuid(1).encode(),
    "empty.jsonl": b"",
}


def settings_with_files(folder: Path) -> Settings:
    settings = settings_for(folder)
    settings.raw.mkdir(parents=True)
    for name, content in FILES.items():
        (settings.raw / name).write_bytes(content)
    return settings


def spread(monkeypatch: pytest.MonkeyPatch, here: Here) -> None:
    """Makes runs judge in tasks."""

    def judged(*given: Any, judge: object) -> Any:
        assert judge is None
        return load(*given, judge=judge_on(here))

    monkeypatch.setattr(pipeline, "load", judged)


def told(settings: Settings) -> tuple[object, ...]:
    ledger = [
        (r["file"], r["kind"], r["lines_in"], r["accepted"], r["duplicates"], r["rejected"])
        for r in rows_of(settings.lake, "ledger", comparable=False)
    ]
    return snapshot(settings.lake), sorted(ledger)


def test_tasks_give_the_lake_that_one_pass_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain, tasks = settings_with_files(tmp_path / "plain"), settings_with_files(tmp_path / "tasks")
    expected = pipeline.run(plain, NATIVE)
    here = Here()
    spread(monkeypatch, here)
    found = pipeline.run(tasks, NATIVE)
    assert here.tasks == Here.slots
    assert found.rejected == expected.rejected
    assert found.duplicates == expected.duplicates > 0
    assert found.incomplete == expected.incomplete
    assert told(tasks) == told(plain)


def test_tasks_read_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    plain, tasks = settings_with_files(tmp_path / "plain"), settings_with_files(tmp_path / "tasks")
    here = Here()
    for settings in (plain, tasks):
        pipeline.run(settings, NATIVE)
        with (settings.raw / "a.jsonl").open("ab") as handle:
            handle.write(jsonl(row(5, 1), row(20)))
    pipeline.run(plain, NATIVE)
    spread(monkeypatch, here)
    assert pipeline.run(tasks, NATIVE).lines_in == 2
    assert here.tasks == 1
    assert told(tasks) == told(plain)


def test_file_that_vanishes_meanwhile_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_with_files(tmp_path)
    spread(monkeypatch, Here(before=(settings.raw / "a.jsonl").unlink))
    with pytest.raises(DataError, match=r"a\.jsonl vanished while it was read\. Nothing was"):
        pipeline.run(settings, NATIVE)


def test_folders_may_be_relative(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = settings_with_files(tmp_path)
    monkeypatch.chdir(tmp_path)
    settings = made.model_copy(update={"raw": Path("raw"), "lake": Path("lake")})
    spread(monkeypatch, Here())
    assert pipeline.run(settings, NATIVE).accepted
