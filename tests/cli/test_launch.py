"""How a command ends: a line for people and an exit code."""

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
