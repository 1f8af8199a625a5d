"""Runs of the command line that die, or lose their disk, at a chosen boundary.

A boundary is one step of a run that changes what is on disk: a file written, a commit, a rename,
an fsync, a folder made or removed. There are two ways to find them:

- *steps*: the functions of Python that make such a change are wrapped;
- *calls*: a small C library, preloaded, sees the calls of DuckDB and deltalake too.

`Runner` starts one server process, which loads the project once and forks for each run.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

LIBRARY = Path(__file__).with_suffix(".c")


class Outcome(NamedTuple):
    """How a run ended; a negative code is the signal that killed it."""

    code: int
    passed: list[str]
    said: str
    out: str


class Runner:
    """Starts runs in children of one server process."""

    def __init__(self, library: Path | None = None) -> None:
        environment = dict(os.environ)
        if library is not None:
            environment |= {"LD_PRELOAD": str(library), "KILL_POINTS": str(library)}
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=environment,
        )

    def run(
        self,
        arguments: list[str],
        lake: Path,
        at: int = -1,
        *,
        after: bool = False,
        act: str = "kill",
        limit: int | None = None,
        seconds: float = 0,
    ) -> Outcome:
        """One run; at the boundary `at` it is killed, or (act 'fill') can write no more.

        `limit` bounds the size of every file from the start; after `seconds`, if given, the
        system ends the run wherever it is.
        """
        order = [arguments, str(lake), at, after, act, limit, seconds]
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.write(json.dumps(order) + "\n")
        self._server.stdin.flush()
        return Outcome(*json.loads(self._server.stdout.readline()))

    def close(self) -> None:
        """Ends the server."""
        assert self._server.stdin is not None
        assert self._server.stdout is not None
        self._server.stdin.close()
        self._server.wait()
        self._server.stdout.close()


def build_library(folder: Path) -> Path | None:
    """Compiles the C library; None where there is no compiler or no Linux."""
    compiler = shutil.which("cc")
    if compiler is None or not sys.platform.startswith("linux"):
        return None
    made = folder / "kill_points.so"
    command = [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(LIBRARY), "-ldl"]
    subprocess.run(command, check=True)
    return made


class Watch:
    """Counts the boundaries that a run passes, and acts at the chosen one."""

    def __init__(self, lake: str, at: int, act: str, trace: int, *, after: bool) -> None:
        self.lake = lake
        self.at = at
        self.after = after
        self.act = act
        self.trace = trace
        self.count = 0

    def wrap(self, owner: Any, name: str, label: Callable[..., str | None]) -> None:
        """Makes every call of a function a boundary, unless `label` gives it no name."""
        original = getattr(owner, name)

        def watched(*positional: Any, **named: Any) -> Any:
            told = label(*positional, **named)
            if told is None:
                return original(*positional, **named)
            number, self.count = self.count, self.count + 1
            os.write(self.trace, f"{told}\n".encode())
            if number == self.at and not self.after:
                self._strike()
            try:
                return original(*positional, **named)
            finally:
                if number == self.at and self.after:
                    self._strike()

        setattr(owner, name, watched)

    def everything(self) -> None:
        """Wraps whatever changes a lake."""
        from deltalake import DeltaTable  # noqa: PLC0415 - only in a run

        from questline.lake import housekeeping, store  # noqa: PLC0415

        for name, position in (
            ("mkdir", 0),
            ("rmdir", 0),
            ("unlink", 0),
            ("rename", 1),
            ("replace", 1),
            ("link", 1),
            ("fsync", 0),
        ):
            self.wrap(os, name, self._named(name, position))
        self.wrap(store.Store, "write", lambda _self, name, *_, **__: f"write {name}")
        self.wrap(DeltaTable, "create_write_transaction", lambda t, *_, **__: f"commit {_name(t)}")
        self.wrap(DeltaTable, "restore", lambda t, *_, **__: f"restore {_name(t)}")
        self.wrap(DeltaTable, "create_checkpoint", lambda t: f"checkpoint {_name(t)}")
        self.wrap(housekeeping, "join", lambda _store, name, _files: f"join {name}")
        created: Any = "create_table_with_add_actions"
        self.wrap(store, created, lambda uri, *_, **__: f"create {Path(uri).name}")

    def _named(self, name: str, position: int) -> Callable[..., str | None]:
        def label(*positional: Any, **_: Any) -> str | None:
            target = positional[position]
            path = Path(f"/dev/fd/{target}").readlink() if isinstance(target, int) else Path(target)
            inside = str(path).startswith(self.lake)
            scratch = "/" in str(path).partition("/_scratch-")[2]
            if not inside or scratch or (name == "mkdir" and path.exists()):
                return None
            return f"{name} {str(path)[len(self.lake) :]}"

        return label

    def _strike(self) -> None:
        if self.act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        else:
            _limit_files(0)


def _name(table: Any) -> str:
    return str(table.table_uri).rstrip("/").rpartition("/")[2]


def _limit_files(size: int) -> None:
    hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))


def _child(order: list[Any], trace: int) -> int:
    from questline.cli.app import build  # noqa: PLC0415 - loaded by the server
    from questline.cli.launch import launch  # noqa: PLC0415

    arguments, lake, at, after, act, limit, seconds = order
    library = os.environ.get("KILL_POINTS")
    if library:
        ctypes.CDLL(library).kill_points_arm(lake.encode(), at, int(after), trace)
    else:
        Watch(lake, at, act, trace, after=after).everything()
    if limit is not None:
        _limit_files(limit)
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    return launch(build(), arguments, "questline")


def _forked(order: list[Any]) -> Outcome:
    pipes = [os.pipe() for _ in range(3)]
    child = os.fork()
    if not child:
        code = 99
        try:
            os.dup2(pipes[1][1], 1)
            os.dup2(pipes[2][1], 2)
            code = _child(order, pipes[0][1])
            sys.stdout.flush()
        except BaseException:  # noqa: BLE001 - what the command line let through is what is sought
            traceback.print_exc()
        finally:
            os._exit(code)
    texts = []
    for reading, writing in pipes:
        os.close(writing)
        with os.fdopen(reading, "rb") as handle:
            texts.append(handle.read().decode())
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Outcome(code, texts[0].splitlines(), texts[2], texts[1])


def _serve() -> None:
    from questline.cli.app import build  # noqa: PLC0415 - loads everything a run needs
    from questline.models.catalogue import MODELS, compiled  # noqa: PLC0415
    from questline.models.rules import Rules  # noqa: PLC0415

    import_module("pandas")  # by DuckDB, in a run
    build()
    for name in MODELS:
        compiled(name, Rules())
    for line in sys.stdin:
        print(json.dumps(_forked(json.loads(line))), flush=True)


if __name__ == "__main__":
    _serve()
