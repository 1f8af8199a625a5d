"""Files that change between two runs: what is read again, and that nothing counts twice."""

import gzip
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from lakes import rows_of, settings_for, snapshot
from questline.ingestion.mapping import NATIVE
from questline.pipeline import RunSummary, run

AS_OF = datetime(2026, 1, 20, tzinfo=UTC)
HEADER = b"event_id,player_id,event_type,timestamp,properties,session_id\n"
Files = dict[str, bytes]


def line(number: int, day: int = 5, properties: str = "{}") -> bytes:
    """An event; each hundred of numbers is a player."""
    return (
        f'{{"event_id":"00000000-0000-4000-8000-{number:012d}","player_id":'
        f'"00000000-0000-4000-8000-{number // 100:012d}","event_type":"login","timestamp":'
        f'"2026-01-{day:02d}T12:00:{number % 60:02d}Z","properties":{properties}}}\n'
    ).encode()


def row(number: int, session: str = "1", properties: str = "{}") -> bytes:
    """The same as a record of CSV, with a session in its last cell."""
    player = number // 100
    return (
        f"00000000-0000-4000-8000-{number:012d},00000000-0000-4000-8000-{player:012d},login,"
        f"2026-01-05T12:00:{number % 60:02d}Z,{properties},{session}\n"
    ).encode()


class Counts(NamedTuple):
    """An entry of the ledger."""

    kind: str
    lines: int
    accepted: int
    duplicates: int = 0
    rejected: int = 0


class Case(NamedTuple):
    """A file in the first and in the second run, and what the ledger says of it."""

    before: bytes | None
    after: bytes
    entries: list[Counts]


def case(before: bytes | None, after: bytes, *entries: tuple[Any, ...]) -> Case:
    return Case(before, after, [Counts(*entry) for entry in entries])


HALF = line(202)[:70]
E_ACUTE = line(702, properties='{"a":"é"}')
CUT_E = E_ACUTE[: E_ACUTE.index(b"\xc3") + 1]
IN_QUOTES = row(1002, properties='"{""a"":\n1}"')
PACKED = gzip.compress(line(1201) + b"x\n")

CASES: dict[str, Case] = {
    "same.jsonl": case(line(101), line(101), ("new", 1, 1)),
    "half-a-line.jsonl": case(
        line(201) + HALF, line(201) + line(202) + line(203), ("new", 2, 1, 0, 1), ("grown", 2, 2)
    ),
    "whole-line-without-end.jsonl": case(
        line(301)[:-1], line(301) + line(302), ("new", 1, 1), ("grown", 1, 1)
    ),
    "half-an-end.jsonl": case(
        line(401)[:-1] + b"\r",
        line(401)[:-1] + b"\r\n" + line(402),
        ("new", 1, 1),
        ("grown", 1, 1),
    ),
    "rejected-stays.jsonl": case(
        b"junk a\n" + line(501),
        b"junk a\n" + line(501) + b"junk b\n",
        ("new", 2, 1, 0, 1),
        ("grown", 1, 0, 0, 1),
    ),
    "still-wrong.jsonl": case(
        b"half a wo", b"half a word\n" + line(601), ("new", 1, 0, 0, 1), ("grown", 2, 1, 0, 1)
    ),
    "half-a-letter.jsonl": case(CUT_E, E_ACUTE, ("new", 1, 0, 0, 1), ("grown", 1, 1)),
    "empty.jsonl": case(b"", line(801), ("new", 0, 0), ("grown", 1, 1)),
    "half-a-record.csv": case(
        HEADER + row(901) + row(902)[:60],
        HEADER + row(901) + row(902) + row(903),
        ("new", 2, 1, 0, 1),
        ("grown", 3, 2, 1),
    ),
    "half-a-quoted-cell.csv": case(
        HEADER + row(1001) + IN_QUOTES[:-6],
        HEADER + row(1001) + IN_QUOTES + row(1003),
        ("new", 2, 1, 0, 1),
        ("grown", 3, 2, 1),
    ),
    "grown.csv": case(
        HEADER + row(1101) + b"junk\n",
        HEADER + row(1101) + b"junk\n" + row(1102),
        ("new", 2, 1, 0, 1),
        ("grown", 3, 1, 1, 1),
    ),
    "grown.jsonl.gz": case(
        PACKED, PACKED + gzip.compress(line(1202)), ("new", 2, 1, 0, 1), ("grown", 3, 1, 1, 1)
    ),
    "late.jsonl": case(None, line(303, day=3) + line(504, day=2), ("new", 2, 2)),
    "copied.jsonl": case(None, line(101) + line(201) + line(1301), ("new", 3, 1, 2)),
    "replaced-by-more.jsonl": case(
        line(1401) + line(1402),
        line(1403) + line(1402) + line(1401),
        ("new", 2, 2),
        ("replaced", 3, 1, 2),
    ),
}

