import json
import re
import shlex
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
import typer

pytest.importorskip("altair")
pytest.importorskip("vl_convert")

from lakes import deliver, settings_for
from literal import at, attempt, bought, day, event, facts, lake, played, player, session
from questline.cli import report as command
from questline.cli.app import build
from questline.cli.launch import launch
from questline.cli.options import metric_options
from questline.errors import UsageError
from questline.metrics import Kind, entry
from questline.metrics.display import brief
from questline.report import page as pages
from questline.report.charts import ads, curves, levels
from questline.report.content import collect
from questline.report.period import Period, before, reported
from questline.report.questions import Chosen
from questline.report.svg import element, sparkline
from questline.report.tiles import TILES

HOSTILE = "<script>alert(1)</script><img src=http://evil.example/x onerror=alert(1)>&\"'"
Say = Callable[..., tuple[int, str, str]]


class Page(HTMLParser):
    """Elements of a page with their attributes, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake of eighteen days."""
    folder = tmp_path_factory.mktemp("report")
    made = ["simulate", "--days", "18", "--users", "500", "--out", str(folder / "raw")]
    assert launch(build(), made, "questline") == 0
    run = ["run", "--raw", str(folder / "raw"), "--lake", str(folder / "lake")]
    assert launch(build(), run, "questline") == 0
    return folder / "lake"


@pytest.fixture(scope="module")
def week(simulated: Path) -> str:
    """The report of the last week."""
    out = simulated.parent / "week.html"
    assert launch(build(), ["report", "--lake", str(simulated), "--out", str(out)], "q") == 0
    return out.read_text(encoding="utf-8")


