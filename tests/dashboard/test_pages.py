"""What the pages show is what the metrics say; what cannot be shown says why."""

import json
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from lakes import deliver, settings_for
from questline.dashboard.questions import Lake
from questline.errors import UsageError
from questline.metrics import Kind
from questline.metrics.display import brief

Show = Callable[..., AppTest]
FIRST, LAST = date(2026, 1, 1), date(2026, 1, 12)
PAGES = ("", "retention")


def tiles(app: AppTest) -> dict[str, str]:
    return {tile.label: tile.value for tile in app.metric}


def values(app: AppTest) -> list[str]:
    return [tile.value for tile in app.metric]


@pytest.mark.parametrize("page", PAGES)
def test_pages_draw_without_a_fault(show: Show, simulated: Path, page: str) -> None:
    app = show(simulated, page)
    assert not app.exception
    assert not app.warning
    assert not app.error
    assert len(app.metric) > 4
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
    assert "Widen the filters" in app.info[0].value
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
        (ZeroDivisionError("by zero"), "Achievements cannot be shown: by zero"),
    ],
)
def test_one_card_fails_alone(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch, fault: Exception, said: str
) -> None:
    app = show(simulated, "progression_money")
    whole = values(app)
    monkeypatch.setattr(Lake, "ask", failing("achievements", fault))
    app.run()
    assert not app.exception
    assert [w.value for w in app.warning] == [said]
    assert values(app) == whole


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
    app = show(made.lake, "progression_money")
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


def failing(metric: str, fault: Exception) -> Callable[..., Any]:
    real = Lake.ask

    def ask(lake: Lake, name: str, **options: Any) -> Any:
        if name == metric:
            raise fault
        return real(lake, name, **options)

    return ask
