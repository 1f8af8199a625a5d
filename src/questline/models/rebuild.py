"""Rebuilding: which rows of the derived tables new events can change, and writing only those."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import ibis
from ibis.expr.types import Table

from questline.lake.schemas import TABLES
from questline.lake.store import Store, quote
from questline.models.daily import daily
from questline.models.level_attempts import level_attempts
from questline.models.player_days import player_days
from questline.models.players import first_seen, merge_first_seen, players
from questline.models.purchases import purchases
from questline.models.rules import Rules, calendar
from questline.models.sessions import sessionised, sessions
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
    ):
        self.con = con
        self.store = store
        self.settings = settings
        self.rules = rules
        self.backend = ibis.duckdb.from_connection(con)
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
        known = self._view("first_seen", self.store.select("first_seen"))
        scope = "player_id IN (SELECT player_id FROM touched_players)"
        fresh = first_seen(self._view("added_events", "added"), self.rules)
        again = "player_id IN (SELECT player_id FROM removed)"
        if self._count("removed"):
            # A removed event cannot be subtracted: these players are read anew.
            everything = f"(SELECT * FROM {self.store.select('events')} WHERE {again})"
            self._view("whole_events", everything)
            self._view("kept_seen", f"(SELECT * FROM first_seen WHERE {scope} AND NOT {again})")
            self._view("new_events", f"(SELECT * FROM added WHERE NOT {again})")
            fresh = ibis.union(
                first_seen(self.backend.table("new_events"), self.rules),
                first_seen(self.backend.table("whole_events"), self.rules),
            )
            known = self.backend.table("kept_seen")
        else:
            known = self._view("kept_seen", f"(SELECT * FROM first_seen WHERE {scope})")
        columns = TABLES["first_seen"].names
        merged = merge_first_seen(ibis.union(known.select(*columns), fresh.select(*columns)))
        self._materialise("seen_now", fresh.select(*columns) if self.fresh else merged)
        self._upsert("first_seen", scope, "SELECT * FROM seen_now")
        self._players(scope)

    def _players(self, scope: str) -> None:
        registered = self._view(
            "known_registrations",
            f"(SELECT * FROM {self.store.select('registrations')} WHERE {scope})",
        )
        self._days_around(
            "SELECT min(first_active_at), max(first_active_at) FROM seen_now "
            "UNION ALL SELECT min(acquired_at), max(acquired_at) FROM known_registrations"
        )
        seen = self.backend.table("seen_now")
        now = players(seen, registered, self.backend.table("days"))
        self._materialise("players_now", now.select(*TABLES["players"].names))
        old = self.store.select("players")
        moved = self.con.execute(f"""
            CREATE OR REPLACE TABLE moved AS SELECT old.player_id FROM {old} old
            JOIN players_now now USING (player_id)
            WHERE old.acquisition_date IS DISTINCT FROM now.acquisition_date""")
        del moved
        self._upsert("players", scope, "SELECT * FROM players_now")

    def payments(self) -> None:
        """purchases, of the transactions that this run's purchases and refunds name."""
        key = "coalesce(transaction_id, event_id)"
        money = "event_type IN ('purchase', 'refund')"
        self.con.execute(f"""
            CREATE OR REPLACE TABLE touched_payments AS SELECT DISTINCT {key} AS transaction_id
            FROM (SELECT * FROM added WHERE {money} UNION ALL SELECT * FROM removed WHERE {money})
            """)
        scope = "transaction_id IN (SELECT transaction_id FROM touched_payments)"
        self.con.execute(
            f"CREATE OR REPLACE TABLE old_payments AS SELECT * FROM {self.store.select('purchases')} "
            f"WHERE {scope}"
        )
        dates = self._dates(
            "SELECT DISTINCT event_date FROM old_payments UNION "
            "SELECT DISTINCT unnest(refund_dates) FROM old_payments UNION "
            f"SELECT DISTINCT event_date FROM added WHERE {money}"
        )
        events = self._view(
            "payment_events",
            f"(SELECT * FROM {self._events(dates)} WHERE {money} AND {key} IN "
            "(SELECT transaction_id FROM touched_payments))",
        )
        self._materialise("payments_now", purchases(events).select(*TABLES["purchases"].names))
        self._upsert("purchases", scope, "SELECT * FROM payments_now")

    def behaviour(self) -> None:
        """sessions, level_attempts and player_days around what was touched."""
        self.con.execute(
            "CREATE OR REPLACE TABLE changed_days AS SELECT DISTINCT player_id, event_date FROM "
            "(SELECT player_id, event_date FROM touched UNION ALL "
            "SELECT player_id, event_date FROM payments_now UNION ALL "
            "SELECT player_id, event_date FROM old_payments)"
        )
        reach = self.rules.reach_days
        self._expand("scope_days", reach)
        self._expand("visible_days", 2 * reach)
        visible = self._dates("SELECT DISTINCT event_date FROM visible_days")
        if not visible:
            return
        near = "(player_id, event_date) IN (SELECT (player_id, event_date) FROM visible_days)"
        where = "" if self.fresh else f" WHERE {near}"
        events = self._view("visible_events", f"(SELECT * FROM {self._events(visible)}{where})")
        self._days(min(visible), max(visible))
        days = self.backend.table("days")
        self._materialise("marked", sessionised(events, days, self.rules))
        marked = self.backend.table("marked")
        self._materialise("sessions_now", sessions(marked))
        attempts = level_attempts(events, marked, self.rules)
        now = self.backend.table("sessions_now")
        bought = self._view(
            "visible_purchases", f"(SELECT * FROM {self._part('purchases', visible)}{where})"
        )
        self._materialise("days_now", player_days(events, now, bought, days, self.rules))
        self._replace("sessions", "session_date", "SELECT * FROM sessions_now")
        self._materialise("attempts_now", attempts)
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
        events = self._view("cube_events", self._events(dates))
        everyone = self._view("everyone", self.store.select("players"))
        names = {d.isoformat() for d in dates}
        sql = ibis.to_sql(daily(events, everyone), dialect="duckdb")
        self.rows["daily"] = self.store.commit("daily", sql, replace=names)

    def _events(self, dates: Collection[date]) -> str:
        return self._part("events", dates)

    def _part(self, name: str, dates: Collection[date]) -> str:
        return self.store.select(name, {d.isoformat() for d in dates})

    def _view(self, name: str, sql: str) -> Table:
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW {name} AS SELECT * FROM {sql}")
        return self.backend.table(name)

    def _materialise(self, name: str, expression: Table) -> None:
        sql = ibis.to_sql(expression, dialect="duckdb")
        self.con.execute(f"CREATE OR REPLACE TABLE {name} AS {sql}")

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
            "CREATE OR REPLACE TABLE days (event_date DATE, starts_at TIMESTAMPTZ, "
            "ends_at TIMESTAMPTZ)"
        )
        values = ", ".join(
            f"(DATE '{d}', TIMESTAMPTZ '{a.isoformat()}', TIMESTAMPTZ '{b.isoformat()}')"
            for d, a, b in rows
        )
        self.con.execute(f"INSERT INTO days VALUES {values}")

    def _days_around(self, instants: str) -> None:
        row = self.con.execute(
            "SELECT CAST(timezone('UTC', min(low)) AS DATE), CAST(timezone('UTC', max(high)) AS DATE) "
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
        self, name: str, scope: str, new: str, dates: Collection[date] | None = None
    ) -> None:
        """Replaces the rows of `scope` by `new`, rewriting only partitions that really differ."""
        spec = TABLES[name]
        if not self.store.files(name):
            self.rows[name] = self.store.commit(name, new)
            return
        columns = ", ".join(f'CAST("{c.name}" AS {c.type}) AS "{c.name}"' for c in spec.columns)
        part = spec.partition
        reach = None if dates is None else {d.isoformat() for d in dates}
        self.con.execute(f"CREATE OR REPLACE TABLE new_rows AS SELECT {columns} FROM ({new})")
        self.con.execute(
            f"CREATE OR REPLACE TABLE old_rows AS SELECT {columns} "
            f"FROM {self.store.select(name, reach)} WHERE {scope}"
        )
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
                f" UNION ALL SELECT * FROM (SELECT * FROM new_rows EXCEPT ALL SELECT * FROM old_rows) "
                f"WHERE {also}"
            )
        if gone or grown:
            self.rows[name] = self.store.commit(name, statement, replace=gone)

    def _partitions(self, rows: str, column: str) -> set[str | None]:
        found = self.con.execute(
            f"SELECT DISTINCT CAST({column} AS VARCHAR) FROM {rows}"
        ).fetchall()
        return {r[0] for r in found}