@pytest.fixture
def say(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Runs a command in an empty folder; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = launch(build(), list(arguments), "questline")
        said = capsys.readouterr()
        return code, said.out, said.err

    return run


def written(say: Say, folder: Path, *arguments: str) -> str:
    code, _, err = say("report", "--lake", str(folder), *arguments)
    assert code == 0, err
    return Path("questline-report.html").read_text(encoding="utf-8")


def commands(text: str) -> dict[str, list[str]]:
    """Words of each command line by what it gives."""
    found = re.findall(r"<li>(.*?)<code>(.*?)</code></li>", text)
    return {
        said: shlex.split(unescape(line)) for names, line in found for said in names.split("; ")
    }


def hostile_lake() -> Any:
    """Sixteen days on which a hostile country, placement and product appear."""
    days = range(1, 17)
    shown = {"placement": HOSTILE, "format": HOSTILE, "amount_usd": Decimal("0.01")}
    watched = [event("a", "ad_watched", at(n), **shown) for n in days]
    return lake(
        facts(16),
        players=[
            player("a", 1, country=HOSTILE, platform=HOSTILE),
            player("b", 9, country="DE", platform="ios"),
            player("c", 12, country=HOSTILE, platform=HOSTILE),
        ],
        player_days=[
            *(played("a", n, ads=1) for n in days),
            *(played("b", n) for n in days if n > 8),
            played("c", 12),
        ],
        sessions=[session("a", n, 60.0) for n in days],
        level_attempts=[attempt("a", 1 + n % 3, "won", n) for n in days],
        purchases=[bought("a", n, "1.99") for n in days],
        events=watched,
    )


def test_numbers_are_those_of_the_command_line(say: Say, simulated: Path, week: str) -> None:
    asked = commands(week)
    shown = [attributes["value"] for attributes in Page(week).named("data")]
    assert len(shown) == len(TILES)
    for tile, value in zip(TILES, shown, strict=True):
        words = [*asked[tile.label][1:], "--lake", str(simulated), "--format", "json"]
        code, out, _ = say(*words)
        assert code == 0
        (*_, row) = json.loads(out)
        told = row[tile.column]
        assert float(value or "nan") == pytest.approx(float(told), rel=1e-12), tile.label


def test_every_command_of_the_page_is_understood(week: str) -> None:
    asked = commands(week)
    assert len(asked) > 30
    command_line: Any = typer.main.get_command(build())
    metric = command_line.commands["metric"]
    for words in asked.values():
        assert words[:2] == ["questline", "metric"]
        with metric.make_context("metric", words[2:]) as context:
            found = entry(context.params["name"])
            found.parse(metric_options(found, context.args))


def test_page_refers_to_nothing_elsewhere(week: str) -> None:
    found = Page(week)
    tags = {name for name, _ in found.elements}
    assert not tags & {"script", "link", "img", "iframe", "object", "image", "use", "base", "form"}
    assert "://" not in week
    assert "url(" not in week.replace("url(#", "")
    for _, attributes in found.elements:
        for name, value in attributes.items():
            assert not name.startswith("on")
            if name in ("href", "src", "xlink:href"):
                assert (value or "").startswith("#")
    policies = [m for m in found.named("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert policies == [
        {"http-equiv": "Content-Security-Policy", "content": pages.POLICY},
    ]
    assert "default-src 'none'" in pages.POLICY


def test_links_inside_the_page_lead_somewhere_and_ids_are_unique(week: str) -> None:
    found = Page(week)
    ids = [str(a["id"]) for _, a in found.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert {str(a["href"])[1:] for a in found.named("a")} <= set(ids)


def test_charts_are_there(week: str) -> None:
    articles = re.findall(r'<article id="(\w+)">', week)
    assert {"players", "revenue", "retention", "levels", "ads", "movers"} <= set(articles)
    assert week.count('role="img"') == 5
    assert week.count('class="spark"') == len(TILES)
    assert len(week) < 300_000


def test_days_players_and_the_last_day_are_chosen(say: Say, simulated: Path) -> None:
    text = written(say, simulated, "--to", "2026-01-10", "--days", "3", "--where", "platform=ios")
    assert "<h1>8 to 10 Jan 2026</h1>" in text
    assert "changes are against 5 to 7 Jan" in text
    assert "<li>platform=ios</li>" in text
    for words in commands(text).values():
        assert "platform=ios" in words


def test_hostile_names_are_text() -> None:
    text = pages.page(collect(hostile_lake(), Chosen(), None, 7))
    found = Page(text)
    assert not {"script", "img"} & {name for name, _ in found.elements}
    assert not any(name.startswith("on") for _, a in found.elements for name in a)
    assert "<script" not in text
    assert f"Country {HOSTILE}" in found.text
    assert "alert(1)" in re.findall(r"<svg.*?</svg>", text, flags=re.S)[-1]


def test_hostile_conditions_are_text() -> None:
    chosen = Chosen(where=(f"country={HOSTILE}",))
    text = pages.page(collect(hostile_lake(), chosen, None, 7))
    assert "<script" not in text
    assert commands(text)["Daily players"][-1] == f"country={HOSTILE}"


def test_no_lake_is_one_line(say: Say, tmp_path: Path) -> None:
    code, out, err = say("report", "--lake", str(tmp_path / "none"))
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "questline run" in err
    assert list(tmp_path.iterdir()) == []


def test_lake_without_a_complete_day_is_one_line(say: Say, tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    deliver(settings, [("events.jsonl", b"")])
    code, _, err = say("report", "--lake", str(settings.lake))
    assert (code, err.count("\n")) == (1, 1)
    assert "No day" in err
    assert not Path("questline-report.html").exists()


def test_day_that_is_not_complete_is_refused(say: Say, simulated: Path) -> None:
    code, _, err = say("report", "--lake", str(simulated), "--to", "2027-01-01")
    assert (code, err.count("\n")) == (1, 1)
    assert "must be a complete day" in err
    code, _, err = say("report", "--lake", str(simulated), "--to", "soon")
    assert "must be a day such as" in err


def test_lake_without_money_levels_and_ads_has_a_report() -> None:
    bare = lake(facts(16), players=[player("a", 1)], player_days=[played("a", 16)])
    text = pages.page(collect(bare, Chosen(), None, 7))
    articles = re.findall(r'<article id="(\w+)">', text)
    assert articles[0] == "players"
    assert not {"revenue", "levels", "ads"} & set(articles)


def test_first_week_has_nothing_to_compare_with() -> None:
    bare = lake(facts(5), players=[player("a", 1)], player_days=[played("a", 1), played("a", 5)])
    report = collect(bare, Chosen(), None, 7)
    assert (report.period, report.earlier) == (Period(day(1), day(5)), None)
    assert {tile.moved for tile in report.tiles} == {None}
    assert "was not observed as a whole" in pages.page(report)


def test_change_is_against_the_equal_period_before() -> None:
    days = [played("a", n) for n in range(1, 15)] + [played("b", 14)]
    made = lake(facts(14), players=[player("a", 1), player("b", 14)], player_days=days)
    report = collect(made, Chosen(), None, 7)
    first = report.tiles[0]
    assert (first.text, first.moved, first.mood) == ("2", "+100.0 %", "better")
    assert first.note == "on 14 Jan"
    assert first.earlier == [1.0] * 7
    assert first.days == [1.0] * 6 + [2.0]


def test_retention_is_of_players_whose_day_fell_into_the_period() -> None:
    acquired = [player("a", 2), player("b", 2), player("c", 9)]
    days = [played("a", 2), played("b", 2), played("a", 9), played("c", 9), played("c", 10)]
    made = lake(facts(14), players=acquired, player_days=days)
    tiles = {tile.label: tile for tile in collect(made, Chosen(), None, 7).tiles}
    assert tiles["Day-7 retention"].value == 0.5
    assert tiles["Day-7 retention"].note == "acquired 1 to 7 Jan"
    assert tiles["Day-1 retention"].value == 1.0
    assert tiles["Day-1 retention"].note == "acquired 7 to 13 Jan"


def test_change_of_retention_needs_the_whole_cohorts_before() -> None:
    made = lake(facts(14), players=[player("a", 1)], player_days=[played("a", 1)])
    report = collect(made, Chosen(), None, 7)
    assert report.earlier is not None
    asked = {said for m in report.meanings for said, _ in m.commands}
    assert "Daily players, the period before" in "".join(asked)
    assert not any("Day-7 retention, the period before" in said for said in asked)


def test_movers_are_sorted_by_how_far_they_moved() -> None:
    countries = {"a": "DE", "b": "DE", "c": "FR", "d": "FR", "e": "FR"}
    days = [played("a", 3), played("c", 3), *(played(p, 10) for p in countries)]
    made = lake(
        facts(14),
        players=[player(p, 1, country=country) for p, country in countries.items()],
        player_days=days,
    )
    card = next(c for c in collect(made, Chosen(), None, 7).cards if c.key == "movers")
    assert [row[:3] for row in card.table.rows] == [
        ["Country FR", "3", "+200.0 %"],
        ["Country DE", "2", "+100.0 %"],
    ]


def test_other_files_are_left_alone(say: Say, simulated: Path, tmp_path: Path) -> None:
    other = tmp_path / "thesis.html"
    other.write_text("<!doctype html>\n<p>mine", encoding="utf-8")
    code, _, err = say("report", "--lake", str(simulated), "--out", str(other))
    assert (code, err.count("\n")) == (1, 1)
    assert "no report of Questline" in err
    assert other.read_text(encoding="utf-8") == "<!doctype html>\n<p>mine"


def test_own_file_is_replaced(say: Say, simulated: Path, week: str, tmp_path: Path) -> None:
    out = tmp_path / "week.html"
    out.write_text(f"{pages.MARK}\nold", encoding="utf-8")
    assert say("report", "--lake", str(simulated), "--out", str(out))[0] == 0
    assert out.read_text(encoding="utf-8") == week
    assert [p.name for p in tmp_path.iterdir()] == ["week.html"]


def test_empty_file_is_nobodys(say: Say, tmp_path: Path) -> None:
    out = tmp_path / "week.html"
    out.touch()
    _, _, err = say("report", "--lake", str(tmp_path / "none"), "--out", str(out))
    assert "questline run" in err


def test_file_is_whole_or_not_there(
    say: Say, simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> str:
        raise UsageError("The lake went away. Run again.")

    monkeypatch.setattr(pages, "page", broken)
    code, _, err = say("report", "--lake", str(simulated))
    assert (code, err) == (1, "Error: The lake went away. Run again.\n")
    assert list(tmp_path.iterdir()) == []


def test_place_that_cannot_be_written_is_one_line(
    say: Say, simulated: Path, tmp_path: Path
) -> None:
    for out in (tmp_path, tmp_path / "none" / "week.html"):
        code, _, err = say("report", "--lake", str(simulated), "--out", str(out))
        assert (code, err.count("\n")) == (1, 1)
        assert "cannot be written" in err


def test_without_altair_the_way_to_get_it(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "find_spec", lambda _: None)
    code, _, err = say("report")
    assert code == 1
    assert "pip install 'questline[report]'" in err


def test_charts_hold_nothing_but_shapes_and_text() -> None:
    head = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink">'
    kept = element(
        f'{head}<g clip-path="url(#clip0)" onclick="x()"><circle opacity="0"/>'
        '<path xlink:href="http://a" aria-label="x" d="M0,0"/></g>'
        '<defs><clipPath id="clip0"/></defs></svg>',
        'A "title"',
        "k",
    )
    assert kept == (
        '<svg role="img" aria-label="A &quot;title&quot;"><g clip-path="url(#k-0)">'
        '<path d="M0,0" /></g><defs><clipPath id="k-0" /></defs></svg>'
    )
    for other in ("script", "image", "foreignObject", "a", "style", "use"):
        with pytest.raises(ValueError, match=other):
            element(f"{head}<{other}/></svg>", "", "k")


def test_sparkline_has_gaps_where_nothing_is_known() -> None:
    text = sparkline([1.0, 2.0], [None, 4.0, 3.0])
    assert '<path class="was" d="M0.0,26.0 L25.0,18.0"/>' in text
    assert '<path class="is" d="M75.0,2.0 L100.0,10.0"/>' in text
    assert sparkline([], []) == ""
    assert "14.0" in sparkline([], [2.0, 2.0])


def test_charts_of_nothing_are_none() -> None:
    assert curves({}) is None
    assert curves({"a": [{"day_number": 1, "retention": None}]}) is None
    assert levels([]) is None
    assert ads([{"placement": "x", "format": "y", "ad_revenue_usd": 0}]) is None


def test_period_is_cut_where_the_log_begins() -> None:
    known = facts(20, first=3)
    assert reported(known, None, 7) == Period(day(14), day(20))
    assert reported(known, day(5), 7) == Period(day(3), day(5))
    assert before(known, Period(day(14), day(20))) == Period(day(7), day(13))
    assert before(known, Period(day(9), day(15))) is None
    assert before(known, Period(day(14), day(20)), lag=7) is None
    with pytest.raises(UsageError, match="complete day"):
        reported(known, date(2026, 2, 1), 7)


def test_tile_texts_are_brief(week: str) -> None:
    shown = re.findall(r'<data value="([^"]*)">([^<]*)</data>', week)
    value, told = shown[2]
    assert told == brief(float(value), Kind.SHARE)
