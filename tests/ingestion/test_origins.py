"""Every event names the line that brought it, whatever way it came."""

import gzip
import io
import json
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hostile import AS_OF, PLAYER, header, line, lines, parquet, record, uuid, zstd
from lakes import asked, deliver, rows_of, settings_for
from questline.ingestion.mapping import NATIVE
from questline.pipeline import replay
from questline.settings import Settings

POUNDS = '{"price": 2, "currency": "GBP"}'
RATES = {"GBP": {"2020-01-01": "1.3"}}
TWO_LINES = '"{""note"": ""\\u0041"",\n""more"": 1}"'
MANY = b"\r\n".join((b"", b"\xff", line(1), b"", line(2), b"{", line(3)))
PAID = (line(5, "purchase", POUNDS), line(6), line(7, "purchase", POUNDS))
CONTENT = {
    "plain.jsonl": lines(*range(40)),
    "odd.jsonl": MANY,
    "odd.jsonl.gz": gzip.compress(MANY),
    "odd.jsonl.zst": zstd(MANY),
    "paid.jsonl": b"\n".join(PAID),
    "plain.csv": (header() + "".join(map(record, range(20)))).encode(),
    "two.csv": (header() + record(1) + record(2, properties=TWO_LINES) + record(3)).encode(),
    "paid.csv": (
        header() + record(1) + record(2, kind="purchase", properties='"{""price"": 2}"')
    ).encode(),
    "plain.parquet": parquet(*range(9)),
    "paid.parquet": parquet(
        1, 2, 3, event_type=["login", "purchase", "login"], properties=["{}", POUNDS, "{}"]
    ),
}


def content_at(path: Path, number: int) -> str:
    """What a person finds there."""
    content = path.read_bytes()
    if path.suffix == ".parquet":
        return json.dumps(pq.read_table(io.BytesIO(content)).to_pylist()[number - 1])
    if path.suffix == ".gz":
        content = gzip.decompress(content)
    if path.suffix == ".zst":
        content = pa.input_stream(io.BytesIO(content), compression="zstd").read()
    return content.split(b"\n")[number - 1].decode("utf-8", "replace")


def check(settings: Settings, expected: int) -> None:
    """Every event stands where it says."""
    found = asked(
        settings.lake,
        "SELECT DISTINCT event_id, file, e.line FROM events e JOIN ledger USING (batch) "
        "WHERE file <> ''",
    )
    assert len(found) == expected
    for event_id, file, number in found:
        assert event_id in content_at(settings.raw / file, number), (file, number)


