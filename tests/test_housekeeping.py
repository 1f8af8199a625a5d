"""Small files are joined and old ones deleted, and no reader notices, wherever it is killed.

Kill points as in `test_crash`: the lake that is left is compared with the untouched one.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest
from deltalake import DeltaTable

import questline
from crash_world import (
    FIRST,
    SECOND,
    World,
    commits,
    event,
    player,
    state_of,
    views_are_fresh,
)
from kill_points import Outcome, Runner, build_library
from lakes import deliver, rows_of, settings_for, snapshot
from questline.errors import LockedError, UsageError
from questline.lake.delta import DataFile
from questline.lake.housekeeping import optimize, small_groups
from questline.lake.publication import Pointer, attach_views, being_written, lock, read_pointer
from questline.lake.schemas import TABLES
from questline.lake.store import Store
from questline.settings import Settings

DAY = timedelta(hours=24)


@pytest.fixture(scope="module")
def fed_before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake fed three times, with one event of the same day each."""
    folder = tmp_path_factory.mktemp("fed")
    for hour in range(3):
        deliver(settings_for(folder), [(f"hour{hour}.jsonl", event(100 + hour, 7, 5))])
    return folder


@pytest.fixture
def fed(fed_before: Path, tmp_path: Path) -> Settings:
    """A copy of that lake."""
    shutil.copytree(fed_before, tmp_path, dirs_exist_ok=True)
    return settings_for(tmp_path)


