"""A world of three players, three days and seven dirty lines, with its answer key by hand."""

from __future__ import annotations

import copy
import gzip
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet
import pytest

import questline.api as questline
from lakes import deliver, rows_of, settings_for
from questline.errors import UsageError
from questline.ingestion.mapping import NATIVE
from questline.pipeline import replay
from questline.settings import Settings
from questline.simulation.key import truth_folder
from questline.verification import Verification, verify
from questline.verification.answers import ask
from questline.verification.causes import explain, missing_files
from questline.verification.figures import Difference, Figures, compare_figures
from questline.verification.key import Key, read_key
from questline.verification.lines import DUPLICATE, Places, compare_lines

World = dict[str, Any]
Dirt = list[dict[str, Any]]
ANNA, BEN, CLARA = (f"00000000-0000-4000-9000-00000000000{n}" for n in (1, 2, 3))


def line(number: int, who: str, kind: str, time: str, session: str, **properties: Any) -> str:
    """One raw event of January 2026, `time` as `02T11:00`, received half a second later."""
    event = {
        "event_id": f"00000000-0000-4000-8000-0000000000{number:02d}",
        "player_id": who,
        "event_type": kind,
        "timestamp": f"2026-01-{time}:00.000Z",
        "session_id": session,
        "sent_at": f"2026-01-{time}:00.000Z",
        "received_at": f"2026-01-{time}:00.500Z",
        "properties": properties,
    }
    return json.dumps(event, separators=(",", ":"))


def changed(text: str, **fields: Any) -> str:
    """A line with other fields of its envelope."""
    return json.dumps(json.loads(text) | fields, separators=(",", ":"))


START = line(2, ANNA, "level_start", "01T10:01", "a1", level=1)
WON = line(12, BEN, "level_complete", "02T11:02", "b2", level=2)
RETURN = line(17, ANNA, "session_start", "03T10:00", "a2")
SENT_AGAIN = {"sent_at": "2026-01-03T11:02:00.000Z", "received_at": "2026-01-03T11:02:00.500Z"}
OLD = {"timestamp": "2025-11-20T10:00:00.000Z", "sent_at": None}

FILES: dict[str, list[tuple[str, ...]]] = {
    "events-2026-01-01.jsonl": [
        (line(1, ANNA, "session_start", "01T10:00", "a1"),),
        (START,),
        (START, "exact_duplicate", DUPLICATE),
        (line(3, ANNA, "level_complete", "01T10:02", "a1", level=1),),
        (
            line(9, ANNA, "level_start", "01T10:03", "a1", level=1)[:99],
            "truncated",
            "malformed_json",
        ),
        (line(4, ANNA, "ad_watched", "01T10:04", "a1", revenue=0.012345),),
        (line(5, BEN, "session_start", "01T11:00", "b1"),),
        (line(6, BEN, "level_start", "01T11:01", "b1", level=1),),
        (line(7, BEN, "level_fail", "01T11:02", "b1", level=1),),
        (
            line(
                8,
                BEN,
                "purchase",
                "01T11:03",
                "b1",
                price=4.99,
                currency="USD",
                transaction_id="t1",
            ),
        ),
    ],
    "events-2026-01-02.jsonl": [
        (line(10, BEN, "session_start", "02T11:00", "b2"),),
        (line(11, BEN, "level_start", "02T11:01", "b2", level=2),),
        (WON,),
        (line(13, CLARA, "session_start", "02T12:00", "c1"),),
        (
            line(
                14,
                CLARA,
                "purchase",
                "02T12:01",
                "c1",
                price=2.5,
                currency="EUR",
                transaction_id="t2",
            ),
        ),
        (line(15, CLARA, "level_start", "02T12:02", "c1", level=2),),
        (line(16, CLARA, "danced", "02T12:03", "c1"), "unknown_type"),
        (
            changed(line(21, CLARA, "level_fail", "02T12:04", "c1", level=2), player_id=None),
            "missing_id",
            "missing_field",
        ),
        (
            line(
                22,
                BEN,
                "refund",
                "02T13:00",
                "b2",
                amount=4.99,
                currency="USD",
                transaction_id="t1",
            ),
        ),
    ],
    "events-2026-01-03.jsonl": [
        (RETURN,),
        (
            changed(RETURN, country="FR", received_at="2026-01-03T10:00:07.000Z"),
            "id_collision",
            "id_collision",
        ),
        (line(18, CLARA, "session_start", "03T12:00", "c2"),),
        (line(19, ANNA, "ad_watched", "03T10:01", "a2", revenue=0.5),),
        (changed(line(23, BEN, "session_start", "03T10:00", "b3"), **OLD), "too_old", "too_old"),
        (changed(WON, **SENT_AGAIN), "delayed_duplicate", DUPLICATE),
        (
            line(
                20,
                CLARA,
                "refund",
                "03T12:01",
                "c2",
                amount=1.25,
                currency="EUR",
                transaction_id="t2",
            ),
        ),
    ],
}
"""Lines with, where they are dirty, their label and the reason expected."""

