"""Edited rows: refused rows that people mended in a file, replayed and remembered."""

import io
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lakes import Run, asked, deliver, rows_of, settings_for, snapshot
from questline.errors import UsageError
from questline.ingestion.edits import rows_to_edit
from questline.ingestion.mapping import NATIVE, Mapping
from questline.lake.publication import attach_views, read_pointer
from questline.pipeline import ReplaySummary, replay

AS_OF = datetime(2026, 1, 20, tzinfo=UTC)
HEADER = b"event_id,player_id,event_type,timestamp,properties\n"


def uuid(number: int) -> str:
    return f"00000000-0000-4000-8000-{number:012d}"


def line(number: int, kind: str = "login", **more: Any) -> str:
    made = {
        "event_id": uuid(number),
        "player_id": uuid(900),
        "event_type": kind,
        "timestamp": "2026-01-05T12:00:00Z",
        **{k: v for k, v in more.items() if k == "received_at"},
        "properties": {k: v for k, v in more.items() if k != "received_at"},
    }
    return json.dumps(made)


def cells(number: int, kind: str = "login", properties: str = "{}") -> str:
    return f"{uuid(number)},{uuid(900)},{kind},2026-01-05T12:00:00Z,{properties}"


def text(*lines: str) -> bytes:
    return "".join(f"{x}\n" for x in lines).encode()


class Lake:
    """A lake whose refused rows are edited."""

    def __init__(self, folder: Path, files: Run, mapping: Mapping = NATIVE) -> None:
        self.folder = folder
        self.mapping = mapping
        self.settings = settings_for(folder)
        self.rows = folder / "rows.jsonl"
        self.run(files)

    def run(self, files: Run, *, full: bool = False) -> None:
        deliver(self.settings, files, mapping=self.mapping, as_of=AS_OF, full=full)

    def written(self) -> list[dict[str, Any]]:
        """What `rejected --out` writes."""
        pointer = read_pointer(self.settings.lake)
        assert pointer is not None
        with duckdb.connect() as con:
            attach_views(con, pointer)
            return [json.loads(row) for row in rows_to_edit(con, None)]

    def edit(self, texts: dict[str, str]) -> ReplaySummary:
        """Replays the file of rows with some texts replaced by others."""
        rows = [{**row, "raw": texts.get(row["raw"], row["raw"])} for row in self.written()]
        self.rows.write_text("".join(json.dumps(r) + "\n" for r in rows), encoding="utf-8")
        return self.replay()

    def replay(self) -> ReplaySummary:
        return replay(self.settings, self.mapping, rows=self.rows)

    def tables(self) -> dict[str, Any]:
        return snapshot(self.settings.lake)

    def events(self) -> list[int]:
        return sorted(int(e["event_id"][-12:]) for e in rows_of(self.settings.lake, "events"))

    def refused(self) -> list[tuple[Any, ...]]:
        rows = rows_of(self.settings.lake, "rejected", comparable=False)
        return sorted((r["reason"], r["raw"], r["file"], r["line"], r["times_seen"]) for r in rows)

    def balance(self) -> list[tuple[Any, ...]]:
        """Lines in, accepted, duplicates and rejected by file."""
        return asked(
            self.settings.lake,
            "SELECT file, sum(lines_in)::INT, sum(accepted)::INT, sum(duplicates)::INT, "
            "sum(rejected)::INT FROM ledger GROUP BY file ORDER BY file",
        )


