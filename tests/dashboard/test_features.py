"""The page of features says what the metrics say, of the feature in the address."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from charted import charts_of, drawn
from lakes import deliver, settings_for
from questline.dashboard import charts_features as charts
from questline.metrics import Kind
from questline.metrics.display import brief
from seen import sound, tiles

Show = Callable[..., AppTest]
FIRST = date(2026, 1, 1)
EVIL = "<script>alert(1)</script> **b** [x](http://x)"


def every(app: AppTest) -> list[dict[str, Any]]:
    """Rows of all charts of the page."""
    return [row for rows in charts_of(app) for row in rows]


@pytest.mark.parametrize(
    "address",
    [
        {},
        {"features_feature": "shop", "features_by": "Platform"},
        {"features_feature": "rewarded_ads", "features_cohorts": "New in the period"},
        {"features_feature": "no such", "features_by": "no such"},
    ],
)
def test_every_view_of_the_address_draws(
    show: Show, simulated: Path, address: dict[str, str]
) -> None:
    app = sound(show(simulated, "features", **address))
    assert len(app.metric) == 8
    assert every(app)


def test_tiles_are_the_metrics_of_the_feature(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    app = show(simulated, "features", features_feature="shop", period="All days")
    shown = tiles(app)
    adoption = lake.result("feature_adoption", feature="shop").rows()[0]
    users = lake.result("feature_users", feature="shop").rows()[0]
    again = lake.result("feature_retention", feature="shop", days=[1]).rows()[0]
    waits = lake.result("time_to_adopt", feature="shop", days=[7]).rows()[0]
    breadth = lake.result("feature_breadth").rows()[0]
    assert shown == {
        "Adoption": brief(adoption["adoption"], Kind.SHARE),
        "Users": brief(users["users"], Kind.COUNT),
        "For the first time": brief(users["new_users"], Kind.COUNT),
        "Uses per day of use": brief(users["depth"], Kind.NUMBER),
        "Adopted within 7 days": brief(waits["adopted"], Kind.SHARE),
        "Used again on day 1": brief(again["retention"], Kind.SHARE),
        "Used again on day 7": shown["Used again on day 7"],
        "Features per player": brief(breadth["feature_breadth"], Kind.NUMBER),
    }
    assert shown != tiles(show(simulated, "features", period="All days"))


def test_charts_draw_the_metrics(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    app = show(simulated, "features", features_feature="shop", period="All days")
    rows = every(app)
    daily = lake.result("feature_users", feature="shop", per="day").rows()
    found = {r["event_date"]: r["adopters"] for r in rows if "stickiness" in r}
    assert found == {r["event_date"].isoformat(): r["adopters"] for r in daily}
    adoption = lake.result("feature_adoption").rows()
    found = {r["feature"]: r["adoption"] for r in rows if "eligible" in r}
    assert found == {r["feature"]: r["adoption"] for r in adoption if r["adoption"] is not None}
    waits = lake.result("time_to_adopt", feature="shop", days=list(range(31))).rows()
    found = {r["day_number"]: r["adopted"] for r in rows if "at_risk" in r}
    assert found == {r["day_number"]: r["adopted"] for r in waits if r["adopted"] is not None}


def test_feature_chosen_by_hand_changes_the_page(show: Show, simulated: Path) -> None:
    app = show(simulated, "features")
    before = tiles(app)
    app.selectbox(key="features_feature").set_value("shop").run()
    sound(app)
    assert tiles(app) != before
    assert any("A use is purchase" in text.value for text in app.caption)


def test_breakdown_splits_the_charts(show: Show, simulated: Path) -> None:
    app = show(simulated, "features", features_feature="shop", features_by="Platform")
    lake = questline.open(simulated)
    start = date(2026, 1, 12) - timedelta(6)
    by = lake.result("feature_adoption", feature="shop", by="platform", start=start)
    assert {r["part"] for r in every(app) if "part" in r and "value" not in r} == {
        r["platform"] or "(unknown)" for r in by.rows()
    }


def test_feature_that_nobody_used_says_so(show: Show, simulated: Path) -> None:
    """It is launched after the last day of this lake."""
    app = sound(show(simulated, "features", features_feature="rush_mode"))
    assert tiles(app)["Adoption"] == "-"
    said = [text.value for text in app.caption]
    assert any("launched on 15 Jan 2026" in text for text in said)
    assert sum(text.startswith("Nobody") for text in said) == 4
    assert not any(text.startswith("Fewer") for text in said)


def test_without_features_the_page_says_how_to_declare_one(
    show: Show, simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    app = sound(show(simulated, "features"))
    assert app.info[0].value.startswith("No feature is declared")
    assert "[features.shop]" in app.code[0].value
    assert any("achievement_id" in row for row in every(app))


def test_lines_that_it_says_declare_features(
    show: Show, simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "questline.toml").write_text(show(simulated, "features").code[0].value)
    app = sound(show(simulated, "features"))
    assert app.selectbox(key="features_feature").options == ["shop", "rush_mode"]
    assert tiles(app)["Users"] != "0"


def test_names_are_text(show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An achievement, an event and a feature called like HTML and Markdown."""
    made = settings_for(tmp_path, complete_until="2026-01-03")
    deliver(made, [("a.jsonl", b"".join(unlocked()))])
    monkeypatch.chdir(tmp_path)
    named = json.dumps(EVIL)
    (tmp_path / "questline.toml").write_text(
        f'[features.{named}]\nevent = "achievement_unlocked"\nwhere = {{ {named} = {named} }}\n'
        f"eligible = {{ platform = {named} }}\n"
    )
    app = sound(show(made.lake, "features", features_by="Platform"))
    assert app.selectbox(key="features_feature").options == [EVIL]
    assert {r["achievement_id"] for r in every(app) if "achievement_id" in r} == {EVIL}
    assert not any(EVIL in text.value for text in (*app.markdown, *app.caption))
    assert not app.get("html")


