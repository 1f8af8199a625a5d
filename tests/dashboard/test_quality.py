"""The page Data quality shows what came in; hostile rows reach it as text."""

import gzip
import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import questline
from hostile import lines
from lakes import deliver, settings_for
from questline import intake
from questline.dashboard import charts_quality as charts
from questline.dashboard.pages.quality import conservation
from questline.lake.publication import lock
from questline.metrics import Kind
from questline.metrics.display import brief
from questline.settings import Settings
from seen import said, sound, tiles

Show = Callable[..., AppTest]
EVIL = "<script>alert(1)</script> **b** [x](http://x) ```\n"


@pytest.fixture
def dirty(tmp_path: Path) -> Settings:
    """One good event, hostile lines, a file that ends early."""
    made = settings_for(tmp_path)
    huge = b"<img src=x onerror=alert(1)>" * 40_000
    bad = [EVIL.encode(), b"\x1b[31mred\x1b[0m \xe2\x80\xae\n", huge + b"\n", b"[1]\n"]
    whole = gzip.compress(lines(5), mtime=0)
    files = [("<b>a.jsonl", lines(1) + b"".join(bad)), ("late.jsonl.gz", whole[:-9])]
    deliver(made, files)
    return made


def test_tiles_are_the_ledger(show: Show, simulated: Path) -> None:
    app = show(simulated, "quality")
    sound(app)
    (row,) = intake.totals(questline.open(simulated)).to_pylist()
    assert tiles(app) == {
        "Lines in": brief(row["lines_in"], Kind.COUNT),
        "Accepted": brief(row["accepted"], Kind.COUNT),
        "Duplicates": brief(row["duplicates"], Kind.COUNT),
        "Rejected": brief(row["rejected"], Kind.COUNT),
        "Share refused": brief(row["rejected_share"], Kind.SHARE),
    }
    assert f"Every line is accounted for: {row['lines_in']:,} lines in" in said(app)
    shown = app.dataframe[0].value
    assert (
        shown["file"].tolist() == intake.files(questline.open(simulated)).table["file"].to_pylist()
    )
    assert "Every file was taken" in said(app)


def test_examples_are_those_of_the_reason_of_the_address(show: Show, dirty: Settings) -> None:
    app = show(dirty.lake, "quality", quality_reason="not_an_object")
    assert not app.exception
    assert [code.value for code in app.code] == ["[1]"]
    assert "questline rejected --reason not_an_object" in said(app)
    wrong = show(dirty.lake, "quality", quality_reason="weather")
    assert not wrong.exception
    assert wrong.selectbox(key="quality_reason").value == "malformed_json"


def test_hostile_rows_are_text_and_short(show: Show, dirty: Settings) -> None:
    app = show(dirty.lake, "quality")
    assert not app.exception
    assert not app.get("html")
    shown = [code.value for code in app.code]
    assert EVIL.strip() in shown
    assert all(len(text) <= intake.MOST_CHARACTERS for text in shown)
    assert any(text.startswith("\ufffd[31mred") for text in shown)
    assert not any("\x1b" in text or "\u202e" in text for text in shown)
    outside = [str(part.value) for part in [*app.markdown, *app.caption, *app.warning]]
    assert not any("<script" in text or "<b>" in text for text in outside)
    assert all(code.language in (None, "", "plaintext") for code in app.code)
    assert len(json.dumps(app.to_dict() if hasattr(app, "to_dict") else shown)) < 200_000


def test_files_that_end_early_are_named(show: Show, dirty: Settings) -> None:
    app = show(dirty.lake, "quality")
    assert app.dataframe[0].value["file"].tolist() == ["late.jsonl.gz"]
    assert "<b>a.jsonl" in app.dataframe[1].value["file"].tolist()


def test_lake_without_a_complete_day_has_its_quality(show: Show, dirty: Settings) -> None:
    assert questline.open(dirty.lake).facts.complete_until is None
    app = show(dirty.lake, "quality")
    sound(app)
    assert "no complete day yet" in said(app)
    assert tiles(app)["Lines in"] == "5"


def test_empty_lake_has_zeros(show: Show, tmp_path: Path) -> None:
    made = settings_for(tmp_path)
    deliver(made, [("a.jsonl", b"")])
    app = show(made.lake, "quality")
    sound(app)
    assert tiles(app)["Lines in"] == "0"
    assert tiles(app)["Share refused"] == "-"
    assert "No line has come in yet" in said(app)
    assert "No row was refused" in said(app)


def test_day_of_the_event_is_in_the_address(show: Show, dirty: Settings) -> None:
    app = show(dirty.lake, "quality", quality_day="Day it was read")
    sound(app)
    other = show(dirty.lake, "quality", quality_day="Day of the event")
    sound(other)
    assert drawn(other) != drawn(app)


def drawn(app: AppTest) -> list[Any]:
    """What the charts are made of."""
    return [
        [bytes(part.data.data) for part in chart.proto.datasets] + [chart.proto.spec]
        for chart in app.get("vega_lite_chart")
    ]


def test_run_that_writes_is_told(show: Show, dirty: Settings) -> None:
    assert "yes, reload to see it" not in said(show(dirty.lake, "quality"))
    with lock(dirty.lake):
        assert "yes, reload to see it" in said(show(dirty.lake, "quality"))


def test_lateness_keeps_to_the_period(show: Show, simulated: Path) -> None:
    lake = questline.open(simulated)
    days = ["2026-01-02", "2026-01-03"]
    app = show(simulated, "quality", period="Choose days", days=days)
    sound(app)
    first, last = lake.scope("2026-01-02", "2026-01-03").first, lake.scope(end="2026-01-03").last
    (row,) = intake.clocks(lake, first, last).to_pylist()
    assert f"Of {row['events']:,} events of the period chosen above" in said(app)


def test_one_reading_that_fails_leaves_the_others(
    show: Show, simulated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lateness(*_asked: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr(intake, "lateness", lateness)
    app = show(simulated, "quality", period="Choose days", days=["2026-01-02", "2026-01-03"])
    assert not app.exception
    assert len(app.warning) == 1
    assert "by zero" in app.warning[0].value
    assert len(tiles(app)) == 5


def test_ledger_that_does_not_add_up_says_so() -> None:
    sound_row = {"lines_in": 9, "accepted": 7, "duplicates": 1, "rejected": 1}
    sound_row |= {"unexplained": 0, "entries_off": 0}
    assert conservation(sound_row).startswith(
        "Every line is accounted for: 9 lines in = 7 accepted"
    )
    assert "differ from that by 2" in conservation(sound_row | {"accepted": 5, "unexplained": 2})
    assert "but 2 readings of a file do not" in conservation(sound_row | {"entries_off": 2})


def test_reasons_without_a_day_have_a_column_of_their_own() -> None:
    days = [None, date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 4), date(2026, 1, 7)]
    rows = [{"day": day, "reason": "too_large", "rows": 2} for day in days]
    chart = charts.reasons_by_day(rows, date(2026, 1, 2), date(2026, 1, 5))
    x = chart.to_dict()["layer"][0]["encoding"]["x"]  # type: ignore[union-attr]
    assert x["scale"]["domain"] == [
        "earlier", "2026-01-02", "2026-01-03", "2026-01-04", "later", "none"
    ]  # fmt: skip


def test_nothing_to_draw_is_no_chart() -> None:
    assert charts.reasons([]) is None
    assert charts.reasons_by_day([]) is None
    assert charts.lateness([]) is None
