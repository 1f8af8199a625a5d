"""A run may die anywhere, or lose its disk: the next one gives what an undisturbed one gives.

Runs are killed by SIGKILL at the boundaries that `kill_points` finds. After each, a reader must see
one whole published version, and a second run must finish without a word of fault, with the same
tables and without leaving more on disk than an undisturbed lake holds.
"""

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

import questline
from crash_world import DIRTY, FIRST, SECOND, World, commits, left_over, state_of, views_are_fresh
from kill_points import Outcome, Runner, build_library
from questline.lake.publication import lock
from questline.lake.schemas import TABLES

KINDS = ("first", "incremental", "full", "recovery", "replay", "edits")
PUBLISHED = "/_published.json"


@dataclass
class Case:
    """A run to be disturbed: where it starts, what it does, what it leads to undisturbed."""

    start: World
    calm: World
    more: tuple[str, ...]
    old: dict[str, Any] | None
    new: dict[str, Any]
    passed: list[str]
    left: int

    def renamed(self) -> int:
        """The boundary after which readers see the new version."""
        verbs = ("rename", "replace")
        return next(
            i
            for i, step in enumerate(self.passed)
            if step.partition(" ")[0] in verbs and step.endswith(PUBLISHED)
        )


class Cases:
    """The cases of one runner; each is built once."""

    def __init__(self, runner: Runner, folder: Path) -> None:
        self.runner = runner
        self.folder = folder
        self._known: dict[str, Case] = {}

    def __getitem__(self, kind: str) -> Case:
        if kind not in self._known:
            self._known[kind] = getattr(self, f"_{kind}")()
        return self._known[kind]

    def _of(self, kind: str, start: World, *more: str) -> Case:
        calm = start.copy(self.folder / f"{kind}-calm")
        outcome = self.runner.run(calm.command(*more), calm.lake)
        assert (outcome.code, outcome.said) == (0, "")
        new = state_of(calm.lake)
        assert new is not None
        left = len(left_over(calm.lake))
        return Case(start, calm, more, state_of(start.lake), new, outcome.passed, left)

    def _first(self) -> Case:
        world = World(self.folder / "first")
        world.deliver(FIRST)
        return self._of("first", world)

    def _incremental(self) -> Case:
        world = self["first"].calm.copy(self.folder / "incremental")
        world.deliver(SECOND)
        return self._of("incremental", world)

    def _full(self) -> Case:
        """A rebuild of what was read in two runs."""
        return self._of("full", self["incremental"].calm, "--full")

    def _recovery(self) -> Case:
        """The run after one that was killed when all was written and nothing published."""
        work = self["incremental"]
        world = work.start.copy(self.folder / "recovery")
        dead = self.runner.run(world.command(), world.lake, work.renamed())
        assert dead.code == -signal.SIGKILL
        again = self._of("recovery", world)
        assert again.new == work.new
        return again

    def _dirty(self) -> Case:
        """A run that refuses rows, for the replays that follow it."""
        world = self["incremental"].calm.copy(self.folder / "dirty")
        world.deliver(DIRTY)
        return self._of("dirty", world)

    def _replay(self) -> Case:
        """Rows of several files pass, and take the place of others, after the settings changed."""
        world = self["dirty"].calm.copy(self.folder / "replay")
        world.mend()
        return self._of("replay", world, "replay")

    def _edits(self) -> Case:
        """Corrected rows pass and are remembered."""
        world = self["dirty"].calm.copy(self.folder / "edits")
        world.mend()
        return self._of("edits", world, "replay", "--rows")

    def _checkpoint(self) -> Case:
        """An incremental run each of whose commits also writes a checkpoint."""
        world = self["incremental"].start.copy(self.folder / "checkpoint")
        for name in TABLES:
            if DeltaTable.is_deltatable(str(world.lake / name)):
                table = DeltaTable(str(world.lake / name))
                table.alter.set_table_properties({"delta.checkpointInterval": "1"})
        return self._of("checkpoint", world)