REBUILDING: dict[str, tuple[bytes, bytes]] = {
    "last-cell.csv": (
        HEADER + row(101) + row(102, "1")[:-1],
        HEADER + row(101) + row(102, "10") + row(103),
    ),
    "longer-object.jsonl": (line(201)[:-1], line(201)[:-1] + b" x\n"),
}
"""A last line that was accepted without its end, and then went on: only a rebuild is exact."""


class Lake:
    """A raw folder whose files are set, and its lake."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings = settings_for(folder)
        self.settings.raw.mkdir(parents=True)

    def run(self, files: Files, *, full: bool = False) -> RunSummary:
        for name, content in files.items():
            (self.settings.raw / name).write_bytes(content)
        return run(self.settings, NATIVE, as_of=AS_OF, full=full)

    def fresh(self) -> dict[str, Any]:
        """Tables that one run over the files as they are now gives."""
        other = Lake(self.folder / "fresh")
        other.run({f.name: f.read_bytes() for f in self.settings.raw.iterdir()})
        return snapshot(other.settings.lake)

    def tables(self) -> dict[str, Any]:
        return snapshot(self.settings.lake)


class Grown(NamedTuple):
    lake: Lake
    second: RunSummary
    entries: dict[str, list[Counts]]


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Grown:
    lake = Lake(tmp_path_factory.mktemp("grown"))
    lake.run({name: c.before for name, c in CASES.items() if c.before is not None})
    second = lake.run({name: c.after for name, c in CASES.items()})
    entries: dict[str, list[Counts]] = {name: [] for name in CASES}
    ledger = rows_of(lake.settings.lake, "ledger", comparable=False)
    for r in sorted(ledger, key=lambda r: str(r["run_id"])):
        counts = (r["lines_in"], r["accepted"], r["duplicates"], r["rejected"])
        entries[r["file"]].append(Counts(r["kind"], *counts))
    return Grown(lake, second, entries)


@pytest.mark.parametrize("name", CASES)
def test_what_is_read_of_a_file_that_changed(grown: Grown, name: str) -> None:
    assert grown.entries[name] == CASES[name].entries


def test_tables_equal_those_of_one_run_over_the_final_files(grown: Grown) -> None:
    assert not grown.second.rebuilt_fully
    assert grown.second.unchanged == 1
    assert grown.lake.tables() == grown.lake.fresh()


def test_late_file_moves_the_players_first_day(grown: Grown) -> None:
    players = {int(p["player_id"][-12:]): p for p in rows_of(grown.lake.settings.lake, "players")}
    assert players[3]["acquisition_date"] == date(2026, 1, 3)


def test_run_without_news_does_nothing(grown: Grown) -> None:
    again = grown.lake.run({name: c.after for name, c in CASES.items()})
    assert (again.files, again.unchanged, again.published) == (0, len(CASES), False)
    assert again.version == grown.second.version


def test_accepted_last_line_that_went_on_is_rebuilt(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.run({name: before for name, (before, _) in REBUILDING.items()})
    second = lake.run({name: after for name, (_, after) in REBUILDING.items()})
    assert second.rebuilt_fully
    assert lake.tables() == lake.fresh()
    sessions = {e["session_id"] for e in rows_of(lake.settings.lake, "events")}
    assert sessions == {"1", "10"}


def test_rows_of_replaced_content_stay_until_a_full_run(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    lake.run({"a.jsonl": line(101) + line(102) + b"junk\n"})
    second = lake.run({"a.jsonl": line(103) + line(102)})
    assert (second.accepted, second.duplicates, second.rejected) == (1, 1, {})
    ids = [int(e["event_id"][-12:]) for e in rows_of(lake.settings.lake, "events")]
    assert sorted(ids) == [101, 102, 103]
    lake.run({}, full=True)
    assert lake.tables() == lake.fresh()
