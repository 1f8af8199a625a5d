"""The oracle against numbers worked out by hand, and the random worlds against the oracle."""

from __future__ import annotations

import ast
import json
import sys
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import oracle
from oracle import OracleFeature, OracleSettings, World, ingest
from oracle_activity import quantile
from oracle_funnels import attempts, plan_of
from oracle_rules import cents, parse_time
from world_dirt import SPOILERS, Spoiler
from worlds import RandomWorld, deliveries, event_files, worlds

AS_OF = datetime(2026, 3, 20, tzinfo=UTC)
PLAIN = OracleSettings(
    exchange_rates={
        "EUR": {date(2026, 1, 1): Decimal("1.1"), date(2026, 3, 5): Decimal("1.2")},
        "JPY": {date(2026, 1, 1): Decimal("0.0065")},
    }
)
HERE = Path(__file__).parent
CALM = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
numbers = iter(range(1, 10**9))


def uid(name: str) -> str:
    return str(UUID(bytes=name.encode().rjust(16, b".")))


def event(player: str, at: str, kind: str = "login", **more: Any) -> dict[str, Any]:
    """`at` is `05T10:00:00` for a time in March 2026; what is no envelope field is a property."""
    envelope = ("session_id", "sent_at", "received_at", "platform", "country", "event_id")
    return {
        "event_id": uid(f"e{next(numbers)}"),
        "player_id": uid(player),
        "event_type": kind,
        "timestamp": f"2026-03-{at}Z",
        **{k: v for k, v in more.items() if k in envelope},
        "properties": {k: v for k, v in more.items() if k not in envelope},
    }


def world(*events: Any, players: Any = (), **options: Any) -> World:
    """A world of one file; the log ends with 10 March unless said."""
    known = {"complete_until": date(2026, 3, 10), "exchange_rates": PLAIN.exchange_rates}
    lines = [e if isinstance(e, bytes) else json.dumps(e).encode() for e in events]
    files = [("a.jsonl", b"\n".join(lines))]
    return ingest(files, players, OracleSettings(**{**known, **options}), AS_OF)


def picked(rows: list[dict[str, Any]], *names: str) -> list[Any]:
    return [row[names[0]] if len(names) == 1 else tuple(row[n] for n in names) for row in rows]


def day(number: int) -> date:
    return date(2026, 3, number)


def when(at: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-{at}+00:00")


# What is an event


def test_oracle_knows_nothing_but_the_standard_library() -> None:
    for path in HERE.glob("oracle*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                root = name.split(".")[0]
                assert root in sys.stdlib_module_names or root.startswith("oracle"), (path, name)


@pytest.mark.parametrize(
    ("reason", "spoil"), SPOILERS, ids=[f"{r}-{n}" for n, (r, _) in enumerate(SPOILERS)]
)
def test_each_spoiled_line_earns_its_reason(reason: str, spoil: Spoiler) -> None:
    line = spoil({"event_id": uid("e"), "player_id": uid("p")}, AS_OF)
    made = world(line, max_line_bytes=2_000, unknown_event_types="accept")
    assert [r for r, _ in made.rejected] == [reason]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-05T10:00:00Z", "05T10:00:00"),
        ("2026-03-05 10:00:00.1234567+02:00", "05T08:00:00.123456"),
        ("2026-03-05T10:00:00-0530", "05T15:30:00"),
        ("2026-03-05T00:30:00+01", "04T23:30:00"),
    ],
)
def test_time_is_read_to_the_microsecond(text: str, expected: str) -> None:
    assert parse_time(text) == when(expected)


def test_first_reason_in_the_order_of_reasons_counts() -> None:
    broken = {"event_id": 5, "player_id": uid("p"), "event_type": "a\tb", "timestamp": "x"}
    made = world(broken, {**broken, "properties": {}}, {**broken, "event_id": uid("e")} | {
        "properties": 1
    })  # fmt: skip
    assert [r for r, _ in made.rejected] == ["missing_field", "invalid_id", "invalid_timestamp"]


def test_lines_without_content_and_without_newline() -> None:
    lines = b"\n\n[1]\n\n \n" + json.dumps(event("p", "05T10:00:00")).encode()
    made = ingest([("a", lines), ("b", b""), ("c", b"\n")], [], PLAIN, AS_OF)
    assert (made.lines_in, len(made.events), made.duplicates) == (3, 1, 0)
    assert made.rejected == [("not_an_object", "[1]"), ("malformed_json", " ")]