class Differences:
    """Kills, reruns, compares; collects whatever is not as it should be."""

    def __init__(self, cases: Cases, kind: str, folder: Path) -> None:
        self.runner = cases.runner
        self.folder = folder
        self.case = cases[kind]
        self.points = 0
        self.found: list[str] = []

    def at_boundary(self, at: int, *, after: bool) -> None:
        """One kill just before or just after a boundary."""
        step = f"{'after' if after else 'before'} {at} {self.case.passed[at]}"
        world = self.case.start.copy(self.folder / "point")
        outcome = self.runner.run(world.command(*self.case.more), world.lake, at, after=after)
        place = self.case.renamed()
        published = at > place or (at == place and after)
        self._expect(step, "killed", outcome.code, -signal.SIGKILL)
        seen = state_of(world.lake)
        self._expect(step, "seen by a reader", seen, self.case.new if published else self.case.old)
        self._again(step, world)

    def at_moment(self, seconds: float) -> None:
        """One kill wherever the run is then."""
        world = self.case.start.copy(self.folder / "point")
        step = f"after {seconds:.3f} s"
        self.runner.run(world.command(*self.case.more), world.lake, seconds=seconds)
        seen = state_of(world.lake)
        if seen not in (self.case.old, self.case.new):
            self.found.append(f"{step}: a reader sees neither version")
        self._again(step, world)

    def _again(self, step: str, world: World) -> None:
        outcome = self.runner.run(world.command(*self.case.more), world.lake)
        self._expect(step, "second run", (outcome.code, outcome.said), (0, ""))
        self._expect(step, "tables", state_of(world.lake), self.case.new)
        self._expect(step, "views are fresh", views_are_fresh(world.lake), True)
        # A second --full run of a finished first one leaves the files of one version more.
        bound = self.case.left * (2 if "--full" in self.case.more else 1)
        left = left_over(world.lake)
        if len(left) > bound or any("#" in p or p.startswith(("_", ".")) for p in left):
            self.found.append(f"{step}: left over {sorted(left)}")
        if self.points % 4 == 0:
            count = commits(world.lake)
            idle = self.runner.run(world.command(), world.lake)
            self._expect(step, "third run", (idle.code, idle.said), (0, ""))
            self._expect(step, "commits of an idle run", commits(world.lake), count)
        self.points += 1
        shutil.rmtree(world.folder)

    def _expect(self, step: str, what: str, got: object, wanted: object) -> None:
        if got != wanted:
            if isinstance(got, dict) and isinstance(wanted, dict):
                got = [name for name in wanted if got.get(name) != wanted[name]]
                wanted = "equal tables"
            self.found.append(f"{step}: {what} is {got!r}, not {wanted!r}")


