from __future__ import annotations

import json
import os
import re
import signal
import threading
from pathlib import Path

import pytest

from questline.cli.live import Stop, report
from questline.cli.simulate import main
from questline.simulation.live import LiveSummary


def test_live_for_some_seconds_ends_by_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "raw"
    assert main(["--live", "--rate", "100", "--for", "1", "--out", str(out)]) == 0
    printed = capsys.readouterr()
    lines = [
        json.loads(line)
        for path in out.glob("events-live-*.jsonl")
        for line in path.read_text().splitlines()
    ]
    assert 80 <= len(lines) <= 120
    wrote = rf"Wrote {len(lines)} events in 2 files in \d+\.\d seconds \(\d+ events/s\) into "
    assert re.match(wrote, printed.out)
    assert printed.out.count("\n") == 1
    assert printed.err.startswith("About 100 events a second into ")


def test_live_ctrl_c_is_a_clean_end(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    timer = threading.Timer(1.0, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    try:
        assert main(["--live", "--rate", "100", "--out", str(tmp_path)]) == 130
    finally:
        timer.join()
    assert capsys.readouterr().out.startswith("Wrote ")
    assert not list(tmp_path.glob(".*"))
    assert all(p.read_bytes().endswith(b"}\n") for p in tmp_path.iterdir())


def test_live_folder_of_other_events_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "players.jsonl").write_text("{}\n")
    assert main(["--live", "--for", "1", "--out", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    assert printed.err.startswith(f"Error: --out {tmp_path} holds players.jsonl, which is not")
    assert printed.out + printed.err.partition("\n")[2] == ""


def test_stop_second_request_breaks_off() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Stop() as stop:
        assert not stop()
        signal.raise_signal(signal.SIGINT)
        assert stop()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is before


def test_report_says_when_the_rate_was_too_high() -> None:
    summary = LiveSummary(Path("raw"), 9_000, 700, 600, 4, 10.0, 3.2)
    assert report(summary) == (
        "Wrote 9,000 events in 4 files in 10.0 seconds (900 events/s) into raw. "
        "The last event is 3.2 s late: the rate is too high."
    )


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["--live", "--rate", "0"], "--rate == 0"),
        (["--live", "--rate", "50001"], "--rate == 50001"),
        (["--live", "--days", "3"], "--days does not go with --live"),
        (["--live", "--dirt", "0.1"], "--dirt does not go with --live"),
        (["--live", "--format", "parquet"], "--format == 'parquet'"),
        (["--rate", "10"], "--rate needs --live"),
        (["--for", "10"], "--for needs --live"),
    ],
)
def test_live_mistake_is_one_line_and_exit_1(
    arguments: list[str],
    named: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith(f"Error: {named}")
    assert printed.err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
