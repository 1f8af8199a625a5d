"""What the shape of the files costs: `python -m benchmarks.shapes` runs the same rows as each.

Plain JSON Lines, a file a day, is the base; beside it gzip, zstd, CSV, Parquet and 10,000 small
files. Rounds are interleaved, each a process of its own in an empty folder.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.__main__ import Contender
from benchmarks.added_day import questline

BASE = "plain"
FORMATS = {
    BASE: (),
    "gzip": ("--compression", "gzip"),
    "zstd": ("--compression", "zstd"),
    "CSV": ("--format", "csv"),
    "Parquet": ("--format", "parquet"),
}


def split(raw: Path, out: Path, count: int) -> None:
    """Cuts the day files of `raw` into about `count` small ones, and copies the players'."""
    out.mkdir()
    days = sorted(raw.glob("events*.jsonl"))
    for path in sorted(raw.glob("*.json*")):
        lines = path.read_bytes().splitlines(keepends=True)
        pieces = max(count // len(days), 1) if path in days else 1
        for piece in range(pieces):
            part = lines[piece * len(lines) // pieces : (piece + 1) * len(lines) // pieces]
            name = f"{path.stem}-{piece:04}{path.suffix}" if pieces > 1 else path.name
            (out / name).write_bytes(b"".join(part))


def main() -> None:
    """Prints the seconds of each shape and the median of its ratios to the plain one."""
    asked = argparse.ArgumentParser(prog="python -m benchmarks.shapes", description=__doc__)
    asked.add_argument("--days", type=int, default=30)
    asked.add_argument("--users", type=int, default=8_000)
    asked.add_argument("--files", type=int, default=10_000)
    asked.add_argument("--rounds", type=int, default=3)
    options = asked.parse_args()
    world = ("--days", str(options.days), "--users", str(options.users))
    with tempfile.TemporaryDirectory(prefix="questline-bench-") as folder:
        raws = {name: Path(folder) / name for name in FORMATS}
        for name, more in FORMATS.items():
            questline("simulate", *world, *more, "--out", str(raws[name]))
        small = f"{options.files:,} files"
        raws[small] = Path(folder) / "small"
        split(raws[BASE], raws[small], options.files)
        found = {name: Contender(name, None) for name in raws}
        for _ in range(options.rounds):
            for name, contender in found.items():
                contender.run(raws[name])
    if len({str(contender.counts) for contender in found.values()}) > 1:
        raise SystemExit(f"They disagree: {[(c.name, c.counts) for c in found.values()]}")
    base = found[BASE].seconds
    print(f"{found[BASE].counts['events']:,} events\n")
    for name, own in found.items():
        ratio = statistics.median(a / b for a, b in zip(own.seconds, base, strict=True))
        print(
            f"{name:<14} {statistics.median(own.seconds):6.1f} s {ratio:6.2f} x plain "
            f"{statistics.median(own.peak_mb):8,.0f} MB"
        )


if __name__ == "__main__":
    main()
