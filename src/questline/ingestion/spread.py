"""Reading and judging on Spark's executors: the same validator, many machines.

A task is some whole files. Its executor judges them as a run on one machine does, in a DuckDB of
its own, writes the rows into the run's scratch folder, and tells which files it wrote. So raw
files and lake must be at the same place on every machine.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol
from uuid import uuid4

import duckdb
import pyarrow as pa

from questline.engines.base import Work
from questline.errors import DataError
from questline.ingestion.discover import Discovery, Request
from questline.ingestion.inputs import Input
from questline.ingestion.load import Judge, judge_inputs, open_staging
from questline.ingestion.staging import Staging
from questline.lake.store import NewFile, Store, quote

TASK_BYTES = 64 << 20
"""Raw bytes that are worth a task of their own; less goes together."""


class Workers(Protocol):
    """What runs tasks: Spark."""

    @property
    def slots(self) -> int:
        """How many tasks run at a time."""

    def each(self, payloads: Sequence[bytes], work: Work) -> Iterator[bytes]:
        """Runs `work` on every payload, a task of its own; what each one gives."""


@dataclass
class Judged:
    """What one task made of its files; `problem` is why the run must stop, if it must."""

    inputs: list[Input] = field(default_factory=list)
    files: list[NewFile] = field(default_factory=list)
    players: pa.Table | None = None
    unreadable: list[tuple[Input, str]] = field(default_factory=list)
    problem: str = ""


def judge_on(engine: Workers) -> Judge:
    """What reads and judges on the executors of `engine`."""

    def judge(
        request: Request, found: Discovery, staging: Staging, report: Callable[[str], None]
    ) -> None:
        tasks = _tasks(found.inputs, engine.slots)
        report(f"read {len(found.inputs):,} files in {len(tasks):,} tasks on Spark")
        payloads = [pickle.dumps((_anywhere(request), items)) for items in tasks]
        for told in engine.each(payloads, _judged):
            _take(pickle.loads(told), found, staging)  # noqa: S301 - written by our own executors

    return judge


def _tasks(inputs: list[Input], slots: int) -> list[list[Input]]:
    """The inputs in tasks of about the same size, at most as many as are worth it."""
    sized = sorted(inputs, key=lambda i: -i.scan.size)
    total = sum(i.scan.size for i in sized)
    tasks: list[list[Input]] = [[] for _ in range(max(slots, -(-total // TASK_BYTES)))]
    loads = [0] * len(tasks)
    for item in sized:
        least = loads.index(min(loads))
        tasks[least].append(item)
        loads[least] += item.scan.size + 1
    return [sorted(t, key=lambda i: i.fid) for t in tasks if t]


def _anywhere(request: Request) -> Request:
    """The request with folders that mean the same on every machine."""
    settings = request.settings
    placed = settings.model_copy(
        update={"raw": settings.raw.absolute(), "lake": settings.lake.absolute()}
    )
    return replace(request, settings=placed, scratch=request.scratch.absolute())


def _judged(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Runs on an executor: tasks come in, what became of them goes out."""
    for batch in batches:
        for payload in batch.column(0).to_pylist():
            request, items = pickle.loads(payload)  # noqa: S301 - written by our own driver
            told = pickle.dumps(judge_task(request, items))
            yield pa.RecordBatch.from_pydict({"told": [told]})


def judge_task(request: Request, items: list[Input]) -> Judged:
    """Judges some inputs; a problem of the data comes back as text, since Spark would try again."""
    settings = request.settings
    inputs = [replace(i, path=request.scratch / i.path.name) for i in items]
    with duckdb.connect(config={"threads": 1}) as con:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(f"SET memory_limit = '{settings.memory_limit_mb}MB'")
        con.execute(f"SET temp_directory = {quote(str(request.scratch / f'spill-{uuid4()}'))}")
        store = Store(settings.lake, con, {}, request.scratch)
        staging = open_staging(con, store, request, inputs)
        try:
            unreadable = judge_inputs(request, inputs, staging, lambda _: None)
        except DataError as error:
            return Judged(problem=str(error))
        except (OSError, duckdb.IOException):
            gone = [i.relative for i in inputs if not i.path.exists()]
            if not gone:
                raise
            return Judged(
                problem=f"{gone[0]} vanished while it was read. Nothing was published; run again."
            )
        staging.flush()
        players = con.execute("FROM staged_players").to_arrow_table()
    return Judged(inputs, staging.files, players, unreadable)


def _take(told: Judged, found: Discovery, staging: Staging) -> None:
    if told.problem:
        raise DataError(told.problem)
    changed = {i.fid: i for i in told.inputs}
    found.inputs[:] = [
        replace(i, scan=changed[i.fid].scan) if i.fid in changed else i for i in found.inputs
    ]
    own = {i.fid: i for i in found.inputs}
    for item, why in told.unreadable:
        found.set_aside(own[item.fid], why)
    staging.files += told.files
    if told.players is not None and told.players.num_rows:
        staging.con.register("judged_there", told.players)
        staging.con.execute("INSERT INTO staged_players BY NAME SELECT * FROM judged_there")
        staging.con.unregister("judged_there")
