"""One player at a time: whom to look at, who he is, and what he did on some days."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import ibis
import pyarrow as pa
from ibis import _

from questline.api import Analytics
from questline.capped import Capped, capped
from questline.engines.instants import microseconds, since_1970
from questline.metrics import Scope

MOST_PLAYERS = 50
MOST_SESSIONS = 500
MOST_EVENTS = 2_000
MOST_PURCHASES = 200
MOST_CHARACTERS = 2_000
"""How much of an event's properties is shown."""

_TOTALS = ("sessions", "playtime_seconds", "events", "level_completes", "purchases", "ads")
_MONEY = ("gross_usd", "refunded_usd", "ad_revenue_usd")


class Order(StrEnum):
    """Which players come first in a list to pick from."""

    RECENT = "recent"
    """Those whose last active day is the latest; on the same day, who had more sessions."""
    PAYERS = "payers"
    """Those who paid most, net of refunds; only players who paid."""
    SESSIONS = "sessions"
    """Those with the most sessions."""


def pick(
    analytics: Analytics,
    order: Order = Order.RECENT,
    scope: Scope | None = None,
    most: int = MOST_PLAYERS,
) -> pa.Table:
    """A short list of players to pick from, with what they did in the period of the scope.

    Columns: player_id, last_day (the last active one), active_days, sessions, playtime_seconds,
    net_usd (purchases of these days net of refunds, whenever they came), ad_revenue_usd.
    """
    days = (analytics.tables if scope is None else analytics.tables.filtered(scope)).player_days
    if scope is not None:
        first, last = ibis.date(scope.first), ibis.date(scope.last)
        days = days.filter(days.event_date.between(first, last))
    active = days.active_events > 0
    rows = days.group_by("player_id").aggregate(
        last_day=days.event_date.max(where=active),
        active_days=active.sum(),
        sessions=_total(days, "sessions"),
        playtime_seconds=_total(days, "playtime_seconds"),
        net_usd=(_total(days, "gross_usd") - _total(days, "refunded_usd")),
        ad_revenue_usd=_total(days, "ad_revenue_usd"),
    )
    if order is Order.PAYERS:
        rows = rows.filter(rows.net_usd > 0)
    keys = {
        Order.RECENT: ("last_day", "sessions"),
        Order.PAYERS: ("net_usd", "sessions"),
        Order.SESSIONS: ("sessions", "playtime_seconds"),
    }[order]
    rows = rows.filter(rows.last_day.notnull())
    return analytics.read(rows.order_by(*map(ibis.desc, keys), "player_id").limit(most))


def profile(analytics: Analytics, player_id: str) -> pa.Table:
    """The row of a player and what he did in all; no row where nobody has this id.

    Columns of the table players, and first_day, last_day, active_days, sessions,
    playtime_seconds, events, level_completes, purchases, ads, gross_usd, refunded_usd,
    ad_revenue_usd, net_usd.
    """
    days = _of(analytics.tables.player_days, player_id)
    active = days.active_events > 0
    done = days.aggregate(
        first_day=days.event_date.min(where=active),
        last_day=days.event_date.max(where=active),
        active_days=active.sum().coalesce(0),
        **{name: _total(days, name) for name in (*_TOTALS, *_MONEY)},
    )
    done = done.mutate(net_usd=done.gross_usd - done.refunded_usd)
    people = _of(analytics.tables.players, player_id)
    return _local(analytics, analytics.read(people.cross_join(done)))


def days_of(analytics: Analytics, player_id: str) -> pa.Table:
    """The days of a player that have an event, latest first: event_date, events, sessions."""
    days = _of(analytics.tables.player_days, player_id).filter(_.events > 0)
    days = days.select("event_date", "events", "sessions")
    return analytics.read(days.order_by(ibis.desc("event_date")))


def sessions(
    analytics: Analytics, player_id: str, first: date, last: date, most: int = MOST_SESSIONS
) -> Capped:
    """Sessions of a player that lie in these days, also in part; latest first.

    Columns of the table sessions without the player; times are in the reporting zone.
    """
    facts = analytics.facts
    early = first - timedelta(days=facts.max_session_days + 1)
    begins = datetime.combine(first, time(), ZoneInfo(facts.reporting_zone))
    rows = _on(analytics, "sessions", "session_date", player_id, early, last)
    rows = rows.filter(microseconds(rows.ended_at) >= since_1970(begins))
    found = capped(analytics, rows.drop("player_id"), ["started_at"], most)
    return found._replace(table=_local(analytics, found.table))


def events(
    analytics: Analytics, player_id: str, first: date, last: date, most: int = MOST_EVENTS
) -> Capped:
    """Events of a player on these days, latest first; times are in the reporting zone.

    Columns: event_ts, event_date, event_type, session_id, level, amount_usd, app_version,
    time_quality, properties (JSON text, the first `MOST_CHARACTERS` of it), event_id.
    """
    rows = _on(analytics, "events", "event_date", player_id, first, last).select(
        "event_ts",
        "event_date",
        "event_type",
        "session_id",
        "level",
        "amount_usd",
        "app_version",
        "time_quality",
        properties=_.properties.left(MOST_CHARACTERS),
        event_id=_.event_id,
    )
    found = capped(analytics, rows, ["event_ts", "event_id"], most)
    return found._replace(table=_local(analytics, found.table))


def purchases(
    analytics: Analytics, player_id: str, first: date, last: date, most: int = MOST_PURCHASES
) -> Capped:
    """Transactions of a player on these days, latest first.

    Columns: purchased_at (in the reporting zone, NULL if only refunds came), event_date,
    product_id, gross_usd, refunded_usd, net_usd, refunds, transaction_id.
    """
    rows = _on(analytics, "purchases", "event_date", player_id, first, last).select(
        "purchased_at",
        "event_date",
        "product_id",
        "gross_usd",
        "refunded_usd",
        "net_usd",
        "refunds",
        "transaction_id",
    )
    found = capped(analytics, rows, ["event_date", "purchased_at", "transaction_id"], most)
    return found._replace(table=_local(analytics, found.table))


def _on(  # noqa: PLR0917
    analytics: Analytics, table: str, day: str, player_id: str, first: date, last: date
) -> ibis.Table:
    """Rows of a player on those of the days on which he did something.

    The tables lie in a folder a day, and a player plays on few days: naming these reads no other.
    """
    played = days_of(analytics, player_id)["event_date"].to_pylist()
    wanted = [d for d in played if first <= d <= last]
    rows = _of(analytics.table(table), player_id)
    return rows.filter(rows[day].isin(wanted))


def _of(rows: ibis.Table, player_id: str) -> ibis.Table:
    """Rows of a player. SQL has no word for a NUL, which is in no id either."""
    return rows.filter(rows.player_id == player_id.replace("\0", "\ufffd"))


def _total(days: ibis.Table, name: str) -> ibis.NumericValue:
    return days[name].sum().coalesce(0)


def _local(analytics: Analytics, table: pa.Table) -> pa.Table:
    """Instants as the clock of the reporting zone shows them."""
    zone = analytics.facts.reporting_zone
    types = [
        (f.name, pa.timestamp("us", zone) if pa.types.is_timestamp(f.type) else f.type)
        for f in table.schema
    ]
    return table.cast(pa.schema(types))