def test_clock_two_hours_fast_is_corrected() -> None:
    wrong = event("p", "05T10:00:00", sent_at="2026-03-05T10:30:00Z")
    (only,) = world({**wrong, "received_at": "2026-03-05T08:30:00Z"}).events
    assert (only["event_ts"], only["time_quality"]) == (when("05T08:00:00"), "corrected")


def test_clock_without_both_times_is_the_earlier_one() -> None:
    made = world(
        event("p", "05T10:00:00", received_at="2026-03-05T09:30:00Z"),
        event("p", "05T10:00:00", received_at="2026-03-05T11:00:00Z"),
        event(
            "p", "05T12:00:00", sent_at="2026-03-05T11:59:59Z", received_at="2026-03-06T00:00:00Z"
        ),
    )  # fmt: skip
    found = picked(made.events, "event_ts", "time_quality")
    assert found == [(when(f"05T{t}"), "uncorrected") for t in ("09:30:00", "10:00:00", "12:00:00")]


def test_future_and_age_are_judged_at_the_limit() -> None:
    at_limit = event("p", "20T01:00:00")
    late = event("p", "05T10:00:00", received_at="2026-04-05T10:00:00Z")
    assert world(at_limit, late).rejected == []
    old = json.dumps(event("p", "01T00:00:00") | {"timestamp": "2025-03-01T00:00:00Z"}).encode()
    unasked = ingest([("a", old)], [], PLAIN, AS_OF, as_of_explicit=False)
    assert len(unasked.events) == 1
    assert picked_reasons(world(old)) == ["too_old"]


def picked_reasons(made: World) -> list[str]:
    return [reason for reason, _ in made.rejected]


def test_day_is_that_of_the_reporting_zone() -> None:
    (only,) = world(event("p", "08T03:30:00"), reporting_zone="America/New_York").events
    assert (only["event_date"], only["client_date"]) == (day(7), day(8))


# Copies


def test_copy_received_first_survives_in_any_order() -> None:
    first = event("p", "05T10:00:00", received_at="2026-03-05T10:00:01Z", n=1)
    late = {**first, "received_at": "2026-03-05T11:00:00Z"}
    other = {**late, "received_at": None, "properties": {"n": 2}}
    for order in permutations([first, late, first, other]):
        made = world(*order)
        assert picked(made.events, "properties", "received_at") == [
            ('{"n":1}', when("05T10:00:01"))
        ]
        assert (made.duplicates, picked_reasons(made)) == (2, ["id_collision"])


def test_same_id_on_another_utc_day_is_another_event() -> None:
    first = event("p", "05T23:59:59")
    made = world(first, {**first, "timestamp": "2026-03-06T00:00:00Z"})
    assert (len(made.events), made.duplicates, made.rejected) == (2, 0, [])


def test_same_moment_in_another_spelling_is_a_duplicate() -> None:
    first = event("p", "05T23:30:00")
    made = world(first, {**first, "timestamp": "2026-03-06T00:30:00.000+01:00"})
    assert (len(made.events), made.duplicates) == (1, 1)


def test_transaction_bought_twice_counts_once() -> None:
    deal = {"price": 5, "currency": "USD", "transaction_id": "t"}
    later = event("p", "05T09:00:00", "purchase", **deal, received_at="2026-03-05T12:00:00Z")
    sooner = event("q", "05T10:00:00", "purchase", **deal, received_at="2026-03-05T11:00:00Z")
    never = event("r", "05T08:00:00", "purchase", **deal)
    made = world(later, sooner, never, later)
    assert picked(made.events, "player_id") == [uid("q")]
    assert (made.duplicates, picked_reasons(made)) == (1, ["duplicate_transaction"] * 2)


# Money


def test_amount_takes_the_rate_of_its_utc_day_and_rounds_half_up() -> None:
    assert cents(Decimal("0.0000005")) == Decimal("0.000001")
    made = world(
        event("p", "04T23:59:59", "purchase", price=10, currency="EUR"),
        event("p", "05T00:00:00", "purchase", price=10, currency="EUR"),
        event("p", "06T00:00:00", "purchase", price=0.0001, currency="JPY"),
    )
    assert picked(made.events, "amount_usd") == [Decimal(11), Decimal(12), Decimal("0.000001")]


