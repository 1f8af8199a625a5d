"""Loading: staged rows become events, contested, rejected and ledger rows of the lake."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import duckdb

from questline.contract import Reason
from questline.errors import DataError
from questline.ingestion.corrections import correct, known_corrections
from questline.ingestion.deduplicate import LOSING, PAYLOAD, deduplicate
from questline.ingestion.discover import Discovery, Request
from questline.ingestion.entries import commit_entries
from questline.ingestion.inputs import Input
from questline.ingestion.read import Reading
from questline.ingestion.refuse import refused_rows
from questline.ingestion.staging import Staging
from questline.ingestion.unreadable import read_each
from questline.ingestion.validate import EVENT_COLUMNS, validate_events, validate_players
from questline.lake.rows import any_row
from questline.lake.schemas import TABLES
from questline.lake.store import Store, quote, select_files

_EVENTS = ", ".join(EVENT_COLUMNS)
_DONE_WITH = (
    *("contested_now", "copies", "judged", "located", "losers", "refused", "rejected_now"),
    *("settled", "staged_refused", "standing"),
)
"""Tables with rows or their text that nobody reads after `settle`: the models need the memory."""
_PLAYERS = ("player_id", "acquired_at", "platform", "country", "channel", "app_version")


@dataclass
class Counts:
    """What became of the lines of a run."""

    lines_in: int = 0
    accepted: int = 0
    duplicates: int = 0
    rejected: dict[str, int] = field(default_factory=dict)


Judge = Callable[[Request, Discovery, Staging, Callable[[str], None]], None]
"""Reads and judges the inputs of a discovery into a staging, and sets aside what it cannot."""


class GrowingFileError(Exception):
    """Some files got more lines between the count and the reading."""

    def __init__(self, files: frozenset[str]) -> None:
        """`files` are relative to the raw folder."""
        super().__init__(files)
        self.files = files


def load(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    request: Request,
    found: Discovery,
    report: Callable[[str], None],
    *,
    judge: Judge | None = None,
) -> Counts:
    """Reads, judges and commits the inputs; leaves `added`, `removed` and `new_registrations`.

    `judge` brings the rows into the staging, elsewhere than here.

    Raises:
        DataError: lines in differ from accepted + rejected + duplicates; nothing is published.
    """
    staging = open_staging(con, store, request, found.inputs)
    with _vanished(found):
        (judge or _judge_here)(request, found, staging, report)
    staging.close()
    known_corrections(con, store)
    correct(con, request, found.inputs, staging)
    return settle(staging, request, found, report)


def settle(
    staging: Staging, request: Request, found: Discovery, report: Callable[[str], None]
) -> Counts:
    """The rest of `load`, from rows that are staged; what it raises and leaves is the same."""
    con, store = staging.con, staging.store
    report("deduplicate")
    deduplicate(con, store)
    _deduplicate_players(con, store)
    counts = _conserve(con, found.inputs)
    report("write events")
    _commit_events(con, store, staging)
    _commit_players(con, store)
    report("write rejected rows")
    refused_rows(con, store, request, found)
    commit_entries(con, store, request, found)
    for name in _DONE_WITH:
        con.execute(f"DROP TABLE IF EXISTS {name}")
    return counts


def open_staging(
    con: duckdb.DuckDBPyConnection, store: Store, request: Request, inputs: list[Input]
) -> Staging:
    """Makes the tables into which the rows of these inputs are judged."""
    con.execute(f"SET VARIABLE max_line_bytes = {request.settings.max_line_bytes}")
    head = "fid INTEGER, line BIGINT, raw VARCHAR, reason VARCHAR, field VARCHAR"
    kinds = {c.name: c.type for c in TABLES["registrations"].columns}
    columns = ", ".join(f"{n} {kinds[n]}" for n in _PLAYERS)
    con.execute(f"CREATE OR REPLACE TABLE staged_players ({head}, {columns}, verdict VARCHAR)")
    return Staging(con, store, inputs, request.settings.reporting_zone)


@contextmanager
def _vanished(found: Discovery) -> Iterator[None]:
    try:
        yield
    except (OSError, duckdb.IOException) as error:
        gone = [i.relative for i in found.inputs if not i.path.exists()]
        if not gone:
            raise
        raise DataError(
            f"{gone[0]} vanished while it was read. Nothing was published; run again."
        ) from error


def _judge_here(
    request: Request, found: Discovery, staging: Staging, report: Callable[[str], None]
) -> None:
    for item, why in judge_inputs(request, found.inputs, staging, report):
        found.set_aside(item, why)


def judge_inputs(
    request: Request, inputs: list[Input], staging: Staging, report: Callable[[str], None]
) -> list[tuple[Input, str]]:
    """Reads the inputs and brings their judged rows into the staging and `staged_players`.

    Text that only the careful reader can take is marked as such in `inputs`.

    Returns:
        The inputs that no reader can take, and why.
    """

    def judge(reading: Reading) -> None:
        report(f"read {reading.source.name}")
        if reading.source.feeds == "players":
            sql = validate_players(reading.sql)
            staging.con.execute(f"INSERT INTO staged_players BY NAME {sql}")
        else:
            sql = validate_events(reading.sql, reading.source, request.mapping, request.settings)
            staging.add(sql, reading.rows)

    return read_each(staging.con, inputs, judge)


def _deduplicate_players(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    content = (
        "md5(concat_ws(chr(31), "
        + ", ".join(f"coalesce({n}::VARCHAR, '')" for n in _PLAYERS[2:])
        + "))"
    )
    con.execute(f"""
        CREATE OR REPLACE TABLE judged_players AS
        WITH copies AS (
            SELECT 'new' AS origin, rowid AS rid, fid, NULL::VARCHAR AS batch,
                {", ".join(_PLAYERS)}, {content} AS payload_hash
            FROM staged_players WHERE reason IS NULL
            UNION ALL
            SELECT 'lake', -1, NULL, batch, {", ".join(_PLAYERS)}, {content}
            FROM {store.select("registrations")} old
            WHERE player_id IN (SELECT player_id FROM staged_players WHERE reason IS NULL))
        SELECT *,
            row_number() OVER w AS place,
            first(acquired_at) OVER w AS best_at, first(payload_hash) OVER w AS best
        FROM copies
        WINDOW w AS (PARTITION BY player_id
            ORDER BY acquired_at NULLS LAST, payload_hash, origin, fid, rid)""")
    con.execute("""
        UPDATE staged_players SET verdict = CASE
            WHEN j.best = j.payload_hash AND j.best_at IS NOT DISTINCT FROM j.acquired_at
            THEN 'duplicate' ELSE 'id_collision' END
        FROM judged_players j
        WHERE j.origin = 'new' AND j.place > 1 AND staged_players.rowid = j.rid""")
    con.execute(
        f"UPDATE staged_players SET reason = '{Reason.ID_COLLISION}', field = 'player_id' "
        "WHERE verdict = 'id_collision'"
    )


def _conserve(con: duckdb.DuckDBPyConnection, inputs: list[Input]) -> Counts:
    con.execute("""
        CREATE OR REPLACE TABLE outcomes AS
        WITH lost AS (
            SELECT fid, verdict, count(*) AS n FROM judged
            WHERE origin = 'new' AND verdict <> 'accepted' GROUP BY ALL),
        parsed AS (SELECT fid, count(*) AS n FROM staged GROUP BY ALL)
        SELECT fid, 'accepted' AS outcome, NULL::VARCHAR AS reason,
            n - coalesce((SELECT sum(lost.n) FROM lost WHERE lost.fid = parsed.fid), 0) AS n
        FROM parsed
        UNION ALL
        SELECT fid, CASE verdict WHEN 'duplicate' THEN verdict ELSE 'rejected' END,
            nullif(verdict, 'duplicate'), n FROM lost
        UNION ALL
        SELECT fid, 'rejected', reason, count(*) FROM staged_refused GROUP BY ALL
        UNION ALL
        SELECT fid, CASE WHEN reason IS NOT NULL THEN 'rejected' WHEN verdict = 'duplicate'
            THEN 'duplicate' ELSE 'accepted' END AS outcome, reason, count(*)
        FROM staged_players GROUP BY ALL""")
    per_file = dict(con.execute("SELECT fid, sum(n) FROM outcomes GROUP BY fid").fetchall())
    wrong = [i for i in inputs if i.scan.rows != int(per_file.get(i.fid, 0))]
    if growing := frozenset(i.relative for i in wrong if i.grew()):
        raise GrowingFileError(growing)
    for item in wrong[:1]:
        parsed = int(per_file.get(item.fid, 0))
        raise DataError(
            f"{item.relative}: {item.scan.rows:,} lines came in, but {parsed:,} were read. "
            "Nothing was published. If the file is still being written, run again when it is "
            "finished; else please report the file's format."
        )
    counts = Counts(lines_in=sum(i.scan.rows for i in inputs))
    for outcome, reason, n in con.execute(
        "SELECT outcome, reason, sum(n) FROM outcomes GROUP BY ALL ORDER BY ALL"
    ).fetchall():
        if outcome == "rejected":
            counts.rejected[reason] = int(n)
        elif outcome == "duplicate":
            counts.duplicates += int(n)
        else:
            counts.accepted += int(n)
    return counts


def _commit_events(con: duckdb.DuckDBPyConnection, store: Store, staging: Staging) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE removed AS
        SELECT {_EVENTS}, batch, line FROM judged
        WHERE origin = 'lake' AND verdict <> 'accepted'""")
    days = {str(r[0]) for r in con.execute("SELECT DISTINCT event_date FROM removed").fetchall()}
    new = staging.survivors()
    returned = "judged WHERE origin = 'contested' AND verdict = 'accepted'"
    if any_row(con, returned):
        new += store.write("events", f"SELECT {_EVENTS}, batch, line FROM {returned}")
    kept = []
    if days:
        gone = "(event_id, client_date) IN (SELECT (event_id, client_date) FROM removed)"
        kept = store.write(
            "events", f"SELECT * FROM {store.select('events', days)} WHERE NOT {gone}"
        )
    store.commit_files("events", [*new, *kept], replace=days)
    added = [str(store.root / "events" / f.path.relative_to(f.folder)) for f in new]
    con.execute(f"CREATE OR REPLACE VIEW added AS {select_files(added, TABLES['events'])}")
    _commit_contested(con, store)


