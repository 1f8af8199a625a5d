"""The output folder: what an earlier simulation left, what is foreign, and the swap."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

from questline.errors import UsageError

SOURCE_FILE = "_source.json"
GENERATOR = "questline"
_OWN = re.compile(
    r"(events-(\d{4}-\d{2}-\d{2}|late)|players)\.(jsonl|csv|parquet)(\.gz|\.zst)?|_source\.json",
    re.ASCII,
)
_DATA = re.compile(r".+\.(jsonl|ndjson|json|csv|tsv|parquet)(\.gz|\.zst)?", re.ASCII | re.I)
_TEMPORARY = re.compile(r"\.simulated-.+\.tmp", re.ASCII)


def temporary(path: Path) -> Path:
    """Where a file grows before it takes its name; readers skip hidden names."""
    return path.with_name(f".simulated-{path.name}.tmp")


def _is_simulated(folder: Path) -> bool:
    try:
        source = json.loads((folder / SOURCE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(source, dict) and source.get("generator") == GENERATOR


def _first_foreign(folder: Path) -> Path | None:
    simulated = _is_simulated(folder)
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(files):
            own = simulated and Path(place) == folder and _OWN.fullmatch(name)
            if not own and not name.startswith(".") and _DATA.fullmatch(name):
                return Path(place) / name
    return None


def prepare(folder: Path) -> bool:
    """Makes the folder, or checks that its only event files come from a simulation.

    Returns:
        Whether it holds a simulation.

    Raises:
        UsageError: the folder holds other event files, or cannot be used.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        foreign = _first_foreign(folder)
    except OSError as error:
        raise UsageError(
            f"--out {folder}: {error.strerror}. Name a folder that can be written."
        ) from error
    if foreign is not None:
        raise UsageError(
            f"--out {folder} holds {foreign.name}, which is not from a simulation. "
            "Nothing was written; name another folder."
        )
    return _is_simulated(folder)


def discard(folder: Path) -> None:
    """Removes unfinished files, of this run or of one that was killed."""
    for path in folder.iterdir():
        if _TEMPORARY.fullmatch(path.name):
            path.unlink()


def publish(folder: Path, names: list[str]) -> None:
    """Gives finished files their names, then removes what an earlier simulation left over."""
    # The source file goes first: it marks the folder as simulated, should this be interrupted.
    for name in sorted(names, key=lambda n: (n != SOURCE_FILE, n)):
        temporary(folder / name).replace(folder / name)
    for path in folder.iterdir():
        if _OWN.fullmatch(path.name) and path.name not in names:
            path.unlink()
