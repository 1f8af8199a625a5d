"""The oracle's models: one plain loop each, with the columns of the lake's tables."""

from __future__ import annotations

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from oracle_contract import Event
from oracle_ingest import LAST, World
from oracle_rules import cents
from oracle_sessions import NOTHING, Row, by_player, earned, playtime, sessionised, sessions, won

LEVEL_ORDER = ("level_start", "level_complete", "level_fail")


def player_days(world: World) -> list[Row]:
    """One row a player and day on which there is anything to say."""
    played, paid = playtime(world), purchases(world)
    starts = [(s["player_id"], s["session_date"]) for s in sessions(world)]
    keys = {(e["player_id"], e["event_date"]) for e in world.events}
    keys |= set(played) | {(p["player_id"], p["event_date"]) for p in paid}
    found = []
    for player, day in sorted(keys):
        events = [e for e in world.events if e["player_id"] == player and e["event_date"] == day]
        types = [e["event_type"] for e in events]
        bills = [p for p in paid if p["player_id"] == player and p["event_date"] == day]
        ads = [e for e in events if e["event_type"] == "ad_watched"]
        inactive = world.settings.inactive_event_types
        wins = sum(won(e) for e in events)
        found.append(
            {
                "player_id": player,
                "event_date": day,
                "events": len(events),
                "active_events": sum(t not in inactive for t in types),
                "sessions": starts.count((player, day)),
                "playtime_seconds": played.get((player, day), 0.0),
                "level_starts": types.count("level_start"),
                "level_completes": wins,
                "level_fails": types.count("level_fail") + types.count("level_complete") - wins,
                "purchases": sum(p["purchased_at"] is not None for p in bills),
                "gross_usd": sum((p["gross_usd"] or NOTHING for p in bills), NOTHING),
                "refunded_usd": sum((p["refunded_usd"] for p in bills), NOTHING),
                "ads": len(ads),
                "ad_revenue_usd": earned(ads),
                "achievements": types.count("achievement_unlocked"),
            }
        )
    return found


def level_attempts(world: World) -> list[Row]:
    """One row an attempt; a start with the outcome that directly follows it is one attempt.

    Where both are numbered and the numbers differ, they are two.
    """
    groups: dict[Any, list[Event]] = defaultdict(list)
    for number, (_, events, _cut) in enumerate(sessionised(world)):
        for e in events:
            if e["event_type"] in LEVEL_ORDER:
                groups[number, e["level"], e["mode"]].append(e)
    found = []
    for events in groups.values():
        events.sort(
            key=lambda e: (e["event_ts"], LEVEL_ORDER.index(e["event_type"]), e["event_id"])
        )
        start: Event | None = None
        for event in events:
            if event["event_type"] == "level_start":
                if start:
                    found.append(_attempt(start, None))
                start = event
            elif start and _contradict(start, event):
                found += [_attempt(start, None), _attempt(None, event)]
                start = None
            else:
                found.append(_attempt(start, event))
                start = None
        if start:
            found.append(_attempt(start, None))
    return found


def _contradict(start: Event, outcome: Event) -> bool:
    numbers = {start["attempt"], outcome["attempt"]}
    return None not in numbers and len(numbers) == 2


def _attempt(start: Event | None, outcome: Event | None) -> Row:
    first = start or outcome
    assert first is not None
    seconds = None
    if outcome:
        seconds = outcome["time_spent"]
        if seconds is None and start:
            seconds = (outcome["event_ts"] - start["event_ts"]).total_seconds()
    result = "abandon" if outcome is None else "complete" if won(outcome) else "fail"
    both = [e for e in (start, outcome) if e]
    return {
        **{n: first[n] for n in ("player_id", "event_date", "level", "mode")},
        "attempt": next((e["attempt"] for e in both if e["attempt"] is not None), None),
        "started_at": first["event_ts"],
        "outcome": result,
        "seconds": seconds,
        "start_missing": start is None,
        "app_version": next((e["app_version"] for e in both if e["app_version"]), None),
    }