def test_no_file_is_hidden_from_spark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Spark passes over files that begin with `_`; names of temporary folders may."""
    monkeypatch.setattr(tempfile, "_get_candidate_names", lambda: iter(["_x", "_y"]))
    made = settings_for(tmp_path)
    deliver(made, [("day.jsonl", event(1, 7, 5))])
    names = [Path(path).name for path in files_on_disk(made.lake)]
    assert names
    assert all(name.startswith("run-_x-") for name in names)


def test_reader_that_looks_at_the_lock_turns_no_run_away(tmp_path: Path) -> None:
    """`being_written` holds the lock for an instant; here it holds it for longer."""
    lake = tmp_path / "lake"
    with lock(lake):
        pass
    with (lake / "_lock").open() as reader:
        fcntl.flock(reader, fcntl.LOCK_SH)
        timer = threading.Timer(0.1, fcntl.flock, (reader, fcntl.LOCK_UN))
        timer.start()
        with lock(lake):
            assert being_written(lake)
        timer.join()
    assert not being_written(lake)


def pointer_of(lake: Path) -> Pointer:
    pointer = read_pointer(lake)
    assert pointer is not None
    return pointer


def files_on_disk(lake: Path) -> set[str]:
    root = lake.resolve()
    return {str(p) for name in TABLES for p in (root / name).glob("**/*.parquet")} - {
        str(p) for name in TABLES for p in (root / name / "_delta_log").glob("*")
    }


def files_needed(lake: Path) -> set[str]:
    """What the published version and the one before it are made of."""
    pointer = pointer_of(lake)
    store = Store(lake.resolve(), duckdb.connect(), pointer.previous)
    return {p for name in TABLES for p in (*pointer.files[name], *store.paths(name))}


def in_days(days: int) -> datetime:
    return datetime.now(UTC) + days * DAY


def test_small_files_of_a_partition_become_one(fed: Settings) -> None:
    before, old = snapshot(fed.lake), pointer_of(fed.lake)
    assert [len(old.files[name]) for name in ("events", "ledger", "player_days")] == [3, 3, 1]
    done = optimize(fed)
    new = pointer_of(fed.lake)
    assert [len(new.files[name]) for name in ("events", "ledger", "player_days")] == [1, 1, 1]
    assert (done.joined, done.into) == (6, 2)
    assert snapshot(fed.lake) == before
    assert (new.facts.version, new.previous) == (old.facts.version + 1, old.versions)
    assert done.after.files == done.before.files - 4
    assert views_are_fresh(fed.lake)


def test_rows_keep_their_order(fed: Settings) -> None:
    paths = sorted(pointer_of(fed.lake).files["events"])
    wanted = [duckdb.sql(f"SELECT event_id FROM '{p}'").fetchall()[0][0] for p in paths]
    optimize(fed)
    (path,) = pointer_of(fed.lake).files["events"]
    found = duckdb.sql(f"SELECT event_id FROM read_parquet('{path}')").fetchall()
    assert [row[0] for row in found] == wanted


def test_joined_files_change_no_row_for_followers_of_the_table(fed: Settings) -> None:
    optimize(fed)
    version = pointer_of(fed.lake).versions["events"]
    commit = fed.lake / "events" / "_delta_log" / f"{version:020d}.json"
    lines = commit.read_text(encoding="utf-8").splitlines()
    actions = [line for line in lines if line.startswith(('{"add"', '{"remove"'))]
    assert len(actions) == 4
    assert all('"dataChange":false' in line for line in actions)


def test_lake_with_nothing_to_do_stays_as_it_is(fed: Settings) -> None:
    assert not optimize(fed).idle
    text = (fed.lake / "_published.json").read_bytes()
    seen, count = files_on_disk(fed.lake), commits(fed.lake)
    again = optimize(fed)
    assert again.idle
    assert not again.published
    assert (fed.lake / "_published.json").read_bytes() == text
    assert (files_on_disk(fed.lake), commits(fed.lake)) == (seen, count)


def test_only_small_files_of_one_partition_come_together() -> None:
    sizes = {"d=1/a": 20, "d=1/b": 25, "d=1/c": 10, "d=2/d": 10, "d=3/e": 24, "d=3/f": 24}
    files = [DataFile(path, size, path[2]) for path, size in sizes.items()]
    groups = small_groups(files, target=100)
    assert [[f.path for f in g] for g in groups] == [["d=1/a", "d=1/c"], ["d=3/e", "d=3/f"]]


def test_joined_files_do_not_exceed_the_target() -> None:
    files = [DataFile(f"d=1/{n}", 24, "1") for n in range(6)]
    assert [len(g) for g in small_groups(files, target=100)] == [4, 2]
    assert small_groups(files[:5], target=100) == [files[:4]]


def test_run_after_housekeeping_goes_on_as_without(fed: Settings, tmp_path: Path) -> None:
    other = settings_for(tmp_path / "other")
    shutil.copytree(fed.lake, other.lake)
    shutil.copytree(fed.raw, other.raw)
    optimize(fed, retain_hours=0)
    late = [("late.jsonl", event(101, 7, 5) + event(300, 7, 4) + event(301, 8, 5))]
    for settings in (fed, other):
        deliver(settings, late)
    assert snapshot(fed.lake) == snapshot(other.lake)
    assert len(rows_of(fed.lake, "events")) == 5


def test_reader_of_an_older_version_keeps_answering(fed: Settings) -> None:
    opened = questline.open(fed.lake)
    wanted = opened.result("dau").rows()
    for hours in (168, 0):
        optimize(fed, retain_hours=hours)
    assert opened.result("dau").rows() == wanted
    assert opened.facts.version == 3
    assert opened.read(opened.table("events")).num_rows == 3


def test_files_of_older_versions_go_after_their_time(fed: Settings) -> None:
    optimize(fed)
    deliver(fed, [("later.jsonl", event(200, 7, 5))])
    seen = files_on_disk(fed.lake)
    young = optimize(fed, now=in_days(6))
    assert seen <= files_on_disk(fed.lake)
    assert young.waiting.files == len(seen - files_needed(fed.lake)) > 0
    old = optimize(fed, now=in_days(8))
    assert old.deleted == young.waiting
    assert files_on_disk(fed.lake) == files_needed(fed.lake)


def test_age_counts_from_when_a_file_was_taken_out(fed: Settings) -> None:
    optimize(fed)
    deliver(fed, [("later.jsonl", event(200, 7, 5))])
    unneeded = files_on_disk(fed.lake) - files_needed(fed.lake)
    for path in unneeded:
        os.utime(path, (0, 0))
    assert len(unneeded) > 0
    assert optimize(fed, retain_hours=1).deleted.files == 0
    assert unneeded <= files_on_disk(fed.lake)


def test_commit_that_writes_a_checkpoint_keeps_the_log_of_a_quiet_lake(fed: Settings) -> None:
    """deltalake would delete it: older than 30 days, and before the newest checkpoint."""
    published = pointer_of(fed.lake).versions
    table = DeltaTable(str(fed.lake / "events"))
    table.alter.set_table_properties({"delta.checkpointInterval": "1"})
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    store = Store(fed.lake, con, {"events": table.version()})
    for path in (fed.lake / "events" / "_delta_log").iterdir():
        os.utime(path, (time.time() - 90 * 86400,) * 2)
    store.clear()
    assert (fed.lake / "events" / "_delta_log" / "_last_checkpoint").is_file()
    assert len(DeltaTable(table.table_uri, version=published["events"]).file_uris()) == 3
    assert len(rows_of(fed.lake, "events")) == 3
    deliver(fed, [])
    assert len(DeltaTable(table.table_uri).file_uris()) == 3


def test_lake_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="questline run"):
        optimize(settings_for(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_lake_that_a_run_holds_is_left_alone(fed: Settings) -> None:
    with lock(fed.lake), pytest.raises(LockedError):
        optimize(fed)


class Disturbed:
    """Housekeeping of one lake, killed at boundaries; collects what is not as it should be."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self.start = World(folder / "start")
        for files in (FIRST, SECOND):
            self._feed(files)
        for n in range(9):
            self._feed({f"{n}.jsonl": event(60 + n, 1, 4), f"players{n}0.jsonl": player(5 + n, 2)})
        self.state = state_of(self.start.lake)
        calm = self.start.copy(folder / "calm")
        told = self._optimize(calm)
        assert (told.code, told.said) == (0, "")
        assert "log shortened" in told.out
        self.passed = told.passed
        self.found: list[str] = []
        self.points = 0

    def _feed(self, files: dict[str, bytes]) -> None:
        self.start.deliver(files)
        assert self.runner.run(self.start.command(), self.start.lake).code == 0

    def _optimize(
        self, world: World, at: int = -1, *, after: bool = False, act: str = "kill"
    ) -> Outcome:
        paths = ["--lake", str(world.lake), "--settings", str(world.folder / "q.toml")]
        arguments = ["optimize", *paths, "--retain-hours", "0"]
        return self.runner.run(arguments, world.lake, at, after=after, act=act)

    def kill(self, at: int, *, after: bool) -> None:
        """One kill just before or just after a boundary, then again undisturbed, then a run."""
        step = f"{'after' if after else 'before'} {at} {self.passed[at]}"
        world = self.start.copy(self.folder / "point")
        opened = pointer_of(world.lake)
        outcome = self._optimize(world, at, after=after)
        self._expect(step, "killed", outcome.code, -signal.SIGKILL)
        self._same(f"{step}: seen by a reader", world, opened)
        again = self._optimize(world)
        self._expect(step, "second time", (again.code, again.said), (0, ""))
        self._same(f"{step}: after the second time", world, opened)
        self._expect(step, "files", files_on_disk(world.lake), files_needed(world.lake))
        self._expect(step, "views are fresh", views_are_fresh(world.lake), True)
        idle = self.runner.run(world.command(), world.lake)
        self._expect(step, "run", (idle.code, idle.said, idle.out[:11]), (0, "", "Nothing new"))
        self._same(f"{step}: after a run", world, opened)
        self.points += 1
        shutil.rmtree(world.folder)

    def fill(self, at: int) -> None:
        """No more can be written after a boundary; then again with room."""
        step = f"full after {at} {self.passed[at]}"
        world = self.start.copy(self.folder / "point")
        opened = pointer_of(world.lake)
        outcome = self._optimize(world, at, after=True, act="fill")
        self._expect(step, "code", outcome.code, 2)
        self._expect(step, "lines", outcome.said.count("\n"), 1)
        self._expect(step, "advice", "nothing is lost" in outcome.said, True)
        self._same(f"{step}: seen by a reader", world, opened)
        again = self._optimize(world)
        self._expect(step, "second time", (again.code, again.said), (0, ""))
        self._same(f"{step}: after the second time", world, opened)
        self._expect(step, "files", files_on_disk(world.lake), files_needed(world.lake))
        self.points += 1
        shutil.rmtree(world.folder)

    def _same(self, step: str, world: World, opened: Pointer) -> None:
        """What is published, and what a reader holds who opened the lake before."""
        self._expect(step, "published", state_of(world.lake) == self.state, True)
        with duckdb.connect() as con:
            attach_views(con, opened)
            rows = con.execute("SELECT count(*) FROM events").fetchone()
        wanted = len((self.state or {})["events"])
        self._expect(step, "rows of the older version", rows, (wanted,))

    def _expect(self, step: str, what: str, got: object, wanted: object) -> None:
        if got != wanted:
            self.found.append(f"{step}: {what} is {got!r}, not {wanted!r}")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    runner = Runner()
    yield Disturbed(runner, tmp_path_factory.mktemp("steps"))
    runner.close()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Disturbed]:
    folder = tmp_path_factory.mktemp("calls")
    library = build_library(folder)
    if library is None:
        pytest.skip("needs Linux and a C compiler")
    runner = Runner(library)
    yield Disturbed(runner, folder)
    runner.close()