def test_rows_to_edit_leave_out_what_lost_to_a_copy(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half", line(1), line(1, n=2)))])
    (row,) = lake.written()
    assert list(row) == ["row", "reason", "field", "message", "file", "line", "raw"]
    assert (row["reason"], row["file"], row["line"], row["raw"]) == (
        "malformed_json",
        "a.jsonl",
        1,
        "half",
    )


def test_corrected_rows_pass_in_every_file_that_has_them(tmp_path: Path) -> None:
    files = [("a.jsonl", text("half", line(1), "half")), ("b.jsonl", text("half", "other"))]
    lake = Lake(tmp_path, files)
    summary = lake.edit({"half": line(2)})
    counts = summary.outcome.counts
    assert (counts.accepted, counts.duplicates, summary.outcome.unchanged) == (1, 2, 1)
    assert lake.events() == [1, 2]
    assert lake.refused() == [("malformed_json", "other", "b.jsonl", 2, 1)]
    assert [row[2:] for row in lake.balance()] in ([(2, 1, 0), (0, 1, 1)], [(1, 2, 0), (1, 0, 1)])
    before = lake.tables()
    lake.run([], full=True)
    assert lake.tables() == before
    assert len(before["corrections"]) == 2


def test_corrected_records_of_csv_and_metadata(tmp_path: Path) -> None:
    people = [("players.csv", b"player_id,acquired_at\nanna,soon\n")]
    rows = HEADER + text(cells(1), cells(2, "level_start"), "ragged", cells(3, "level_fail"))
    lake = Lake(tmp_path, [("a.csv", rows), *people])
    corrected = cells(2, "level_start", '"{""level"":\n 2}"')
    summary = lake.edit(
        {
            cells(2, "level_start"): corrected,
            "ragged": cells(4),
            "anna,soon": "anna,2026-01-05T00:00:00Z",
        }
    )
    assert summary.outcome.counts.accepted == 3
    assert lake.events() == [1, 2, 4]
    assert [r["player_id"] for r in rows_of(lake.settings.lake, "registrations")] == ["anna"]
    before = lake.tables()
    lake.run([], full=True)
    assert lake.tables() == before
    lake.run([("a.csv", text(cells(5)))])  # read from the start again
    assert lake.events() == [1, 2, 4, 5]
    assert [row[4] for row in lake.refused()] == [2]


def test_text_that_is_refused_again_is_not_remembered(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half", "other"))])
    before = lake.refused()
    summary = lake.edit({"half": "quarter", "other": line(1, "level_start")})
    assert [tuple(f) for f in summary.outcome.failed] == [
        ("a.jsonl", 1, "malformed_json", None),
        ("a.jsonl", 2, "missing_field", "properties.level"),
    ]
    assert not summary.published
    assert lake.refused() == before


def test_replaying_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half", "other"))])
    first = lake.edit({"half": line(1)})
    second = lake.replay()
    assert (second.published, second.version) == (False, first.version)
    assert second.outcome.unchanged == 2


def test_correction_that_loses_to_a_copy_stays_with_its_line(tmp_path: Path) -> None:
    known = line(1, received_at="2026-01-05T12:00:00Z")
    late = line(1, n=2, received_at="2026-01-05T13:00:00Z")
    lake = Lake(tmp_path, [("a.jsonl", text(known, "half"))])
    lake.edit({"half": late})
    assert lake.refused() == [("id_collision", late, "a.jsonl", 2, 1)]
    assert lake.balance() == [("a.jsonl", 2, 1, 0, 1)]
    before = lake.tables()
    lake.run([], full=True)
    assert lake.tables() == before


def test_correction_that_loses_later_shows_the_corrected_text(tmp_path: Path) -> None:
    late = line(1, n=2, received_at="2026-01-05T13:00:00Z")
    lake = Lake(tmp_path, [("a.jsonl", text(line(7), "half"))])
    lake.edit({"half": late})
    lake.run([("b.jsonl", text(line(1, received_at="2026-01-05T12:00:00Z")))])
    assert lake.refused() == [("id_collision", late, "a.jsonl", 2, 1)]
    before = lake.tables()
    lake.run([], full=True)
    assert lake.tables() == before


def test_broken_bytes_are_mended_by_text(tmp_path: Path) -> None:
    broken = line(1, name="é").replace("\\u00e9", "~").encode().replace(b"~", b"\xe9")
    lake = Lake(tmp_path, [("a.jsonl", broken + b"\n")])
    lake.edit({broken.decode("utf-8", "replace"): line(1, name="é")})
    assert (lake.events(), lake.refused()) == ([1], [])
    before = lake.tables()
    lake.run([], full=True)
    assert lake.tables() == before


@pytest.mark.parametrize("rest", [b" a word\n", b" \n"])
def test_corrected_tail_that_goes_on_is_rebuilt(tmp_path: Path, rest: bytes) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text(line(1)) + b"half")])
    lake.edit({"half": line(2)})
    assert lake.events() == [1, 2]
    lake.run([("a.jsonl", rest)])
    assert lake.events() == [1]
    raw = (b"half" + rest).decode().removesuffix("\n")
    assert lake.refused() == [("malformed_json", raw, "a.jsonl", 2, 1)]