def bought(at: str, price: float, key: str, coin: str = "USD", player: str = "p") -> Any:
    return event(player, at, "purchase", price=price, currency=coin, transaction_id=key)


def refunded(at: str, amount: float, key: str, coin: str = "USD", player: str = "p") -> Any:
    return event(player, at, "refund", amount=amount, currency=coin, transaction_id=key)


def test_refund_counts_on_the_day_and_at_the_rate_of_its_purchase() -> None:
    made = world(
        refunded("03T10:00:00", 1, "t", "EUR"),
        bought("04T10:00:00", 10, "t", "EUR"),
        refunded("06T10:00:00", 4, "t", "EUR"),
    )
    (only,) = oracle.purchases(made)
    assert (only["gross_usd"], only["refunded_usd"]) == (Decimal(11), Decimal("5.5"))
    assert (only["event_date"], only["refund_dates"]) == (day(4), [day(3), day(6)])
    found = picked(oracle.player_days(made), "event_date", "active_events", "refunded_usd")
    assert found == [(day(3), 0, 0), (day(4), 1, Decimal("5.5")), (day(6), 0, 0)]


def test_refund_alone_counts_on_its_own_day_and_pays_nobody() -> None:
    made = world(event("p", "05T10:00:00"), refunded("06T10:00:00", 3, "lost"))
    (only,) = oracle.purchases(made)
    assert (only["event_date"], only["net_usd"], only["purchased_at"]) == (day(6), None, None)
    (total,) = oracle.revenue(made)
    assert (total["purchases"], total["net_usd"]) == (0, Decimal(-3))
    assert picked(oracle.conversion(made), "payers", "players") == [(0, 1)]


def test_money_of_a_period() -> None:
    """a pays 10 and gets 4 back, b gets all back, c pays nothing, d watches an ad of 0.5."""
    made = world(
        *(bought("05T10:00:00", 10, "a", player="a"), refunded("09T10:00:00", 4, "a", player="a")),
        *(bought("05T10:00:00", 2, "b", player="b"), refunded("05T11:00:00", 2, "b", player="b")),
        bought("06T10:00:00", 0, "c", player="c"),
        event("d", "06T10:00:00", "ad_watched", revenue=0.5),
        event("a", "06T10:00:00"),
        bought("11T10:00:00", 99, "late", player="a"),
    )
    assert picked(oracle.revenue(made), "gross_usd", "refunded_usd", "net_usd", "revenue_usd") == [
        (Decimal(12), Decimal(6), Decimal(6), Decimal("6.5"))
    ]
    assert picked(oracle.arpu(made), "players", "arpu") == [(4, 1.625)]
    found = picked(oracle.arpdau(made), "player_days", "arpdau_iap", "arpdau_ads", "arpdau_total")
    assert found == [(5, 1.2, 0.1, 1.3)]
    assert picked(oracle.arppu(made), "payers", "arppu") == [(1, 6.0)]
    assert picked(oracle.conversion(made), "conversion") == [0.25]
    assert picked(oracle.ad_revenue(made), "ads", "ad_viewers", "ecpm_usd") == [(1, 1, 500.0)]
    later = oracle.arpdau(made, per="day", start=day(10), end=day(11))
    assert picked(later, "net_usd", "arpdau_iap", "complete") == [
        (0, None, True),
        (99, None, False),
    ]


def test_arpu_over_registered_players() -> None:
    people = [{"player_id": uid(p), "acquired_at": a} for p, a in (
        ("p", "2026-03-05T00:00:00Z"), ("q", "2026-01-01T00:00:00Z"), ("r", "2026-03-11T00:00:00Z"),
    )]  # fmt: skip
    made = world(bought("05T10:00:00", 9, "a"), event("s", "05T10:00:00"), players=people)
    (found,) = oracle.arpu(made, denominator="registered")
    assert (found["players"], found["arpu"]) == (2, 4.5)


# Sessions


def lengths(made: World) -> list[float]:
    return picked(oracle.sessions(made), "length_seconds")


def test_gap_of_thirty_minutes_stays_and_a_microsecond_more_parts() -> None:
    start = event("p", "05T10:00:00")
    assert lengths(world(start, event("p", "05T10:30:00"))) == [1800.0]
    assert lengths(world(start, event("p", "05T10:30:00.000001"))) == [0.0, 0.0]


