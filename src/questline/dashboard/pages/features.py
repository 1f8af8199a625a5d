"""Features: who uses what the game offers, how soon, and whether they use it again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import streamlit as st

from questline.dashboard import charts
from questline.dashboard.breakdown import all_cohorts, split_by
from questline.dashboard.cards import DAILY, Tile, card, chart_card, draw, tiles
from questline.dashboard.charts_features import adopters, rates
from questline.dashboard.charts_retention import share_curve
from questline.dashboard.filters import ATTRIBUTES
from questline.dashboard.parts import Parts
from questline.dashboard.questions import Lake, Question
from questline.dashboard.text import literal
from questline.metrics import Kind
from questline.settings import Feature

IN_PERIOD = "New in the period"
AGAIN = (1, 7)
TO_ADOPT = list(range(31))
AFTER_USE = list(range(1, 29))
USERS = {"repeat_users": "Again", "new_users": "For the first time"}
MOST_ACHIEVEMENTS = 15
NOTHING = "Nobody used it in this period under these filters."
TOO_YOUNG = "Nobody was observed for long enough under these filters."
HOW = """[features.shop]
event = "purchase"

[features.rush_mode]
event = "level_start"
where = { mode = "rush" }
launched = 2026-01-15
eligible = { platform = "ios" }"""
MEANT = {
    True: "Time to adopt and use again are of everybody since the log began, whatever the period "
    "above; users and adoption are of the period.",
    False: "Time to adopt is of players who could first use it in the period above, use again of "
    "those who first did; users and adoption are of the period.",
}


@dataclass(frozen=True)
class Asked:
    """What the controls of the page say."""

    feature: str
    everybody: bool
    by: str | None


def features(lake: Lake) -> None:
    """Draws the page."""
    declared = lake.analytics.features
    if not declared:
        _how_to_declare()
        _achievements(lake, lake.question("achievements"))
        return
    asked = _controls(list(declared))
    _begin(lake, asked)
    st.caption(f"{_said(declared[asked.feature])} {MEANT[asked.everybody]}")
    tiles(lake, _tiles(asked))
    _use(lake, asked.feature, declared[asked.feature].launched)
    _adoption(lake, asked)
    left, right = st.columns(2)
    with left:
        _time_to_adopt(lake, asked)
    with right:
        _use_again(lake, asked)
    _achievements(lake, lake.question("achievements"))


def _controls(names: list[str]) -> Asked:
    with st.container(horizontal=True, vertical_alignment="bottom", key="features_controls"):
        feature = st.selectbox(
            "Feature", names, key="features_feature", bind="query-params", width=220
        )
        everybody = all_cohorts("features_cohorts", IN_PERIOD)
        by = split_by("features_by")
    return Asked(feature, everybody, by)


def _begin(lake: Lake, asked: Asked) -> None:
    """All questions of the page that the tiles do not ask."""
    lake.soon(
        lake.question("feature_users", feature=asked.feature, per="day"),
        lake.question("feature_adoption"),
        _time_question(lake, asked),
        _again_question(lake, asked),
        lake.question("achievements"),
    )
    if asked.by is not None:
        lake.soon(_split_question(lake, asked))


def _tiles(asked: Asked) -> list[Tile]:
    this = {"feature": asked.feature}
    return [
        Tile("Adoption", "feature_adoption", "adoption", row=("feature", asked.feature)),
        Tile("Users", "feature_users", "users", this, trend="users", trend_options=DAILY),
        Tile(
            *("For the first time", "feature_users", "new_users", this),
            trend="new_users",
            trend_options=DAILY,
        ),
        Tile("Uses per day of use", "feature_users", "depth", this, good=None),
        Tile(
            *("Adopted within 7 days", "time_to_adopt", "adopted", this | {"days": TO_ADOPT}),
            row=("day_number", 7),
            all_days=asked.everybody,
        ),
        *(
            Tile(
                *(f"Used again on day {n}", "feature_retention", "retention"),
                this | {"days": AFTER_USE},
                row=("day_number", n),
                all_days=asked.everybody,
            )
            for n in AGAIN
        ),
        Tile("Features per player", "feature_breadth", "feature_breadth"),
    ]


def _use(lake: Lake, feature: str, launched: date | None) -> None:
    question = lake.question("feature_users", feature=feature, per="day")
    left, right = st.columns(2)
    with left:
        chart_card(
            *(lake, "Users by day", question),
            lambda found: charts.stacked_days(found.rows(), USERS, Kind.COUNT),
            NOTHING,
        )
    with right:
        chart_card(
            *(lake, "Adopters so far", question),
            lambda found: adopters(found.rows(), launched),
            NOTHING,
        )


def _adoption(lake: Lake, asked: Asked) -> None:
    """Adoption of all features, and of this one by kind of player."""
    everything = lake.question("feature_adoption")
    if asked.by is None:
        _adoption_of_all(lake, everything)
        return
    left, right = st.columns(2)
    with left:
        _adoption_of_all(lake, everything)
    title = f"Adoption of {asked.feature} by {ATTRIBUTES[asked.by].lower()}"
    with right, card(lake, title, _split_question(lake, asked)):
        parts = _parts(lake, asked, asked.by)
        rows = parts.named(lake.answer(_split_question(lake, asked)).rows())
        draw(rates(rows, "part", "adoption", "adopters", "eligible"), NOTHING)
        _tell(parts)


def _split_question(lake: Lake, asked: Asked) -> Question:
    return lake.question("feature_adoption", feature=asked.feature, by=asked.by)


def _parts(lake: Lake, asked: Asked, by: str) -> Parts:
    """The largest kinds of players, the same for all cards of the page."""
    rows = lake.answer(_split_question(lake, asked)).rows()
    return Parts.of(rows, by, ATTRIBUTES[by], "eligible")


def _adoption_of_all(lake: Lake, question: Question) -> None:
    chart_card(
        *(lake, "Adoption of all features", question),
        lambda found: rates(found.rows(), "feature", "adoption", "adopters", "eligible", limit=20),
        NOTHING,
    )


def _time_question(lake: Lake, asked: Asked) -> Question:
    return lake.question(
        "time_to_adopt",
        all_days=asked.everybody,
        feature=asked.feature,
        days=TO_ADOPT,
        by=asked.by,
    )


def _time_to_adopt(lake: Lake, asked: Asked) -> None:
    question = _time_question(lake, asked)
    with card(lake, "First used within N days", question):
        _curve(
            *(lake, question, asked),
            share="adopted",
            x_title="Days since a player could use it",
            counts={"adopters": "Adopters so far", "at_risk": "Not yet, and observed"},
            step=True,
        )
        if asked.by is None and (said := _half(lake.answer(question).rows())):
            st.caption(said)


def _half(rows: list[dict[str, Any]]) -> str:
    """When half of the players have adopted; nothing if nobody was observed."""
    if not any(row["adopted"] is not None for row in rows):
        return ""
    day = rows[0]["median_days"]
    return "Fewer than half have adopted so far." if day is None else f"Half adopt by day {day}."


def _again_question(lake: Lake, asked: Asked) -> Question:
    return lake.question(
        "feature_retention",
        all_days=asked.everybody,
        feature=asked.feature,
        days=AFTER_USE,
        by=asked.by,
    )


def _use_again(lake: Lake, asked: Asked) -> None:
    question = _again_question(lake, asked)
    with card(lake, "Used again N days later", question):
        _curve(
            *(lake, question, asked),
            share="retention",
            x_title="Days after the first use",
            counts={"retained": "Used it that day", "adopters": "Of adopters"},
        )


def _curve(lake: Lake, question: Question, asked: Asked, **how: Any) -> None:  # noqa: ANN401
    """A curve of everybody, or of the largest parts."""
    rows = lake.answer(question).rows()
    if asked.by is None:
        draw(share_curve(rows, **how), TOO_YOUNG)
        return
    parts = _parts(lake, asked, asked.by)
    draw(share_curve(rows, parts=parts, **how), TOO_YOUNG)
    _tell(parts)


def _tell(parts: Parts) -> None:
    if parts.said:
        st.caption(parts.said)


def _achievements(lake: Lake, question: Question) -> None:
    """Achievements, in a game that has some."""
    with card(lake, "Achievements, by share of players", question):
        rows = lake.answer(question).rows()
        chart = rates(
            *(rows, "achievement_id", "unlock_rate", "unlockers", "players"),
            limit=MOST_ACHIEVEMENTS,
        )
        draw(chart, "No achievement was unlocked in this period under these filters.")
        if len(rows) > MOST_ACHIEVEMENTS:
            st.caption(f"The {MOST_ACHIEVEMENTS} most unlocked of {len(rows)}.")


def _said(feature: Feature) -> str:
    """What counts as a use, in a sentence of Markdown."""
    conditions = [f"{literal(name)} = {literal(value)}" for name, value in feature.where.items()]
    said = f"A use is {literal(feature.event)}"
    if conditions:
        said += f" with {' and '.join(conditions)}"
    if feature.launched is not None:
        said += f", launched on {feature.launched:%-d %b %Y}"
    if feature.eligible:
        who = [f"{literal(name)} = {literal(value)}" for name, value in feature.eligible.items()]
        said += f", of players with {' and '.join(who)}"
    return f"{said}."


def _how_to_declare() -> None:
    st.info("No feature is declared yet. A feature is an event whose use you want to follow.")
    st.markdown("Add what you want to follow to `questline.toml` and reload this page:")
    st.code(HOW, language="toml")
    st.caption(
        "`event` is the event that counts as a use. `where` (properties of it), `launched` (its "
        "first day) and `eligible` (players who can see it) may be left out. No run is needed."
    )
