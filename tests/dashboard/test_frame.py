"""The frame of all pages: filters, tiles, states; what cannot be shown says why."""

import json
import shlex
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from lakes import deliver, settings_for
from questline.dashboard import app
from questline.dashboard.filters import Filters, usual
from questline.dashboard.questions import Answers, Lake
from questline.dashboard.text import literal
from questline.errors import UsageError
from questline.lake.facts import LakeFacts
from questline.lake.publication import being_written, lock
from questline.metrics import Kind
from questline.metrics.display import brief
from seen import tiles

Show = Callable[..., AppTest]
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 12)
PAGES = [function.__name__ for _, _, function in app.PAGES]


def values(app: AppTest) -> list[str]:
    return [tile.value for tile in app.metric]


@pytest.mark.parametrize("page", PAGES)
def test_pages_draw_without_a_fault(show: Show, simulated: Path, page: str) -> None:
    app = show(simulated, "" if page == "overview" else page)
    assert not app.exception
    assert not app.warning
    assert not app.error
    assert f"Complete from {FIRST} until {LAST}" in app.caption[-1].value


def test_tiles_say_what_the_metrics_say(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    shown = tiles(show(simulated))
    arpdau = lake.result("arpdau").rows()[0]["arpdau_total"]
    revenue = lake.result("revenue").rows()[0]["revenue_usd"]
    d1 = lake.result("retention", days=[1]).rows()[0]["retention"]
    assert shown["ARPDAU"] == brief(arpdau, Kind.USD_EACH)
    assert shown["Revenue"] == brief(revenue, Kind.USD)
    assert shown["Day-1 retention"] == brief(d1, Kind.SHARE)
    assert shown["Daily players, 12 Jan"] == str(lake.result("dau").rows()[-1]["players"])


def test_filters_of_the_address_change_the_numbers(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    narrow: dict[str, Any] = {
        "start": date(2026, 1, 6),
        "end": LAST,
        "where": {"platform": ["ios"]},
    }
    shown = tiles(show(simulated, period="7 days", platform="ios"))
    expected = lake.result("revenue", **narrow).rows()[0]["revenue_usd"]
    assert shown["Revenue"] == brief(expected, Kind.USD)
    assert shown["Revenue"] != tiles(show(simulated))["Revenue"]


def test_filter_set_by_hand_changes_the_numbers(show: Show, simulated: Path) -> None:
    app = show(simulated)
    before = values(app)
    app.multiselect(key="platform").set_value(["android"]).run()
    assert not app.exception
    assert values(app) != before


def test_cohorts_that_are_not_mature_have_no_number(show: Show, simulated: Path) -> None:
    days = ["2026-01-12", "2026-01-12"]
    app = show(simulated, period="Choose days", days=days)
    assert tiles(app)["Day-1 retention"] == "-"
    assert {tile.label: tile.delta for tile in app.metric}["Day-1 retention"] == (
        "observed on 13 Jan 2026"
    )


def test_no_lake_yet_shows_the_two_commands(show: Show, tmp_path: Path) -> None:
    app = show(tmp_path / "none")
    assert not app.exception
    assert app.info[0].value.startswith("There is no lake yet")
    assert "python src/etl_pipeline.py" in app.code[0].value
    assert not app.metric


def test_nobody_left_says_so(show: Show, simulated: Path) -> None:
    days = ["2027-01-01", "2027-01-03"]
    app = show(simulated, period="Choose days", days=days)
    assert not app.exception
    assert "Widen them" in app.info[0].value
    assert not app.metric


def test_damaged_lake_is_one_line(show: Show, tmp_path: Path) -> None:
    (tmp_path / "_published.json").write_text("{")
    app = show(tmp_path)
    assert not app.exception
    assert len(app.error) == 1


def test_lake_made_anew_in_its_folder_shows_its_own_numbers(show: Show, tmp_path: Path) -> None:
    """The number of the version is 1 again, and is no key to remember answers under."""
    made = settings_for(tmp_path, complete_until="2026-01-03")
    for players in (2, 1):
        deliver(made, [("a.jsonl", b"".join(logins(players)))])
        app = show(made.lake)
        assert tiles(app)["Daily players, 3 Jan"] == str(players)
        shutil.rmtree(tmp_path / "lake")
        (tmp_path / "raw" / "a.jsonl").unlink()


def test_newer_version_is_shown_without_a_restart(show: Show, tmp_path: Path) -> None:
    made = settings_for(tmp_path, complete_until="2026-01-03")
    deliver(made, [("a.jsonl", b"".join(logins(1)))])
    app = show(made.lake)
    deliver(made, [("b.jsonl", b"".join(logins(2)))])
    app.run()
    assert tiles(app)["Daily players, 3 Jan"] == "2"
    assert "lake version 2" in app.caption[-1].value


def test_days_of_the_address_in_the_wrong_order_are_the_same_days(
    show: Show, simulated: Path
) -> None:
    days = ["2026-01-02", "2026-01-05"]
    right = show(simulated, period="Choose days", days=days)
    wrong = show(simulated, period="Choose days", days=days[::-1])
    assert not wrong.error
    assert values(wrong) == values(right)


def test_days_that_are_not_complete_are_named_below(show: Show, simulated: Path) -> None:
    days = ["2026-01-05", "2026-01-20"]
    app = show(simulated, period="Choose days", days=days)
    assert "until 2026-01-12 (later days are pale)" in app.caption[-1].value
    assert "pale" not in show(simulated).caption[-1].value


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (UsageError("Choose another day."), "Choose another day."),
        (ZeroDivisionError("by zero"), "Revenue by day cannot be shown: by zero"),
    ],
)
def test_one_card_fails_alone(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    app = show(simulated)
    whole = tiles(app)
    monkeypatch.setattr(Lake, "answer", failing("revenue", {"per": "day"}, fault))
    app.run()
    assert not app.exception
    assert said in [w.value for w in app.warning]
    left = tiles(app)
    assert len(left) == len(whole) - 1
    assert left.items() <= whole.items()


def test_names_are_text_never_markup(show: Show, tmp_path: Path) -> None:
    """A platform and an achievement called like HTML and Markdown reach the page as they are."""
    evil = "<script>alert(1)</script> **b** [x](http://x)"
    made = settings_for(tmp_path)
    lines = [
        json.dumps(
            {
                "event_id": str(UUID(int=n)),
                "player_id": str(UUID(int=7)),
                "event_type": "achievement_unlocked",
                "timestamp": f"2026-01-0{n + 1}T10:00:00Z",
                "platform": evil,
                "properties": {"achievement_id": evil},
            }
        )
        for n in range(3)
    ]
    deliver(made, [("a.jsonl", "".join(f"{text}\n" for text in lines).encode())])
    app = show(made.lake)
    assert not app.exception
    assert app.multiselect(key="platform").options == [evil]
    assert not any(evil in text.value for text in app.markdown)
    assert not app.get("html")


def logins(players: int) -> Iterator[bytes]:
    """One event a player on each of three days."""
    for n in range(3 * players):
        event = {
            "event_id": str(UUID(int=n)),
            "player_id": str(UUID(int=100 + n // 3)),
            "event_type": "login",
            "timestamp": f"2026-01-0{n % 3 + 1}T10:00:00Z",
            "properties": {},
        }
        yield json.dumps(event).encode() + b"\n"


def failing(metric: str, options: dict[str, Any], fault: Exception) -> Callable[..., Any]:
    real = Lake.answer

    def answer(lake: Lake, question: Any) -> Any:
        if question.metric == metric and options.items() <= question.asked.items():
            raise fault
        return real(lake, question)

    return answer


def test_change_is_against_the_equal_period_before(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    days = ["2026-01-09", "2026-01-12"]
    now, before = (
        lake.result("revenue", start=a, end=b).rows()[0]["revenue_usd"]
        for a, b in ((days[0], days[1]), ("2026-01-05", "2026-01-08"))
    )
    app = show(simulated, period="Choose days", days=days)
    assert {t.label: t.delta for t in app.metric}["Revenue"] == f"{100 * (now / before - 1):+.1f} %"
    app = show(simulated, period="Choose days", days=days, compare="false")
    assert not any(tile.delta for tile in app.metric)
    early = ["2026-01-03", "2026-01-06"]
    assert not any(t.delta for t in show(simulated, period="Choose days", days=early).metric)


def test_usual_period_leaves_as_many_days_before_it() -> None:
    for days, expected in ((7, "All days"), (20, "7 days"), (30, "14 days"), (400, "28 days")):
        facts = LakeFacts(1, date(2026, 1, 1), date(2026, 1, 1) + timedelta(days=days - 1))
        assert usual(facts) == expected
    assert usual(LakeFacts(1, None, None)) == "All days"


def test_every_filter_reaches_the_question(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    country = lake.values("country")[0]
    where = ["platform=ios", f"country={country}"]
    app = show(simulated, platform="ios", country=country)
    players = lake.result("arpu", where=where).rows()[0]["revenue_usd"]
    assert tiles(app)["Revenue"] == brief(players, Kind.USD)
    assert f"Filtered: ios · {country}" in [text.value for text in app.caption]


def test_segments_are_left_out_by_the_settings_and_by_hand(
    show: Show, simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "questline.toml").write_text(
        'exclude = ["apple"]\n[segments.apple]\nwhere = ["platform=ios"]\n'
    )
    monkeypatch.chdir(tmp_path)
    lake = questline.open(simulated)
    without, everybody, only = (
        lake.result("revenue", exclude="none", where=where).rows()[0]["revenue_usd"]
        for where in ("platform!=ios", (), "platform=ios")
    )
    app = show(simulated)
    assert tiles(app)["Revenue"] == brief(without, Kind.USD)
    app.multiselect(key="exclude").set_value([]).run()
    assert tiles(app)["Revenue"] == brief(everybody, Kind.USD)
    app.multiselect(key="segment").set_value(["apple"]).run()
    assert tiles(app)["Revenue"] == brief(only, Kind.USD)


def test_number_explains_itself(show: Show, simulated: Path) -> None:
    app = show(simulated, platform="ios")
    app.button(key="about Revenue by day").click().run()
    assert not app.exception
    command, sql = (code.value for code in app.code)
    asked = "questline metric revenue --where platform=ios --per day --lake"
    assert command == f"{asked} {shlex.quote(str(simulated))}"
    assert sql.startswith("SELECT")
    said = " ".join(text.value for text in app.caption)
    assert "lake version 1" in said
    assert "platform=ios" in said


def test_run_that_is_writing_is_named_below(show: Show, simulated: Path) -> None:
    assert not being_written(simulated)
    with lock(simulated):
        assert being_written(simulated)
        assert "A run is writing a newer version" in show(simulated).caption[-1].value
    assert not being_written(simulated)


def test_failed_work_is_tried_anew_and_answers_are_shared(simulated: Path) -> None:
    answers = Answers(questline.open(simulated), most=2)
    calls: list[int] = []

    def work() -> int:
        calls.append(1)
        if len(calls) == 1:
            raise ZeroDivisionError
        return len(calls)

    with pytest.raises(ZeroDivisionError):
        answers.soon("a", work).result()
    assert [answers.soon("a", work).result() for _ in range(3)] == [2, 2, 2]
    assert [answers.soon(key, work).result() for key in "bca"] == [3, 4, 5]


def test_equal_questions_have_one_key(simulated: Path) -> None:
    lake = Lake(Answers(questline.open(simulated)), simulated, "")
    assert lake.question("dau").key == lake.question("dau", all_days=True).key
    assert lake.question("arpu", per="day").key != lake.question("arpu").key
    narrow = replace(lake, filters=Filters(where=("platform=ios",)))
    both = narrow.question("dau", where="country=DE")
    assert both.asked["where"] == ("platform=ios", "country=DE")


@pytest.mark.parametrize(
    "text",
    [
        *("<script>", "**b**", "[x](http://x)", "![x](y)", "www.x.org", "a@b.org", "$x$", "- x"),
        *(":red[x]", ":material/add:", "a|b", "~~x~~", "&lt;", "`x`", "1. x", "# x"),
    ],
)
def test_names_become_markdown_that_shows_them(text: str) -> None:
    made = literal(text)
    assert made.replace("\\", "") == text
    assert made != text