@pytest.mark.parametrize("name", CONTENT)
def test_events_stand_where_they_say(name: str, tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    summary = deliver(made, [(name, CONTENT[name])], as_of=AS_OF)
    check(made, summary.accepted)
    rich = settings_for(tmp_path, exchange_rates=RATES)
    again = replay(rich, NATIVE)
    check(made, summary.accepted + again.outcome.counts.accepted)
    if name in {"paid.jsonl", "paid.parquet"}:
        assert again.outcome.counts.accepted


def test_a_grown_file_counts_on(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    for numbers in (range(5), range(5, 9), range(9, 12)):
        deliver(made, [("a.jsonl", lines(*numbers) + b"\n{\n")], as_of=AS_OF)
    check(made, 12)


def test_an_edited_row_stands_where_it_was_refused(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    deliver(made, [("a.jsonl", lines(1) + b"half\n" + lines(2))], as_of=AS_OF)
    (row,) = rows_of(made.lake, "rejected", comparable=False)
    edited = tmp_path / "rows.jsonl"
    edited.write_text(json.dumps({"row": row["raw_hash"], "raw": line(3).decode()}) + "\n")
    replay(made, NATIVE, rows=edited)
    found = dict(asked(made.lake, "SELECT event_id, line FROM events"))
    assert found == {uuid(1): 1, uuid(2): 3, uuid(3): 2}
    # A copy that came earlier wins; the edited one, which is no text of the file, keeps its own.
    better = line(3, more=', "received_at": "2026-01-05T12:00:01Z", "platform": "ios"')
    deliver(made, [("b.jsonl", better + b"\n")], as_of=AS_OF)
    (lost,) = rows_of(made.lake, "rejected", comparable=False)
    assert (lost["reason"], lost["file"], lost["line"]) == ("id_collision", "a.jsonl", 2)
    assert lost["raw"] == line(3).decode()


def copies(*platforms: str) -> dict[str, bytes]:
    """The same id said otherwise, the later the better: that of the last file wins."""
    return {
        platform: line(
            1,
            more=f', "received_at": "2026-01-05T12:00:{50 - n}Z", "platform": "{platform}"',
        )
        for n, platform in enumerate(platforms)
    }


@pytest.mark.parametrize("end", [b"\n", b"\r\n\xff\r\n"])
def test_a_copy_that_loses_in_a_later_run_keeps_its_text(end: bytes, tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    ios, android, web, other = copies("ios", "android", "web", "other").values()
    deliver(made, [("a.jsonl", lines(7) + ios + end)], as_of=AS_OF)
    deliver(made, [("a.jsonl", lines(8) + android + end)], as_of=AS_OF)
    deliver(made, [("[b] é.jsonl", lines(9) + web + end)], as_of=AS_OF)
    more = end.count(b"\n") - 1
    expected = {("a.jsonl", 2, ios.decode()), ("a.jsonl", 4 + more, android.decode())}
    assert losers(made) == expected
    deliver(made, [("c.jsonl", other + end)], as_of=AS_OF)
    assert losers(made) == {*expected, ("[b] é.jsonl", 2, web.decode())}
    check(made, 4)


@pytest.mark.parametrize("change", ["gone", "replaced"])
def test_a_copy_whose_file_is_no_longer_the_same_is_kept_as_json(
    change: str, tmp_path: Path
) -> None:
    made = settings_for(tmp_path)
    ios, android = copies("ios", "android").values()
    deliver(made, [("a.jsonl", lines(7) + ios + b"\n")], as_of=AS_OF)
    if change == "gone":
        (made.raw / "a.jsonl").unlink()
    else:
        (made.raw / "a.jsonl").write_bytes(lines(7, 8, 9))
    deliver(made, [("b.jsonl", android + b"\n")], as_of=AS_OF)
    ((file, number, raw),) = losers(made)
    assert (file, number) == ("a.jsonl", 2)
    assert json.loads(raw)["player_id"] == PLAYER
    assert json.loads(raw)["platform"] == "ios"


def better(number: int, kind: str = "login", properties: str = "{}") -> bytes:
    """A copy of that id which came earlier, so it wins."""
    more = ', "received_at": "2026-01-05T12:00:01Z", "platform": "web"'
    return line(number, kind, properties, more) + b"\n"


def edit(made: Settings, text: bytes) -> None:
    """Corrects the only row that is refused."""
    (row,) = rows_of(made.lake, "rejected", comparable=False)
    edited = made.lake.parent / "rows.jsonl"
    edited.write_text(json.dumps({"row": row["raw_hash"], "raw": text.decode()}) + "\n")
    replay(made, NATIVE, rows=edited)


def test_a_corrected_row_moves_with_its_text(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    deliver(made, [("a.jsonl", b"half\n" + lines(2))], as_of=AS_OF)
    edit(made, line(3))
    (made.raw / "a.jsonl").write_bytes(lines(8, 9) + b"half\n" + lines(2))
    deliver(made, [], as_of=AS_OF, full=True)
    assert dict(asked(made.lake, "SELECT event_id, line FROM events"))[uuid(3)] == 3
    deliver(made, [("b.jsonl", better(3))], as_of=AS_OF)
    assert losers(made) == {("a.jsonl", 3, line(3).decode())}


@pytest.mark.parametrize(
    ("name", "pack", "rest"),
    [("a.jsonl.gz", gzip.compress, b"\x1f\x8b\x08"), ("a.jsonl.zst", zstd, b"\x28\xb5\x2f\xfd")],
)
def test_half_an_archive_does_not_stop_what_beats_its_rows(
    name: str, pack: Callable[[bytes], bytes], rest: bytes, tmp_path: Path
) -> None:
    made = settings_for(tmp_path)
    deliver(made, [(name, pack(lines(7, 3)))], as_of=AS_OF)
    summary = deliver(made, [(name, rest), ("b.jsonl", better(3))], as_of=AS_OF)
    assert [file for file, _why in summary.incomplete] == [name]
    ((file, number, raw),) = losers(made)
    assert (file, number, json.loads(raw)["event_id"]) == (name, 2, uuid(3))


@pytest.mark.parametrize("edited", [False, True])
def test_a_row_that_loses_at_once_keeps_its_text_though_its_file_is_gone(
    edited: bool,
    tmp_path: Path,
) -> None:
    made = settings_for(tmp_path)
    lost = line(3, "purchase", POUNDS)
    deliver(made, [("a.jsonl", lost + b"\n"), ("b.jsonl", better(3))], as_of=AS_OF)
    (made.raw / "a.jsonl").unlink()
    if edited:
        lost = line(3, more=', "country": "DE"')
        edit(made, lost)
    else:
        replay(settings_for(tmp_path, exchange_rates=RATES), NATIVE)
    assert losers(made) == {("a.jsonl", 1, lost.decode())}


def test_a_row_that_passes_now_is_not_shown_as_its_correction(tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    pounds = line(3, "purchase", POUNDS)
    deliver(made, [("a.jsonl", pounds + b"\n")], as_of=AS_OF)
    edit(made, pounds.replace(b"GBP", b"USD"))
    rich = settings_for(tmp_path, exchange_rates=RATES)
    deliver(rich, [], as_of=AS_OF, full=True)
    deliver(rich, [("b.jsonl", better(3))], as_of=AS_OF)
    assert losers(made) == {("a.jsonl", 1, pounds.decode())}


def losers(made: Settings) -> set[tuple[str, int, str]]:
    rows = rows_of(made.lake, "rejected", comparable=False)
    return {(r["file"], r["line"], r["raw"]) for r in rows if r["reason"] == "id_collision"}
