from __future__ import annotations

import sys
import threading
from pathlib import Path

import ibis
import pytest

import questline.api as questline
from lakes import deliver, settings_for
from literal import day, facts, lake, played, player
from questline.errors import UsageError
from questline.settings import Settings

LINE = (
    '{{"event_id": "00000000-0000-4000-8000-{0:012d}", "player_id": '
    '"00000000-0000-4000-9000-00000000000{1}", "event_type": "login", '
    '"timestamp": "2026-01-0{2}T12:00:00Z", "properties": {{}}}}\n'
)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = settings_for(tmp_path)
    lines = [LINE.format(i, 1 + i % 2, 1 + i // 2) for i in range(6)]
    deliver(made, [("events.jsonl", "".join(lines).encode())])
    return made


def test_open_answers_from_a_published_lake(settings: Settings) -> None:
    analytics = questline.open(settings.lake, settings)
    result = analytics.result("dau", end="2026-01-03")
    assert [r["players"] for r in result.rows()] == [2, 2, 2]
    assert result.lake_version == analytics.facts.version


def test_open_keeps_its_version_while_others_publish(settings: Settings) -> None:
    before = questline.open(settings.lake, settings)
    count = before.table("events").count().as_table()
    assert before.read(count)[0][0].as_py() == 6
    deliver(settings, [("more.jsonl", LINE.format(99, 3, 3).encode())])
    assert before.read(count)[0][0].as_py() == 6
    after = questline.open(settings.lake, settings)
    assert after.facts.version > before.facts.version
    assert after.read(after.table("events").count().as_table())[0][0].as_py() == 7


def test_open_without_a_lake_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="questline run"):
        questline.open(tmp_path, Settings())


@pytest.mark.filterwarnings("ignore:The 'future.infer_string' option:DeprecationWarning")
def test_metric_is_an_expression_that_runs_when_asked() -> None:
    analytics = lake(
        facts(8), players=[player("a", 1)], player_days=[played("a", 1), played("a", 8)]
    )
    expr = analytics.metric("retention", days=[1, 7, 30], by="platform")
    assert isinstance(expr, ibis.Table)
    assert expr.to_pandas()["retained"].tolist()[1] == 1


def test_result_carries_its_statement() -> None:
    known = facts(8, first=2, reporting_zone="Europe/Berlin")
    result = lake(known).result("dau", day(1), day(9), by="platform", where="country=DE")
    assert (result.start, result.end) == (day(1), day(9))
    assert (result.complete_from, result.complete_until) == (day(2), day(8))
    assert (result.reporting_zone, result.lake_version) == ("Europe/Berlin", 7)
    assert result.where == ("country=DE",)
    assert result.formula
    assert result.definition.startswith("Players with at least one active event")
    assert "Days after 2026-01-08 are not complete yet." in result.excluded
    assert "Days before 2026-01-02 are before the log begins." in result.excluded
    assert "count as new" in result.notes[0]
    assert lake(facts(8, acquisition_known=True)).result("dau").notes == ()


def test_result_to_pandas_and_polars(monkeypatch: pytest.MonkeyPatch) -> None:
    result = lake(facts(2)).result("dau")
    assert len(result.to_pandas()) == 2
    monkeypatch.setitem(sys.modules, "polars", None)
    with pytest.raises(UsageError, match="pip install polars"):
        result.to_polars()


def test_several_threads_may_ask_for_results() -> None:
    analytics = lake(facts(3), player_days=[played("a", 1)])
    found: list[int] = []

    def ask() -> None:
        found.extend(analytics.result("dau").rows()[0]["players"] for _ in range(3))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert found == [1] * 12


def test_sql_names_the_tables_and_takes_the_question() -> None:
    analytics = lake(facts(3))
    assert 'FROM "player_days"' in analytics.sql("dau", where="platform=ios")
    assert "`player_days`" in analytics.sql("dau", "bigquery")


def test_explain_has_definition_options_and_sql() -> None:
    text = lake(facts(3)).explain("retention")
    assert "## retention" in text
    assert "`--days` (1,7,30)" in text
    assert "```sql" in text


def test_values_are_the_known_ones_in_order() -> None:
    people = [player("a", 1, country="FR"), player("b", 2, country="DE"), player("c", 2)]
    analytics = lake(facts(3), players=people)
    assert analytics.values("country") == ["DE", "FR"]
    assert analytics.values("acquisition_date") == [day(1), day(2)]


def test_retention_without_a_period_says_which_cohorts_count() -> None:
    analytics = lake(facts(3, acquisition_known=True))
    assert "every cohort" in analytics.result("retention").notes[0]
    assert analytics.result("retention", start=day(1)).notes == ()


def test_table_unknown_names_the_known() -> None:
    with pytest.raises(UsageError, match="Tables: events"):
        lake(facts(3)).table("weather")


@pytest.mark.parametrize("wrong", [{"start": "soon"}, {"by": "weather"}, {"where": "platform"}])
def test_question_that_makes_no_sense_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        lake(facts(3)).scope(**wrong)


def test_result_of_another_question_is_not_taken_from_the_first() -> None:
    people = [player("a", 1, platform="ios"), player("b", 1, platform="android")]
    days = [played("a", 1), played("b", 1), played("a", 2)]
    analytics = lake(facts(3), players=people, player_days=days)

    def counts(**asked: object) -> list[int]:
        return [r["players"] for r in analytics.result("dau", **asked).rows()]  # type: ignore[arg-type]

    assert counts() == counts() == [2, 1, 0]
    assert counts(end="2026-01-02") == [2, 1]
    assert counts(where="platform=android") == [1, 0, 0]
    assert [r["players"] for r in analytics.result("new_players").rows()] == [2, 0, 0]
    pooled = analytics.result("sessions_per_dau")
    assert analytics.result("sessions_per_dau", per="day").table.num_rows == 3
    assert analytics.result("sessions_per_dau").table == pooled.table
