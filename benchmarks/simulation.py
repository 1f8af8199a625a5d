"""How fast worlds are written: `python -m benchmarks.simulation`, beside DuckDB's JSON writer.

DuckDB writes the same rows from a table in its memory, so it neither draws nor formats anything:
its time is the floor. Rounds are interleaved; each simulation is a process of its own.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

GENERATOR = Path(__file__).parents[1] / "src" / "event_generator.py"
FLOOR = """
import time, duckdb
con = duckdb.connect()
con.execute("SET enable_progress_bar = false")
con.execute("CREATE TABLE rows AS SELECT * REPLACE (properties::JSON AS properties) FROM "
    "read_parquet('{rows}/events-*.parquet')")
began = time.perf_counter()
con.execute("COPY rows TO '{rows}/floor.json' (FORMAT json)")
print(time.perf_counter() - began, con.execute("SELECT count(*) FROM rows").fetchone()[0])
"""


def simulate(out: Path, *more: str) -> tuple[float, float]:
    """Seconds and peak MB of a simulation."""
    began = time.perf_counter()
    call = [sys.executable, str(GENERATOR), "--out", str(out), *more]
    process = subprocess.Popen(call, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"The simulation ended with code {process.returncode}.")
    scale = 1024 if sys.platform == "linux" else 2**20
    return time.perf_counter() - began, usage.ru_maxrss / scale


def by_duckdb(rows: Path) -> tuple[float, int]:
    """Seconds in which DuckDB writes the rows of a simulation, and their number."""
    call = [sys.executable, "-c", FLOOR.format(rows=rows)]
    said = subprocess.run(call, check=True, capture_output=True, text=True).stdout.split()
    return float(said[0]), int(said[1])


def main() -> None:
    """Prints the seconds of each round, and events a second."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.simulation", description=__doc__)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--users", type=int, default=41_000)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    world = ("--days", str(options.days), "--users", str(options.users))
    own, floor, dirty, peaks = [], [], [], []
    events = 0
    with tempfile.TemporaryDirectory(prefix="questline-bench-") as folder:
        place = Path(folder)
        simulate(place / "rows", *world, "--format", "parquet")
        for _ in range(options.rounds):
            seconds, peak = simulate(place / "own", *world)
            own.append(seconds)
            peaks.append(peak)
            dirty.append(simulate(place / "dirty", *world, "--dirt", "0.02")[0])
            seconds, events = by_duckdb(place / "rows")
            floor.append(seconds)
            print(f"{own[-1]:.1f} s, with dirt {dirty[-1]:.1f} s, DuckDB {floor[-1]:.1f} s")
    ratio = statistics.median(f / o for f, o in zip(floor, own, strict=True))
    speed = events / statistics.median(own)
    print(
        f"{events:,} events: {speed:,.0f} a second, {max(peaks):,.0f} MB at most; with 2 % dirt "
        f"{events / statistics.median(dirty):,.0f} a second. {ratio:.2f} x the speed of DuckDB's "
        "JSON writer on the same rows."
    )


if __name__ == "__main__":
    main()
