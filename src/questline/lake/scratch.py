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
from questline.lake.store import SCRATCH_PREFIX, file_prefix, quote
from questline.settings import Settings


@contextmanager
def scratch(settings: Settings) -> Iterator[tuple[duckdb.DuckDBPyConnection, Path]]:
    """A database in memory that spills into the scratch folder and dies with the run.

    Only for the holder of the lake's lock: what other runs left is removed first.
    """
    for left in settings.lake.glob(f"{SCRATCH_PREFIX}*"):
        _remove(settings.lake, left)
    folder = Path(tempfile.mkdtemp(prefix=SCRATCH_PREFIX, dir=settings.lake))
    try:
        con = duckdb.connect()
        try:
            con.execute("SET TimeZone = 'UTC'")
            con.execute(f"SET temp_directory = {quote(str(folder / 'spill'))}")
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
