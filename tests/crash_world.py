"""A small log that touches every table, in two deliveries, and the states of its lake."""

from __future__ import annotations

import gzip
import json
import re
import shutil
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb

from lakes import TRANSPORT
from questline.lake.publication import VIEWS_FILE, attach_views, read_pointer, views_sql
from questline.lake.schemas import TABLES

AS_OF = "2026-01-20T00:00:00Z"
SETTINGS = 'threads = 1\nmemory_limit_mb = 500\n[exchange_rates]\nEUR = { "2020-01-01" = "1.1" }\n'
MEND = 'GBP = { "2020-01-01" = "1.3" }\n'
RUN_OF_ITS_OWN = {"batch", "run_id", "recorded_at", "as_of"}
"""Columns of the ledger that no two runs share."""


def uuid(number: int) -> str:
    """A UUID for a number."""
    return f"00000000-0000-4000-8000-{number:012d}"


def event(number: int, player: int, day: int, kind: str = "login", **more: Any) -> bytes:
    """One line; the minutes follow the number."""
    beside = ("received_at", "session_id", "platform")
    made = {
        "event_id": uuid(number),
        "player_id": uuid(player),
        "event_type": kind,
        "timestamp": f"2026-01-{day:02d}T12:{number % 60:02d}:00Z",
        **{name: value for name, value in more.items() if name in beside},
        "properties": {name: value for name, value in more.items() if name not in beside},
    }
    return json.dumps(made).encode() + b"\n"


def player(number: int, day: int, **more: Any) -> bytes:
    """One line of metadata."""
    when = f"2026-01-{day:02d}T00:00:00Z"
    return json.dumps({"player_id": uuid(number), "acquired_at": when, **more}).encode() + b"\n"


def bought(number: int, who: int, day: int, key: str, currency: str = "EUR", **more: str) -> bytes:
    """A purchase."""
    bill: dict[str, Any] = {
        "price": 4.99,
        "currency": currency,
        "transaction_id": key,
        "product_id": "gems",
    }
    return event(number, who, day, "purchase", **bill, **more)


TAIL = event(30, 3, 3)
LATE = "2026-01-04T00:00:00Z"

FIRST = {
    "a.jsonl": b"".join(
        [
            event(1, 1, 2, "session_start", platform="ios"),
            event(2, 1, 2, "level_start", level=1),
            event(3, 1, 2, "level_complete", level=1, time_spent=30),
            bought(4, 1, 2, "t1"),
            event(5, 2, 2, "session_start", session_id="s5"),
            event(6, 2, 3, "ad_watched", revenue=0.01),
            event(6, 2, 3, "ad_watched", revenue=0.01),
            event(7, 2, 3, "login", received_at=LATE, n=1),
            event(8, 3, 3, "level_start", level=2),
            b'{"event_id": "broken"\n',
            TAIL[:60],
        ]
    ),
    "players.jsonl": player(1, 1, country="DE") + player(9, 1),
}
SECOND = {
    "a.jsonl": TAIL[60:] + event(31, 3, 4, "level_fail", level=2),
    "b.jsonl": b"".join(
        [
            # An earlier copy of a known id: the old one loses, its session and day are rebuilt.
            event(7, 2, 3, "login", received_at="2026-01-03T12:10:00Z", n=2),
            event(3, 1, 2, "level_complete", level=1, time_spent=31),
            event(40, 1, 4, "refund", transaction_id="t1", amount=1, currency="EUR"),
            bought(41, 2, 4, "t1"),
            bought(42, 2, 4, "t2"),
            event(43, 4, 1, "session_start"),
            event(44, 4, 4, "level_start", level="x"),
        ]
    ),
    "cut.jsonl.gz": gzip.compress(event(50, 5, 4) * 50, mtime=0)[:-12],
    "players2.jsonl": player(4, 1, channel="ads") + player(9, 1) + b"no player\n",
}
DIRTY = {
    "c.jsonl": b"".join(
        [
            bought(60, 1, 5, "t6", "GBP"),
            bought(60, 1, 5, "t6", "GBP"),
            # It came before the purchase that holds the transaction now.
            bought(61, 2, 4, "t2", "GBP", received_at="2026-01-04T13:00:00Z"),
            event(62, 5, 5, "level_start", level="x"),
        ]
    ),
    "d.csv": b"event_id,player_id,event_type,timestamp,properties\n"
    + b"".join(
        f"{uuid(number)},{uuid(2)},purchase,2026-01-{day:02d}T12:00:00Z,".encode()
        + b'"{""price"": 1, ""currency"": ""GBP""}"\n'
        for number, day in ((63, 5), (64, 6), (65, 7))
    ),
}
"""Rows in a currency without a rate, until the settings are mended by `MEND`."""
EDITS = {
    event(62, 5, 5, "level_start", level="x"): event(62, 5, 5, "level_start", level=3),
    b'{"event_id": "broken"\n': event(7, 2, 3, "login", received_at=LATE, n=9),
}
"""Refused lines, and what they are corrected to: an event, and one that loses to another."""