def test_session_end_and_missing_start() -> None:
    made = world(
        event("p", "05T10:00:00", "session_start", session_id="a"),
        event("p", "05T10:10:00", "session_end", session_id="a"),
        event("p", "05T12:00:00", "level_complete", level=1, session_id="b"),
        event("p", "05T12:01:00", "refund", transaction_id="x", amount=1, currency="USD"),
    )
    found = picked(oracle.sessions(made), "closed_by", "start_missing", "events", "levels")
    assert found == [("explicit", False, 2, 0), ("timeout", True, 1, 1)]


def test_event_without_session_takes_the_one_before_else_the_one_after() -> None:
    made = world(
        *(event("p", "05T10:00:00"), event("p", "05T10:01:00", session_id="a")),
        *(event("p", "05T10:02:00", session_id="b"), event("p", "05T10:03:00")),
        event("p", "05T10:04:00", session_id="a"),
        event("p", "05T12:00:00"),
    )
    found = {(r["session_id"], r["events"]) for r in oracle.sessions(made)}
    assert found == {("a", 3), ("b", 2), (None, 1)}


def test_client_rule_lets_the_id_decide() -> None:
    hours = [event("p", f"05T{h}:00:00", session_id="a") for h in (10, 12, 23)]
    assert len(oracle.sessions(world(*hours))) == 3
    assert lengths(world(*hours, session_rule="client")) == [13 * 3600.0]


def test_endless_session_is_cut_at_a_midnight_three_days_later() -> None:
    times = [
        f"{d:02d}T{h:02d}:{m}:00" for d in range(1, 7) for h in range(24) for m in ("00", "30")
    ]
    found = oracle.sessions(world(*(event("p", t) for t in times)))
    assert picked(found, "started_at", "closed_by") == [
        (when("01T00:00:00"), "cap"),
        (when("05T00:00:00"), "cap"),
        (when("06T00:00:00"), "timeout"),
    ]  # fmt: skip


def test_playtime_is_parted_at_midnight_and_the_start_counts_once() -> None:
    made = world(event("p", "05T23:50:00"), event("p", "06T00:10:00"))
    found = picked(oracle.player_days(made), "event_date", "sessions", "playtime_seconds")
    assert found == [(day(5), 1, 600.0), (day(6), 0, 600.0)]
    berlin = world(
        event("p", "05T23:50:00"), event("p", "06T00:10:00"), reporting_zone="Europe/Berlin"
    )
    assert picked(oracle.player_days(berlin), "event_date", "playtime_seconds") == [
        (day(6), 1200.0)
    ]


def test_day_that_loses_an_hour_is_23_hours_long() -> None:
    made = world(
        event("p", "08T04:00:00", session_id="a"),
        event("p", "09T05:00:00", session_id="a"),
        session_rule="client",
        reporting_zone="America/New_York",
    )
    found = picked(oracle.player_days(made), "event_date", "playtime_seconds")
    assert found == [(day(7), 3600.0), (day(8), 23 * 3600.0), (day(9), 3600.0)]


def test_session_metrics() -> None:
    """Lengths 0 (b), 600 (a) and 1200 (a, next day)."""
    made = world(
        *(event("a", "05T10:00:00"), event("a", "05T10:10:00"), event("b", "05T10:00:00")),
        *(event("a", "06T10:00:00"), event("a", "06T10:20:00")),
    )
    (found,) = oracle.session_length(made)
    assert (found["median_seconds"], found["p90_seconds"], found["mean_seconds"]) == (
        600,
        1080,
        600,
    )
    assert picked(oracle.events_per_session(made), "events_per_session") == [5 / 3]
    per_day = oracle.sessions_per_dau(made, per="day", start=day(5), end=day(7))
    assert picked(per_day, "sessions", "player_days", "sessions_per_dau") == [
        (2, 2, 1.0), (1, 1, 1.0), (0, 0, None),
    ]  # fmt: skip


def test_quantile_is_interpolated() -> None:
    assert quantile([10.0, 0.0, 20.0, 140.0, 30.0], 0.9) == pytest.approx(96)
    assert quantile([], 0.5) is None


# Levels


