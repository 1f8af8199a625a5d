"""Dirty lines of the key against the refused lines of the lake, matched by their text."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import duckdb
import pyarrow as pa

from questline.contract import Reason
from questline.simulation.dirt import Label

DUPLICATE = "duplicate"
"""What the key says in place of a reason where the lake only counts."""


@dataclass(frozen=True)
class LabelRow:
    """The lines of one label and reason; `found` is None where the lake names no lines."""

    label: str
    reason: str | None
    in_key: int
    found: int | None

    @property
    def recall(self) -> float | None:
        """Share of the lines that the lake refused for this reason."""
        return None if self.found is None else self.found / self.in_key

    @property
    def equal(self) -> bool:
        """Whether the lake refused every line that it should."""
        return self.found is None or self.found == self.in_key


@dataclass(frozen=True)
class ReasonRow:
    """What the lake refused for one reason, or found to be duplicates.

    `named` are those of its lines that the key names with the reason; None for duplicates.
    """

    reason: str
    in_key: int
    in_lake: int
    named: int | None

    @property
    def precision(self) -> float | None:
        """Share of the lake's lines that the key names."""
        return self.named / self.in_lake if self.named is not None and self.in_lake else None

    @property
    def equal(self) -> bool:
        """Whether the lake refused nothing else; of duplicates, whether it found as many."""
        return self.in_lake == (self.in_key if self.named is None else self.named)


@dataclass(frozen=True)
class Places:
    """Where the lines that were found stand.

    `elsewhere`: the lake knows the key's file, but has the line in another one or under another
    number; `unknown`: it knows no file of that name.
    """

    same: int
    elsewhere: int
    unknown: int


@dataclass(frozen=True)
class Lines:
    """What became of the dirty lines: labels as the simulation lists them, reasons likewise."""

    labels: tuple[LabelRow, ...]
    reasons: tuple[ReasonRow, ...]
    places: Places


def compare_lines(
    dirt: pa.Table, rejected: pa.Table, duplicates: int, files: Collection[str]
) -> Lines:
    """Matches lines by reason and SHA-256, each as often as it came.

    Args:
        dirt: file, line, label, reason and raw_sha256 of each dirty line.
        rejected: reason, raw_hash, file, line and times of each reading of a refused text; the
            line is that of its first occurrence.
        duplicates: What the lake counts.
        files: The names that the lake has read.
    """
    with duckdb.connect() as con:
        con.register("dirt", dirt)
        con.register("rejected", rejected)
        con.register("files", pa.table({"file": pa.array(sorted(files), pa.string())}))
        con.execute(_MATCHED)
        labels = [LabelRow(*row) for row in con.execute(_LABELS).fetchall()]
        reasons = [ReasonRow(*row) for row in con.execute(_REASONS).fetchall()]
        places = Places(*(con.execute(_PLACES).fetchone() or (0, 0, 0)))
    twice = sum(row.in_key for row in labels if row.reason == DUPLICATE)
    if twice or duplicates:
        reasons.append(ReasonRow(DUPLICATE, twice, duplicates, None))
    labels.sort(key=lambda row: (_rank(row.label, [*Label]), _rank(row.reason, _REASON_ORDER)))
    reasons.sort(key=lambda row: _rank(row.reason, _REASON_ORDER))
    return Lines(tuple(labels), tuple(reasons), places)


def _rank(name: str | None, order: Sequence[str]) -> tuple[int, str]:
    """The place in an order; what it does not know comes last, by name, and nothing after it."""
    return (order.index(name), "") if name in order else (len(order), name or "~")


_REASON_ORDER = [*Reason, DUPLICATE]
"""The contract's order; duplicates come after it."""

_NAMED = f"reason IS NOT NULL AND reason <> '{DUPLICATE}'"
_MATCHED = f"""
    CREATE TABLE matched AS
    WITH meant AS (
        SELECT reason, lower(raw_sha256) AS raw_hash, label, count(*) AS n
        FROM dirt WHERE {_NAMED} GROUP BY ALL),
    refused AS (
        SELECT reason, raw_hash, sum(times)::BIGINT AS times FROM rejected GROUP BY ALL),
    earlier AS (
        SELECT *, coalesce(sum(n) OVER (PARTITION BY reason, raw_hash ORDER BY label
            ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), 0) AS before
        FROM meant)
    SELECT e.reason, e.raw_hash, e.label, e.n,
        greatest(0, least(e.n, coalesce(r.times, 0) - e.before))::BIGINT AS found
    FROM earlier e LEFT JOIN refused r USING (reason, raw_hash)"""
"""A text that several labels have counts as found for the first ones."""

_LABELS = f"""
    SELECT label, reason, sum(n)::BIGINT, sum(found)::BIGINT FROM matched GROUP BY ALL
    UNION ALL
    SELECT label, reason, count(*), NULL FROM dirt WHERE NOT coalesce({_NAMED}, false) GROUP BY ALL
    """

_REASONS = """
    WITH meant AS (
        SELECT reason, sum(n)::BIGINT AS n, sum(found)::BIGINT AS found FROM matched GROUP BY ALL),
    refused AS (SELECT reason, sum(times)::BIGINT AS times FROM rejected GROUP BY ALL)
    SELECT reason, coalesce(n, 0), coalesce(times, 0), coalesce(found, 0)
    FROM meant FULL JOIN refused USING (reason)"""

_PLACES = f"""
    WITH meant AS (
        SELECT reason, lower(raw_sha256) AS raw_hash, file, min(line) AS line, count(*) AS n
        FROM dirt WHERE {_NAMED} GROUP BY ALL),
    there AS (SELECT reason, raw_hash, file, min(line) AS line FROM rejected GROUP BY ALL),
    judged AS (
        SELECT m.n, m.file IN (SELECT file FROM files) AS known, m.line = t.line AS same
        FROM meant m
        SEMI JOIN (SELECT reason, raw_hash FROM matched WHERE found > 0) f
            ON f.reason = m.reason AND f.raw_hash = m.raw_hash
        LEFT JOIN there t
            ON t.reason = m.reason AND t.raw_hash = m.raw_hash AND t.file = m.file)
    SELECT coalesce(sum(n) FILTER (known AND coalesce(same, false)), 0)::BIGINT,
        coalesce(sum(n) FILTER (known AND NOT coalesce(same, false)), 0)::BIGINT,
        coalesce(sum(n) FILTER (NOT known), 0)::BIGINT
    FROM judged"""
"""Of equal lines in one file the lake keeps the first one's number."""
