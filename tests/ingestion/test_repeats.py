"""Repeats: the hint which ids came before, and that a late copy costs no file a second writing."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lakes import deliver, rows_of, settings_for
from questline.contract import Reason
from questline.ingestion import repeats as repeats_module
from questline.ingestion import staging
from questline.ingestion.mapping import NATIVE, Source, Spec
from questline.ingestion.repeats import Repeats, id_key
from questline.ingestion.staging import Staging
from questline.lake.store import Store
from questline.pipeline import replay

BATCHES = st.lists(st.lists(st.integers(0, 60), max_size=20), max_size=8)


def hashed(numbers: list[int]) -> np.ndarray[Any, np.dtype[np.uint64]]:
    """Hashes that all want one of four slots, with marks of their own."""
    return np.array([(n << 33) + n % 4 for n in numbers], np.uint64)


@given(BATCHES)
def test_tells_what_a_set_would(batches: list[list[int]]) -> None:
    repeats, known = Repeats("id", sum(map(len, batches))), set[int]()
    for batch in batches:
        expected = []
        for number in batch:
            expected.append(number in known)
            known.add(number)
        assert repeats.came_before(hashed(batch)).tolist() == expected


def test_more_than_was_announced_is_not_remembered() -> None:
    repeats = Repeats("id", 4)
    assert not repeats.came_before(hashed([1, 2])).any()
    assert not repeats.came_before(hashed(list(range(10, 60)))).any()
    assert repeats.came_before(hashed([1, 10, 2])).tolist() == [True, False, True]


def test_memory_has_a_limit() -> None:
    repeats = Repeats("id", 1_000_000, most_slots=1_024)
    assert repeats._marks.nbytes == 4_096
    many = np.arange(600, dtype=np.uint64) << np.uint64(33)
    assert not repeats.came_before(many).any()
    assert repeats.came_before(many).all()


def in_lines(repeats: Repeats, *lines: str) -> list[bool]:
    text = "".join(f"{line}\n" for line in lines).encode()
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    return [bool(told) for told in repeats.in_lines(text, ends)]


@pytest.mark.parametrize("key", ["id", "uuid", "event_id", "a" * 600])
def test_ids_are_found_where_they_stand_in_most_lines(key: str) -> None:
    repeats, rest = Repeats(key, 100), ',"kind":"login"}'
    first = [f'{{"{key}":"{n}"{rest}' for n in ("a1", "a2", "a1")]
    assert in_lines(repeats, *first) == [False, False, True]
    assert in_lines(repeats, "", "broken", first[0], first[1].replace("a2", "a3")) == [
        *(False, False, True, False)
    ]
    # Other writers put spaces, or something else first; then the place is looked for again.
    assert in_lines(repeats, f'{{"{key}": "a3"{rest}', f'{{"{key}": "a4"{rest}') == [True, False]
    assert in_lines(repeats, f'{{"n":1, "{key}": "a2"{rest}', f'{{"n":2, "{key}": "a9"{rest}') == [
        *(True, False)
    ]
    assert in_lines(repeats, f'{{"n":1, "{key}": "a9"{rest}', "{}") == [True, False]
    assert in_lines(repeats, f'{{"{key}":7}}', "{}", "") == [False] * 3
    assert in_lines(repeats) == []


def test_what_is_further_within_is_not_the_id() -> None:
    repeats = Repeats("id", 100)
    lines = [f'{{"actor":{{"id":"p1"}},"id":"e{n}","kind":"login"}}' for n in range(9)]
    assert in_lines(repeats, "[" * 9_000 + '"id":"x"', *lines) == [False] * 10
    assert in_lines(repeats, *lines[:2], lines[0].replace("e0", "f0")) == [True, True, False]
    within = [line.replace('"id":"e', '"no":"e') for line in lines]
    assert in_lines(Repeats("id", 100), *within) == [False] * 9


@pytest.mark.parametrize("size", range(1, 41))
def test_all_of_an_id_is_looked_at(size: int) -> None:
    repeats = Repeats("id", 1_000)
    ids = ["x" * n + "y" + "x" * (size - n - 1) for n in range(size)]
    lines = [f'{{"id":"{key}","kind":"login"}}' for key in ids]
    assert in_lines(repeats, *lines) == [False] * size
    assert in_lines(repeats, *lines) == [True] * size


def test_ids_that_count_up_do_not_crowd_one_slot() -> None:
    """Of ids that differ in a few last digits, as of those that are drawn."""
    repeats = Repeats("id", 10_000)
    lines = [f'{{"id":"player-0042-{n:05}","kind":"login"}}' for n in range(10_000)]
    text = "".join(f"{line}\n" for line in lines).encode()
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == ord("\n"))
    assert not repeats.in_lines(text, ends).any()
    _, hashes = repeats._hashed(text, ends)
    slots, crowd = np.unique(hashes % np.uint64(len(repeats._marks)), return_counts=True)
    assert len(slots) > 6_000
    assert crowd.max() < 10


def test_an_id_is_not_read_beyond_its_line() -> None:
    repeats, long = Repeats("id", 100), "{" + " " * 40 + "}"
    assert in_lines(repeats, '{"id":"abcdefgh"}', '{"id":"abcd', 'efgh"}', long) == [False] * 4
    assert in_lines(repeats, '{"id":"abcdefgh"}', '{"id":"abcdefgh', long) == [True, False, False]


def test_clean_logs_are_soon_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats_module, "PATIENCE", 4)
    repeats = Repeats("id", 100)
    lines = [f'{{"id":"{n:04}","kind":"login"}}' for n in range(9)]
    assert in_lines(repeats, *lines[:3]) == [False] * 3
    assert in_lines(repeats, *lines[2:5]) == [True, False, False]
    assert in_lines(repeats, *lines[5:9]) == [False] * 4
    assert in_lines(repeats, *lines) == [False] * 9
    assert not repeats._marks.nbytes


FIELDS: dict[str, Spec] = {"player_id": "p", "timestamp": "t", "event_type": "e"}


@pytest.mark.parametrize(
    ("options", "key"),
    [
        ({"native": True}, "event_id"),
        ({"native": True, "format": "csv"}, None),
        ({"native": True, "feeds": "players"}, None),
        ({"fields": FIELDS | {"event_id": "uid"}}, "uid"),
        ({"fields": FIELDS | {"event_id": "payload.uid"}}, None),
        ({"fields": FIELDS | {"event_id": "{a}-{b}"}}, None),
        ({"fields": FIELDS, "ids": "drop"}, None),
    ],
)
def test_only_a_plain_key_is_looked_for(options: dict[str, Any], key: str | None) -> None:
    made = {"name": "s", "path": ["*"], "format": "jsonl"} | options
    assert id_key(Source.model_validate(made)) == key


def event(number: int, received: str, **properties: Any) -> bytes:
    made = {
        "event_id": f"00000000-0000-4000-8000-{number:012d}",
        "player_id": "00000000-0000-4000-8000-000000000900",
        "event_type": "login",
        "timestamp": "2026-01-05T23:30:00Z",
        "sent_at": "2026-01-05T23:30:00Z",
        "received_at": f"2026-01-{received}Z",
        "properties": properties,
    }
    return json.dumps(made).encode() + b"\n"


FIRST = b"".join(event(n, "06T01:00:00") for n in range(1, 9))
LATE = event(3, "07T01:00:00") + event(4, "08T01:00:00", other=1) + event(9, "06T01:00:00")


@pytest.fixture
def written_again(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The days whose files are written a second time."""
    days: list[str] = []
    real = Store.without_rows

    def noted(self: Store, name: str, file: Any, gone: str) -> Any:
        days.append(file.partition)
        return real(self, name, file, gone)

    monkeypatch.setattr(Store, "without_rows", noted)
    return days