def test_level_attempts() -> None:
    made = world(
        event("p", "05T10:00:00", "level_start", level=1, attempt=1),
        event("p", "05T10:00:00", "level_complete", level=1, time_spent=7),
        event("p", "05T10:01:00", "level_start", level=1),
        event("p", "05T10:02:00", "level_start", level=1),
        event("p", "05T10:03:00", "level_complete", level=1, success=False),
        event("p", "05T10:04:00", "level_fail", level=1, mode="hard", attempt=5),
        event("p", "05T10:05:00", "level_start", level=1),
        event("p", "05T12:00:00", "level_complete", level=1),
    )
    found = sorted(oracle.level_attempts(made), key=lambda r: r["started_at"])
    assert picked(found, "outcome", "seconds", "attempt", "start_missing") == [
        ("complete", 7.0, 1, False), ("abandon", None, None, False), ("fail", 60.0, None, False),
        ("fail", None, 5, True), ("abandon", None, None, False), ("complete", None, None, True),
    ]  # fmt: skip
    (level,) = oracle.level_funnel(made)
    assert [level[n] for n in ("attempts", "wins", "fails", "abandons")] == [6, 2, 2, 2]
    assert (level["win_rate"], level["attempts_per_success"]) == (1 / 3, 3.0)
    assert picked(oracle.level_funnel(made, mode="hard"), "reached", "completed") == [(1, 0)]


# Players and activity


def test_player_attributes_come_from_metadata_then_from_the_earliest_event() -> None:
    exposures = [
        event("p", f"0{d}T09:00:00", "experiment_exposure", experiment="gate", variant=v)
        for d, v in ((4, "late"), (3, "early"))
    ]
    made = world(
        event("p", "05T10:00:00", "session_start", platform="android"),
        event("p", "04T10:00:00", "session_start", device="phone"),
        event("p", "06T10:00:00", country="FR"),
        *exposures,
        players=[{"player_id": uid("p"), "country": "DE", "channel": "ads"}],
    )
    (only,) = oracle.players(made)
    assert [only[n] for n in ("platform", "country", "device")] == ["android", "DE", "phone"]
    assert (only["acquisition_date"], only["acquisition_source"]) == (day(4), "first_event")
    assert (only["cohort_week"], only["registered"]) == (day(2), True)
    assert picked(only["variants"], "variant") == ["early"]
    assert oracle.dau(made, by="experiment.gate", start=day(4), end=day(4)) == [
        {"event_date": day(4), "variant": "early", "players": 1, "new_players": 1,
         "returning_players": 0, "complete": True},
    ]  # fmt: skip


def test_dau_wau_and_days_after_the_log() -> None:
    made = world(*(event(p, t) for p, t in (
        ("a", "03T10:00:00"), ("b", "04T10:00:00"), ("a", "09T10:00:00"), ("a", "11T10:00:00"),
    )))  # fmt: skip
    found = oracle.dau(made, end=day(11))
    assert picked(found, "players") == [1, 1, 0, 0, 0, 0, 1, 0, 1]
    assert picked(found, "new_players") == [1, 1, 0, 0, 0, 0, 0, 0, 0]
    assert picked(found, "complete") == [True] * 8 + [False]
    assert picked(oracle.wau(made), "players") == [None] * 6 + [2, 2]
    assert picked(oracle.mau(made), "players") == [None] * 8
    assert picked(oracle.stickiness(made), "stickiness") == [None] * 8


def test_complete_days_of_a_log_that_does_not_say() -> None:
    """200 events a day; the single one of day 9 is a wrong clock."""
    busy = [
        event("p", f"0{d}T{n // 60:02d}:{n % 60:02d}:00") for d in range(1, 8) for n in range(200)
    ]
    made = world(*busy, event("p", "09T10:00:00"), complete_until=None)
    assert (made.complete_from, made.complete_until) == (day(1), day(6))


def test_retention_counts_mature_cohorts_only() -> None:
    """Five players a day from 1 to 10 March; one of five comes back after seven days."""
    came = [event(f"{d}-{i}", f"{d:02d}T10:00:00") for d in range(1, 11) for i in range(5)]
    back = [event(f"{d}-0", f"{d + 7:02d}T10:00:00") for d in range(1, 6)]
    made = world(*came, *back, complete_until=day(12))
    week, month = oracle.retention(made, [7, 30])
    assert (week["players"], week["retained"], week["retention"]) == (25, 5, 0.2)
    assert week["observable_on"] == day(8)
    assert (month["players"], month["retained"], month["observable"]) == (0, None, False)
    cells = oracle.retention(made, [7], cohorts=True, start=day(5), end=day(6))
    assert picked(cells, "acquisition_date", "retention") == [(day(5), 0.2), (day(6), None)]


