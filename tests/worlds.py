"""Random small worlds for Hypothesis: lines, player metadata, settings, and ways to deliver them.

`worlds()` draws a world, `deliveries(world)` a way in which its lines come in.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from hypothesis import strategies as st

from oracle_contract import OracleSettings
from world_dirt import SPOILERS, text_of

Draw = st.DrawFn
Run = list[tuple[str, bytes]]
Event = dict[str, Any]

DAYS = 12
MAX_EVENTS = 40
MAX_LINE_BYTES = 2_000
STARTS = {
    "UTC": date(2026, 3, 24),
    "Europe/Berlin": date(2026, 3, 24),  # summer time begins on 29 March
    "America/New_York": date(2026, 3, 3),  # and here on 8 March
}
RATES = {
    "EUR": {date(2020, 1, 1): Decimal("1.1"), date(2026, 3, 7): Decimal("1.255555555")},
    "JPY": {date(2020, 1, 1): Decimal("0.0065")},
    "GBP": {date(2026, 3, 27): Decimal("1.35")},  # not known before
}
GAPS = (
    *(timedelta(), timedelta(microseconds=1), timedelta(seconds=45), timedelta(minutes=9)),
    *(timedelta(minutes=30) + n * timedelta(microseconds=1) for n in (-1, 0, 1)),
    *(timedelta(minutes=30, seconds=1), timedelta(hours=2), timedelta(hours=20)),
)
TYPES = (
    *("session_start", "session_end", "level_start", "level_start", "level_complete"),
    *("level_fail", "purchase", "purchase", "refund", "ad_watched", "achievement_unlocked"),
    *("currency_change", "experiment_exposure", "login", "dig"),
)


@dataclass(frozen=True)
class RandomWorld:
    """Raw lines of events and what is needed to judge them."""

    lines: list[bytes]
    players: list[dict[str, Any]]
    settings: OracleSettings
    as_of: datetime


def uuid(number: int) -> str:
    """A UUID that is easy to tell from others."""
    return str(UUID(int=number * 0x1F3D5B79A2C4E6))


@st.composite
def oracle_settings(draw: Draw) -> OracleSettings:
    """Settings around the defaults, each zone with a window that crosses a change of its clock."""
    zone = draw(st.sampled_from(sorted(STARTS)))
    first = STARTS[zone]
    usual = ("refund", "experiment_exposure")
    return OracleSettings(
        reporting_zone=zone,
        complete_from=draw(st.sampled_from([None, None, first + timedelta(days=1)])),
        complete_until=draw(
            st.sampled_from([None, first + timedelta(days=8), first + timedelta(days=DAYS)])
        ),
        session_rule=draw(st.sampled_from(["gap", "gap", "client"])),
        session_timeout_minutes=draw(st.sampled_from([30, 30, 30, 1440])),
        max_session_days=draw(st.sampled_from([3, 1])),
        inactive_event_types=draw(st.sampled_from([usual, usual, (*usual, "ad_watched")])),
        unknown_event_types=draw(st.sampled_from(["accept", "accept", "reject"])),
        max_line_bytes=MAX_LINE_BYTES,
        exchange_rates=RATES,
    )


@st.composite
def properties(draw: Draw, kind: str) -> dict[str, Any]:
    """Properties of one event; what is optional is left out or null at times."""
    level = {"level": draw(st.integers(1, 3)) if kind.startswith("level") else 0}
    level |= draw(st.sampled_from([{}, {}, {"mode": "hard"}, {"mode": None}, {"attempt": 2}]))
    choices: dict[str, list[dict[str, Any]]] = {
        "session_start": [
            {},
            {"platform": "ios", "app_version": "1.0", "device": "phone"},
            {"platform": "android", "country": "DE", "device": "tablet"},
        ],
        "session_end": [{}, {"duration": 12.5}],
        "level_start": [level],
        "level_complete": [
            level,
            {**level, "success": True, "time_spent": 42},
            {**level, "success": False},
        ],
        "level_fail": [level, {**level, "time_spent": 7.25, "attempt": 3}],
        "ad_watched": [
            {},
            {"revenue": 0.0005, "format": "rewarded", "completed": True},
            {"revenue": 0.012345, "placement": "end"},
        ],
        "achievement_unlocked": [{"achievement_id": "gold"}, {"achievement_id": "é"}],
        "currency_change": [
            {"currency_name": "gems", "amount": -5, "balance": 0.5},
            {"currency_name": "gems", "amount": 12.25, "balance": 30, "reason": "level_reward"},
            {"currency_name": "coins", "amount": 100, "reason": "shop"},
            {"currency_name": "coins", "amount": 0, "balance": -3, "reason": "shop"},
        ],
        "experiment_exposure": [
            {"experiment": "gate", "variant": "early"},
            {"experiment": "gate", "variant": "late"},
            {"experiment": "shop", "variant": "red"},
        ],
        "dig": [{"tool": "spade", "depth": 3}, {"tool": "drill", "list": [1, {"a": None}]}],
    }
    if kind in ("purchase", "refund"):
        key = draw(st.sampled_from(["t1", "t2", "t3", "t4"]))
        paid = draw(st.sampled_from([0, 0.99, 5, 4.99, 100.000001]))
        coin = draw(st.sampled_from(["USD", "USD", "EUR", "EUR", "JPY", "GBP", "XXX"]))
        back = {"transaction_id": key, "amount": paid, "currency": coin}
        bill = {"product_id": "gems", "price": paid, "currency": coin, "transaction_id": key}
        if draw(st.integers(0, 4)) == 0:
            bill["transaction_id"] = None
        return bill if kind == "purchase" else back
    return draw(st.sampled_from(choices.get(kind, [{}])))


def stamp(moment: datetime, form: int = 0) -> str:
    """A moment in one of the allowed spellings."""
    if form == 1:
        return (moment + timedelta(hours=5, minutes=30)).isoformat()[:-6] + "+05:30"
    if form == 2:
        return moment.isoformat(sep=" ")[:-6] + "+00"
    return moment.isoformat()[:-6] + "Z"


@st.composite
def clocks(draw: Draw, true: datetime) -> dict[str, str]:
    """Times as a client and a server write them for something that happened at `true`."""
    form = draw(st.sampled_from([0, 0, 0, 1, 2]))
    second = timedelta(seconds=1)
    way = draw(st.sampled_from(["plain", "plain", "received", "corrected", "backwards"]))
    if way == "received":
        late = draw(st.sampled_from([0, 5, 7200, -10, -3600, 31 * 86_400]))
        return {"timestamp": stamp(true, form), "received_at": stamp(true + late * second)}
    if way == "corrected":
        skew = draw(st.sampled_from([0, 7200, -86_400])) * second
        queue = draw(st.sampled_from([0, 30, 90_000])) * second
        return {
            "timestamp": stamp(true + skew, form),
            "sent_at": stamp(true + skew + queue),
            "received_at": stamp(true + queue, form),
        }
    if way == "backwards":
        return {
            "timestamp": stamp(true, form),
            "sent_at": stamp(true - second),
            "received_at": stamp(true),
        }
    return {"timestamp": stamp(true, form)}


@st.composite
def visits(draw: Draw, player: str, settings: OracleSettings) -> list[Event]:
    """Events of a player that follow each other, without their ids."""
    day = STARTS[settings.reporting_zone] + timedelta(days=draw(st.integers(0, DAYS - 1)))
    minutes = draw(st.sampled_from([0, 90, 180, 600, 1000, 1425, 1439]))
    now = settings.midnight(day) + timedelta(minutes=minutes)
    session = draw(st.sampled_from([None, uuid(901), uuid(902), "level-up"]))
    found = []
    for _ in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(TYPES))
        event: Event = {"player_id": player, "event_type": kind, **draw(clocks(now))}
        event["properties"] = draw(properties(kind))
        extra: Event = draw(
            st.sampled_from(
                [{}, {}, {"platform": "ios"}, {"country": "FR", "app_version": "2.0"}, {"x": 1}]
            )
        )
        event |= extra
        if session and draw(st.integers(0, 3)):
            event["session_id"] = session
        found.append(event)
        now += draw(st.sampled_from(GAPS))
    return found


@st.composite
def copies(draw: Draw, event: Event, ordinal: int) -> list[Event]:
    """Other copies of an event: repeats, late ones, and quarrels over its id."""
    way = draw(st.sampled_from([*["none"] * 12, "repeat", "again", "other", "day"]))
    if way == "none":
        return []
    if way == "repeat":
        return [event]
    if way == "day":  # the same id on another day is another event
        return [{**event, "timestamp": "2026-03-26T12:00:00Z", "received_at": None}]
    times = ["2026-03-05T12:00:00Z", "2026-03-30T12:00:00Z", event.get("received_at"), None]
    received = draw(st.sampled_from(times))
    copy = {**event, "received_at": received}
    if way == "other":
        copy["properties"] = {**event["properties"], "n": ordinal}
    return [copy]


@st.composite
def registrations(draw: Draw, players: list[str], first: date) -> list[dict[str, Any]]:
    """Metadata of some players, one of whom never plays."""
    noon = datetime(first.year, first.month, first.day, 12, tzinfo=UTC)
    rows = []
    for player in [*players, uuid(77)]:
        if draw(st.booleans()):
            day = draw(st.sampled_from([None, -40, -3, 0, 2]))
            rows.append(
                {
                    "player_id": player,
                    "acquired_at": None if day is None else stamp(noon + timedelta(days=day)),
                    "platform": draw(st.sampled_from([None, "web"])),
                    "country": draw(st.sampled_from([None, "US"])),
                    "channel": draw(st.sampled_from([None, "ads", "organic"])),
                    "app_version": None,
                }
            )
    return rows


@st.composite
def worlds(draw: Draw, *, dirty: bool = True) -> RandomWorld:
    """A small world; `dirty` adds lines that are refused and copies that quarrel."""
    settings = draw(oracle_settings())
    first = STARTS[settings.reporting_zone]
    as_of = datetime(first.year, first.month, first.day, tzinfo=UTC) + timedelta(days=DAYS + 2)
    players = [uuid(n) for n in range(1, draw(st.integers(1, 6)) + 1)]
    events: list[Event] = []
    for player in players:
        for _ in range(draw(st.integers(0, 3))):
            events += draw(visits(player, settings))
    events = [{"event_id": uuid(1000 + n), **e} for n, e in enumerate(events[:MAX_EVENTS])]
    every = [copy for n, e in enumerate(events) for copy in (e, *_copies(draw, e, n, dirty=dirty))]
    lines = [text_of(e, spaced=draw(st.booleans())) for e in every]
    if dirty:
        picked = draw(st.lists(st.sampled_from(SPOILERS), max_size=6))
        for number, (_, spoil) in enumerate(picked):
            lines.append(spoil({"event_id": uuid(5000 + number), "player_id": players[0]}, as_of))
    return RandomWorld(lines, draw(registrations(players, first)), settings, as_of)


def _copies(draw: Draw, event: Event, ordinal: int, *, dirty: bool) -> list[Event]:
    return draw(copies(event, ordinal)) if dirty else []


@st.composite
def deliveries(draw: Draw, world: RandomWorld) -> list[Run]:
    """The world's lines in any order, some twice, over several runs into files that may grow.

    Player metadata, if any, comes with one of the runs as `players.jsonl`. Only the last piece of
    a file may end without a newline, because pieces of one name are appended to each other.
    """
    lines = list(world.lines)
    if lines:
        lines += draw(st.lists(st.sampled_from(lines), max_size=5))
    lines = draw(st.permutations(lines))
    runs: list[dict[str, bytes]] = [{} for _ in range(draw(st.integers(1, 4)))]
    for line in lines:
        run = runs[draw(st.integers(0, len(runs) - 1))]
        name = draw(st.sampled_from(["a.jsonl", "b.jsonl", "c.jsonl"]))
        blank = draw(st.sampled_from([b"", b"", b"", b"\n"]))
        run[name] = run.get(name, b"") + line + b"\n" + blank
    for name in ("a.jsonl", "b.jsonl", "c.jsonl"):
        last = next((run for run in reversed(runs) if name in run), None)
        if last and draw(st.booleans()):
            last[name] = last[name].rstrip(b"\n")
    if world.players:
        text = "".join(json.dumps(row) + "\n" for row in world.players)
        runs[draw(st.integers(0, len(runs) - 1))]["players.jsonl"] = text.encode()
    return [sorted(run.items()) for run in runs]


def event_files(runs: list[Run]) -> Run:
    """The files of every run that hold events, as the oracle reads them."""
    return [(name, text) for run in runs for name, text in run if not name.startswith("players")]


@st.composite
def delivered(draw: Draw) -> tuple[RandomWorld, list[Run]]:
    """A world and the runs in which it comes in."""
    world = draw(worlds())
    return world, draw(deliveries(world))