def in_order(folder: Path, zone: str, *texts: bytes) -> Path:
    """The lake of the files `FIRST` and `LATE`, taken in in this order."""
    made = settings_for(folder, reporting_zone=zone)
    done = deliver(made, [(f"{n}.jsonl", text) for n, text in enumerate(texts)])
    assert (done.lines_in, done.accepted, done.duplicates) == (11, 9, 1)
    assert done.rejected == {Reason.ID_COLLISION: 1}
    return made.lake


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo", "America/New_York"])
def test_late_copies_cost_no_second_writing_and_first_ones_count(
    tmp_path: Path, written_again: list[str], zone: str
) -> None:
    """What is put aside in reading counts in the other order, and is of its day like all others."""
    usual = in_order(tmp_path / "usual", zone, FIRST, LATE)
    assert not written_again
    turned = in_order(tmp_path / "turned", zone, LATE, FIRST)
    assert written_again
    names = ("event_id", "event_date", "received_at", "properties")
    kept, expected = (
        sorted([tuple(str(r[n]) for n in names) for r in rows_of(lake, "events")])
        for lake in (turned, usual)
    )
    assert len({row[0] for row in kept}) == 9
    assert kept == expected


@pytest.fixture
def put_aside(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many events each staging puts aside."""
    counts: list[int] = []
    real = Staging.survivors

    def noted(self: Staging) -> Any:
        found = self.con.execute("SELECT count(*) FROM staged_again").fetchone()
        counts.append(found[0] if found else -1)
        return real(self)

    monkeypatch.setattr(Staging, "survivors", noted)
    return counts


@pytest.mark.parametrize("pile", [1, 1_000_000])
def test_late_copies_are_put_aside_however_rows_are_gathered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, put_aside: list[int], pile: int
) -> None:
    monkeypatch.setattr(staging, "_PILE_ROWS", pile)
    made = settings_for(tmp_path)
    done = deliver(made, [("a.jsonl", FIRST), ("b.jsonl", LATE)])
    assert (done.accepted, put_aside) == (9, [2])


def test_a_copy_of_a_refused_line_counts(
    tmp_path: Path, written_again: list[str], put_aside: list[int]
) -> None:
    """It is put aside since its id came before, though in a line that is none."""
    broken = event(1, "06T01:00:00").replace(b"login", b"x" * 300)
    made = settings_for(tmp_path)
    done = deliver(made, [("a.jsonl", broken + event(1, "06T01:00:00") + FIRST)])
    assert (done.lines_in, done.accepted, done.duplicates) == (10, 8, 1)
    assert (written_again, put_aside) == ([], [2])
    assert len(rows_of(made.lake, "events")) == 8


def test_rows_tried_again_may_be_put_aside(tmp_path: Path, put_aside: list[int]) -> None:
    """Both copies of a row come again; one counts, and one is a duplicate."""
    odd = event(1, "06T01:00:00").replace(b"login", b"dance")
    made = settings_for(tmp_path, unknown_event_types="reject")
    assert deliver(made, [("a.jsonl", odd * 2)]).rejected == {Reason.UNKNOWN_EVENT_TYPE: 2}
    kept = settings_for(tmp_path, unknown_event_types="accept")
    counts = replay(kept, NATIVE).outcome.counts
    assert (counts.lines_in, put_aside[-1]) == (2, 1)
    assert (counts.accepted, counts.duplicates, counts.rejected) == (1, 1, {})
