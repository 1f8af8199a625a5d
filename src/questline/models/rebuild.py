"""Rebuilding: which rows of the derived tables new events can change, and writing only those."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb

from questline.lake.schemas import TABLES
from questline.lake.store import Store, quote
from questline.models.catalogue import compiled
from questline.models.rules import Rules, calendar
from questline.settings import Settings


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild touched."""

    dates: tuple[date, ...]
    rows: dict[str, int]


def rebuild(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    settings: Settings,
    rules: Rules,
    report: Callable[[str], None],
) -> Rebuilt:
    """Brings every derived table up to date after events or registrations changed.

    Reads the tables `added` and `removed` (events of this run) and `new_registrations` of the
    scratch database, and the store's events.
    """
    work = _Rebuild(con, store, settings, rules)
    for step in (work.people, work.payments, work.behaviour, work.cube):
        report(f"models: {step.__name__}")
        step()
    return Rebuilt(tuple(sorted(work.touched_dates)), work.rows)


class _Rebuild:
    def __init__(
        self, con: duckdb.DuckDBPyConnection, store: Store, settings: Settings, rules: Rules
    ) -> None:
        self.con = con
        self.store = store
        self.settings = settings
        self.rules = rules
        self.rows: dict[str, int] = {}
        con.execute(
            "CREATE OR REPLACE TABLE touched AS SELECT DISTINCT player_id, event_date FROM "
            "(SELECT player_id, event_date FROM added UNION ALL "
            "SELECT player_id, event_date FROM removed)"
        )
        self.touched_dates = self._dates("SELECT DISTINCT event_date FROM touched")
        self.fresh = not store.files("first_seen") and not store.files("sessions")

    def people(self) -> None:
        """first_seen and players, of touched and newly registered players."""
        self.con.execute(
            "CREATE OR REPLACE TABLE touched_players AS SELECT DISTINCT player_id FROM "
            "(SELECT player_id FROM touched UNION ALL SELECT player_id FROM new_registrations)"
        )
        scope = "player_id IN (SELECT player_id FROM touched_players)"
        # A removed event cannot be subtracted: its player is read anew, from all his events.
        again = "player_id IN (SELECT player_id FROM removed)"
        events = "added"
        if self._count("removed"):
            events = (
                f"(SELECT * FROM added WHERE NOT {again} UNION ALL "
                f"SELECT * FROM {self.store.select('events')} WHERE {again})"
            )
        self._model("first_seen", "seen_now", events=events)
        self._old("old_seen", "first_seen", scope)
        if not self.fresh:
            old = f"SELECT * FROM old_seen WHERE NOT {again}"
            self.con.execute(f"CREATE OR REPLACE TABLE seen_parts AS FROM seen_now UNION ALL {old}")
            self._model("merged_first_seen", "seen_now", first_seen="seen_parts")
        self._upsert("first_seen", scope, "SELECT * FROM seen_now", old="old_seen")
        registered = f"(SELECT * FROM {self.store.select('registrations')} WHERE {scope})"
        self._days_around(
            "SELECT min(first_active_at), max(first_active_at) FROM seen_now UNION ALL "
            f"SELECT min(acquired_at), max(acquired_at) FROM {registered}"
        )
        self._model(
            "players",
            "players_now",
            first_seen="seen_now",
            registrations=registered,
            days="calendar_days",
        )
        self._old("old_players", "players", scope)
        self.con.execute("""
            CREATE OR REPLACE TABLE moved AS SELECT player_id
            FROM old_players old JOIN players_now now USING (player_id)
            WHERE old.acquisition_date IS DISTINCT FROM now.acquisition_date""")
        self._upsert("players", scope, "SELECT * FROM players_now", old="old_players")

    def payments(self) -> None:
        """purchases, of the transactions that this run's purchases and refunds name."""
        key = "coalesce(transaction_id, event_id)"
        money = "event_type IN ('purchase', 'refund')"
        self.con.execute(f"""
            CREATE OR REPLACE TABLE touched_payments AS SELECT DISTINCT {key} AS transaction_id
            FROM (SELECT * FROM added WHERE {money} UNION ALL SELECT * FROM removed WHERE {money})
            """)
        scope = "transaction_id IN (SELECT transaction_id FROM touched_payments)"
        self._old("old_payments", "purchases", scope)
        dates = self._dates(
            "SELECT DISTINCT event_date FROM old_payments UNION "
            "SELECT DISTINCT unnest(refund_dates) FROM old_payments UNION "
            f"SELECT DISTINCT event_date FROM added WHERE {money}"
        )
        named = f"{key} IN (SELECT transaction_id FROM touched_payments)"
        events = f"(SELECT * FROM {self._part('events', dates)} WHERE {money} AND {named})"
        self._model("purchases", "payments_now", events=events)
        self._upsert("purchases", scope, "SELECT * FROM payments_now", old="old_payments")

    def behaviour(self) -> None:
        """sessions, level_attempts and player_days around what was touched."""
        self.con.execute(
            "CREATE OR REPLACE TABLE changed_days AS SELECT DISTINCT player_id, event_date FROM "
            "(SELECT player_id, event_date FROM touched UNION ALL "
            "SELECT player_id, event_date FROM payments_now UNION ALL "
            "SELECT player_id, event_date FROM old_payments)"
        )
        self._expand("scope_days", self.rules.reach_days)
        self._expand("visible_days", 2 * self.rules.reach_days)
        visible = self._dates("SELECT DISTINCT event_date FROM visible_days")
        if not visible:
            return
        near = "(player_id, event_date) IN (SELECT (player_id, event_date) FROM visible_days)"
        where = "" if self.fresh else f" WHERE {near}"
        self._days(min(visible), max(visible))
        events = f"(SELECT * FROM {self._part('events', visible)}{where})"
        bought = f"(SELECT * FROM {self._part('purchases', visible)}{where})"
        inactive = ", ".join(quote(t) for t in self.rules.inactive_event_types) or "''"
        nameless = f"session_id IS NULL AND event_type NOT IN ({inactive})"
        known = not self._count(f"(SELECT 1 FROM {events} WHERE {nameless} LIMIT 1)")
        way = ""
        if known:
            way = "_with_ids"
            self._model("session_spans", "spans", events=events)
            self._inputs(session_spans="spans")
        unmarked = events if not known or self._count("spans WHERE NOT whole") else _none(events)
        self._model(f"sessionised{way}", "marked", events=unmarked, days="calendar_days")
        self._inputs(events=events)
        self._model(f"sessions{way}", "sessions_now", sessionised="marked")
        self._model(f"level_attempts{way}", "attempts_now", events=events, sessionised="marked")
        self._model(
            "player_days",
            "days_now",
            events=events,
            sessions="sessions_now",
            purchases=bought,
            days="calendar_days",
        )
        self._replace("sessions", "session_date", "SELECT * FROM sessions_now")
        self._replace("level_attempts", "event_date", "SELECT * FROM attempts_now")
        self._replace("player_days", "event_date", "SELECT * FROM days_now")

    def cube(self) -> None:
        """daily, of touched dates and of the active days of players who moved."""
        dates = set(self.touched_dates)
        if self._count("moved"):
            dates |= self._dates(
                f"SELECT DISTINCT event_date FROM {self.store.select('player_days')} "
                "WHERE events > 0 AND player_id IN (SELECT player_id FROM moved)"
            )
        if not dates:
            return
        self._inputs(events=self._part("events", dates), players=self.store.select("players"))
        names = {d.isoformat() for d in dates}
        self.rows["daily"] = self.store.commit(
            "daily", compiled("daily", self.rules), replace=names
        )

    def _old(self, target: str, name: str, scope: str) -> None:
        """Reads the rows of `scope` once; a long lake has many files of such a table."""
        self.con.execute(
            f"CREATE OR REPLACE TABLE {target} AS "
            f"SELECT * FROM {self.store.select(name)} WHERE {scope}"
        )

    def _part(self, name: str, dates: Collection[date]) -> str:
        return self.store.select(name, {d.isoformat() for d in dates})

    def _inputs(self, **inputs: str) -> None:
        for name, relation in inputs.items():
            self.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {relation}")

    def _model(self, name: str, target: str, **inputs: str) -> None:
        self._inputs(**inputs)
        sql = compiled(name, self.rules)
        self.con.execute(f"CREATE OR REPLACE TABLE {target} AS {sql}")

    def _dates(self, sql: str) -> set[date]:
        return {r[0] for r in self.con.execute(sql).fetchall() if r[0] is not None}

    def _count(self, table: str) -> int:
        row = self.con.execute(f"SELECT count(*) FROM {table}").fetchone()
        return int(row[0]) if row else 0

    def _expand(self, name: str, reach: int) -> None:
        if self.fresh:
            self.con.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM changed_days")
            return
        self.con.execute(
            f"CREATE OR REPLACE TABLE {name} AS SELECT DISTINCT player_id, "
            f"CAST(event_date + CAST(unnest(range(-{reach}, {reach} + 1)) AS INTEGER) AS DATE) "
            "AS event_date FROM changed_days"
        )

    def _days(self, first: date, last: date) -> None:
        margin = timedelta(days=self.rules.max_session_days + 2)
        rows = calendar(first - margin, last + margin, self.settings.zone)
        self.con.execute(
            "CREATE OR REPLACE TABLE calendar_days (event_date DATE, starts_at TIMESTAMPTZ, "
            "ends_at TIMESTAMPTZ)"
        )
        values = ", ".join(
            f"(DATE '{d}', TIMESTAMPTZ '{a.isoformat()}', TIMESTAMPTZ '{b.isoformat()}')"
            for d, a, b in rows
        )
        self.con.execute(f"INSERT INTO calendar_days VALUES {values}")

    def _days_around(self, instants: str) -> None:
        row = self.con.execute(
            "SELECT CAST(timezone('UTC', min(low)) AS DATE), "
            "CAST(timezone('UTC', max(high)) AS DATE) "
            f"FROM ({instants}) t(low, high)"
        ).fetchone()
        first, last = row if row and row[0] else (date(2000, 1, 1), date(2000, 1, 1))
        self._days(first, last)

    def _replace(self, name: str, dated: str, new: str) -> None:
        scope = f"(player_id, {dated}) IN (SELECT (player_id, event_date) FROM scope_days)"
        if self.fresh:
            self.rows[name] = self.store.commit(name, new)
            return
        self._upsert(
            name,
            scope,
            f"SELECT * FROM ({new}) WHERE {scope}",
            self._dates("SELECT DISTINCT event_date FROM scope_days"),
        )

    def _upsert(
        self,
        name: str,
        scope: str,
        new: str,
        dates: Collection[date] | None = None,
        old: str | None = None,
    ) -> None:
        """Replaces the rows of `scope` by `new`, rewriting only partitions that really differ.

        `old` is a table of the rows of `scope`, where they have been read already.
        """
        spec = TABLES[name]
        if not self.store.files(name):
            self.rows[name] = self.store.commit(name, new)
            return
        columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in spec.columns)
        part = spec.partition
        reach = None if dates is None else {d.isoformat() for d in dates}
        self.con.execute(f"CREATE OR REPLACE TABLE new_rows AS SELECT {columns} FROM ({new})")
        before = old or f"{self.store.select(name, reach)} WHERE {scope}"
        self.con.execute(f"CREATE OR REPLACE TABLE old_rows AS SELECT {columns} FROM {before}")
        gone = self._partitions("(FROM old_rows EXCEPT ALL FROM new_rows)", part)
        grown = self._partitions("(FROM new_rows EXCEPT ALL FROM old_rows)", part) - gone
        keys = {k for k in gone if k is not None}
        listed = ", ".join(quote(k) for k in sorted(keys)) or "''"
        inside = f"(CAST({part} AS VARCHAR) IN ({listed})"
        inside += f" OR {part} IS NULL)" if None in gone else ")"
        statement = f"SELECT * FROM new_rows WHERE {inside}"
        if gone:
            statement += (
                f" UNION ALL SELECT {columns} FROM {self.store.select(name, gone)} "
                f"WHERE NOT coalesce({scope}, false)"
            )
        if grown:
            more = ", ".join(quote(k) for k in sorted(k for k in grown if k is not None)) or "''"
            also = f"CAST({part} AS VARCHAR) IN ({more})"
            also = f"({also} OR {part} IS NULL)" if None in grown else also
            statement += (
                f" UNION ALL SELECT * FROM (FROM new_rows EXCEPT ALL FROM old_rows) WHERE {also}"
            )
        if gone or grown:
            self.rows[name] = self.store.commit(name, statement, replace=gone)

    def _partitions(self, rows: str, column: str) -> set[str | None]:
        found = self.con.execute(
            f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM {rows}"
        ).fetchall()
        return {r[0] for r in found}


def _none(relation: str) -> str:
    return f"(SELECT * FROM {relation} WHERE false)"
