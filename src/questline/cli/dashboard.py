"""`questline dashboard`: the pages in the browser, served on this machine only."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from questline import dashboard as package
from questline.errors import UsageError
from questline.settings import load_settings

OPTIONS = {
    "server.address": "127.0.0.1",
    "server.showEmailPrompt": "false",
    "browser.gatherUsageStats": "false",
    "client.toolbarMode": "viewer",
    "theme.light.primaryColor": "#2B83BF",
    "theme.dark.primaryColor": "#2B83BF",
}
"""What `.streamlit/config.toml` of a checkout says, for wherever this is started."""


def register(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command()(dashboard)


def dashboard(
    *,
    lake: Annotated[
        Path | None, typer.Option("--lake", metavar="DIR", help="Folder of the lake.")
    ] = None,
    port: Annotated[
        int, typer.Option(metavar="N", min=1, max=65_535, help="Port on 127.0.0.1.")
    ] = 8501,
    browser: Annotated[
        bool, typer.Option("--browser/--no-browser", help="Open the page in the browser.")
    ] = True,
) -> None:
    """Show the dashboard in the browser, until Ctrl-C."""
    if find_spec("streamlit") is None or find_spec("altair") is None:
        raise UsageError("The dashboard needs Streamlit. Run `pip install 'questline[dashboard]'`.")
    found = load_settings(None, lake=lake)
    given = {**OPTIONS, "server.port": str(port), "server.headless": str(not browser).lower()}
    flags = [f"--{name}={value}" for name, value in given.items()]
    page = Path(package.__file__).with_name("app.py")
    command = [sys.executable, "-m", "streamlit", "run", str(page), *flags]
    environment = {**os.environ, "QUESTLINE_LAKE": str(found.lake)}
    os.execve(sys.executable, command, environment)  # noqa: S606 - signals then reach the server