REFUSED = ("malformed_json", "missing_field", "too_old", "id_collision")
"""Reasons of one line each, in the contract's order."""

PLAYERS = "".join(
    json.dumps({"player_id": who, "acquired_at": f"{day}T09:00:00Z"}) + "\n"
    for who, day in ((ANNA, "2025-12-31"), (BEN, "2026-01-01"), (CLARA, "2026-01-02"))
)
SOURCE = {
    "generator": "questline",
    "complete_from": "2026-01-01",
    "complete_until": "2026-01-03",
    "seed": 7,
    "days": 3,
    "users": 3,
    "preset": "puzzle",
}


def dirt() -> Dirt:
    """What the key says of the dirty lines."""
    return [
        {
            "file": name,
            "line": number,
            "label": spoiled[0],
            "reason": spoiled[1] if len(spoiled) > 1 else None,
            "event_id": None,
            "raw_sha256": hashlib.sha256(text.encode()).hexdigest(),
        }
        for name, rows in FILES.items()
        for number, (text, *spoiled) in enumerate(rows, 1)
        if spoiled
    ]


def _day(*counts: int) -> dict[str, int]:
    names = ("events", "dau", "new", "sessions", "ad_impressions", "ad_micros")
    return dict(zip(names, counts, strict=True))


def world() -> World:
    """The numbers of the key, counted by hand; one level_start was lost by a cut line."""
    found = {
        "accepted": 20,
        "days": {
            "2026-01-01": _day(8, 2, 1, 2, 1, 12_345),
            "2026-01-02": _day(8, 2, 1, 2, 0, 0),
            "2026-01-03": _day(4, 2, 0, 2, 1, 500_000),
        },
        # Anna came the day before the log: day 1 of all three, day 2 of two, day 3 of her alone.
        "retention": {"1": [3, 3], "2": [0, 2], "3": [1, 1], "30": [0, 0]},
        "purchases": {
            "USD": {"count": 1, "gross_micros": 4_990_000, "refunded_micros": 4_990_000},
            "EUR": {"count": 1, "gross_micros": 2_500_000, "refunded_micros": 1_250_000},
        },
        "levels": {
            "1": {"attempts": 2, "wins": 1, "fails": 1},
            "2": {"attempts": 2, "wins": 1, "fails": 0},
        },
    }
    real = copy.deepcopy(found)
    real["accepted"] = 21
    real["days"]["2026-01-01"]["events"] = 9  # type: ignore[index]
    real["levels"]["1"]["attempts"] = 3  # type: ignore[index]
    return {
        **{k: v for k, v in SOURCE.items() if not k.startswith("complete") and k != "users"},
        "start": "2026-01-01",
        "last_day": "2026-01-03",
        "dirt": 0.3,
        "zone": "UTC",
        "recoverable": {**found, "duplicates": 2, "rejected": dict.fromkeys(REFUSED, 1)},
        "real": real,
    }


def write_key(folder: Path, numbers: World, lines: Dirt) -> Path:
    """An answer key as the simulation writes it."""
    folder.mkdir()
    (folder / "world.json").write_text(json.dumps(numbers), encoding="utf-8")
    kinds = {"line": pa.int64()}
    schema = pa.schema([(name, kinds.get(name, pa.string())) for name in dirt()[0]])
    pa.parquet.write_table(pa.Table.from_pylist(lines, schema=schema), folder / "dirt.parquet")
    return folder