def test_correction_counts_only_where_it_was_made(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half"))])
    lake.edit({"half": line(1)})
    lake.run([("b.jsonl", text("half"))])
    assert lake.refused() == [("malformed_json", "half", "b.jsonl", 1, 1)]
    assert lake.edit({"half": line(1)}).outcome.counts.duplicates == 1


def test_correction_waits_while_other_settings_refuse_it(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half"))])
    lake.edit({"half": line(1, "dig")})
    mild = lake.settings
    lake.settings = settings_for(tmp_path, unknown_event_types="reject")
    lake.run([], full=True)
    assert lake.refused() == [("malformed_json", "half", "a.jsonl", 1, 1)]
    assert replay(mild, NATIVE).outcome.counts.accepted == 1
    assert lake.events() == [1]


KEPT = {
    "name": "log",
    "path": "*.csv",
    "format": "csv",
    "ids": "keep",
    "fields": {"player_id": "who", "event_type": "what", "timestamp": "when"},
}
WRONG: dict[str, tuple[object, str]] = {
    "not JSON": ("half", "line 1: not a JSON object with"),
    "no raw": ({"row": "x"}, "line 1: not a JSON object with"),
    "a number": ({"row": "x", "raw": 5}, "line 1: not a JSON object with"),
    "a lone surrogate": ({"row": "x", "raw": "\ud800"}, "line 1: not a JSON object with"),
    "unknown": ({"row": "x", "raw": "{}"}, "line 1: no row with this key is refused any more"),
    "two lines": ({"raw": "{}\n{}"}, "line 1: the text is not one row"),
    "blank": ({"raw": "\r"}, "line 1: the text is not one row"),
}


@pytest.mark.parametrize("case", WRONG)
def test_rows_that_do_not_fit_are_named(tmp_path: Path, case: str) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half"))])
    given, told = WRONG[case]
    row = {**lake.written()[0], **given} if isinstance(given, dict) else given
    row = given if case == "no raw" else row
    content = row if isinstance(row, str) else json.dumps(row)
    lake.rows.write_text(content + "\n", encoding="utf-8")
    with pytest.raises(UsageError, match=told) as error:
        lake.replay()
    assert "questline rejected --out" in str(error.value)
    assert "\n" not in str(error.value)


def test_one_row_has_one_text(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half"))])
    (row,) = lake.written()
    lake.rows.write_bytes(text(json.dumps(row), json.dumps({**row, "raw": line(1)})))
    with pytest.raises(UsageError, match="line 2: the same row stands above with another text"):
        lake.replay()


def test_corrected_row_is_not_corrected_twice(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half"))])
    (row,) = lake.written()
    lake.edit({"half": line(1)})
    lake.rows.write_bytes(text(json.dumps({**row, "raw": line(2)})))
    with pytest.raises(UsageError, match="was corrected before, to another text"):
        lake.replay()


def test_missing_file_of_rows(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.jsonl", text("half"))])
    with pytest.raises(UsageError, match=r"rows\.jsonl cannot be read"):
        lake.replay()


def test_rows_of_parquet_cannot_be_edited(tmp_path: Path) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.table({"event_id": ["x"]}), sink)
    lake = Lake(tmp_path, [("a.parquet", sink.getvalue())])
    (row,) = lake.written()
    with pytest.raises(UsageError, match=r"a\.parquet is Parquet, whose rows have no text to edit"):
        lake.edit({row["raw"]: line(1)})


def test_rows_whose_ids_count_equal_rows_cannot_be_edited(tmp_path: Path) -> None:
    content = b"who,what,when\nanna,dig,soon\n"
    lake = Lake(tmp_path, [("a.csv", content)], Mapping.model_validate({"source": [KEPT]}))
    with pytest.raises(UsageError, match=r'a\.csv is read with ids = "keep"'):
        lake.edit({"anna,dig,soon": "anna,dig,2026-01-05T12:00:00Z"})


def test_edited_record_needs_the_header_of_its_file(tmp_path: Path) -> None:
    lake = Lake(tmp_path, [("a.csv", HEADER + text("ragged"))])
    (lake.settings.raw / "a.csv").unlink()
    with pytest.raises(UsageError, match=r"a\.csv is gone or changed, and with it its header"):
        lake.edit({"ragged": cells(1)})
