"""Names and texts that would break what a terminal shows: one readable line, never a traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from hostile import lines

if sys.platform == "win32":
    pytest.skip("needs a pseudo-terminal", allow_module_level=True)

import pty

CALL = [sys.executable, "-c", "from questline.cli import main; main()"]
NAMES = ["[/red].jsonl", "[bold]x.jsonl", "a\nb.jsonl", "\x1b[31m.jsonl", "☃.jsonl", "%s{0}.jsonl"]
BROKEN = [f"{name}.gz" for name in NAMES]


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    folder = tmp_path / "raw"
    (folder / "[").mkdir(parents=True)
    for number, name in enumerate(NAMES):
        (folder / name).write_bytes(lines(number) + "\x1b[31m ☃ [/b]\n".encode())
    for name in BROKEN:
        (folder / name).write_bytes(b"\x1f\x8b\x08")
    (folder / "☃\n.png").touch()
    return folder


def command(raw: Path, *words: str) -> list[str]:
    places = {"run": ["--raw", str(raw)]}.get(words[0], [])
    return [*CALL, *words, *places, "--lake", str(raw.parent / "lake")]


def on_terminal(call: list[str], folder: Path) -> tuple[int, str]:
    """Exit code and output of a command whose output is a terminal."""
    leader, follower = pty.openpty()
    shown = b""
    with subprocess.Popen(call, stdout=follower, stderr=follower, cwd=folder) as process:
        os.close(follower)
        try:
            while chunk := os.read(leader, 4096):
                shown += chunk
        except OSError:  # Linux says EIO where the other end is closed
            pass
    os.close(leader)
    return process.returncode, shown.decode()


def test_progress_shows_names_as_they_are(raw: Path) -> None:
    code, text = on_terminal(command(raw, "run"), raw.parent)
    assert (code, "Traceback" in text) == (0, False)
    assert "\x1b[31m" not in text
    assert "Not taken: a\\nb.jsonl.gz (" in text


@pytest.mark.parametrize("encoding", ["latin-1", "ascii"])
def test_every_encoding_shows_every_name(raw: Path, encoding: str) -> None:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    for words in (["run"], ["status"], ["rejected", "--limit", "9"]):
        done = subprocess.run(
            command(raw, *words), check=False, capture_output=True, env=environment, cwd=raw.parent
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert b"\x1b" not in done.stdout
        assert b"\r" not in done.stdout