def test_retention_of_players_from_before_the_log() -> None:
    known = [{"player_id": uid("old"), "acquired_at": "2026-03-01T12:00:00Z"}]
    made = world(
        event("old", "05T10:00:00"),
        event("guess", "03T10:00:00"),
        event("guess", "05T10:00:00"),
        players=known,
        complete_from=day(4),
    )
    first, fourth = oracle.retention(made, [1, 4])
    assert (first["retention"], first["observable_on"]) == (None, None)
    assert (fourth["players"], fourth["retained"]) == (1, 1)


def test_where_and_by() -> None:
    made = world(
        event("a", "05T10:00:00", platform="ios"),
        event("b", "05T10:00:00", platform="ios", country="DE"),
        event("c", "05T10:00:00", country="DE"),
    )
    one = {"start": day(5), "end": day(5)}
    found = oracle.dau(made, by="platform", **one)
    assert picked(found, "platform", "players") == [("ios", 2), (None, 1)]
    found = oracle.dau(made, where={"platform": "ios", "country": None}, **one)
    assert picked(found, "players") == [1]


# Funnels and features


def trace(text: str) -> list[dict[str, Any]]:
    """`A0 B10`: events by type and minute, in order of time."""
    start = when("01T00:00:00")
    words = [(w[0], start + timedelta(minutes=int(w[1:]))) for w in text.split()]
    return sorted(({"event_type": k, "event_ts": t} for k, t in words), key=lambda e: e["event_ts"])


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("A0 B10 C20", "ABC", 3),
        ("A0 X5 B10 C20", "ABC", 3),
        ("A0 A30 B45 C75", "ABC", 3),
        ("A0 B10 B15 C20", "ABC", 3),
        ("A0 C5 B10 C20", "ABC", 3),
        ("B0 A5 B10 C20", "ABC", 3),
        ("A0 C10", "ABC", 1),
        ("A0 B0 C0", "ABC", 3),
        ("A0 B10 C60", "ABC", 3),
        ("A0 B10 C61", "ABC", 2),
        ("A0 A100 B110 C120", "ABC", 3),
        ("B0 C5", "ABC", 0),
        ("A0", "AAA", 1),
        ("A0 A0 A0", "AAA", 3),
        ("A0 B0", "ABA", 2),
        ("B0 A0", "AB", 2),
    ],
)
def test_funnel_golden_depth(text: str, steps: str, expected: int) -> None:
    assert deepest(trace(text), steps, timedelta(hours=1)) == expected


def deepest(events: list[dict[str, Any]], steps: str, window: timedelta) -> int:
    dated = [{**e, "event_date": day(1), "properties": "{}"} for e in events]
    plan = plan_of({"steps": list(steps), "window": window})
    return max((max(a.took) for a in attempts(plan, dated, {day(1)}, None)), default=0)


@CALM
@given(
    text=st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 5)), max_size=6),
    steps=st.text("ABC", min_size=1, max_size=4),
    window=st.integers(0, 5),
)
def test_funnel_depth_equals_trying_every_chain(
    text: list[tuple[str, int]], steps: str, window: int
) -> None:
    events = trace(" ".join(f"{k}{t}" for k, t in text))
    best = 0
    for length in range(1, len(steps) + 1):
        for chain in permutations(events, length):
            times = [e["event_ts"] for e in chain]
            fits = [e["event_type"] for e in chain] == list(steps[:length])
            soon = times[-1] - times[0] <= timedelta(minutes=window)
            best = length if fits and soon and times == sorted(times) else best
    assert deepest(events, steps, timedelta(minutes=window)) == best


def test_funnel_players_pending_and_period() -> None:
    """The log ends with 10 March: seven days from 3 March 24:00 are just over."""
    made = world(
        *(event("over", "04T00:00:00", "a"), event("over", "05T00:00:00", "b")),
        *(event("open", "04T00:00:01", "a"), event("open", "05T00:00:00", "b")),
        *(event("both", "01T00:00:00", "a"), event("both", "09T00:00:00", "a")),
        event("both", "10T00:00:00", "b"),
    )
    found = oracle.funnel(made, steps=["a", "b"])
    assert picked(found, "players", "pending") == [(2, 1), (1, 1)]
    assert picked(found, "step_conversion", "conversion") == [(1.0, 1.0), (0.5, 0.5)]
    found = oracle.funnel(made, steps=["a", "b"], end=day(3))
    assert picked(found, "players", "pending") == [(1, 0), (0, 0)]