def raw_files(**names: str) -> list[tuple[str, bytes]]:
    """The raw files, some under another name."""
    events = [
        (names.get(name[7:17].replace("-", "_"), name), "".join(f"{row[0]}\n" for row in rows))
        for name, rows in FILES.items()
    ]
    source = ("_source.json", json.dumps(SOURCE))
    return [(name, text.encode()) for name, text in (*events, ("players.jsonl", PLAYERS), source)]


def built(folder: Path, files: list[tuple[str, bytes]], **options: Any) -> Settings:
    """Settings of a lake of these files."""
    settings = settings_for(folder, **options)
    deliver(settings, files)
    return settings


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return built(tmp_path_factory.mktemp("world"), raw_files())


@pytest.fixture
def key_of(settings: Settings, tmp_path: Path) -> Callable[..., Key]:
    """The key with other numbers or lines."""

    def read(numbers: World | None = None, lines: Dirt | None = None) -> Key:
        given = dirt() if lines is None else lines
        return read_key(write_key(tmp_path / "key", numbers or world(), given), settings.raw)

    return read


def compared(key: Key, settings: Settings) -> Verification:
    """The lake against the key."""
    return verify(key, ask(questline.open(settings.lake, settings), key))


def test_lake_of_the_world_passes(key_of: Callable[..., Key], settings: Settings) -> None:
    found = compared(key_of(), settings)
    assert found.differing == ()
    assert found.passed
    assert [(r.reason, r.in_key, r.in_lake, r.named) for r in found.lines.reasons] == [
        *((reason, 1, 1, 1) for reason in REFUSED),
        (DUPLICATE, 2, 2, None),
    ]
    assert [(r.label, r.in_key, r.found) for r in found.lines.labels] == [
        ("truncated", 1, 1),
        ("missing_id", 1, 1),
        ("too_old", 1, 1),
        ("unknown_type", 1, None),
        ("exact_duplicate", 1, None),
        ("delayed_duplicate", 1, None),
        ("id_collision", 1, 1),
    ]
    assert found.lines.places == Places(same=4, elsewhere=0, unknown=0)


def test_distance_is_that_to_what_happened(key_of: Callable[..., Key], settings: Settings) -> None:
    found = {row.name: row.distance for row in compared(key_of(), settings).figures}
    assert found["accepted"] == found["days.events"] == pytest.approx(100 / 21)
    assert found["levels.attempts"] == pytest.approx(20)
    assert found["days.dau"] == 0
    assert (found["duplicates"], found["rejected"]) == (None, None)


def put(numbers: World, path: str, value: object) -> None:
    """Sets one number of `recoverable`, a pair's by its place."""
    *way, last = path.split("/")
    place: Any = numbers["recoverable"]
    for step in way:
        place = place[step]
    place[int(last) if isinstance(place, list) else last] = value


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        ("accepted", 21, "accepted (lake 20, key 21)"),
        ("duplicates", 3, "duplicates (lake 2, key 3)"),
        ("rejected/too_old", 2, "rejected (too_old: lake 1, key 2)"),
        ("days/2026-01-01/events", 9, "days.events (2026-01-01: lake 8, key 9)"),
        ("days/2026-01-02/dau", 3, "days.dau (2026-01-02: lake 2, key 3)"),
        ("days/2026-01-03/new", 1, "days.new (2026-01-03: lake 0, key 1)"),
        ("days/2026-01-02/sessions", 1, "days.sessions (2026-01-02: lake 2, key 1)"),
        ("days/2026-01-02/ad_impressions", 1, "days.ad_impressions (2026-01-02: lake 0, key 1)"),
        (
            "days/2026-01-01/ad_micros",
            12_346,
            "days.ad_micros (2026-01-01: lake 12,345, key 12,346)",
        ),
        ("retention/1/0", 2, "retention.retained (1: lake 3, key 2)"),
        ("retention/2/1", 3, "retention.players (2: lake 2, key 3)"),
        ("retention/30/1", 1, "retention.players (30: lake 0, key 1)"),
        ("purchases/EUR/count", 2, "purchases.count (EUR: lake 1, key 2)"),
        (
            "purchases/USD/gross_micros",
            4_990_001,
            "purchases.gross_micros (USD: lake 4,990,000, key 4,990,001)",
        ),
        (
            "purchases/EUR/refunded_micros",
            1_249_999,
            "purchases.refunded_micros (EUR: lake 1,250,000, key 1,249,999)",
        ),
        ("levels/2/attempts", 1, "levels.attempts (2: lake 2, key 1)"),
        ("levels/1/wins", 2, "levels.wins (1: lake 1, key 2)"),
        ("levels/1/fails", 0, "levels.fails (1: lake 1, key 0)"),
    ],
)
def test_one_wrong_figure_is_named_alone(
    path: str, value: int, named: str, key_of: Callable[..., Key], settings: Settings
) -> None:
    numbers = world()
    put(numbers, path, value)
    found = compared(key_of(numbers), settings)
    assert not found.passed
    assert found.differing == (named,)


