"""What a published lake answers to the questions of an answer key."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import ibis
import pyarrow as pa
from ibis import _

from questline.api import Analytics
from questline.errors import UsageError
from questline.ingestion.mapping import NATIVE
from questline.verification.figures import At, Figures
from questline.verification.key import Key

METADATA_SOURCES = tuple(s.name for s in NATIVE.source if s.feeds == "players")
"""Blocks that read player metadata, whose rows are no events."""


@dataclass(frozen=True)
class Answers:
    """The lake's side of a comparison.

    `rejected` has one row a refused text and reading (reason, raw_hash, file, line, times);
    `duplicates` are those of event rows; `files` are the names of those that were read;
    `corrections` counts the rows that were corrected by hand.
    """

    figures: Figures
    rejected: pa.Table = field(repr=False)
    duplicates: int
    files: frozenset[str]
    corrections: int = 0


def ask(analytics: Analytics, key: Key) -> Answers:
    """Asks for the days and day numbers of the key, and for all events, levels and currencies.

    Metrics are asked as everybody asks them: retention and levels are of the observed days.

    Raises:
        UsageError: the lake's days are not those of the key.
    """
    zone, built = key.world.zone, analytics.facts.reporting_zone
    if built != zone:
        raise UsageError(
            f"The days of the lake are those of {built}, the days of the answer key those of "
            f"{zone}. Build another lake with reporting_zone = {zone!r} and verify that."
        )
    recoverable = key.world.recoverable
    rejected = _rejected(analytics)
    duplicates, files = _ledger(analytics)
    refused: Counter[At] = Counter()
    for row in rejected.group_by("reason").aggregate([("times", "sum")]).to_pylist():
        refused[row["reason"]] = row["times_sum"]
    figures: Figures = {
        "accepted": {"": _number(analytics, analytics.table("events").count())},
        "duplicates": {"": duplicates},
        "rejected": refused,
        "days.events": _events(analytics),
        **_days(analytics, sorted(recoverable.days)),
        **_retention(analytics, sorted(recoverable.retention)),
        **_purchases(analytics),
        **_levels(analytics),
    }
    corrections = _number(analytics, analytics.table("corrections").count())
    return Answers(figures, rejected, duplicates, files, corrections)


def _rejected(analytics: Analytics) -> pa.Table:
    rows = analytics.table("rejected")
    read = rows.select("reason", "raw_hash", seen=rows.seen_in.unnest())
    names = ("file", "line", "times")
    return analytics.read(read.select("reason", "raw_hash", **{n: read.seen[n] for n in names}))


def _ledger(analytics: Analytics) -> tuple[int, frozenset[str]]:
    """Duplicate event rows, and the files that were read.

    Entries that move counts of an earlier reading name only its batch.
    """
    ledger = analytics.table("ledger").select("batch", "file", "kind", "source", "duplicates")
    rows = analytics.read(ledger).to_pylist()
    metadata = {row["batch"] for row in rows if row["source"] in METADATA_SOURCES}
    duplicates = sum(row["duplicates"] for row in rows if row["batch"] not in metadata)
    taken = (row["file"] for row in rows if row["kind"] != "incomplete")
    return duplicates, frozenset(file for file in taken if file)


def _events(analytics: Analytics) -> dict[At, int]:
    daily = analytics.table("daily").group_by("event_date").aggregate(events=_.events.sum())
    return _values(analytics.read(daily).to_pylist(), "event_date", "events")


def _days(analytics: Analytics, days: list[date]) -> Figures:
    period = (days[0], days[-1])
    active = analytics.result("dau", *period).rows()
    sessions = analytics.result("sessions_per_dau", *period, per="day").rows()
    ads = analytics.result("ad_revenue", *period, per="day").rows()
    for row in ads:
        row["ad_micros"] = _micros(row["ad_revenue_usd"])
    found = {
        "days.dau": _values(active, "event_date", "players"),
        "days.new": _values(active, "event_date", "new_players"),
        "days.sessions": _values(sessions, "event_date", "sessions"),
        "days.ad_impressions": _values(ads, "event_date", "ads"),
        "days.ad_micros": _values(ads, "event_date", "ad_micros"),
    }
    wanted = set(days)
    return {
        name: {day: n for day, n in values.items() if day in wanted}
        for name, values in found.items()
    }


def _retention(analytics: Analytics, day_numbers: list[int]) -> Figures:
    rows = analytics.result("retention", days=day_numbers).rows() if day_numbers else []
    return {
        f"retention.{name}": _values(rows, "day_number", name) for name in ("retained", "players")
    }


def _levels(analytics: Analytics) -> Figures:
    rows = analytics.result("level_funnel").rows()
    return {f"levels.{n}": _values(rows, "level", n) for n in ("attempts", "wins", "fails")}


def _purchases(analytics: Analytics) -> Figures:
    """Transactions in the currency paid; a refund counts where its purchase is known."""
    events = analytics.table("events")
    money = events.filter(events.event_type.isin(["purchase", "refund"])).select(
        "event_type",
        "currency",
        "price",
        "amount",
        transaction_id=ibis.coalesce(_.transaction_id, _.event_id),
    )
    known = analytics.table("purchases").filter(_.purchased_at.notnull())
    bought = money.filter(_.event_type == "purchase").semi_join(known, "transaction_id")
    refunds = money.filter(_.event_type == "refund").semi_join(
        bought, ["transaction_id", "currency"]
    )
    paid = bought.group_by("currency").aggregate(count=_.count(), gross=_.price.sum())
    returned = refunds.group_by("currency").aggregate(refunded=_.amount.sum())
    rows = analytics.read(paid).to_pylist()
    back = analytics.read(returned).to_pylist()
    return {
        "purchases.count": _values(rows, "currency", "count"),
        "purchases.gross_micros": {r["currency"]: _micros(r["gross"]) for r in rows},
        "purchases.refunded_micros": {r["currency"]: _micros(r["refunded"]) for r in back},
    }


def _values(rows: list[dict[str, Any]], at: str, column: str) -> dict[At, int]:
    """A column of whole numbers by another one; what is not known is left out."""
    return {row[at]: int(row[column]) for row in rows if row[column] is not None}


def _number(analytics: Analytics, count: ibis.Expr) -> int:
    return int(analytics.read(count.name("n").as_table())["n"][0].as_py())


def _micros(amount: Any) -> int:  # noqa: ANN401 - a decimal, or nothing
    """Millionths, exactly: amounts have six decimals."""
    return int(amount.scaleb(6)) if amount is not None else 0
