"""The scratch folder of a run, and what a run that died or failed leaves behind.

Every file that a run writes begins with the name of its scratch folder, which goes last. So a
scratch folder that nobody holds names a dead run and all of its files.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb

from questline.errors import DataError
from questline.lake.publication import read_pointer
from questline.lake.schemas import TABLES
from questline.settings import Settings

PREFIX = "_scratch-"


@contextmanager
def scratch(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A database on disk that dies with the run; it spills instead of filling the memory.

    Only for the holder of the lake's lock: what other runs left is removed first.
    """
    for left in settings.lake.glob(f"{PREFIX}*"):
        _remove(settings.lake, left)
    folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=settings.lake))
    try:
        con = duckdb.connect(str(folder / "scratch.duckdb"))
        try:
            con.execute("SET TimeZone = 'UTC'")
            # Nobody opens the database again: what is still in memory need not reach the disk.
            con.execute("PRAGMA disable_checkpoint_on_shutdown")
            con.execute("SET checkpoint_threshold = '1TB'")
            con.execute(f"SET memory_limit = '{settings.memory_limit_mb}MB'")
            if settings.threads:
                con.execute(f"SET threads = {settings.threads}")
            yield con, folder
        finally:
            con.close()
    except BaseException:
        with suppress(OSError, DataError):
            _remove(settings.lake, folder)
        raise
    shutil.rmtree(folder, ignore_errors=True)


def file_prefix(folder: Path) -> str:
    """How the data files of the run with this scratch folder begin."""
    return folder.name.removeprefix(PREFIX) + "-"


def _remove(lake: Path, folder: Path) -> None:
    """Deletes a scratch folder, after the files that its run wrote and did not publish."""
    pointer = read_pointer(lake)
    published = {path for paths in pointer.files.values() for path in paths} if pointer else set()
    root = lake.resolve()
    for name in TABLES:
        # deltalake writes a commit beside its place, as `N.json#1`, before it links it there.
        left = [*(root / name / "_delta_log").glob("*#*")]
        left += (root / name).rglob(f"{file_prefix(folder)}*.parquet")
        for path in left:
            if str(path) not in published:
                path.unlink(missing_ok=True)
    shutil.rmtree(folder, ignore_errors=True)