@pytest.mark.parametrize(
    ("group", "at", "named"),
    [
        ("days", "2026-01-03", ["days.events (2026-01-03: lake 4, key 0)"]),
        (
            "purchases",
            "USD",
            [
                "purchases.count (USD: lake 1, key 0)",
                "purchases.gross_micros (USD: lake 4,990,000, key 0)",
                "purchases.refunded_micros (USD: lake 4,990,000, key 0)",
            ],
        ),
        ("rejected", "too_old", ["rejected (too_old: lake 1, key 0)"]),
    ],
)
def test_what_only_the_lake_has_differs(
    group: str, at: str, named: list[str], key_of: Callable[..., Key], settings: Settings
) -> None:
    numbers = world()
    del numbers["recoverable"][group][at]
    assert list(compared(key_of(numbers), settings).differing) == named


def test_purchases_of_a_key_without_any_differ(
    key_of: Callable[..., Key], settings: Settings
) -> None:
    numbers = world()
    numbers["recoverable"]["purchases"] = {}
    count, *_ = compared(key_of(numbers), settings).differing
    assert count == "purchases.count (EUR: lake 1, key 0; 1 more)"


def lines_without(label: str) -> Dirt:
    return [row for row in dirt() if row["label"] != label]


def lines_with(which: str, **other: Any) -> Dirt:
    return [row | other if row["label"] == which else row for row in dirt()]


MISSED = "recall of too_old (0 of 1 lines refused as too_old)"
UNNAMED = "precision of too_old (the key names 0 of 1 lines)"


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        (lines_without("too_old"), [UNNAMED]),
        (lines_without("exact_duplicate"), ["duplicate lines (lake 2, key 1)"]),
        (
            [*dirt(), dirt()[0] | {"label": "garbled", "reason": "malformed_json"}],
            ["recall of garbled (0 of 1 lines refused as malformed_json)"],
        ),
        ([*dirt(), dirt()[0]], ["duplicate lines (lake 2, key 3)"]),
        (
            lines_with("too_old", label="bad_id", reason="invalid_id"),
            ["recall of bad_id (0 of 1 lines refused as invalid_id)", UNNAMED],
        ),
        (lines_with("too_old", raw_sha256="0" * 64), [MISSED, UNNAMED]),
        (lines_with("too_old", reason=None), [UNNAMED]),
        (
            lines_with("unknown_type", reason="unknown_event_type"),
            ["recall of unknown_type (0 of 1 lines refused as unknown_event_type)"],
        ),
    ],
    ids=[
        "missing",
        "missing_duplicate",
        "extra",
        "extra_duplicate",
        "wrong_label",
        "wrong_text",
        "no_rule",
        "rule_too_many",
    ],
)
def test_one_wrong_dirty_line_is_named_alone(
    lines: Dirt, named: list[str], key_of: Callable[..., Key], settings: Settings
) -> None:
    found = compared(key_of(lines=lines), settings)
    assert not found.passed
    assert list(found.differing) == named