@dataclass(frozen=True)
class World:
    """A folder with raw files, settings and a lake."""

    folder: Path

    @property
    def lake(self) -> Path:
        """Where the lake is."""
        return self.folder / "lake"

    def deliver(self, files: dict[str, bytes]) -> None:
        """Writes or appends raw files."""
        raw = self.folder / "raw"
        raw.mkdir(parents=True, exist_ok=True)
        (self.folder / "q.toml").write_text(SETTINGS, encoding="utf-8")
        for name, content in files.items():
            with (raw / name).open("ab") as handle:
                handle.write(content)

    def mend(self) -> None:
        """Mends the settings, and writes the file of edited rows."""
        (self.folder / "q.toml").write_text(SETTINGS + MEND, encoding="utf-8")
        rows = [
            {"row": sha256(old.rstrip()).hexdigest(), "raw": new.decode().rstrip()}
            for old, new in EDITS.items()
        ]
        text = "".join(json.dumps(row) + "\n" for row in rows)
        (self.folder / "rows.jsonl").write_text(text, encoding="utf-8")

    def command(self, *more: str) -> list[str]:
        """The arguments of a run, or of a replay: ("replay",), or with the edited rows "--rows"."""
        paths = ["--raw", str(self.folder / "raw"), "--lake", str(self.lake)]
        paths += ["--settings", str(self.folder / "q.toml")]
        if "replay" in more:
            edited = ["--rows", str(self.folder / "rows.jsonl")] if "--rows" in more else []
            return ["replay", *paths, *edited]
        return ["run", *paths, "--as-of", AS_OF, *more]

    def copy(self, folder: Path) -> World:
        """The same in another folder; modification times stay."""
        shutil.copytree(self.folder, folder)
        return World(folder)


def state_of(lake: Path) -> dict[str, Any] | None:
    """All that a reader of the lake can see, but for what differs from run to run.

    Also checks that the ledger conserves lines.
    """
    pointer = read_pointer(lake)
    if pointer is None:
        return None
    state: dict[str, Any] = {}
    with duckdb.connect() as con:
        attach_views(con, pointer)
        for name, spec in TABLES.items():
            apart = RUN_OF_ITS_OWN if name == "ledger" else TRANSPORT
            shown = ", ".join(f'CAST("{n}" AS VARCHAR)' for n in spec.names if n not in apart)
            state[name] = con.execute(f"SELECT {shown} FROM {name} ORDER BY ALL").fetchall()
        broken = con.execute(
            "SELECT * FROM ledger WHERE lines_in <> accepted + duplicates + rejected"
        ).fetchall()
        assert broken == []
    facts = {k: v for k, v in asdict(pointer.facts).items() if k != "version"}
    return {**state, "facts": facts}


def views_are_fresh(lake: Path) -> bool:
    """Whether the file of views names the published files."""
    pointer = read_pointer(lake)
    assert pointer is not None
    text = (lake / VIEWS_FILE).read_text(encoding="utf-8")
    return text == views_sql(pointer.files, pointer.facts)


def left_over(lake: Path) -> list[str]:
    """Files that neither the published version nor the log of a table needs."""
    pointer = read_pointer(lake)
    named = {p for paths in pointer.files.values() for p in paths} if pointer else set()
    found = []
    for path in lake.rglob("*"):
        relative = path.relative_to(lake).as_posix()
        known = {"_lock", "_published.json", VIEWS_FILE}
        commit = re.fullmatch(r"\w+/_delta_log/\d{20}\.json", relative)
        if path.is_file() and str(path) not in named and relative not in known and not commit:
            found.append(relative)
    return found


def commits(lake: Path) -> int:
    """How many commits the tables have seen."""
    return sum(len(list((lake / name / "_delta_log").glob("*.json"))) for name in TABLES)
