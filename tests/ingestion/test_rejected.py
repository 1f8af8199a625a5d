"""Rows of refused lines: how often they came, where they stand, what decides at the edges."""

import json
from pathlib import Path

import pytest

from lakes import deliver, rows_of, settings_for
from questline.contract import Reason

LIMIT = 1_000


def line(number: int, kind: str = "login", size: int = 0) -> bytes:
    event = {
        "event_id": f"00000000-0000-4000-8000-{number:012d}",
        "player_id": "00000000-0000-4000-8000-000000000900",
        "event_type": kind,
        "timestamp": "2026-01-05T12:00:00Z",
        "properties": {"pad": ""},
    }
    text = json.dumps(event)
    return text.replace('""', f'"{"x" * max(0, size - len(text))}"').encode() + b"\n"


def test_same_refused_line_is_one_row_that_was_seen_often(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    deliver(made, [("b.jsonl", b"{}\nhalf\n{}\n"), ("a.jsonl", b"\n\n{}\n")])
    found = rows_of(made.lake, "rejected", comparable=False)
    assert {(r["raw"], r["times_seen"], r["file"], r["line"]) for r in found} == {
        ("{}", 3, "a.jsonl", 3),
        ("half", 1, "b.jsonl", 2),
    }


def test_types_outside_the_contract_are_refused_on_request(tmp_path: Path) -> None:
    made = settings_for(tmp_path, unknown_event_types="reject")
    content = line(1) + line(2, "session_start") + line(3, "Session_start")
    summary = deliver(made, [("a.jsonl", content)])
    assert summary.rejected == {Reason.UNKNOWN_EVENT_TYPE: 2}
    assert [row["event_type"] for row in rows_of(made.lake, "events")] == ["session_start"]


@pytest.mark.parametrize("ending", [b"\n", b""])
def test_longest_line_wherever_it_stands(tmp_path: Path, ending: bytes) -> None:
    """Nothing else keeps these files from the vectorised reader."""
    made = settings_for(tmp_path, max_line_bytes=LIMIT)
    files = [
        (f"{place}-{size}.jsonl", b"".join(lines).removesuffix(b"\n") + ending)
        for size in (LIMIT, LIMIT + 1)
        for place in range(3)
        for lines in [[line(10 * size + 3 * place + n, size=size * (n == place)) for n in range(3)]]
    ]
    summary = deliver(made, files)
    assert summary.rejected == {Reason.TOO_LARGE: 3}
    found = rows_of(made.lake, "rejected", comparable=False)
    assert {(r["file"], r["line"], len(r["raw"])) for r in found} == {
        (f"{place}-{LIMIT + 1}.jsonl", place + 1, LIMIT + 1) for place in range(3)
    }
