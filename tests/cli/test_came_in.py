"""`questline status` and `questline rejected` print these lines, to the letter."""

import gzip
from pathlib import Path
from typing import Any

import pytest

from hostile import line, lines
from lakes import deliver, settings_for
from questline.cli.app import build
from questline.cli.launch import launch
from questline.lake.publication import read_pointer


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = settings_for(tmp_path, complete_until="2026-01-05")
    bad = line(9, properties="[]") + b"\n\x1b[31mno json " + b"y" * 300 + b"\n"
    whole = gzip.compress(lines(5), mtime=0)
    deliver(made, [("a.jsonl", lines(1, 2, 2) + bad * 2), ("b\n.jsonl.gz", whole[:-9])])
    return tmp_path


def printed(folder: Path, capsys: pytest.CaptureFixture[str], *words: str) -> list[str]:
    capsys.readouterr()
    assert launch(build(), [*words, "--lake", str(folder / "lake")], "questline") == 0
    return [text.rstrip() for text in capsys.readouterr().out.splitlines()]


def test_status(folder: Path, capsys: Any) -> None:
    pointer = read_pointer(folder / "lake")
    assert pointer is not None
    assert printed(folder, capsys, "status") == [
        "lake version    1",
        f"published       {pointer.published_at}",
        "files           2",
        "lines in        7",
        "accepted        2",
        "duplicates      1",
        "rejected        4",
        "complete from   2026-01-05",
        "complete until  2026-01-05",
        "newest day      2026-01-05",
        "reporting zone  UTC",
        "Not taken yet: b\\n.jsonl.gz is incomplete; it is tried again when it changes.",
    ]


def test_rejected(folder: Path, capsys: Any) -> None:
    shown = printed(folder, capsys, "rejected")
    assert shown[0] == "invalid_property  2"
    assert shown[1].startswith("  To do: map the property from a value that fits the contract, ")
    assert shown[2] == "  a.jsonl:4  properties: the value does not fit the contract"
    assert shown[3].startswith('    {"event_id": "00000000-0000-4000-8000-000000000009"')
    assert shown[4] == "malformed_json  2"
    assert shown[6].startswith("  a.jsonl:5  not JSON")
    assert shown[7] == "    \ufffd[31mno json " + "y" * 144 + "..."
    assert len(shown) == 8


def test_rejected_of_one_reason_and_without_examples(folder: Path, capsys: Any) -> None:
    shown = printed(folder, capsys, "rejected", "--reason", "malformed_json", "--limit", "0")
    assert shown[0] == "malformed_json  2"
    assert len(shown) == 2
    nothing = printed(folder, capsys, "rejected", "--reason", "too_old")
    assert nothing == ["No rows refused as too_old."]
