"""Inputs of a run: files, or the new parts of files, with what the first pass found."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from questline.errors import DataError
from questline.ingestion.mapping import Source
from questline.ingestion.scan import Scan, first_line, prefix_fingerprint


@dataclass(frozen=True)
class Input:
    """One file, or the new part of one, to be read in this run.

    `path` is a link or a slice with a harmless name; `relative` is what people know it by;
    `start` is the offset in the whole file at which a slice begins, `before` the number of lines
    that end ahead of it.
    """

    fid: int
    path: Path
    relative: str
    source: Source
    scan: Scan
    batch: str
    as_of: datetime
    as_of_explicit: bool
    modified_ns: int = 0
    start: int = 0
    before: int = 0

    def changed(self, error: BaseException) -> DataError:
        """What to say where its bytes, which the first pass took, cannot be read any more."""
        return DataError(
            f"{self.relative} changed while it was read ({first_line(error)}). "
            "Nothing was published; run again when it is finished."
        )

    def grew(self) -> bool:
        """Whether the file goes on behind the bytes that the first pass found."""
        there = not self.start and self.path.exists()
        longer = there and self.path.stat().st_size > self.scan.size
        return longer and prefix_fingerprint(self.path, self.scan.size) == self.scan.fingerprint
