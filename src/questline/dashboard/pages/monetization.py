"""Monetization: what purchases and ads bring in, who pays, when, and for what."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from questline.dashboard import charts, charts_money
from questline.dashboard.breakdown import all_cohorts, split_by
from questline.dashboard.cards import (
    DAILY,
    Tile,
    card,
    chart_card,
    draw,
    tiles,
    tiles_soon,
    tooltip,
)
from questline.dashboard.charts import Rows
from questline.dashboard.controls import choice
from questline.dashboard.filters import ATTRIBUTES
from questline.dashboard.parts import Parts
from questline.dashboard.questions import Lake, Question
from questline.dashboard.split import answered, curves_card
from questline.metrics import Kind
from questline.metrics.display import brief

REFUNDS = {"On the day of purchase": None, "On the day of refund": "refund_date"}
MONEY = {"Purchases and ads": None, "Purchases": "iap", "Ads": "ads"}
ADS_BY = {"Placement": "placement", "Format": "format", "Both": "both"}
AGES = [*range(31), *range(37, 91, 7), *range(120, 361, 30)]
WINDOWS = (90, 60, 30, 14, 7)
"""Days whose purchases make a tier: the most that were observed."""
FEW = {
    "top_1_share": "Share of the top 1 %",
    "top_10_share": "Share of the top 10 %",
    "gini": "Gini",
}
LEAST_PAYERS = 100
"""With fewer, shares of the top ones say more about chance than about the game."""
NONE_IN_LOG = "This log holds no purchases and no ads, so there is no money to show."
NONE_FOUND = "Nobody bought anything or watched an ad in this period under these filters."
NOT_OBSERVED = "No cohort of these filters was observed for long enough."


def monetization(lake: Lake) -> None:
    """Draws the page."""
    revenue, ads = lake.question("revenue"), lake.question("ad_revenue")
    lake.soon(revenue, ads)
    sold, watched = _counted(lake, revenue, "purchases"), _counted(lake, ads, "ads")
    has_sales = sold or _counted(lake, Question("revenue", {}), "purchases")
    has_ads = watched or _counted(lake, Question("ad_revenue", {}), "ads")
    if not has_sales and not has_ads:
        st.info(NONE_IN_LOG)
        return
    if not sold and not watched:
        st.info(NONE_FOUND)
        return
    _income(lake, has_sales=has_sales, has_ads=has_ads)
    _new_players(lake, has_sales=has_sales, has_ads=has_ads)
    if has_sales:
        _payers(lake)
    if has_ads:
        _ads(lake)
    _economy(lake)


def _counted(lake: Lake, question: Question, column: str) -> bool:
    """Whether there is any; also where that is not known, since its card then says so."""
    rows = answered(lake, question)
    return rows is None or bool(rows and rows[0][column])


def _income(lake: Lake, *, has_sales: bool, has_ads: bool) -> None:
    """Tiles and revenue by day."""
    refunds: dict[str, Any] = {}
    if has_sales:
        taken_off = choice("Refunds are taken off", REFUNDS, "money_refunds", titled=True)
        refunds = {"refunds": taken_off} if taken_off else {}
    there = {"net_usd": has_sales, "ad_revenue_usd": has_ads}
    parts = {column: name for column, name in charts_money.INCOME.items() if there[column]}
    by_day = lake.question("revenue", per="day", **refunds)
    wanted = _tiles(refunds, has_sales=has_sales, has_ads=has_ads)
    tiles_soon(lake, wanted)
    lake.soon(by_day, *(_about_payers(lake) if has_sales else []), _flows(lake))
    tiles(lake, wanted)
    chart_card(
        *(lake, "Revenue by day", by_day),
        lambda found: charts.stacked_days(found.rows(), parts, Kind.USD),
    )


def _tiles(refunds: dict[str, Any], *, has_sales: bool, has_ads: bool) -> list[Tile]:
    def daily(label: str, metric: str, column: str, **more: Any) -> Tile:  # noqa: ANN401
        options = refunds if metric in {"revenue", "arpdau"} else {}
        return Tile(*(label, metric, column), options, trend=column, trend_options=DAILY, **more)

    found = [daily("ARPDAU", "arpdau", "arpdau_total"), Tile("ARPU", "arpu", "arpu")]
    if has_sales:
        found += [
            daily("ARPPU", "arppu", "arppu"),
            daily("Conversion to payer", "conversion", "conversion"),
            daily("Purchases, net", "revenue", "net_usd"),
            daily("Paid back", "revenue", "refunded_usd", good="less"),
            Tile("Payers who bought again", "repeat_rate", "repeat_rate"),
        ]
    if has_ads:
        found.append(daily("Ad revenue", "ad_revenue", "ad_revenue_usd"))
    if not has_sales:
        found.append(daily("eCPM", "ad_revenue", "ecpm_usd"))
    return found


def _new_players(lake: Lake, *, has_sales: bool, has_ads: bool) -> None:
    """What players bring in and when they first pay, by their age."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        all_days = all_cohorts("money_cohorts")
        money = None
        if has_sales and has_ads:
            money = choice("Revenue per player from", MONEY, "money_from", titled=True)
        split = _split(lake)
    asked: dict[str, Any] = {"days": _ages(lake), "by": split}
    asked["all_days"] = all_days
    ltv = lake.question("ltv", revenue=money, **asked)
    paid = lake.question("first_purchase_curve", **asked)
    lake.soon(ltv, *([paid] if has_sales else []))
    places = st.columns(2) if has_sales else [st.container()]
    with places[0]:
        curves_card(
            *(lake, "Revenue per player (LTV)", ltv, charts_money.ltv),
            parts=_parts(split, "players"),
            nothing=NOT_OBSERVED,
        )
    if has_sales:
        with places[1]:
            curves_card(
                *(lake, "Players who have paid", paid, charts_money.first_purchases),
                parts=_parts(split, "at_risk"),
                nothing=NOT_OBSERVED,
                notes=False,
            )


