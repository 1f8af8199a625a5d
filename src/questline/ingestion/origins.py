"""Origins: the text of rows, found again by line in the files that brought them."""

from collections.abc import Collection
from pathlib import Path

import duckdb

from questline.ingestion.careful import csv_header, csv_records, max_line_bytes
from questline.ingestion.discover import Request
from questline.ingestion.inputs import Input
from questline.ingestion.lines import lines_at
from questline.ingestion.scan import prefix_fingerprint
from questline.lake.ledger import fingerprints
from questline.lake.store import Store


class Origins:
    """The raw files, as far as they still hold what was read of them."""

    def __init__(self, store: Store, request: Request) -> None:
        self.raw = request.raw
        self._known = fingerprints(store)
        self._now: dict[tuple[str, int], str] = {}

    def unchanged(self, file: str, batch: str) -> Path | None:
        """The file, if it begins with the bytes that this reading saw."""
        path = self.raw / file
        fingerprint, size = self._known.get(batch, ("", -1))
        if size < 0 or not path.is_file():
            return None
        if (file, size) not in self._now:
            try:
                self._now[file, size] = prefix_fingerprint(path, size)
            except OSError:
                # It cannot be opened any more, which is as good as gone.
                self._now[file, size] = ""
        return path if self._now[file, size] == fingerprint else None


def row_texts(
    con: duckdb.DuckDBPyConnection, item: Input, numbers: Collection[int]
) -> dict[int, str]:
    """The text of the rows that begin on these lines of a text input."""
    wanted = sorted(numbers)
    if item.source.format == "csv" and not item.scan.plain:
        records = csv_records(item, len(csv_header(item)), max_line_bytes(con))
        chosen = set(wanted)
        return {record[0]: record[1] for record in records if record[0] in chosen}
    return dict(lines_at(item, wanted, max_line_bytes(con)))