def test_lines_are_found_in_renamed_and_shuffled_files(
    key_of: Callable[..., Key], tmp_path: Path
) -> None:
    files = [
        (name, b"".join(reversed(text.splitlines(keepends=True))))
        for name, text in raw_files(**{"2026_01_02": "other.jsonl"})
    ]
    found = compared(key_of(), built(tmp_path, files))
    assert found.passed
    assert found.lines.places == Places(same=0, elsewhere=3, unknown=1)


def test_repeated_metadata_is_no_duplicate_event(
    key_of: Callable[..., Key], tmp_path: Path
) -> None:
    settings = built(tmp_path, [*raw_files(), ("players-again.jsonl", PLAYERS.encode())])
    assert compared(key_of(), settings).passed


def test_lake_that_took_the_files_twice_fails(key_of: Callable[..., Key], tmp_path: Path) -> None:
    again = [(f"again-{name}", text) for name, text in raw_files() if name.startswith("events")]
    found = compared(key_of(), built(tmp_path, [*raw_files(), *again]))
    # The 26 lines came again: 4 are refused again, the others repeat what the lake holds.
    assert found.differing == (
        *(f"precision of {r.reason} (the key names 1 of 2 lines)" for r in found.lines.reasons[:4]),
        "duplicate lines (lake 24, key 2)",
        "duplicates (lake 24, key 2)",
        "rejected (id_collision: lake 2, key 1; 3 more)",
    )


def test_lake_of_another_zone_is_refused(key_of: Callable[..., Key], tmp_path: Path) -> None:
    settings = built(tmp_path, raw_files(), reporting_zone="Europe/Berlin")
    with pytest.raises(UsageError, match=r"of Europe/Berlin, .* of UTC\. Build another lake"):
        compared(key_of(), settings)


def texts(rows: tuple[tuple[Any, ...], ...], names: str) -> pa.Table:
    columns = [name.split(":") for name in names.split()]
    schema = pa.schema([(name, pa.int64() if whole else pa.string()) for name, *whole in columns])
    return pa.Table.from_pylist([dict(zip(schema.names, r, strict=True)) for r in rows], schema)


def key_texts(*rows: tuple[Any, ...]) -> pa.Table:
    return texts(rows, "file line:whole label reason raw_sha256")


def lake_texts(*rows: tuple[Any, ...]) -> pa.Table:
    return texts(rows, "reason raw_hash file line:whole times:whole")


def test_equal_texts_count_as_often_as_they_came() -> None:
    meant = key_texts(*(("f", n, "garbled", "malformed_json", "AA") for n in (3, 5, 9)))
    refused = lake_texts(("malformed_json", "aa", "f", 3, 2), ("malformed_json", "aa", "g", 1, 1))
    found = compare_lines(meant, refused, 0, {"f"})
    assert [(r.in_key, r.found, r.recall) for r in found.labels] == [(3, 3, 1.0)]
    assert found.places == Places(3, 0, 0)
    fewer = compare_lines(meant, refused.slice(1), 0, {"f", "g"})
    assert [(r.found, r.equal) for r in fewer.labels] == [(1, False)]
    assert [(r.in_lake, r.precision) for r in fewer.reasons] == [(1, 1.0)]
    assert fewer.places == Places(0, 3, 0)


def test_text_of_two_labels_is_not_found_twice() -> None:
    meant = key_texts(("f", 1, "b", "too_old", "aa"), ("f", 2, "a", "too_old", "aa"))
    found = compare_lines(meant, lake_texts(("too_old", "aa", "f", 1, 1)), 0, {"f"})
    assert [(r.label, r.found) for r in found.labels] == [("a", 1), ("b", 0)]
    assert [(r.in_lake, r.named) for r in found.reasons] == [(1, 1)]


def test_reason_without_a_label_has_no_precision() -> None:
    found = compare_lines(
        key_texts(("f", 1, "late", None, "aa")), lake_texts(("too_old", "aa", "f", 1, 3)), 0, {"f"}
    )
    assert [(r.label, r.recall, r.equal) for r in found.labels] == [("late", None, True)]
    assert [(r.reason, r.precision, r.equal) for r in found.reasons] == [("too_old", 0.0, False)]


