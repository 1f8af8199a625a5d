"""Files that another engine wrote for a table: what the store must know to commit them."""

import json
from pathlib import Path
from urllib.parse import unquote

import pyarrow.parquet as pq

from questline.lake.schemas import TABLES
from questline.lake.store import NewFile, Store

_NO_VALUE = "__HIVE_DEFAULT_PARTITION__"


def written_files(store: Store, name: str) -> list[NewFile]:
    """The files below the table's folder in the scratch, renamed as files of this run."""
    folder, spec = store.staged(name), TABLES[name]
    found = []
    for path in sorted(folder.rglob("*.parquet")):
        rows = pq.read_metadata(path).num_rows
        if rows == 0:
            continue
        values: dict[str, str | None] = {}
        if spec.partition:
            value = unquote(path.parent.name.partition("=")[2])
            values[spec.partition] = None if value == _NO_VALUE else value
        own = path.rename(path.with_name(store.prefix + path.name))
        stats = json.dumps({"numRecords": rows})
        found.append(NewFile(Path(own), folder, rows, own.stat().st_size, values, stats))
    return found