def test_log_is_shortened_and_both_versions_open(steps: Disturbed, tmp_path: Path) -> None:
    world = steps.start.copy(tmp_path / "world")
    settings = settings_for(world.folder)
    assert optimize(settings, retain_hours=0).commits_deleted > 10
    assert len(list((world.lake / "ledger" / "_delta_log").glob("*.json"))) == 2
    pointer = pointer_of(world.lake)
    for versions, files in ((pointer.versions, 1), (pointer.previous, 11)):
        ledger = DeltaTable(str(world.lake / "ledger"), version=versions["ledger"])
        assert len(ledger.file_uris()) == files
        for name, version in versions.items():
            DeltaTable(str(world.lake / name), version=version).file_uris()
    DeltaTable(str(world.lake / "ledger")).restore(pointer.previous["ledger"])
    deliver(settings, [])
    assert DeltaTable(str(world.lake / "ledger")).file_uris() == pointer.files["ledger"]
    assert state_of(world.lake) == steps.state


def test_young_log_stays(steps: Disturbed, tmp_path: Path) -> None:
    world = steps.start.copy(tmp_path / "world")
    count = len(list((world.lake / "ledger" / "_delta_log").glob("*.json")))
    assert optimize(settings_for(world.folder), retain_hours=1).commits_deleted == 0
    assert len(list((world.lake / "ledger" / "_delta_log").glob("*.json"))) == count + 1


def kill_every(work: Disturbed, stride: int) -> None:
    work.found, work.points = [], 0
    for number, at in enumerate(range(stride // 2, len(work.passed), stride)):
        work.kill(at, after=bool(number % 2))
    print(f"{work.points} kill points, {len(work.found)} differences")
    assert work.found == []


def test_kill_at_some_steps(steps: Disturbed) -> None:
    kill_every(steps, len(steps.passed) // 5)
    assert steps.points >= 5


def test_full_disk_at_some_steps(steps: Disturbed) -> None:
    steps.found, steps.points = [], 0
    writing = [i for i, step in enumerate(steps.passed) if step.startswith(("join", "commit"))]
    for at in writing[:: len(writing) // 3]:
        steps.fill(at)
    assert steps.points >= 3
    assert steps.found == []


@pytest.mark.slow
def test_kill_at_every_step(steps: Disturbed) -> None:
    kill_every(steps, 1)
    assert steps.points >= 60


@pytest.mark.slow
def test_kill_at_every_call(calls: Disturbed) -> None:
    kill_every(calls, 1)
    assert calls.points >= 100