def purchases(world: World) -> list[Row]:
    """One row a transaction, also one of which only refunds are known."""
    bought = {
        e["transaction_id"] or e["event_id"]: e
        for e in world.events
        if e["event_type"] == "purchase"
    }
    refunds: dict[str, list[Event]] = defaultdict(list)
    for event in world.events:
        if event["event_type"] == "refund":
            refunds[event["transaction_id"]].append(event)
    found = []
    for key in sorted({*bought, *refunds}):
        bill, back = bought.get(key), refunds.get(key, [])
        first = bill or min(back, key=lambda e: (e["event_ts"], e["event_id"]))
        repaid = sum((_repaid(r, bill) for r in back), NOTHING)
        found.append(
            {
                "transaction_id": key,
                "player_id": first["player_id"],
                "event_date": first["event_date"],
                "purchased_at": bill["event_ts"] if bill else None,
                "product_id": bill["product_id"] if bill else None,
                "gross_usd": bill["amount_usd"] if bill else None,
                "refunded_usd": repaid,
                "net_usd": bill["amount_usd"] - repaid if bill else None,
                "refunds": len(back),
                "refund_dates": sorted({r["event_date"] for r in back}) or None,
                "refunds_by_day": _by_day(back, bill) or None,
            }
        )
    return found


def _by_day(refunds: list[Event], bill: Event | None) -> list[Row]:
    """What was paid back on each day."""
    sums: dict[date, Decimal] = defaultdict(lambda: NOTHING)
    for refund in refunds:
        sums[refund["event_date"]] += _repaid(refund, bill)
    return [{"event_date": day, "usd": sums[day]} for day in sorted(sums)]


def _repaid(refund: Event, bill: Event | None) -> Decimal:
    """USD of a refund: at the rate of its purchase if both are in one currency."""
    if bill and bill["currency"] == refund["currency"]:
        return cents(refund["amount"] * bill["fx_rate"])
    return Decimal(refund["amount_usd"])


def _first_known(events: list[Event], name: str) -> Any:
    known = [(e["event_ts"], e[name]) for e in events if e[name] is not None]
    return min(known)[1] if known else None


def _variants(events: list[Event]) -> list[Row]:
    """First exposure to each experiment, by name."""
    seen: dict[str, tuple[datetime, str]] = {}
    for e in events:
        if e["event_type"] == "experiment_exposure":
            exposure = (e["event_ts"], e["variant"])
            seen[e["experiment"]] = min(exposure, seen.get(e["experiment"], (LAST, "")))
    return [
        {"experiment": name, "variant": variant, "exposed_at": when}
        for name, (when, variant) in sorted(seen.items())
    ]


def players(world: World) -> list[Row]:
    """One row a player, known from events or from metadata."""
    events, active = by_player(world.events), by_player(world.active())
    found = []
    for player in sorted({*events, *world.registrations}):
        known, mine = world.registrations.get(player, {}), events.get(player, [])
        first = active[player][0]["event_ts"] if player in active else None
        acquired = known.get("acquired_at") or first
        source = "metadata" if known.get("acquired_at") else "first_event" if first else None
        day = world.settings.day_of(acquired) if acquired else None
        stated = {n: known.get(n) or None for n in ("platform", "country", "app_version")}
        mixed = {n: v or _first_known(mine, n) for n, v in stated.items()}
        found.append(
            {
                "player_id": player,
                "acquired_at": acquired,
                "acquisition_date": day,
                "acquisition_month": f"{day:%Y-%m}" if day else None,
                "acquisition_source": source,
                "cohort_week": day - timedelta(days=day.weekday()) if day else None,
                "registered": player in world.registrations,
                "first_active_at": first,
                "platform": mixed["platform"],
                "country": mixed["country"],
                "channel": known.get("channel") or None,
                "first_version": mixed["app_version"],
                "device": _first_known(mine, "device"),
                "variants": _variants(mine),
            }
        )
    return found


def daily(world: World) -> list[Row]:
    """One row a day, day of acquisition and event type."""
    acquired = {p["player_id"]: p["acquisition_date"] for p in players(world)}
    groups: dict[Any, list[Event]] = defaultdict(list)
    for e in world.events:
        groups[e["event_date"], acquired[e["player_id"]], e["event_type"]].append(e)
    return [
        {
            "event_date": day,
            "acquisition_date": cohort,
            "event_type": kind,
            "events": len(events),
            "players": len({e["player_id"] for e in events}),
            "revenue_usd": earned(events),
        }
        for (day, cohort, kind), events in groups.items()
    ]
