"""`questline report`: the numbers and charts of a period in one file, for mail and paper."""

from importlib.util import find_spec
from pathlib import Path
from typing import Annotated

import typer

from questline.api import open as open_lake
from questline.cli.output import replacing
from questline.cli.questions import ExcludeOption, Lake, SegmentOption, SettingsFile, WhereOption
from questline.errors import UsageError
from questline.formats import readable
from questline.metrics.attributes import parse_day
from questline.report.questions import Chosen
from questline.settings import load_settings


def register(app: typer.Typer) -> None:
    """Adds the command to the app."""
    app.command()(report)


def report(
    *,
    out: Annotated[Path, typer.Option(metavar="FILE", help="The file to write.")] = Path(
        "questline-report.html"
    ),
    to: Annotated[
        str | None, typer.Option(metavar="DATE", help="Last day; the last complete one by default.")
    ] = None,
    days: Annotated[
        int, typer.Option(metavar="N", min=1, max=366, help="How many days up to the last.")
    ] = 7,
    where: WhereOption = None,
    segment: SegmentOption = None,
    exclude: ExcludeOption = None,
    lake: Lake = None,
    settings: SettingsFile = None,
) -> None:
    """Write the week's numbers and charts into one HTML file, to be sent and printed.

    The file needs neither network nor scripts. Every number says what it means and which command
    gives it.
    """
    if find_spec("altair") is None or find_spec("vl_convert") is None:
        raise UsageError("The report needs Altair. Run `pip install 'questline[report]'`.")
    # Altair takes longer to load than other commands take.
    from questline.report.content import collect  # noqa: PLC0415
    from questline.report.page import MARK, page  # noqa: PLC0415

    _only_own(out, MARK)
    last = None if to is None else parse_day(to, "--to")
    analytics = open_lake(lake, load_settings(settings))
    chosen = Chosen(where or (), segment or (), exclude)
    with replacing(out) as sink:
        made = collect(analytics, chosen, last, days)
        text = page(made).encode()
        sink.write(text)
    size = f"{len(text) / 1e3:,.0f} kB"
    said = f"Wrote {readable(str(out))}: {made.period}, lake version {made.facts.version}, {size}."
    typer.echo(said, err=True)


def _only_own(out: Path, mark: str) -> None:
    """Refuses to replace a file that is no report; an empty one is nobody's.

    Raises:
        UsageError: another file stands there.
    """
    if not out.is_file():
        return
    try:
        with out.open("rb") as file:
            begun = file.read(len(mark.encode()))
    except OSError as error:
        raise UsageError(
            f"{out} cannot be read ({error.strerror}). Choose another --out."
        ) from error
    if begun not in (b"", mark.encode()):
        raise UsageError(f"{out} is no report of Questline. Choose another --out, or remove it.")
