"""Dirt: every label, through the real pipeline, is worth what it says."""

from __future__ import annotations

import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pytest

from lakes import asked, deliver, rows_of, settings_for
from questline.contract import EVENT_TYPES, Reason
from questline.pipeline import RunSummary
from questline.simulation.dirt import DUPLICATE, RULES, Dirtied, Held, Label, choose, spoil
from questline.simulation.draws import Hashes, Ints

LABELS = list(Label)
PROPERTIES = {
    "session_start": '{"platform":"ios","app_version":"1.4.0","country":"DE","device":"iphone"}',
    "login": '{"method":"email"}',
    "heartbeat": "{}",
    "session_end": '{"duration":393.323}',
    "level_start": '{"level":15,"attempt":2,"mode":"story"}',
    "level_complete": '{"level":15,"attempt":2,"mode":"boss","time_spent":44.793,"success":true}',
    "level_fail": '{"level":104,"attempt":1,"mode":"story","time_spent":37.765,"success":false}',
    "purchase": '{"product_id":"gems_2000","price":4.90,"currency":"EUR","transaction_id":"t%d"}',
    "refund": '{"transaction_id":"r%d","amount":19.99,"currency":"EUR"}',
    "ad_watched": '{"placement":"extra","format":"banner","revenue":0.002970,"completed":true}',
    "achievement_unlocked": '{"achievement_id":"level_10"}',
    "currency_change": '{"currency_name":"gems","amount":-25,"balance":15,"reason":"continue"}',
    "experiment_exposure": '{"experiment":"gate","variant":"b"}',
}
"""Properties as the simulator writes them; %d is the number of the event."""
KINDS = list(PROPERTIES)
PAYMENTS = {"purchase", "refund"}
PRICED = {*PAYMENTS, "ad_watched"}
ELIGIBLE = {label: set(KINDS) for label in Label} | {
    Label.NEGATIVE_PRICE: PRICED,
    Label.UNKNOWN_CURRENCY: PAYMENTS,
    Label.UNKNOWN_TYPE: set(KINDS) - PAYMENTS - {"experiment_exposure"},
    Label.ID_COLLISION: set(KINDS) - PAYMENTS,
    Label.UNIT_MISTAKE: {"purchase"},
    Label.REPEATED_END: {"session_end"},
}
"""Event types that each label may meet, as the specification lists them."""
EXPECTED: dict[Label, str | None] = {
    Label.TRUNCATED: "malformed_json",
    Label.GARBLED: "malformed_json",
    Label.NOT_OBJECT: "not_an_object",
    Label.WRONG_ENCODING: "invalid_encoding",
    Label.MISSING_ID: "missing_field",
    Label.BAD_ID: "invalid_id",
    Label.BAD_TIME: "invalid_timestamp",
    Label.WRONG_TYPE: "invalid_property",
    Label.NEGATIVE_PRICE: "invalid_property",
    Label.UNKNOWN_CURRENCY: "unknown_currency",
    Label.FUTURE_CLOCK: "timestamp_in_future",
    Label.TOO_OLD: "too_old",
    Label.MALFORMED_TYPE: "unknown_event_type",
    Label.UNKNOWN_TYPE: None,
    Label.EXACT_DUPLICATE: "duplicate",
    Label.DELAYED_DUPLICATE: "duplicate",
    Label.ID_COLLISION: "id_collision",
    Label.LATE: None,
    Label.SKEWED_CLOCK: None,
    Label.UNIT_MISTAKE: None,
    Label.REPEATED_END: None,
}
LOST = {n for n, r in EXPECTED.items() if r not in {None, "duplicate", "id_collision"}}
ADDED = {Label.EXACT_DUPLICATE, Label.DELAYED_DUPLICATE, Label.ID_COLLISION, Label.REPEATED_END}
SEED = 42
VARIANTS = 30
"""Events of each type that get each label in the lake; those of a label alone get more."""


def event_id(number: int) -> str:
    return f"{number:08x}-0c99-418e-9dc7-e348e255ef89"


