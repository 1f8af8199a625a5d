"""How fast metrics answer, beside DuckDB queries by hand: `python -m benchmarks.metrics`.

Every metric is asked with its example, some with other options too (`benchmarks.questions`), and
so is a query that an analyst would write for the same result over the same files
(`benchmarks/by_hand/metrics`). Both must give equal rows, or the table says that they differ. The
lake is opened once; rounds are interleaved, and times are medians of rounds that follow one that
is not counted. Limits: 1.5 x by hand + 100 ms, and 300 ms for metrics that read no raw events.
*Cold* is `questline metric NAME --format json` in a process of its own.

A lake of 5 million events is simulated unless `--lake` is given. One of 50 million, about 25 GB
of logs in 10 minutes and a run of 10 minutes on 2 cores:

    questline simulate --days 30 --users 400000 --out /data/raw50
    QUESTLINE_MEMORY_LIMIT_MB=2500 questline run --raw /data/raw50 --lake /data/lake50
    python -m benchmarks.metrics --lake /data/lake50 --rounds 3 --memory 2500 --page
"""

from __future__ import annotations

import argparse
import math
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.operations import DatabaseTable

import questline
from benchmarks.page import put
from benchmarks.questions import BY_HAND, SETTINGS, Question, questions
from questline.api import Analytics
from questline.settings import load_settings

CALL = "from questline.cli import main; main(*{asked!r})"
USERS = 40_000
TIMES, MORE_MS, MODELS_MS = 1.5, 100.0, 300.0
MB = 1024 if sys.platform == "linux" else 2**20


@dataclass
class Clock:
    """Milliseconds of one thing, a round each: on the wall, and of all threads."""

    wall: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def run(self, work: Callable[[], object]) -> None:
        """Runs it once."""
        began, used = time.perf_counter(), time.process_time()
        work()
        self.cpu.append((time.process_time() - used) * 1000)
        self.wall.append((time.perf_counter() - began) * 1000)

    @property
    def ms(self) -> float:
        """The median on the wall."""
        return statistics.median(self.wall)

    @property
    def cpu_ms(self) -> float:
        """The median of all threads."""
        return statistics.median(self.cpu)


@dataclass
class Measured:
    """What one question took."""

    question: Question
    raw: bool
    rows: int = 0
    ours: Clock = field(default_factory=Clock)
    hand: Clock = field(default_factory=Clock)
    building: Clock = field(default_factory=Clock)
    cold_seconds: float = math.nan
    cold_mb: float = math.nan
    difference: str | None = None

    @property
    def limit(self) -> float:
        """Milliseconds it may take."""
        by_hand = TIMES * self.hand.ms + MORE_MS
        return by_hand if self.raw else min(by_hand, MODELS_MS)

    @property
    def verdict(self) -> str:
        """Whether it agrees with the query by hand and keeps the limit."""
        if self.difference is not None:
            return "differs"
        return "ok" if self.ours.ms <= self.limit else "slow"

    def cells(self, *, cpu: bool) -> list[str]:
        """Its row of the table."""
        ratio = self.ours.ms / self.hand.ms
        found = [
            f"{self.question.name}{' (events)' if self.raw else ''}",
            f"{self.rows:,}",
            f"{self.ours.ms:,.0f}",
            f"{self.building.ms:,.0f}",
            f"{self.hand.ms:,.0f}",
            f"{ratio:.2f}",
            f"{self.limit:,.0f}",
            self.verdict,
            f"{self.cold_seconds:.1f}",
            f"{self.cold_mb:,.0f}",
        ]
        return [*found, f"{self.ours.cpu_ms:,.0f}", f"{self.hand.cpu_ms:,.0f}"] if cpu else found


HEAD = ["metric", "rows", "ours ms", "of it compiling", "by hand ms", "ratio", "limit ms", ""]
HEAD += ["cold s", "cold MB"]
CPU_HEAD = ["ours CPU ms", "by hand CPU ms"]


def measure(question: Question, lake: Analytics, con: duckdb.DuckDBPyConnection) -> Measured:
    """Asks both once and compares them; the times come later, in rounds."""
    options: dict[str, Any] = dict(question.options)
    expr = lake.metric(question.metric, **options)
    read = {table.name for table in expr.op().find(DatabaseTable)}
    found = Measured(question, raw="events" in read)
    ours = lake.result(question.metric, **options).table
    hand = con.execute(question.by_hand(lake.facts)).to_arrow_table()
    found.rows, found.difference = ours.num_rows, difference(ours, hand)
    return found


def one_round(found: Measured, lake: Analytics, con: duckdb.DuckDBPyConnection) -> None:
    """Asks both in turn; what Ibis takes to build and compile is measured apart."""
    question, options = found.question, dict[str, Any](found.question.options)
    sql = question.by_hand(lake.facts)
    found.hand.run(lambda: con.execute(sql).to_arrow_table())
    found.ours.run(lambda: lake.result(question.metric, **options))
    found.building.run(lambda: ibis.to_sql(lake.metric(question.metric, **options), "duckdb"))


def cold(question: Question, lake: Path, settings: Path) -> tuple[float, float]:
    """Seconds and peak MB of asking once in a process of its own."""
    asked = ("metric", question.metric, *question.arguments(), "--format", "json")
    asked += ("--lake", str(lake), "--settings", str(settings))
    began = time.perf_counter()
    call = [sys.executable, "-c", CALL.format(asked=asked)]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"questline {' '.join(asked)} ended with code {process.returncode}.")
    return time.perf_counter() - began, usage.ru_maxrss / MB


