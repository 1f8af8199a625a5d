"""The command line: `questline COMMAND`."""


def main(*before: str) -> None:
    """Runs the command line, with `before` put ahead of the arguments, and exits."""
    # `cli.simulate` alone, without lake and metrics, starts in half the time.
    from questline.cli.app import run  # noqa: PLC0415

    run(*before)