def _parts(split: str | None, size: str) -> Callable[[Rows], Parts] | None:
    """Curves of the values with the most players."""
    if split is None:
        return None
    return lambda rows: Parts.of(rows, split, ATTRIBUTES[split], size)


def _split(lake: Lake) -> str | None:
    """The attribute that tells curves apart."""
    able = [name for name in ATTRIBUTES if len(lake.values(name)) > 1]
    return split_by("money_split", able, width=220) if able else None


def _ages(lake: Lake) -> list[int]:
    """Day numbers that some cohort may have been observed for."""
    return [age for age in AGES if age == 0 or age < lake.log_days]


def _payers(lake: Lake) -> None:
    """Who pays how much, and for what."""
    window, until = _window(lake)
    tiers, few, bought = _about_payers(lake)
    left, right = st.columns(2)
    with left:
        chart_card(
            *(lake, f"Payers by spend, {window} days to {until}", tiers),
            lambda found: charts_money.tiers(found.rows()),
            "Nobody paid in these days.",
        )
        _concentration(lake, few)
    with right:
        chart_card(
            *(lake, "Products, before refunds", bought),
            lambda found: charts_money.products(found.rows()),
            "Nothing was bought.",
        )


def _about_payers(lake: Lake) -> list[Question]:
    """Questions about tiers, concentration and products."""
    products: dict[str, Any] = {
        "event": "purchase",
        "by": "event.product_id",
        "property": "amount_usd",
    }
    return [
        lake.question("payer_tiers", window=f"{_window(lake)[0]}d"),
        lake.question("concentration", least_payers=LEAST_PAYERS),
        lake.question("event_trend", **products),
    ]


def _window(lake: Lake) -> tuple[int, str]:
    """Days of the payers' tiers and the last of them."""
    first, last = lake.analytics.facts.complete_from, lake.observed[1]
    if first is None or last is None:
        return WINDOWS[0], "the last day"
    observed = (last - first).days + 1
    window = next((days for days in WINDOWS if days <= observed), WINDOWS[0])
    return window, f"{last:%-d %b}"


def _concentration(lake: Lake, question: Question) -> None:
    with card(lake, "Concentration of spend", question):
        result = lake.answer(question)
        row = result.rows()[0]
        if not row["enough"]:
            st.caption(
                f"{row['payers']:,} players paid in this period. With fewer than "
                f"{LEAST_PAYERS} the shares of the top ones would say more "
                "about chance than about the game."
            )
            return
        for place, (column, label) in zip(st.columns(len(FEW)), FEW.items(), strict=True):
            value = brief(row[column], result.entry.kind(column))
            place.metric(label, value, help=tooltip(result, column=column))


def _ads(lake: Lake) -> None:
    """What ads earn."""
    by: str = choice("Ads by", ADS_BY, "money_ads_by", titled=True)
    question = lake.question("ad_performance", ads_by=by)
    chart_card(
        *(lake, f"Ad revenue by {by}", question),
        lambda found: charts_money.ads(found.rows()),
        "No ad was watched.",
    )


def _flows(lake: Lake) -> Question:
    return lake.question("economy", reasons=True)


def _economy(lake: Lake) -> None:
    """What players were given of the game's own money and what they spent."""
    question = _flows(lake)
    rows = answered(lake, question)
    if rows == []:
        return
    names = sorted({str(row["currency_name"]) for row in rows or ()})
    chosen = names[0] if names else ""
    if len(names) > 1:
        chosen = st.selectbox(
            "Money of the game", names, key="money_currency", bind="query-params", width=220
        )
    with card(lake, f"Given and spent: {chosen}", question):
        found = lake.answer(question).rows()
        picked = [row for row in found if str(row["currency_name"]) == chosen]
        draw(charts_money.flows(picked), "No balance changed.")
