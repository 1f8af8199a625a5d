"""Files that DuckDB's readers give up on: they go another way or are set aside, others go on.

A statement over many files fails for all of them and need not say which one is at fault.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import duckdb

from questline.ingestion.careful import csv_header
from questline.ingestion.inputs import Input
from questline.ingestion.read import Reading, csv_relation, readings
from questline.ingestion.scan import BROKEN, first_line
from questline.lake.store import quote


def read_each(
    con: duckdb.DuckDBPyConnection, inputs: list[Input], use: Callable[[Reading], None]
) -> list[tuple[Input, str]]:
    """Hands every reading of the inputs to `use`, which runs its statement whole or not at all.

    Text that only the careful reader can take is marked as such in `inputs`.

    Returns:
        The inputs that no reader can take, and why.
    """
    unreadable: list[tuple[Input, str]] = []
    for group in _groups(inputs):
        try:
            _use(con, group, use)
        except duckdb.Error:
            faults = {item.fid: why for item in group if (why := _fault(con, item))}
            if not faults:
                raise
            again = []
            for item in group:
                if item.fid not in faults:
                    again.append(item)
                elif item.source.format == "parquet":
                    unreadable.append((item, faults[item.fid]))
                else:
                    careful = replace(item, scan=replace(item.scan, plain=False))
                    inputs[inputs.index(item)] = careful
                    again.append(careful)
            for rest in _groups(again):
                _use(con, rest, use)
    return unreadable


def _use(
    con: duckdb.DuckDBPyConnection, group: list[Input], use: Callable[[Reading], None]
) -> None:
    try:
        for reading in readings(con, group):
            with reading.told():
                use(reading)
    except BROKEN as error:
        if len(group) > 1 or getattr(error, "errno", None) is not None:
            raise
        raise group[0].changed(error) from error


def _groups(inputs: list[Input]) -> Iterator[list[Input]]:
    """Inputs that one statement reads; each of the others alone."""
    together: dict[str, list[Input]] = {}
    for item in inputs:
        if item.source.format == "jsonl":
            together.setdefault(item.source.name, []).append(item)
        else:
            yield [item]
    yield from together.values()


def _fault(con: duckdb.DuckDBPyConnection, item: Input) -> str | None:
    """What DuckDB's own reader says of the file; None where it takes it or is not asked to."""
    asked = item.source.format == "parquet" or (item.source.format == "csv" and item.scan.plain)
    if not asked or not item.path.exists():
        return None
    try:
        if item.source.format == "parquet":
            relation = f"read_parquet({quote(str(item.path))})"
        else:
            relation = csv_relation(item, csv_header(item))
        con.execute(f"SELECT max(hash(r)) FROM {relation} r").fetchone()
    except duckdb.Error as error:
        return first_line(error).replace(str(item.path), item.relative)
    return None
