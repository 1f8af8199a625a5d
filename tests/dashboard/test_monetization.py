"""What the page Monetization shows is what the metrics say."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from streamlit.testing.v1 import AppTest

import questline
from charted import charts_of
from lakes import deliver, settings_for
from questline.dashboard.pages import monetization
from questline.metrics import Kind
from questline.metrics.display import brief
from seen import break_questions, sound, tiles, titles

Show = Callable[..., AppTest]
PAGE = "monetization"
WEEK: dict[str, Any] = {"start": date(2026, 1, 6), "end": date(2026, 1, 12)}
EVIL = "<script>alert(1)</script> **b**"


def test_every_card_is_drawn(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, period="All days")
    sound(app)
    assert {"Revenue by day", "Revenue per player (LTV)", "Products, before refunds"} <= set(
        titles(app)
    )


def test_tiles_say_what_the_metrics_say(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    shown = tiles(show(simulated, PAGE, period="7 days"))

    def said(metric: str, column: str) -> str:
        found = lake.result(metric, **WEEK)
        return brief(found.rows()[0][column], found.entry.kind(column))

    assert shown["ARPU"] == said("arpu", "arpu")
    assert shown["ARPDAU"] == said("arpdau", "arpdau_total")
    assert shown["ARPPU"] == said("arppu", "arppu")
    assert shown["Conversion to payer"] == said("conversion", "conversion")
    assert shown["Purchases, net"] == said("revenue", "net_usd")
    assert shown["Ad revenue"] == said("ad_revenue", "ad_revenue_usd")
    assert shown["Payers who bought again"] == said("repeat_rate", "repeat_rate")


def test_refunds_of_the_address_are_taken_off_on_their_own_day(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, period="7 days", money_refunds="On the day of refund")
    lake = questline.open(simulated)
    row = lake.result("revenue", **WEEK, refunds="refund_date").rows()[0]
    assert tiles(app)["Paid back"] == brief(row["refunded_usd"], Kind.USD)
    assert tiles(app)["Purchases, net"] == brief(row["net_usd"], Kind.USD)


def test_value_of_players_is_of_all_cohorts_until_the_reader_asks_for_those_of_the_period(
    show: Show, simulated: Path
) -> None:
    lake = questline.open(simulated)
    ages = list(range(12))
    everyone = lake.result("ltv", days=ages).rows()
    newcomers = lake.result("ltv", days=ages, **WEEK).rows()
    for address, rows in (({}, everyone), ({"money_cohorts": "Acquired in the period"}, newcomers)):
        app = show(simulated, PAGE, period="7 days", **address)
        curve = next(found for found in charts_of(app) if "ltv" in found[0])
        known = [row for row in rows if row["ltv"] is not None]
        assert [(row["day_number"], row["ltv"]) for row in curve] == [
            (row["day_number"], row["ltv"]) for row in known
        ]


def test_breakdown_of_the_address_draws_the_largest_values(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, money_split="Country")
    curve = next(found for found in charts_of(app) if "ltv" in found[0])
    names = list(dict.fromkeys(row["part"] for row in curve))
    rows = questline.open(simulated).result("ltv", days=[0], by="country").rows()
    largest = sorted(rows, key=lambda row: -row["players"])[:5]
    assert names == [row["country"] for row in largest]
    assert any(text.value.startswith("The 5 largest of") for text in app.caption)


def test_wrong_value_of_the_address_is_no_fault(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, money_split="<b>", money_refunds="x", money_cohorts="y")
    sound(app)
    assert app.selectbox(key="money_split").value == "Nothing"


def test_products_are_those_of_the_metric(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, period="All days")
    bars = next(found for found in charts_of(app) if "with_property" in found[0])
    asked = {"event": "purchase", "by": "event.product_id", "property": "amount_usd"}
    rows = questline.open(simulated).result("event_trend", **asked).rows()
    assert {row["name"]: row["total"] for row in bars}.items() <= {
        row["event.product_id"]: float(row["total"]) for row in rows
    }.items()


def test_ads_are_told_apart_as_the_reader_asks(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE, money_ads_by="Format")
    bars = next(found for found in charts_of(app) if "ecpm_usd" in found[0])
    rows = questline.open(simulated).result("ad_performance", ads_by="format").rows()
    assert {row["name"] for row in bars} == {row["format"] for row in rows}


def test_few_payers_have_no_shares(show: Show, simulated: Path) -> None:
    app = show(simulated, PAGE)
    assert any("players paid in this period" in text.value for text in app.caption)
    assert "Gini" not in tiles(app)


def test_shares_of_the_top_payers(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(monetization, "LEAST_PAYERS", 1)
    shown = tiles(show(simulated, PAGE, period="All days"))
    row = questline.open(simulated).result("concentration", least_payers=1).rows()[0]
    assert shown["Gini"] == brief(row["gini"], Kind.NUMBER)
    assert shown["Share of the top 1 %"] == brief(row["top_1_share"], Kind.SHARE)


def test_log_without_money_is_one_sentence(show: Show, tmp_path: Path) -> None:
    app = show(made(tmp_path, "login", {}), PAGE)
    sound(app)
    assert [text.value for text in app.info] == [monetization.NONE_IN_LOG]
    assert not app.metric


def test_period_without_money_is_one_sentence(show: Show, tmp_path: Path) -> None:
    lake = made(tmp_path, "purchase", {"product_id": "a", "price": 5, "currency": "USD"}, days=1)
    app = show(lake, PAGE, period="Choose days", days=["2026-01-02", "2026-01-03"])
    sound(app)
    assert [text.value for text in app.info] == [monetization.NONE_FOUND]


def test_log_with_ads_alone_shows_no_payers(show: Show, tmp_path: Path) -> None:
    app = show(made(tmp_path, "ad_watched", {"placement": EVIL, "revenue": 0.01}), PAGE)
    sound(app)
    assert set(tiles(app)) == {"ARPDAU", "ARPU", "Ad revenue", "eCPM"}
    assert "Products, before refunds" not in titles(app)


def test_what_fails_takes_no_other_card_along(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = {"revenue", "ltv", "economy"}
    break_questions(monkeypatch, failing)
    app = show(simulated, PAGE)
    assert not app.exception
    assert all(text.value.endswith("cannot be shown: by zero") for text in app.warning)
    assert len(app.warning) >= len(failing)
    assert {"Players who have paid", "Products, before refunds", "Ad revenue by placement"} <= set(
        titles(app)
    )
    assert app.get("vega_lite_chart")


def test_names_are_text_never_markup(show: Show, tmp_path: Path) -> None:
    lake = made(tmp_path, "purchase", {"product_id": EVIL, "price": 5, "currency": "USD"})
    app = show(lake, PAGE)
    sound(app)
    assert EVIL in [row.get("name") for found in charts_of(app) for row in found]
    assert not any(EVIL in text.value for text in [*app.markdown, *app.caption])
    assert not app.get("html")


def made(folder: Path, event_type: str, properties: dict[str, Any], days: int = 3) -> Path:
    """A lake of one player who logs in on three days and does one thing on some of them."""
    settings = settings_for(folder, complete_until="2026-01-03")
    deliver(settings, [("a.jsonl", b"".join(_lines(event_type, properties, days)))])
    return settings.lake


def _lines(event_type: str, properties: dict[str, Any], days: int) -> Iterator[bytes]:
    for n in range(3):
        wanted = [("login", {}), (event_type, properties)] if n < days else [("login", {})]
        for number, (name, inside) in enumerate(wanted):
            event = {
                "event_id": str(UUID(int=10 * n + number)),
                "player_id": str(UUID(int=7)),
                "event_type": name,
                "timestamp": f"2026-01-0{n + 1}T10:00:0{number}Z",
                "properties": inside,
            }
            yield json.dumps(event).encode() + b"\n"
