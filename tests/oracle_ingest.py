"""The oracle's reading of files: which lines are events, copies or refused."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from oracle_contract import Event, OracleSettings
from oracle_rules import Refused, judge, parse_time

LAST = datetime.max.replace(tzinfo=UTC)


@dataclass
class World:
    """What the files say, judged."""

    settings: OracleSettings
    events: list[Event]
    rejected: list[tuple[str, str]]
    duplicates: int
    lines_in: int
    registrations: dict[str, dict[str, Any]]

    def active(self) -> list[Event]:
        """Events that make their player active."""
        return [e for e in self.events if e["event_type"] not in self.settings.inactive_event_types]

    @property
    def complete_from(self) -> date | None:
        """The first observed day."""
        first: date | None = min((e["event_date"] for e in self.active()), default=None)
        chosen: date | None = self.settings.complete_from
        return None if first is None else chosen or first

    @property
    def complete_until(self) -> date | None:
        """The last observed day, None as long as no day was observed to its end."""
        first, last = self.complete_from, self._last_complete()
        return last if first and last and first <= last else None

    @property
    def begin(self) -> date | None:
        """The first observed day of a log of which some day is complete."""
        return self.complete_from if self.complete_until else None

    def _last_complete(self) -> date | None:
        """The day before the newest that holds 1 % of what is usual."""
        counts: Counter[date] = Counter(e["event_date"] for e in self.active())
        if not counts:
            return None
        if self.settings.complete_until:
            return self.settings.complete_until
        days = sorted(counts)
        for index in reversed(range(len(days))):
            before = [counts[day] for day in days[max(0, index - 7) : index]]
            if not before or counts[days[index]] >= median(before) / 100:
                return days[index] - timedelta(days=1)
        return None


def lines_of(content: bytes) -> list[bytes]:
    """Lines of a file; a completely empty line is none."""
    return [line.removesuffix(b"\r") for line in content.split(b"\n") if line.removesuffix(b"\r")]


def payload_hash(event: Event) -> str:
    """Hash of what the event says, without the fields of its transport.

    The definitions name the fields but not the hash. Where copies differ and arrived at the same
    time, the hash decides which one counts, so this is the one thing that has to be the project's.
    """
    epoch = event["client_ts"] - datetime(1970, 1, 1, tzinfo=UTC)
    fields = [event["player_id"], event["event_type"], str(epoch // timedelta(microseconds=1))]
    fields += [event[n] or "" for n in ("session_id", "app_version", "platform", "country")]
    text = "\x1f".join([*fields, event["properties"]])
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def arrival(event: Event) -> tuple[Any, ...]:
    """Order in which copies claim their place; the least one gets it."""
    return (event["received_at"] or LAST, event["payload"])


def survivors(copies: list[Event]) -> dict[int, str]:
    """Verdict by line number: accepted, duplicate, id_collision or duplicate_transaction."""
    verdicts: dict[int, str] = {}
    identities: dict[Any, list[Event]] = defaultdict(list)
    for copy in copies:
        identities[copy["event_id"], copy["client_date"]].append(copy)
    best = []
    for group in identities.values():
        # Copies that differ in sent_at alone: the least one, so that order does not matter.
        first = min(group, key=lambda c: (*arrival(c), c["sent_at"] or LAST, c["line"]))
        best.append(first)
        for copy in group:
            same = copy["payload"] == first["payload"]
            verdicts[copy["line"]] = "duplicate" if same else "id_collision"
        verdicts[first["line"]] = "accepted"
    payments: dict[str, list[Event]] = defaultdict(list)
    for copy in best:
        if copy["event_type"] == "purchase":
            payments[copy["transaction_id"] or copy["event_id"]].append(copy)
    for group in payments.values():
        group.sort(key=lambda c: (*arrival(c), c["event_id"], c["client_date"]))
        for copy in group[1:]:
            verdicts[copy["line"]] = "duplicate_transaction"
    return verdicts


def registrations_of(players: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Metadata by player; of several rows the one acquired first."""
    found: dict[str, dict[str, Any]] = {}
    for row in players:
        acquired = row.get("acquired_at")
        when = parse_time(acquired) if isinstance(acquired, str) else acquired
        known = found.get(row["player_id"])
        if known is None or (when or LAST) < (known["acquired_at"] or LAST):
            found[row["player_id"]] = {**row, "acquired_at": when}
    return found


def ingest(
    files: Iterable[tuple[str, bytes]],
    players: Iterable[dict[str, Any]],
    settings: OracleSettings,
    as_of: datetime,
    *,
    as_of_explicit: bool = True,
) -> World:
    """Reads JSON-Lines files of events; `players` are the rows of player metadata.

    `as_of_explicit` tells whether somebody stated `as_of` (then it also judges age) or whether it
    is only the time of the first reading.
    """
    lines = [line for _, content in files for line in lines_of(content)]
    texts = [line.decode("utf-8", errors="replace").replace("\0", "\ufffd") for line in lines]
    verdicts: dict[int, str] = {}
    copies: list[Event] = []
    for number, line in enumerate(lines):
        try:
            event = judge(line, settings, as_of, as_of_explicit=as_of_explicit)
        except Refused as refused:
            verdicts[number] = str(refused)
        else:
            copies.append({**event, "payload": payload_hash(event), "line": number})
    verdicts |= survivors(copies)
    accepted = [c for c in copies if verdicts[c["line"]] == "accepted"]
    accepted.sort(key=lambda e: (e["event_ts"], e["event_id"], e["client_date"]))
    return World(
        settings=settings,
        events=[{k: v for k, v in e.items() if k not in ("payload", "line")} for e in accepted],
        rejected=[
            (verdicts[n], text)
            for n, text in enumerate(texts)
            if verdicts[n] not in ("accepted", "duplicate")
        ],
        duplicates=sum(v == "duplicate" for v in verdicts.values()),
        lines_in=len(lines),
        registrations=registrations_of(players),
    )