def line(kind: str, number: int, *, clock_s: int = 0, of_day: str = "18:15:10.398") -> str:
    """The event of a type; its device's clock is `clock_s` fast."""
    happened = datetime.fromisoformat(f"2026-01-03T{of_day}Z")
    waited = timedelta(0) if kind == "refund" else timedelta(seconds=8)
    clock = timedelta(seconds=clock_s)
    session = "null" if kind == "refund" else f'"5e55{number:04x}-d1eb-49ec-8b20-8faa369170a3"'
    times = [happened + clock, happened + clock + waited, happened + waited]
    stamp, sent, received = (t.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z" for t in times)
    properties = PROPERTIES[kind].replace("%d", str(number))
    return (
        f'{{"event_id":"{event_id(number)}","player_id":"7a1937bd-886a-462a-8309-c542074c78a3",'
        f'"event_type":"{kind}","timestamp":"{stamp}","session_id":{session},"sent_at":"{sent}",'
        f'"received_at":"{received}","app_version":"1.4.0","platform":"ios","country":"DE",'
        f'"properties":{properties}}}'
    )


def spoiled(lines: list[str], label: Label | None, *, first: int = 0) -> Dirtied:
    """The lines, all with one label, or all clean."""
    code = -1 if label is None else LABELS.index(label)
    codes = np.full(len(lines), code, dtype=np.int64)
    event = np.arange(first, first + len(lines), dtype=np.uint64)
    return spoil(SEED, pa.array(lines, pa.large_string()), event, codes)


def happened(event: dict[str, Any]) -> datetime:
    """When an event happened by the server's clock."""
    stamp, sent, received = (moment(event[n]) for n in ("timestamp", "sent_at", "received_at"))
    return received - (sent - stamp)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def micros(when: datetime) -> int:
    return round(when.timestamp() * 1_000_000)


def readable(raw: bytes) -> str:
    return raw.decode("utf-8", "replace")


class Case(NamedTuple):
    """The lines of one label and one event type, before and after."""

    label: Label
    kind: str
    lines: list[str]
    dirty: Dirtied

    @property
    def marked(self) -> list[bytes]:
        """The dirty lines of the day."""
        return [self.dirty.lines[m.position].as_py() for m in self.dirty.marks]


def all_cases() -> Iterator[Case]:
    number = 0
    for label in Label:
        for kind in KINDS:
            if kind in ELIGIBLE[label]:
                count = max(VARIANTS, 240 // len(ELIGIBLE[label]))
                numbers = range(number, number + count)
                lines = [line(kind, n, clock_s=(n % 5 - 2) * 3_000) for n in numbers]
                yield Case(label, kind, lines, spoiled(lines, label, first=number))
                number += count


CASES = list(all_cases())


@dataclass(frozen=True)
class World:
    """A lake of two deliveries: the day's files, one a label, then what was held back."""

    first: RunSummary
    second: RunSummary
    events: dict[str, dict[str, Any]]
    rejected: dict[str, list[str]]
    """Reasons by text."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    settings = settings_for(tmp_path_factory.mktemp("dirt"))
    now: dict[str, list[bytes]] = defaultdict(list)
    later: dict[str, list[bytes]] = defaultdict(list)
    for case in CASES:
        now[f"events-1-{case.label}.jsonl"] += case.dirty.lines.to_pylist()
        later[f"events-2-{case.label}.jsonl"] += [h.line for h in case.dirty.held]
    first, second = (
        deliver(settings, [(n, b"".join(x + b"\n" for x in rows)) for n, rows in part.items()])
        for part in (now, later)
    )
    rejected: dict[str, list[str]] = defaultdict(list)
    for row in rows_of(settings.lake, "rejected", comparable=False):
        rejected[row["raw"]] += [row["reason"]] * row["times_seen"]
    rows = rows_of(settings.lake, "events", comparable=False)
    assert len({r["event_id"] for r in rows}) == len(rows)
    return World(first, second, {r["event_id"]: r for r in rows}, dict(rejected))


def test_rules_are_those_of_the_contract() -> None:
    assert {label: rule.reason for label, rule in RULES.items()} == EXPECTED
    assert list(RULES) == LABELS
    assert DUPLICATE not in set(Reason)
    for label in Label:
        assert {k for k in KINDS if RULES[label].allows(k)} == ELIGIBLE[label]
    assert set(EVENT_TYPES) < set(KINDS)


def test_refused_lines_get_exactly_their_reason(world: World) -> None:
    expected = [
        (readable(text), EXPECTED[case.label])
        for case in CASES
        if case.label in LOST or case.label is Label.ID_COLLISION
        for text in case.marked
    ]
    assert len({text for text, _ in expected}) == len(expected)
    assert world.rejected == {text: [reason] for text, reason in expected}


def test_accepted_and_duplicate_lines_are_counted(world: World) -> None:
    labels: Counter[Label] = Counter()
    for case in CASES:
        labels[case.label] += len(case.lines)
    assert world.first.duplicates == labels[Label.EXACT_DUPLICATE]
    assert world.second.duplicates == labels[Label.DELAYED_DUPLICATE]
    assert world.second.accepted == labels[Label.LATE]
    kept = labels.total() - sum(labels[n] for n in LOST) + labels[Label.REPEATED_END]
    assert len(world.events) == kept
    assert world.second.rejected == {}


def test_each_event_arrives_unless_it_is_lost(world: World) -> None:
    for case in CASES:
        lost = [json.loads(t)["event_id"] not in world.events for t in case.lines]
        assert case.dirty.lost.tolist() == lost, case.label
        assert set(lost) == {case.label in LOST}


def test_corrected_times_stay(world: World) -> None:
    for case in CASES:
        for event in map(json.loads, case.lines):
            if event["event_id"] in world.events:
                found = world.events[event["event_id"]]["event_ts"]
                assert found == micros(happened(event)), case.label


def test_other_columns_stay_unless_the_label_says_so(world: World) -> None:
    changed = {Label.UNKNOWN_TYPE, Label.UNIT_MISTAKE}
    for case in CASES:
        for event in map(json.loads, case.lines):
            row = world.events.get(event["event_id"])
            if row is not None and case.label not in changed:
                assert row["event_type"] == event["event_type"]
                assert json.loads(row["properties"]) == event["properties"]


def test_unknown_type_is_accepted_as_a_custom_event(world: World) -> None:
    for case in CASES:
        retyped = [
            world.events.get(json.loads(t)["event_id"], {}).get("event_type", case.kind)
            for t in case.lines
        ]
        assert case.dirty.retyped.tolist() == [name != case.kind for name in retyped]
        assert not set(retyped) & set(KINDS) - {case.kind}
        assert case.dirty.retyped.all() == (case.label is Label.UNKNOWN_TYPE)


def test_unit_mistake_is_exactly_a_hundred_times_the_price(world: World) -> None:
    for case in CASES:
        wrong = case.label is Label.UNIT_MISTAKE
        assert set(case.dirty.factor.tolist()) == {100 if wrong else 1}
        if wrong:
            found = {world.events[m.event_id]["properties"] for m in case.dirty.marks}
            assert {json.loads(p)["price"] for p in found} == {490}


@pytest.mark.parametrize(
    ("price", "text"),
    [("0.99", "99"), ("4.90", "490"), ("160", "16000"), ("0.125", "12.5"), ("10000", "1000000")],
)
def test_unit_mistake_of_a_price(price: str, text: str) -> None:
    given = line("purchase", 1).replace("4.90", price)
    found = spoiled([given], Label.UNIT_MISTAKE)
    assert found.lines[0].as_py().decode() == given.replace(f":{price},", f":{text},")
    assert Decimal(text) == 100 * Decimal(price)
    assert found.factor.tolist() == [100]


def test_unit_mistake_leaves_a_price_too_high_for_it() -> None:
    given = line("purchase", 1).replace("4.90", "10000.01")
    found = spoiled([given], Label.UNIT_MISTAKE)
    assert found.lines.to_pylist() == [given.encode()]
    assert (found.marks, found.factor.tolist()) == ([], [1])


def test_repeated_end_is_one_more_event_of_the_same_session_seconds_later(world: World) -> None:
    for case in CASES:
        assert set(case.dirty.repeated.tolist()) == {case.label is Label.REPEATED_END}
        if case.label is Label.REPEATED_END:
            spread = zip(case.lines, case.dirty.marks, case.dirty.repeat_after_ms, strict=True)
            for text, mark, after in spread:
                event, row = json.loads(text), world.events[mark.event_id]
                assert row["session_id"] == event["session_id"]
                assert row["event_ts"] == micros(happened(event)) + 1_000 * after
                assert 1_000 <= after < 20_000
        else:
            assert not case.dirty.repeat_after_ms.any()


def test_repeated_end_stays_on_its_day() -> None:
    times = ("23:59:59.999", "23:59:58.900", "23:59:50.000")
    for clock in (0, 7_200):
        lines = [line("session_end", n, clock_s=clock, of_day=times[n % 3]) for n in range(60)]
        found = spoiled(lines, Label.REPEATED_END)
        second = [json.loads(t) for t in found.lines.to_pylist()[1::2]]
        assert {happened(e).isoformat()[:10] for e in second} == {"2026-01-03"}
        assert found.repeat_after_ms[::3].tolist() == [0] * 20
        assert set(found.repeat_after_ms[1::3].tolist()) <= {*range(1_000, 1_100)}
        assert set(found.repeat_after_ms[2::3].tolist()) <= {*range(1_000, 10_000)}


def test_late_events_and_delayed_duplicates_come_in_a_later_file() -> None:
    days: Counter[int] = Counter()
    for case in CASES:
        whole = {event_id_of(t): json.loads(t) for t in case.lines}
        assert bool(case.dirty.held) == (case.label in {Label.LATE, Label.DELAYED_DUPLICATE})
        for held in case.dirty.held:
            days[held.days_later] += 1
            check_held(held, whole[held.event_id])
    assert min(days) == 1
    assert max(days) <= 20
    assert days[1] > days[10] > 0


def check_held(held: Held, before: dict[str, Any]) -> None:
    after = json.loads(held.line)
    changed = {n for n in before if before[n] != after[n]}
    assert changed == {"sent_at", "received_at"}
    sent, received = (moment(after[n]) - moment(before[n]) for n in ("sent_at", "received_at"))
    assert sent == received
    assert timedelta(hours=1) <= received <= timedelta(days=20)
    passed = moment(after["received_at"]).date() - moment(before["received_at"]).date()
    assert passed == timedelta(days=held.days_later)


def event_id_of(text: str | bytes) -> str:
    return str(json.loads(text)["event_id"])


@pytest.mark.parametrize("of_day", ["00:00:00.000", "12:00:00.000", "23:59:51.999", "23:59:59.999"])
def test_held_lines_change_their_day_at_any_hour(of_day: str) -> None:
    lines = [line("login", n, of_day=of_day) for n in range(300)]
    for held in spoiled(lines, Label.LATE).held:
        before = json.loads(lines[int(held.event_id[:8], 16)])
        check_held(held, before)


def test_skewed_clock_moves_timestamp_and_sent_at_by_the_same_hours() -> None:
    moved_days = set()
    hours = set()
    for case in CASES:
        if case.label is Label.SKEWED_CLOCK:
            for text, raw in zip(case.lines, case.marked, strict=True):
                before, after = json.loads(text), json.loads(raw)
                by = moment(after["timestamp"]) - moment(before["timestamp"])
                assert by == moment(after["sent_at"]) - moment(before["sent_at"])
                assert after["received_at"] == before["received_at"]
                assert by % timedelta(hours=1) == timedelta(0)
                hours.add(by // timedelta(hours=1))
                moved_days.add(after["timestamp"][:10])
    assert hours <= set(range(-23, 24)) - {0}
    assert len(hours) > 30
    assert moved_days == {"2026-01-02", "2026-01-03", "2026-01-04"}


def test_id_collision_is_valid_in_itself(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    texts = [t for c in CASES if c.label is Label.ID_COLLISION for t in c.marked]
    summary = deliver(settings, [("events.jsonl", b"".join(t + b"\n" for t in texts))])
    assert (summary.accepted, summary.rejected) == (len(texts), {})
    assert asked(settings.lake, "SELECT count(*) FROM events") == [(len(texts),)]


def test_lines_cut_or_garbled_are_no_json_and_keep_event_id() -> None:
    for case in CASES:
        if case.label in {Label.TRUNCATED, Label.GARBLED}:
            for text, raw in zip(case.lines, case.marked, strict=True):
                head = text[: text.index(",")]
                assert raw.decode().startswith(head)
                with pytest.raises(json.JSONDecodeError):
                    json.loads(raw)
                if case.label is Label.TRUNCATED:
                    assert text.startswith(raw.decode())
                    assert len(raw) < len(text)
                else:
                    assert abs(len(raw) - len(text)) == 1


@pytest.mark.parametrize("kind", ["heartbeat", "level_fail"])
def test_every_cut_and_every_garbled_mark_is_no_json(kind: str, tmp_path: Path) -> None:
    text = line(kind, 1)
    cuts = {t.decode() for t in spoiled([text] * 8_000, Label.TRUNCATED).lines.to_pylist()}
    assert cuts == {text[:n] for n in range(text.index(","), len(text))}
    garbled = {t.decode() for t in spoiled([text] * 8_000, Label.GARBLED).lines.to_pylist()}
    # Colons within times follow a digit.
    marks = [m.start() for m in re.finditer(r'["{}]|(?<="):', text) if m.start() > text.index(",")]
    assert garbled == {text[:i] + text[i] * n + text[i + 1 :] for i in marks for n in (0, 2)}
    for spoiled_text in cuts | garbled:
        with pytest.raises(json.JSONDecodeError):
            json.loads(spoiled_text)
    content = "".join(f"{t}\n" for t in sorted(cuts | garbled)).encode()
    summary = deliver(settings_for(tmp_path), [("events.jsonl", content)])
    assert summary.rejected == {"malformed_json": len(cuts | garbled)}


@pytest.mark.parametrize("label", list(Label))
def test_variants_differ(label: Label) -> None:
    """More than one way where there is more than one, whatever the event's id."""
    kind = next(k for k in KINDS if k in ELIGIBLE[label])
    found = spoiled([line(kind, 1)] * 500, label)
    texts = {*found.lines.to_pylist(), *(h.line for h in found.held)} - {line(kind, 1).encode()}
    one = {Label.NEGATIVE_PRICE, Label.UNKNOWN_CURRENCY, Label.UNIT_MISTAKE}
    if label is Label.EXACT_DUPLICATE:
        assert texts == set()
    elif label in one:
        assert len(texts) == 1
    else:
        assert len(texts) >= (3 if label is Label.NOT_OBJECT else 4)


def test_negative_price_of_nothing_is_below_zero() -> None:
    given = line("ad_watched", 1).replace("0.002970", "0.000000")
    raw = spoiled([given], Label.NEGATIVE_PRICE).lines[0].as_py()
    assert json.loads(raw)["properties"]["revenue"] == -0.01


def mixed(count: int, rate: float) -> tuple[list[str], Hashes, Ints]:
    """Lines of all types in turn, with the labels they draw."""
    kind = np.arange(count, dtype=np.int64) % len(KINDS)
    event = np.arange(count, dtype=np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    lines = [line(KINDS[k], n) for n, k in enumerate(kind.tolist())]
    return lines, event, choose(SEED, rate, event, kind, KINDS)


def test_conservation_and_order() -> None:
    lines, event, codes = mixed(6_000, 0.3)
    found = spoil(SEED, pa.array(lines, pa.large_string()), event, codes)
    labels = [LABELS[c] if c >= 0 else None for c in codes.tolist()]
    assert set(labels) == {None, *Label}
    added = sum(label in ADDED for label in labels)
    assert len(found.lines) + len(found.held) == len(lines) + added
    assert len(found.marks) + len(found.held) == sum(label is not None for label in labels)
    dirty = {mark.position for mark in found.marks}
    clean = [t for i, t in enumerate(found.lines.to_pylist()) if i not in dirty]
    kept = {None, *ADDED}
    assert clean == [t.encode() for t, n in zip(lines, labels, strict=True) if n in kept]
    assert [mark.position for mark in found.marks] == sorted(dirty)


def test_marks_name_their_label_and_event() -> None:
    lines, event, codes = mixed(6_000, 0.3)
    found = spoil(SEED, pa.array(lines, pa.large_string()), event, codes)
    ids = {event_id(n): LABELS[c] for n, c in enumerate(codes.tolist()) if c >= 0}
    texts = found.lines.to_pylist()
    own = 0
    for mark in found.marks:
        if mark.label is Label.REPEATED_END:
            own += 1
            assert mark.event_id not in ids
            assert event_id_of(texts[mark.position]) == mark.event_id
            assert event_id_of(texts[mark.position - 1]) in ids
        else:
            assert ids[mark.event_id] is mark.label
        if mark.label in ADDED - {Label.REPEATED_END}:
            assert event_id_of(texts[mark.position - 1]) == mark.event_id
        if mark.label is Label.EXACT_DUPLICATE:
            assert texts[mark.position - 1] == texts[mark.position]
    for held in found.held:
        assert ids[held.event_id] is held.label
    assert found.repeated.sum() == own > 0


@pytest.mark.parametrize("cut", [0, 1, 333, 1_999, 2_000])
def test_two_calls_give_what_one_gives(cut: int) -> None:
    lines, event, codes = mixed(2_000, 0.3)
    texts = pa.array(lines, pa.large_string())
    whole = spoil(SEED, texts, event, codes)
    head, tail = (
        spoil(SEED, texts.slice(a, b - a), event[a:b], codes[a:b])
        for a, b in ((0, cut), (cut, len(lines)))
    )
    assert whole.lines.to_pylist() == head.lines.to_pylist() + tail.lines.to_pylist()
    moved = [m.position + len(head.lines) for m in tail.marks]
    assert [m.position for m in whole.marks] == [m.position for m in head.marks] + moved
    assert whole.held == head.held + tail.held
    for name in ("lost", "retyped", "factor", "repeated", "repeat_after_ms"):
        parts = [*getattr(head, name), *getattr(tail, name)]
        assert getattr(whole, name).tolist() == parts


def test_what_becomes_of_a_line_depends_on_seed_and_event() -> None:
    texts = pa.array([line("login", 1)] * 50, pa.large_string())
    codes = np.full(50, LABELS.index(Label.TRUNCATED), dtype=np.int64)
    event = np.full(50, 7, dtype=np.uint64)
    assert len(set(spoil(1, texts, event, codes).lines.to_pylist())) == 1
    one, other = (spoil(seed, texts, event, codes).lines[0].as_py() for seed in (1, 2))
    assert one != other


def test_clean_lines_come_back_as_they_are() -> None:
    texts = pa.array([line("login", n) for n in range(5)], pa.large_string())
    found = spoil(SEED, texts, np.arange(5, dtype=np.uint64), np.full(5, -1, dtype=np.int64))
    assert found.lines.type == pa.large_binary()
    assert found.lines.buffers()[2].address == texts.buffers()[2].address
    assert (found.marks, found.held) == ([], [])
    assert not (found.lost | found.retyped | found.repeated).any()
    assert found.factor.tolist() == [1] * 5


def test_no_lines() -> None:
    none = np.empty(0, dtype=np.int64)
    assert choose(SEED, 0.5, none.astype(np.uint64), none, KINDS).tolist() == []
    found = spoil(SEED, pa.array([], pa.large_string()), none.astype(np.uint64), none)
    assert (len(found.lines), len(found.lost), found.marks, found.held) == (0, 0, [], [])


@pytest.mark.parametrize("rate", [0.03, 0.5])
def test_choose_rate_and_weights(rate: float) -> None:
    each = 60_000
    kind = np.repeat(np.arange(len(KINDS), dtype=np.int64), each)
    event = np.arange(len(kind), dtype=np.uint64)
    codes = choose(3, rate, event, kind, KINDS)
    for k, name in enumerate(KINDS):
        own = codes[kind == k]
        assert within(int((own >= 0).sum()), each, rate)
        allowed = {n: RULES[n].weight for n in Label if name in ELIGIBLE[n]}
        for code, label in enumerate(LABELS):
            share = allowed.get(label, 0) / sum(allowed.values())
            assert within(int((own == code).sum()), each, rate * share), (name, label)


def within(found: int, count: int, chance: float) -> bool:
    """Five standard deviations of the binomial distribution, and one more for small numbers."""
    spread = 5.0 * math.sqrt(count * chance * (1.0 - chance)) + (1.0 if chance else 0.0)
    return abs(found - count * chance) <= spread


def test_choose_more_dirt_keeps_the_dirt() -> None:
    event, kind = np.arange(20_000, dtype=np.uint64), np.zeros(20_000, dtype=np.int64)
    some, more = (choose(SEED, rate, event, kind, KINDS) for rate in (0.02, 0.1))
    assert (more[some >= 0] == some[some >= 0]).all()
    assert (more >= 0).sum() > (some >= 0).sum()


def test_choose_all_or_none() -> None:
    event, kind = np.arange(1_000, dtype=np.uint64), np.zeros(1_000, dtype=np.int64)
    assert (choose(SEED, 0.0, event, kind, KINDS) == -1).all()
    assert (choose(SEED, 1.0, event, kind, KINDS) >= 0).all()
