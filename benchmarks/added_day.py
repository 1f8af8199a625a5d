"""What one more day costs: `python -m benchmarks.added_day` adds it to lakes of two lengths.

Both games gain the same number of players a day, also before their log begins. The cost should
follow the new day, not the history. Rounds are interleaved, each on a copy of the lake.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CALL = "from questline.cli import main; main(*{asked!r})"


def questline(*asked: str) -> float:
    """Seconds of a command, in a process of its own."""
    began = time.perf_counter()
    call = [sys.executable, "-c", CALL.format(asked=asked)]
    subprocess.run(call, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def prepare(folder: Path, days: int, installs: int) -> None:
    """A lake of `days` days in `folder`, and the files of one more day in `folder/held`."""
    raw, held = folder / "raw", folder / "held"
    asked = ("--days", str(days + 1), "--installs-per-day", str(installs), "--out", str(raw))
    questline("simulate", *asked)
    held.mkdir()
    last = sorted(raw.glob("events*"))[-1]
    last.rename(held / last.name)
    questline("run", "--raw", str(raw), "--lake", str(folder / "lake"))


def add_day(folder: Path) -> float:
    """Seconds of the run that takes the held day into a copy of the lake."""
    with tempfile.TemporaryDirectory(dir=folder) as copy:
        lake, raw = Path(copy) / "lake", Path(copy) / "raw"
        shutil.copytree(folder / "lake", lake)
        shutil.copytree(folder / "raw", raw, copy_function=shutil.copy2)
        for file in (folder / "held").iterdir():
            shutil.copy2(file, raw / file.name)
        return questline("run", "--raw", str(raw), "--lake", str(lake))


def main() -> None:
    """Prints the seconds of each round and the median of the ratios."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.added_day", description=__doc__)
    asked.add_argument("--short", type=int, default=30, help="days of the short lake")
    asked.add_argument("--long", type=int, default=365, help="days of the long lake")
    asked.add_argument("--installs", type=int, default=60, help="new players a day")
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="questline-bench-") as folder:
        lakes = {days: Path(folder) / str(days) for days in (options.short, options.long)}
        for days, place in lakes.items():
            place.mkdir()
            prepare(place, days, options.installs)
        rounds = [
            {days: add_day(place) for days, place in lakes.items()} for _ in range(options.rounds)
        ]
    for seconds in rounds:
        print(", ".join(f"{days} days: {took:.2f} s" for days, took in seconds.items()))
    ratio = statistics.median(r[options.long] / r[options.short] for r in rounds)
    base = f"added to {options.short}"
    print(f"One day added to {options.long} days costs {ratio:.2f} x what it costs {base}.")


if __name__ == "__main__":
    main()