def test_feature_adoption_from_the_launch_among_eligible_players() -> None:
    made = world(
        event("a", "05T10:00:00", "dig", tool="spade", platform="ios"),
        event("b", "07T10:00:00", "dig", tool="spade", depth=3, deep=True, platform="ios"),
        event("c", "07T10:00:00", "dig", tool="drill", platform="ios"),
        event("d", "07T10:00:00", "dig", tool="spade"),
    )
    spade = OracleFeature("dig", "dig", {"tool": "spade"}, day(6), {"platform": "ios"})
    assert oracle.feature_adoption(made, spade) == [
        {"feature": "dig", "eligible": 2, "adopters": 1, "adoption": 0.5}
    ]
    deep = OracleFeature("deep", "dig", {"depth": "3", "deep": "true"})
    assert picked(oracle.feature_adoption(made, deep), "eligible", "adopters") == [(4, 1)]


def test_achievements_and_daily() -> None:
    made = world(
        event("a", "05T10:00:00", "achievement_unlocked", achievement_id="gold"),
        event("a", "06T10:00:00", "achievement_unlocked", achievement_id="gold"),
        event("b", "06T10:00:00", "ad_watched", revenue=0.5),
        event("b", "06T10:00:00", "ad_watched"),
    )
    assert oracle.achievements(made) == [
        {"achievement_id": "gold", "unlockers": 1, "players": 2, "unlock_rate": 0.5}
    ]
    found = picked(oracle.daily_events(made, start=day(6)), "event_type", "events", "revenue_usd")
    assert sorted(found) == [("achievement_unlocked", 1, 0), ("ad_watched", 2, Decimal("0.5"))]
    assert picked(oracle.daily(made), "acquisition_date") == [day(5), day(5), day(6)]


# Random worlds

USES_OF_FEATURES = ("feature_adoption", "feature_users", "feature_retention", "time_to_adopt")


def judged(made: RandomWorld, runs: Any) -> World:
    return ingest(event_files(runs), made.players, made.settings, made.as_of)


@CALM
@given(st.data())
def test_every_line_is_accounted_for_and_order_does_not_matter(data: st.DataObject) -> None:
    made = data.draw(worlds())
    runs = data.draw(deliveries(made))
    straight = judged(made, [[("all.jsonl", b"".join(line + b"\n" for line in made.lines))]])
    mixed = judged(made, runs)
    for found in (straight, mixed):
        assert found.lines_in == len(found.events) + found.duplicates + len(found.rejected)
    assert mixed.events == straight.events
    # Of copies that say the same in other words, which one stands for them is left open.
    lost = ("id_collision", "duplicate_transaction")
    refused = [{r for r in w.rejected if r[0] not in lost} for w in (mixed, straight)]
    assert refused[0] == refused[1]
    assert {*picked_reasons(mixed)} == {*picked_reasons(straight)}
    for model in oracle.MODELS.values():
        assert model(mixed) == model(straight)


@CALM
@given(worlds())
def test_identities_that_hold_in_every_world(made: RandomWorld) -> None:
    found = judged(made, [[("all.jsonl", b"\n".join(made.lines))]])
    plays, days = oracle.sessions(found), oracle.player_days(found)
    assert sum(s["events"] for s in plays) == len(found.active())
    assert sum(d["events"] for d in days) == len(found.events)
    assert sum(d["sessions"] for d in days) == len(plays)
    assert sum(d["playtime_seconds"] for d in days) == pytest.approx(
        sum(s["length_seconds"] for s in plays)
    )
    for row in oracle.dau(found):
        assert row["players"] == row["new_players"] + row["returning_players"]
    (total,) = oracle.revenue(found)
    assert total["revenue_usd"] == sum(r["revenue_usd"] for r in oracle.revenue(found, per="day"))
    feature = OracleFeature("f", "dig", {"tool": "spade"})
    steps = ["level_start", "level_complete"]
    needed: dict[str, dict[str, Any]] = {
        **{name: {"steps": steps} for name in ("funnel", "funnel_times")},
        **{name: {"feature": feature} for name in USES_OF_FEATURES},
        "feature_breadth": {"features": [feature]},
    }
    for name in Random(repr(made)).sample(sorted(oracle.METRICS), 10):
        oracle.METRICS[name](found, by="platform", **needed.get(name, {}))