def test_values_are_compared_where_either_side_has_one() -> None:
    key: Figures = {"levels.wins": {2: 1, 10: 4}}
    lake: Figures = {"levels.wins": {10: 5, 3: 7}}
    (row,) = compare_figures(key, lake, {})
    assert row.differences == (Difference(2, 0, 1), Difference(3, 7, 0), Difference(10, 5, 4))
    assert (row.values, row.of, row.distance) == (3, "level", None)


def test_distance_does_not_cancel_out() -> None:
    lake: Figures = {"days.dau": {"mon": 9, "tue": 11}}
    (row,) = compare_figures(lake, lake, {"days.dau": {"mon": 10, "tue": 10}})
    assert row.distance == pytest.approx(10)
    (nothing,) = compare_figures(lake, lake, {"days.dau": {}})
    assert nothing.distance is None


def test_truth_folder_stands_beside_the_raw_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert truth_folder(Path("data/raw_events/")) == Path("data/raw_events_truth")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert truth_folder(Path()) == tmp_path.resolve() / "here_truth"


def damaged(folder: Path, path: str, value: object) -> None:
    """Writes the key with one value of world.json replaced, or without it."""
    numbers = world()
    if value is None:
        del numbers[path]
    else:
        numbers[path] = value
    (folder / "world.json").write_text(json.dumps(numbers), encoding="utf-8")


def nameless(folder: Path) -> None:
    """Writes the key with a dirty line that has no label."""
    rows = pa.Table.from_pylist([dirt()[0] | {"label": None, "event_id": "e"}])
    pa.parquet.write_table(rows, folder / "dirt.parquet")


def unlinked(path: Path) -> Path:
    """A path whose file is gone."""
    path.unlink()
    return path


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: (f / "world.json").unlink(), r"world\.json is missing\. Simulate .* same seed"),
        (lambda f: (f / "world.json").write_text("{"), r"world\.json is damaged"),
        (lambda f: (f / "world.json").write_bytes(b"\xff"), r"world\.json is damaged"),
        (lambda f: (f / "world.json").write_text("[" * 10_000), r"world\.json is damaged"),
        (lambda f: damaged(f, "real", None), r"damaged \(real: Field required\)"),
        (lambda f: damaged(f, "start", "soon"), r"damaged \(start: "),
        (lambda f: (f / "dirt.parquet").unlink(), r"dirt\.parquet is missing\. Simulate .* seed 7"),
        (lambda f: unlinked(f / "dirt.parquet").mkdir(), r"dirt\.parquet cannot be read \(Is a d"),
        (lambda f: (f / "dirt.parquet").write_bytes(b"PAR1"), r"dirt\.parquet is damaged"),
        (
            lambda f: pa.parquet.write_table(pa.table({"file": ["f"]}), f / "dirt.parquet"),
            r"dirt\.parquet is damaged .*line",
        ),
        (nameless, r"damaged \(a line without label"),
        (lambda f: damaged(f, "seed", 8), r"of another simulation: its seed is 8, .* is 7\. "),
        (lambda f: damaged(f, "days", 4), r"of another simulation: its days is 4, .* is 3\. "),
        (lambda f: damaged(f, "start", "2026-01-02"), r"another simulation: its start is "),
        (lambda f: damaged(f, "preset", "shooter"), r"another simulation: its preset is "),
    ],
)
def test_key_that_cannot_be_used_is_one_readable_line(
    spoil: Callable[[Path], object], said: str, settings: Settings, tmp_path: Path
) -> None:
    folder = write_key(tmp_path / "key", world(), dirt())
    spoil(folder)
    with pytest.raises(UsageError, match=said) as caught:
        read_key(folder, settings.raw)
    assert "\n" not in str(caught.value)
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("value", [-1, "2", 2.5, True])
def test_count_of_the_key_is_a_whole_number(
    value: object, settings: Settings, tmp_path: Path
) -> None:
    numbers = world()
    put(numbers, "days/2026-01-01/dau", value)
    folder = write_key(tmp_path / "key", numbers, dirt())
    with pytest.raises(UsageError, match=r"recoverable\.days\.2026-01-01\.dau: "):
        read_key(folder, settings.raw)


def test_key_that_is_missing_says_where_one_comes_from(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"No answer key at .*questline simulate.*--truth"):
        read_key(tmp_path / "none", settings.raw)


