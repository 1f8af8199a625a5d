"""How a command ends: a line for people and an exit code."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from questline.cli.launch import launch


def ended(error: BaseException) -> int:
    """The exit code of a command that raises this."""
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    def fail() -> None:
        raise error

    return launch(app, [], "questline")


def stopped_query() -> RuntimeError:
    """What DuckDB raises at Ctrl-C."""
    error = RuntimeError("Query interrupted")
    error.__cause__ = KeyboardInterrupt()
    return error


@pytest.mark.parametrize("error", [KeyboardInterrupt(), typer.Abort(), stopped_query()])
def test_ctrl_c_says_that_nothing_changed(
    error: BaseException, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended(error) == 130
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Stopped; what is published is unchanged.\n")


def test_a_fault_of_the_program_is_not_hidden() -> None:
    with pytest.raises(RuntimeError, match="broken"):
        ended(RuntimeError("broken"))


@pytest.mark.parametrize("script", ["event_generator", "etl_pipeline", "metrics"])
def test_a_python_without_the_libraries_is_told_what_to_do(script: str) -> None:
    path = Path(__file__).parents[2] / "src" / f"{script}.py"
    bare = {n: v for n, v in os.environ.items() if n != "PYTHONPATH"}
    # -S leaves out what is installed.
    asked = [sys.executable, "-S", str(path)]
    done = subprocess.run(asked, env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert " is missing for " in line
    assert "pip install -r requirements.txt" in line