def difference(ours: pa.Table, hand: pa.Table) -> str | None:
    """The first difference of two results in any order of rows, in words; None if equal."""
    if set(ours.column_names) != set(hand.column_names):
        return f"columns {sorted(set(ours.column_names) ^ set(hand.column_names))}"
    if ours.num_rows != hand.num_rows:
        return f"{ours.num_rows} rows, by hand {hand.num_rows}"
    columns = sorted(ours.column_names, key=lambda c: pa.types.is_floating(ours[c].type))
    for one, other in zip(_sorted(ours, columns), _sorted(hand, columns), strict=True):
        for column, a, b in zip(columns, one, other, strict=True):
            if not _equal(a, b):
                return (
                    f"{column} is {a!r}, by hand {b!r}, in {dict(zip(columns, one, strict=True))}"
                )
    return None


def _sorted(table: pa.Table, columns: list[str]) -> list[tuple[Any, ...]]:
    rows = zip(*[table[c].to_pylist() for c in columns], strict=True)
    return sorted(rows, key=lambda row: [(v is None, _number(v)) for v in row])


def _number(value: object) -> Any:  # noqa: ANN401 - a number, a day or a text
    if value is None or isinstance(value, str | date):
        return "" if value is None else str(value)
    return float(value)  # type: ignore[arg-type]


def _equal(a: object, b: object) -> bool:
    if isinstance(a, float | int | Decimal) and isinstance(b, float | int | Decimal):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return a == b


def aligned(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns line up."""
    lines = [list(head), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    lines.insert(1, ["-" * max(width, 3) for width in widths])
    return "\n".join(
        "| " + " | ".join(cell.ljust(w) for cell, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def main() -> None:
    """Prints the table and what differs; ends with 1 where something is not as it should be."""
    options = _arguments()
    with tempfile.TemporaryDirectory(prefix="questline-bench-") as folder:
        place = Path(folder)
        lake = options.lake or simulated(place, USERS)
        settings = place / "questline.toml"
        settings.write_text(SETTINGS, encoding="utf-8")
        os.environ["QUESTLINE_MEMORY_LIMIT_MB"] = str(options.memory)
        asked = questions(options.metric)
        missing = [q.name for q in asked if not q.file.exists()]
        asked = [q for q in asked if q.file.exists()]
        # Before the lake is opened: Linux counts a parent's peak as its child's.
        colds = [] if options.no_cold else [cold(q, lake.resolve(), settings) for q in asked]
        analytics = questline.open(lake, load_settings(settings))
        con = duckdb.connect(config={"memory_limit": f"{options.memory}MB"})
        con.execute("SET TimeZone = 'UTC'")
        for file in (lake / "views.sql", BY_HAND / "macros.sql"):
            con.execute(file.read_text(encoding="utf-8"))
        found = [measure(q, analytics, con) for q in asked]
        for _ in range(options.rounds):
            for one in found:
                one_round(one, analytics, con)
        for one, (seconds, peak) in zip(found, colds, strict=False):
            one.cold_seconds, one.cold_mb = seconds, peak
        events = analytics.read(analytics.table("events").count().as_table())[0][0].as_py()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MB
    head = [*HEAD, *CPU_HEAD] if options.cpu else HEAD
    made = aligned(head, [one.cells(cpu=options.cpu) for one in found])
    made += f"\n\n{events:,} events. Peak memory of the process that asked all of them by both ways"
    made += f": {peak:,.0f} MB."
    print(made)
    if missing:
        print(f"Not written by hand yet: {', '.join(missing)}.")
    for one in found:
        if one.difference is not None:
            print(f"{one.question.name}: {one.difference}")
    if options.page:
        put(
            "metrics",
            "Metrics",
            f"python -m benchmarks.metrics --rounds {options.rounds} --page",
            made + _EXPLAINED,
        )
    sys.exit(int(any(one.verdict != "ok" for one in found)))


def _arguments() -> argparse.Namespace:
    asked = argparse.ArgumentParser(
        prog="python -m benchmarks.metrics",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    asked.add_argument("--lake", type=Path, help="a published lake; simulated if not given")
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--metric", nargs="*", default=[], help="only these metrics or questions")
    asked.add_argument("--memory", type=int, default=1600, help="limit of DuckDB in MB")
    asked.add_argument("--no-cold", action="store_true", help="leave out the cold starts")
    asked.add_argument("--cpu", action="store_true", help="times of all threads beside")
    asked.add_argument("--page", action="store_true", help="write docs/benchmarks.md")
    return asked.parse_args()


def simulated(place: Path, users: int) -> Path:
    """A lake of 30 days with so many players, in `place`."""
    raw, lake = place / "raw", place / "lake"
    for asked in (
        ("simulate", "--days", "30", "--users", str(users), "--out", str(raw)),
        ("run", "--raw", str(raw), "--lake", str(lake)),
    ):
        call = [sys.executable, "-c", CALL.format(asked=asked)]
        subprocess.run(call, check=True, stdout=subprocess.DEVNULL)
    return lake


_EXPLAINED = """
A lake is opened once, and each question is asked of it (*ours*) and of DuckDB in a query by hand
over the same files (benchmarks/by_hand/metrics) in turn; medians of the rounds. Their rows must be
equal. The limit is 1.5 x by hand + 100 ms; metrics that read no raw events also have to answer in
300 ms. *Compiling* is the part in which Ibis builds the question and writes its SQL. *Cold* is
`questline metric NAME --format json` in a process of its own, with its peak memory.
"""


if __name__ == "__main__":
    main()
