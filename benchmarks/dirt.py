"""Dirty copies of clean logs: lines cut short, values of the wrong type, repeats near and late."""

from pathlib import Path

import numpy as np

SHARES = {"cut": 0.25, "mistyped": 0.25, "repeated": 0.25, "repeated later": 0.25}
"""What becomes of a spoiled line, as shares of all spoiled lines."""


def spoil(clean: Path, dirty: Path, rate: float) -> None:
    """Copies the folder; about `rate` of the event lines are dirt, the same on every call."""
    rng = np.random.default_rng(1)
    held: list[bytes] = []
    for path in sorted(clean.iterdir()):
        if not path.name.startswith("events"):
            (dirty / path.name).write_bytes(path.read_bytes())
            continue
        lines = path.read_bytes().splitlines(keepends=True)
        picked = np.flatnonzero(rng.random(len(lines)) < rate)
        kinds = rng.choice(list(SHARES), size=len(picked), p=list(SHARES.values()))
        later = []
        for index, kind in zip(picked, kinds, strict=True):
            line = lines[index]
            if kind == "cut":
                lines[index] = line[: len(line) // 2] + b"\n"
            elif kind == "mistyped":
                lines[index] = line.replace(b'"properties":{', b'"properties":{"level":3.7,', 1)
                lines[index] = lines[index].replace(b'"player_id":"', b'"player_id":"?', 1)
            elif kind == "repeated":
                lines[index] = line + line
            else:
                later.append(line)
        (dirty / path.name).write_bytes(b"".join([*held, *lines]))
        held = later