def test_one_card_fails_alone(
    show: Show, simulated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A feature that asks for text of a number."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "questline.toml").write_text(
        '[features.late]\nevent = "level_start"\nwhere = { level = "late" }\n'
    )
    app = show(simulated, "features")
    assert not app.exception
    assert app.warning
    assert any("achievement_id" in row for row in every(app))


def test_shares_come_largest_first_and_the_longest_list_is_cut() -> None:
    rows = [{"name": f"a{n}", "rate": n / 20, "part": n, "whole": 20} for n in range(20)]
    chart = charts.rates(rows, "name", "rate", "part", "whole", limit=3)
    assert [row["name"] for row in drawn(chart)] == ["a19", "a18", "a17"]


def test_launch_is_marked_where_it_is_seen() -> None:
    day = {"complete": True, "new_users": 1, "adopters": 1}
    rows = [{**day, "event_date": FIRST + timedelta(n)} for n in range(3)]
    seen = charts.adopters(rows, FIRST + timedelta(1))
    assert [r["event_date"] for r in drawn(seen) if "said" in r] == ["2026-01-02"]
    unseen = charts.adopters(rows, FIRST - timedelta(1))
    assert not [r for r in drawn(unseen) if "said" in r]


def test_nothing_to_draw_is_no_chart() -> None:
    assert charts.rates([], "name", "rate", "part", "whole") is None
    assert charts.adopters([{"event_date": FIRST, "adopters": 0}]) is None


def unlocked() -> Iterator[bytes]:
    """One player unlocks an achievement on each of three days."""
    for n in range(3):
        event = {
            "event_id": str(UUID(int=n)),
            "player_id": str(UUID(int=7)),
            "event_type": "achievement_unlocked",
            "timestamp": f"2026-01-0{n + 1}T10:00:00Z",
            "platform": EVIL,
            "properties": {"achievement_id": EVIL, EVIL: EVIL},
        }
        yield json.dumps(event).encode() + b"\n"
