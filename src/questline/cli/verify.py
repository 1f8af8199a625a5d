"""`questline verify`: compares a lake with the answer key of a simulation."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import pyarrow as pa
import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from questline.api import open as open_lake
from questline.cli.lake import Lake, Raw, SettingsFile, given
from questline.cli.output import aligned, chosen_format, progress, send
from questline.errors import DataError
from questline.formats import readable
from questline.lake.facts import LakeFacts
from questline.metrics.display import UNKNOWN
from questline.settings import load_settings
from questline.simulation.key import truth_folder
from questline.verification import Key, Verification
from questline.verification import verify as compare
from questline.verification.answers import ask
from questline.verification.causes import explain
from questline.verification.figures import FigureRow
from questline.verification.key import read_key
from questline.verification.lines import LabelRow, Lines, ReasonRow

FORMATS = ("table", "json")
NAMED_DIFFERENCES = 3
NAMED_CHECKS = 5
JSON_SCHEMA = pa.schema(
    [
        ("check", pa.string()),
        ("name", pa.string()),
        ("reason", pa.string()),
        ("in_key", pa.int64()),
        ("in_lake", pa.int64()),
        ("found", pa.int64()),
        ("share", pa.float64()),
        ("values", pa.int64()),
        (
            "differences",
            pa.list_(pa.struct([("at", pa.string()), ("lake", pa.int64()), ("key", pa.int64())])),
        ),
        ("distance_percent", pa.float64()),
        ("equal", pa.bool_()),
    ]
)
"""One row a label, reason, place of lines or figure; what a check does not have is null."""


def register(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command()(verify)


def verify(
    *,
    raw: Raw = None,
    lake: Lake = None,
    truth: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", help="Answer key; RAW_truth beside the raw folder if not given."
        ),
    ] = None,
    form: Annotated[
        str | None, typer.Option("--format", metavar="|".join(FORMATS), help="Default: table.")
    ] = None,
    settings: SettingsFile = None,
) -> None:
    """Compare the lake with the answer key of a simulation: refused lines and figures."""
    chosen = chosen_format(form, None, "table", FORMATS)
    made = load_settings(settings, **given(raw=raw, lake=lake))
    with progress() as report:
        report("read the answer key")
        key = read_key(truth or truth_folder(made.raw), made.raw)
        analytics = open_lake(made.lake, made)
        report("ask the lake")
        answers = ask(analytics, key)
        found = compare(key, answers)
    if chosen == "json":
        rows = pa.Table.from_pylist(_objects(found), schema=JSON_SCHEMA)
        send(JSON_SCHEMA, rows.to_batches(), "json", None)
    else:
        typer.echo("\n".join(_tables(found)))
    if found.passed:
        typer.echo(_verified(found, key, analytics.facts), err=chosen == "json")
        return
    cause = explain(found, key, answers, analytics.facts, made.raw)
    typer.echo(_not_verified(found, cause, made.raw), err=True)
    raise typer.Exit(DataError.exit_code)


def _tables(found: Verification) -> list[str]:
    """What a person reads; nothing of dirty lines where neither side has any."""
    figures = aligned(_figures(found))
    if not (found.lines.labels or found.lines.reasons):
        return [figures]
    return [aligned(_lines(found)), figures, _places(found)]


def _lines(found: Verification) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="Dirty lines", title_justify="left")
    for name in ("label", "reason"):
        table.add_column(name, no_wrap=True)
    for name in ("in key", "found", "recall", "in lake", "precision"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    left = {row.reason: row for row in found.lines.reasons}
    for label in found.lines.labels:
        reason = left.pop(label.reason, None) if label.reason else None
        table.add_row(*_line(label, reason))
    for reason in left.values():
        table.add_row(*_line(None, reason))
    return table


def _line(label: LabelRow | None, reason: ReasonRow | None) -> list[str]:
    """Cells of a label, and of its reason in the first row that has it.

    What is not compared in a row is UNKNOWN.
    """
    own = [UNKNOWN, UNKNOWN, "0", UNKNOWN, UNKNOWN]
    if label is not None:
        counts = [f"{label.in_key:,}", UNKNOWN, UNKNOWN]
        if label.found is not None:
            counts[1:] = [f"{label.found:,}", _share(label.found, label.in_key)]
        own = [readable(label.label), readable(label.reason or "no rule"), *counts]
    of_reason = [UNKNOWN, UNKNOWN]
    if reason is not None:
        own[1] = readable(reason.reason)
        named = UNKNOWN if reason.named is None else _share(reason.named, reason.in_lake)
        of_reason = [f"{reason.in_lake:,}", named]
    equal = all(row.equal for row in (label, reason) if row is not None)
    return [*own, *of_reason, "" if equal else "differs"]


def _share(part: int, whole: int) -> str:
    """A share that is 100 % only where nothing is missing."""
    if not whole:
        return UNKNOWN
    return "100 %" if part == whole else f"{math.floor(1e5 * part / whole) / 1e3:.3f} %"


def _figures(found: Verification) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, title="Figures", title_justify="left")
    table.add_column("figure", no_wrap=True)
    for name in ("values", "equal", "distance to real"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column("", no_wrap=True)
    for row in found.figures:
        name = f"{row.name} by {row.of}" if row.of else row.name
        equal = f"{row.values - len(row.differences):,}"
        off = UNKNOWN if row.distance is None else f"{row.distance:.3f} %"
        table.add_row(name, f"{row.values:,}", equal, off, _first(row))
    return table


def _first(row: FigureRow) -> str:
    named = [readable(str(d)) for d in row.differences[:NAMED_DIFFERENCES]]
    more = len(row.differences) - len(named)
    return "; ".join([*named, *([f"{more:,} more"] if more else [])])


def _places(found: Verification) -> str:
    places = found.lines.places
    return (
        f"File and line of the lines found: {places.same:,} as in the key, "
        f"{places.elsewhere:,} not, {places.unknown:,} of files that the lake does not know."
    )


def _verified(found: Verification, key: Key, facts: LakeFacts) -> str:
    if key.empty:
        return readable(
            f"Verified: the simulation of {key.folder} has no events and the lake holds none, so "
            f"there is nothing more to compare; lake version {facts.version}."
        )
    lines = sum(row.found or 0 for row in found.lines.labels)
    values = sum(row.values for row in found.figures)
    return readable(
        f"Verified: {lines:,} refused lines and {values:,} values of {len(found.figures)} figures "
        f"are as {key.folder} says; lake version {facts.version}."
    )


def _not_verified(found: Verification, cause: str | None, raw: Path) -> str:
    """The cause first where it is known, else what differs and how to look further."""
    named = found.differing[:NAMED_CHECKS]
    more = len(found.differing) - len(named)
    what = ", ".join([*named, *([f"{more:,} more"] if more else [])])
    if cause is not None:
        return readable(f"Not verified: {cause}. What differs: {what}.")
    return readable(
        f"Not verified: {what}. Build a lake from these files alone (`questline run --raw {raw} "
        "--lake NEW`) and verify that; if it still differs, `questline rejected` shows the "
        "refused lines."
    )


def _objects(found: Verification) -> list[dict[str, Any]]:
    figures = [
        {
            "check": "figure",
            "name": row.name,
            "values": row.values,
            "differences": [
                {"at": str(d.at), "lake": d.lake, "key": d.key} for d in row.differences
            ],
            "distance_percent": row.distance,
            "equal": row.equal,
        }
        for row in found.figures
    ]
    return [*_line_objects(found.lines), *figures]


def _line_objects(lines: Lines) -> list[dict[str, Any]]:
    labels = [
        {
            "check": "label",
            "name": row.label,
            "reason": row.reason,
            "in_key": row.in_key,
            "found": row.found,
            "share": row.recall,
            "equal": row.equal if row.found is not None else None,
        }
        for row in lines.labels
    ]
    reasons = [
        {
            "check": "reason",
            "name": row.reason,
            "reason": row.reason,
            "in_key": row.in_key,
            "in_lake": row.in_lake,
            "found": row.named,
            "share": row.precision,
            "equal": row.equal,
        }
        for row in lines.reasons
    ]
    known = lines.places.same + lines.places.elsewhere
    place = {"check": "place", "name": "places", "in_key": known, "found": lines.places.same}
    return [*labels, *reasons, place]