def test_raw_folder_that_is_no_simulation_is_refused(tmp_path: Path) -> None:
    folder = write_key(tmp_path / "key", world(), dirt())
    with pytest.raises(UsageError, match=r"_source\.json is missing\. If .* seed 7 .*--raw\."):
        read_key(folder, tmp_path)
    with pytest.raises(UsageError, match=r"_source\.json is missing\. There is no folder .*--raw"):
        read_key(folder, tmp_path / "none")


def test_dirt_of_raw_and_key_must_be_the_same_where_both_tell(
    settings: Settings, tmp_path: Path
) -> None:
    folder = write_key(tmp_path / "key", world(), dirt())
    (tmp_path / "_source.json").write_text(json.dumps(SOURCE | {"dirt": 0.1}), encoding="utf-8")
    with pytest.raises(UsageError, match=r"its dirt is 0\.3, that of .* is 0\.1"):
        read_key(folder, tmp_path)
    assert read_key(folder, settings.raw).world.dirt == 0.3


def test_comparison_needs_nothing_but_key_and_answers(
    key_of: Callable[..., Key], settings: Settings
) -> None:
    key = key_of()
    answers = ask(questline.open(settings.lake, settings), key)
    fewer = replace(answers, duplicates=1)
    assert verify(key, fewer).differing == ("duplicate lines (lake 1, key 2)",)
    assert verify(key, answers).passed


def files_without(*days: str) -> list[tuple[str, bytes]]:
    """The raw files but those whose name begins so."""
    return [(name, text) for name, text in raw_files() if not name.startswith(days)]


def cause(key: Key, settings: Settings) -> str | None:
    """Why the lake differs."""
    analytics = questline.open(settings.lake, settings)
    answers = ask(analytics, key)
    return explain(verify(key, answers), key, answers, analytics.facts, settings.raw)


@pytest.mark.parametrize(
    ("left_out", "said"),
    [
        (("events-2026-01-03",), "events-2026-01-03.jsonl of the simulation is not in the lake; "),
        (
            ("events-2026-01-01", "events-2026-01-03"),
            "events-2026-01-01.jsonl and 1 more of the simulation are not in the lake; put them ",
        ),
        (("events",), "events-2026-01-01.jsonl and 2 more of the simulation are not in the lake"),
        (("players",), "players.jsonl of the simulation is not in the lake; put it into "),
    ],
)
def test_files_that_the_lake_never_read_are_named(
    left_out: tuple[str, ...], said: str, key_of: Callable[..., Key], tmp_path: Path
) -> None:
    told = cause(key_of(), built(tmp_path, files_without(*left_out)))
    assert told is not None
    assert told.startswith(said)
    assert told.endswith(f" into {tmp_path / 'raw'} whole, run `questline run` and verify again")


def test_missing_files_are_called_as_the_key_or_the_other_files_are(
    key_of: Callable[..., Key], settings: Settings
) -> None:
    late = [{**dirt()[0], "file": "events-late.csv.gz"}]
    key = key_of(lines=late)
    answers = ask(questline.open(settings.lake, settings), key)
    read = replace(
        answers,
        figures={**answers.figures, "accepted": {"": 1}},
        files=frozenset({"a/events-2026-01-02.csv.gz", "players.csv.gz"}),
    )
    days = ("events-2026-01-01.csv.gz", "events-2026-01-03.csv.gz")
    assert missing_files(verify(key, read), key, read) == (*days, "events-late.csv.gz")
    clean = replace(key, dirt=key.dirt.slice(1))
    assert missing_files(verify(clean, read), clean, read) == days


def test_missing_names_are_no_cause_where_files_were_renamed_or_all_lines_are_there(
    key_of: Callable[..., Key], settings: Settings, tmp_path: Path
) -> None:
    numbers = world()
    put(numbers, "days/2026-01-02/dau", 3)
    key = key_of(numbers)
    renamed = raw_files(**{"2026_01_02": "other.jsonl"})
    assert cause(key, built(tmp_path / "renamed", renamed)) is None
    fewer = [file for file in renamed if "events-2026-01-03" not in file[0]]
    assert cause(key, built(tmp_path / "fewer", fewer)) is None
    shuffled = {name: text for name, text in raw_files() if "events-2026-01-03" not in name}
    shuffled["events-2026-01-01.jsonl"] += dict(raw_files())["events-2026-01-03.jsonl"]
    assert cause(key, built(tmp_path / "shuffled", [*shuffled.items()])) is None
    assert cause(key, settings) is None