@pytest.fixture(scope="module")
def steps(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    runner = Runner()
    yield Cases(runner, tmp_path_factory.mktemp("steps"))
    runner.close()


@pytest.fixture(scope="module")
def calls(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cases]:
    folder = tmp_path_factory.mktemp("calls")
    library = build_library(folder)
    if library is None:
        pytest.skip("needs Linux and a C compiler")
    runner = Runner(library)
    yield Cases(runner, folder)
    runner.close()


def kill(cases: Cases, kind: str, folder: Path, stride: int = 1) -> Differences:
    """Kills at every `stride`-th boundary, before and after it in turn."""
    work = Differences(cases, kind, folder)
    for number, at in enumerate(range(stride // 2, len(work.case.passed), stride)):
        work.at_boundary(at, after=bool(number % 2))
    print(f"{kind}: {work.points} kill points, {len(work.found)} differences")
    return work


@pytest.mark.parametrize(
    ("kind", "stride"),
    [
        *(("first", 13), ("incremental", 9), ("full", 19), ("recovery", 29)),
        *(("replay", 17), ("edits", 21)),
    ],
)
def test_kill_at_some_steps(steps: Cases, tmp_path: Path, kind: str, stride: int) -> None:
    work = kill(steps, kind, tmp_path, stride)
    assert kind == "full" or work.case.new != work.case.old
    assert work.points >= 2
    assert work.found == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_kill_at_every_step(steps: Cases, tmp_path: Path, kind: str) -> None:
    work = kill(steps, kind, tmp_path)
    assert work.points >= 30
    assert work.found == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", [*KINDS, "checkpoint"])
def test_kill_at_every_call(calls: Cases, tmp_path: Path, kind: str) -> None:
    work = kill(calls, kind, tmp_path)
    assert work.points >= 60
    assert work.found == []


@pytest.mark.slow
def test_kill_at_random_moments(steps: Cases, tmp_path: Path) -> None:
    work = Differences(steps, "incremental", tmp_path)
    chance = random.Random(7)
    for _ in range(25):
        work.at_moment(chance.uniform(0.02, 1.2))
    assert work.found == []


def test_views_that_a_killed_run_left_behind_are_mended(steps: Cases, tmp_path: Path) -> None:
    work = Differences(steps, "incremental", tmp_path)
    work.at_boundary(work.case.renamed(), after=True)
    assert work.found == []


def test_a_killed_rebuild_is_undone_once(steps: Cases, tmp_path: Path) -> None:
    work = steps["full"]
    world = work.start.copy(tmp_path / "world")
    dead = steps.runner.run(world.command("--full"), world.lake, work.renamed())
    assert dead.code == -signal.SIGKILL
    counts = []
    for _ in range(2):
        outcome = steps.runner.run(world.command(), world.lake)
        assert (outcome.code, outcome.said) == (0, "")
        assert outcome.out.startswith("Nothing new")
        assert state_of(world.lake) == work.old
        counts.append(commits(world.lake))
    assert counts[0] == counts[1]


def one_line(outcome: Outcome) -> bool:
    """Whether the run ended as a full disk should end it."""
    told = outcome.said.count("\n") == 1 and outcome.said.startswith("Error: ")
    return told and "run again; nothing is lost" in outcome.said and outcome.code == 2


def fill(cases: Cases, folder: Path, stride: int) -> int:
    """No more can be written after a boundary; returns how many were tried."""
    runner, work = cases.runner, cases["incremental"]
    last = work.renamed()
    places = sorted({*range(1, last, stride), last - 2, last})
    for at in places:
        world = work.start.copy(folder / f"at{at}")
        outcome = runner.run(world.command(), world.lake, at, after=True, act="fill")
        step = f"{at} {work.passed[at]}"
        assert one_line(outcome), (step, outcome)
        published = at >= last - 1  # the text of the pointer is written; views.sql is not
        assert state_of(world.lake) == (work.new if published else work.old), step
        assert published or left_over(world.lake) == [], step
        again = runner.run(world.command(), world.lake)
        assert (again.code, again.said) == (0, ""), step
        assert state_of(world.lake) == work.new, step
        assert views_are_fresh(world.lake), step
        assert len(left_over(world.lake)) == work.left, step
        shutil.rmtree(world.folder)
    return len(places)


def test_files_may_not_grow_after_some_steps(steps: Cases, tmp_path: Path) -> None:
    assert fill(steps, tmp_path, 16) >= 3


@pytest.mark.slow
def test_files_may_not_grow_after_every_second_step(steps: Cases, tmp_path: Path) -> None:
    assert fill(steps, tmp_path, 2) >= 10


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A folder where a small file system may be mounted; only root may do that."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("mount") is None:
        pytest.skip("mounting a small disk needs root")
    folder = tmp_path / "disk"
    folder.mkdir()
    try:
        mount(folder, 64)
    except subprocess.CalledProcessError:
        pytest.skip("mounting a small disk is not permitted here")
    unmount(folder)
    yield folder
    if folder.is_mount():
        unmount(folder)


def mount(folder: Path, kilobytes: int, *options: str) -> None:
    told = ",".join([*options, f"size={kilobytes}k"])
    command = ["mount", "-t", "tmpfs", "-o", told, "tmpfs", str(folder)]
    subprocess.run(command, check=True, capture_output=True)


def unmount(folder: Path) -> None:
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607 - as `mount` above


def small_disks(cases: Cases, disk: Path, folder: Path, sizes: range) -> int:
    """Runs with a lake on disks of these sizes; returns how many were too small."""
    runner, work = cases.runner, cases["incremental"]
    full = 0
    for size in sizes:
        mount(disk, size)
        world = World(folder / f"disk{size}")
        shutil.copytree(work.start.lake, disk / "lake")
        ignored = shutil.ignore_patterns("lake")
        shutil.copytree(work.start.folder, world.folder, ignore=ignored)
        world.lake.symlink_to(disk / "lake")
        outcome = runner.run(world.command(), world.lake)
        if outcome.code:
            full += 1
            assert one_line(outcome), (size, outcome)
            published = state_of(world.lake) == work.new
            assert published or state_of(world.lake) == work.old, size
            assert published or left_over(disk / "lake") == [], size
            mount(disk, 8000, "remount")
            again = runner.run(world.command(), world.lake)
            assert (again.code, again.said) == (0, ""), size
        assert state_of(world.lake) == work.new, size
        assert views_are_fresh(world.lake), size
        unmount(disk)
    return full


def test_a_small_disk(steps: Cases, disk: Path, tmp_path: Path) -> None:
    assert small_disks(steps, disk, tmp_path, range(240, 400, 150)) == 2


@pytest.mark.slow
def test_small_disks(steps: Cases, disk: Path, tmp_path: Path) -> None:
    assert small_disks(steps, disk, tmp_path, range(160, 500, 16)) >= 10


def test_a_second_run_says_that_the_lake_is_locked(steps: Cases, tmp_path: Path) -> None:
    world = World(tmp_path / "world")
    world.deliver(FIRST)
    runner = steps.runner
    with lock(world.lake):
        outcome = runner.run(world.command(), world.lake)
    assert outcome.code == 3
    assert outcome.said.startswith("Error: Another run is writing")
    assert outcome.said.count("\n") == 1
    assert state_of(world.lake) is None
    assert runner.run(world.command(), world.lake).code == 0


def test_a_reader_keeps_its_version_while_a_run_publishes(steps: Cases, tmp_path: Path) -> None:
    runner, work = steps.runner, steps["incremental"]
    world = work.start.copy(tmp_path / "world")
    opened = questline.open(world.lake)
    before = [opened.result(name).rows() for name in ("dau", "retention", "revenue")]
    events = opened.read(opened.table("events").count())
    seen = []
    with ThreadPoolExecutor(1) as beside:
        for more in ((), ("--full",)):
            running = beside.submit(runner.run, world.command(*more), world.lake)
            while not running.done():
                seen.append(state_of(world.lake))
            assert running.result().code == 0
    seen.append(state_of(world.lake))
    versions = [work.old, work.new, steps["full"].new]
    order = [versions.index(state) for state in seen]
    assert order == sorted(order)
    assert set(order) == {0, 1, 2}
    assert [opened.result(name).rows() for name in ("dau", "retention", "revenue")] == before
    assert opened.read(opened.table("events").count()) == events
    assert opened.facts.version == 1