def _commit_contested(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    losing = ", ".join(quote(v) for v in LOSING)
    if not any_row(con, f"judged WHERE verdict IN ({losing}) OR origin = 'contested'"):
        return
    con.execute(f"""
        CREATE OR REPLACE TABLE contested_now AS
        SELECT {_EVENTS}, batch, line, verdict FROM {store.select("contested")} old
        WHERE (event_id, client_date, {PAYLOAD}) NOT IN (
            SELECT (event_id, client_date, payload_hash) FROM judged)
        UNION ALL
        SELECT {_EVENTS}, coalesce(judged.batch, batches.batch), line, verdict
        FROM judged LEFT JOIN batches USING (fid)
        WHERE representative AND verdict IN ({losing})""")
    store.commit("contested", "SELECT * FROM contested_now", replace=None)


def _commit_players(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    con.execute(f"""
        CREATE OR REPLACE TABLE new_registrations AS
        SELECT {", ".join("s." + n for n in _PLAYERS)}, 'players' AS feed, b.batch
        FROM staged_players s JOIN batches b USING (fid)
        WHERE s.reason IS NULL AND s.verdict IS NULL""")
    if not any_row(con, "new_registrations"):
        return
    sql = "SELECT * FROM new_registrations"
    if any_row(con, "judged_players WHERE origin = 'lake' AND place > 1"):
        sql += (
            f" UNION ALL SELECT * FROM {store.select('registrations')} "
            "WHERE player_id NOT IN (SELECT player_id FROM new_registrations)"
        )
        store.commit("registrations", sql, replace=None)
    else:
        store.commit("registrations", sql)