def test_passing_verification_has_no_cause(key_of: Callable[..., Key], tmp_path: Path) -> None:
    moved = {name: text for name, text in raw_files() if "events-2026-01-03" not in name}
    moved["events-2026-01-02.jsonl"] += dict(raw_files())["events-2026-01-03.jsonl"]
    key, settings = key_of(), built(tmp_path, [*moved.items()])
    assert compared(key, settings).passed
    assert cause(key, settings) is None


def test_incomplete_file_is_not_read(key_of: Callable[..., Key], tmp_path: Path) -> None:
    files = dict(raw_files())
    whole = gzip.compress(files.pop("events-2026-01-02.jsonl"))
    told = cause(
        key_of(), built(tmp_path, [*files.items(), ("events-2026-01-02.jsonl.gz", whole[:-40])])
    )
    assert told is not None
    assert told.startswith("events-2026-01-02.jsonl of the simulation is not in the lake; put it ")


def test_refused_currencies_ask_for_rates(key_of: Callable[..., Key], tmp_path: Path) -> None:
    key, settings = key_of(), built(tmp_path, raw_files(), exchange_rates={})
    told = cause(key, settings)
    assert told is not None
    assert told.startswith("the lake refused payments in EUR for want of an exchange rate; ")
    assert "[exchange_rates] of the settings, run `questline replay` and verify again" in told
    rates = settings_for(tmp_path)
    replay(rates, NATIVE)
    assert compared(key, rates).passed


def test_rows_corrected_by_hand_are_said(key_of: Callable[..., Key], tmp_path: Path) -> None:
    settings = built(tmp_path, raw_files())
    (row,) = [
        r
        for r in rows_of(settings.lake, "rejected", comparable=False)
        if r["reason"] == "missing_field"
    ]
    edit = {"row": row["raw_hash"], "raw": changed(row["raw"], player_id=CLARA)}
    (tmp_path / "rows.jsonl").write_text(json.dumps(edit) + "\n", encoding="utf-8")
    replay(settings, NATIVE, rows=tmp_path / "rows.jsonl")
    told = cause(key_of(), settings)
    assert told is not None
    assert told.startswith("the lake holds 1 row that was corrected by hand, which the key ")
    assert "--lake NEW`) and verify that" in told


def test_lake_without_an_event_is_told_where_the_files_belong(
    key_of: Callable[..., Key], tmp_path: Path
) -> None:
    told = cause(key_of(), built(tmp_path, [("notes.jsonl", PLAYERS.encode())]))
    assert told is not None
    assert told.startswith("the lake holds no event of an active player; put the files of the ")


def no_events() -> World:
    """The numbers of one player who never plays: `simulate --days 1 --users 1`."""
    nothing = {
        "accepted": 0,
        "days": {"2026-01-01": _day(0, 0, 0, 0, 0, 0)},
        "retention": {"30": [0, 1]},
        "purchases": {},
        "levels": {},
    }
    return world() | {
        "recoverable": {**nothing, "duplicates": 0, "rejected": {}},
        "real": nothing,
    }


def test_world_without_events_passes(key_of: Callable[..., Key], tmp_path: Path) -> None:
    files = [("events-2026-01-01.jsonl", b""), ("players.jsonl", PLAYERS.encode())]
    key = key_of(no_events(), [])
    assert (key.empty, key.observable) == (True, False)
    found = compared(key, built(tmp_path, files))
    assert found.passed
    assert not [row.name for row in found.figures if row.name.startswith("retention")]


def test_events_of_a_world_without_any_differ(
    key_of: Callable[..., Key], settings: Settings
) -> None:
    key = key_of(no_events(), [])
    assert "accepted (lake 20, key 0)" in compared(key, settings).differing
    assert cause(key, settings) is None
