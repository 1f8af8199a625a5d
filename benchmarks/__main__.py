"""Runs Questline and its peers in turn on the same simulated logs: `python -m benchmarks`.

Every contender is a process of its own, so that its peak memory is its own. Rounds are interleaved:
whatever slows the machine down slows all. What they counted must agree, or there is no table.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path

from benchmarks.page import put

ROOT = Path(__file__).parents[1]
BASE = "DuckDB by hand"
QUESTLINE = "from questline.cli import main; main('run', '--raw', {raw!r}, '--lake', {out!r})"
COUNTS = """
import json, questline
lake = questline.open({out!r})
names = ("events", "sessions", "player_days")
count = lambda name: lake.read(lake.table(name).count().as_table())[0][0].as_py()
print(json.dumps({{name: count(name) for name in names}}))
"""


@dataclass
class Contender:
    """One way to do the work, and what it took, a round each."""

    name: str
    module: str | None
    dirty: bool = False
    seconds: list[float] = field(default_factory=list)
    peak_mb: list[float] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def command(self, raw: str, out: str) -> list[str]:
        """What to run."""
        if self.module is None:
            return [sys.executable, "-c", QUESTLINE.format(raw=raw, out=out)]
        return [sys.executable, "-m", f"benchmarks.by_hand.{self.module}", raw, out]

    def run(self, raw: Path) -> None:
        """Runs once in an empty folder."""
        with tempfile.TemporaryDirectory(prefix="questline-bench-") as out:
            with tempfile.TemporaryFile("w+") as said:
                os.sync()  # else the next one waits for what the last one wrote
                began = time.perf_counter()
                process = subprocess.Popen(self.command(str(raw), out), stdout=said, cwd=ROOT)
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
                self.seconds.append(time.perf_counter() - began)
                self.peak_mb.append(usage.ru_maxrss / (1024 if sys.platform == "linux" else 2**20))
                if process.returncode:
                    sys.exit(f"{self.name} ended with code {process.returncode}.")
                said.seek(0)
                text = said.read()
            if self.module is None:
                ask = [sys.executable, "-c", COUNTS.format(out=out)]
                text = subprocess.run(ask, check=True, capture_output=True, text=True).stdout
            self.counts = json.loads(text)


def contenders(dirt: float) -> list[Contender]:
    """Those whose tools are installed."""
    found = [
        Contender("Questline", None),
        Contender(f"Questline, {dirt:.0%} dirt", None, dirty=True),
        Contender(BASE, "with_duckdb"),
        Contender("floor: read and write once", "floor"),
    ]
    tools = {"chdb": "chDB", "polars": "Polars", "pandas": "pandas"}
    found += [
        Contender(f"{title} by hand", f"with_{tool}")
        for tool, title in tools.items()
        if find_spec(tool)
    ]
    return found


def simulate(days: int, users: int, folder: Path, dirt: float = 0.0) -> tuple[int, float]:
    """Writes the logs; returns the number of lines and their size in MB."""
    asked = ["simulate", "--days", str(days), "--users", str(users), "--out", str(folder)]
    asked += ["--dirt", str(dirt)]
    call = f"from questline.cli import main; main(*{asked!r})"
    subprocess.run([sys.executable, "-c", call], check=True, stdout=subprocess.DEVNULL)
    files = sorted(folder.glob("events*.jsonl"))
    lines = 0
    for file in files:
        with file.open("rb") as handle:
            lines += sum(chunk.count(b"\n") for chunk in iter(lambda: handle.read(1 << 20), b""))
    return lines, sum(f.stat().st_size for f in files) / 1e6


def table(found: list[Contender], events: int) -> str:
    """The medians as a Markdown table."""
    base = next(c for c in found if c.name == BASE)
    lines = ["| work | times DuckDB by hand | events a second | peak memory |", "|---|---|---|---|"]
    for c in found:
        ratios = [own / other for own, other in zip(c.seconds, base.seconds, strict=True)]
        speed = events / statistics.median(c.seconds)
        lines.append(
            f"| {c.name} | {statistics.median(ratios):.2f} | {speed:,.0f} "
            f"| {statistics.median(c.peak_mb):,.0f} MB |"
        )
    return "\n".join(lines)


def main() -> None:
    """Runs the rounds, prints the table and writes the page."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--users", type=int, default=5000)
    asked.add_argument("--rounds", type=int, default=3)
    asked.add_argument("--skip", nargs="*", default=[], help="contenders by the start of the name")
    asked.add_argument("--page", action="store_true", help="write docs/benchmarks.md")
    asked.add_argument("--dirt", type=float, default=0.02, help="share of dirty lines")
    options = asked.parse_args()
    found = [
        c for c in contenders(options.dirt) if not c.name.startswith(tuple(options.skip) or ("\0",))
    ]
    with tempfile.TemporaryDirectory(prefix="questline-bench-") as folder:
        raw, dirty = Path(folder) / "clean", Path(folder) / "dirty"
        events, size = simulate(options.days, options.users, raw)
        simulate(options.days, options.users, dirty, options.dirt)
        for _ in range(options.rounds):
            for contender in found:
                contender.run(dirty if contender.dirty else raw)
                print(f"{contender.name}: {contender.seconds[-1]:.1f} s", file=sys.stderr)
    counts = {
        json.dumps(c.counts, sort_keys=True)
        for c in found
        if "sessions" in c.counts and not c.dirty
    }
    if len(counts) > 1:
        sys.exit(f"They disagree, so there is nothing to compare: {sorted(counts)}")
    made = table(found, events)
    print(made)
    if options.page:
        command = f"python -m benchmarks --days {options.days} --users {options.users}"
        command += f" --skip {' '.join(options.skip)}" if options.skip else ""
        command += f" --rounds {options.rounds} --page"
        put("runs", "Runs", command, section(made, events, size))


def section(made: str, events: int, size: float) -> str:
    """The text around the table."""
    return f"""\
{events:,} simulated events, {size:,.0f} MB of JSON Lines. Each contender is a process of its
own and starts from nothing; rounds are interleaved, and a ratio is the median of the ratios of the
rounds. Compare ratios, not events a second: those are of one machine on one day.

{made}

*By hand* is the reduced work: parse with fixed types, correct clocks, drop repeated ids, write
Parquet by day, sessions, player-days, daily, day-1 retention. Questline does all of it and also
judges every row by the contract, keeps what it refuses, counts lines apart from the reader, follows
files that grow, builds level attempts, purchases and players, and publishes atomically. The numbers
of events, sessions and player-days must agree, or there is no table.

Polars keeps of the properties only the price, so it writes less than the others.

*Dirt* is the simulator's own, in the same world: lines cut short or garbled, wrong encodings and
types, missing ids, duplicates near and in later files, id collisions, late events, wrong clocks.
Only Questline reads them; its time is compared with DuckDB by hand on the clean logs.
"""


if __name__ == "__main__":
    main()
