"""Commits of a Delta table: which files a version names, and how the next one is made of it."""

import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from urllib.parse import unquote

import pyarrow as pa
from deltalake import DeltaTable, PostCommitHookProperties, Schema
from deltalake.transaction import AddAction, RemoveAction

from questline.lake.schemas import TableSpec

KEEP_LOG = PostCommitHookProperties(create_checkpoint=True, cleanup_expired_logs=False)
"""Left to itself, deltalake drops old commits while a run goes on, the published one included."""


@dataclass(frozen=True)
class DataFile:
    """One file of a table's version."""

    path: str
    size: int
    partition: str | None
    client_dates: tuple[str, str] | None = None


def files_of(table: DeltaTable) -> list[DataFile]:
    """The files that make up a version."""
    files = []
    for row in pa.table(table.get_add_actions(flatten=False)).to_pylist():
        keys = list((row.get("partition") or {}).values())
        value = None if not keys or keys[0] is None else str(keys[0])
        low = (row.get("min") or {}).get("client_date")
        high = (row.get("max") or {}).get("client_date")
        files.append(
            DataFile(
                unquote(row["path"]),
                row["size_bytes"],
                value,
                (str(low), str(high)) if low is not None and high is not None else None,
            )
        )
    return files


def append(
    table: DeltaTable,
    actions: Sequence[AddAction | RemoveAction],
    schema: Schema,
    keys: list[str],
) -> None:
    """Commits the next version."""
    table.create_write_transaction(
        list(actions),
        mode="append",
        schema=schema,
        partition_by=keys,
        post_commithook_properties=KEEP_LOG,
    )


def restore(table: DeltaTable, version: int) -> None:
    """Commits a version with the files of an older one."""
    table.restore(version, post_commithook_properties=KEEP_LOG)


def removals(
    spec: TableSpec, files: Collection[DataFile], *, changed: bool = True
) -> list[RemoveAction]:
    """Actions that take files out of a table; not `changed` where their rows stay in others."""
    now = int(time.time() * 1000)
    return [
        RemoveAction(
            f.path,
            changed,
            now,
            f.size,
            {spec.partition: f.partition} if spec.partition else {},
        )
        for f in files
    ]
