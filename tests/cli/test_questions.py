from __future__ import annotations

import csv
import io
import json
import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
import typer

from lakes import deliver, settings_for
from questline.cli.launch import launch
from questline.cli.questions import register
from questline.lake.schemas import TABLES

ROOT = Path(__file__).parents[2]
Ask = Callable[..., tuple[int, str, str]]
PLAYERS = ("ios", "android", "ios")


def line(number: int, player: int, day: int, **event: object) -> bytes:
    """One raw event at noon."""
    made = {
        "event_id": f"00000000-0000-4000-8000-{number:012d}",
        "player_id": f"00000000-0000-4000-9000-{player:012d}",
        "event_type": "login",
        "timestamp": f"2026-01-{day:02d}T12:00:00Z",
        "platform": PLAYERS[player],
        "properties": {},
    }
    return json.dumps(made | event).encode() + b"\n"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three players on 1 January, two of them on the 2nd, one on the 3rd, and one purchase."""
    folder = tmp_path_factory.mktemp("project")
    made = settings_for(folder, complete_until="2026-01-03")
    bill = {"price": 4.99, "currency": "USD", "product_id": 'gem "pack", big'}
    lines = [line(n, player=n % 3, day=1 + n // 3) for n in (0, 1, 2, 3, 4, 6)]
    lines.append(line(9, 0, 2, event_type="purchase", properties=bill))
    deliver(made, [("events.jsonl", b"".join(lines))])
    return made.lake


@pytest.fixture
def ask(
    published: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> Ask:
    """Runs a command in an empty folder; gives exit code, output and errors."""
    monkeypatch.chdir(tmp_path)
    app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    register(app)

    def run(*arguments: str, lake: Path | None = published) -> tuple[int, str, str]:
        capfd.readouterr()
        where = () if lake is None else ("--lake", str(lake))
        code = launch(app, [*arguments, *where], "questline")
        sys.stdout.flush()
        said = capfd.readouterr()
        return code, said.out, said.err

    return run


def test_metrics_lists_the_catalogue(ask: Ask) -> None:
    code, out, _ = ask("metrics", lake=None)
    assert code == 0
    assert "retention" in out
    assert "who are active exactly N calendar days after acquisition" in out


def test_metric_table_lines_up_and_states_its_definition(ask: Ask) -> None:
    code, out, err = ask("metric", "retention", "--days", "1,2,7")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    cells = [text for text in lines if "%" in text or text.strip().startswith("7")]
    assert [c.split() for c in cells] == [
        ["1", "1", "1", "3", "2", "66.7", "%", "20.8", "%", "93.9", "%", "yes", "2026-01-02"],
        ["2", "2", "2", "3", "1", "33.3", "%", "6.1", "%", "79.2", "%", "yes", "2026-01-03"],
        ["7", "7", "7", "0", "-", "-", "-", "-", "no", "2026-01-08"],
    ]
    assert len({len(c) for c in cells}) == 1
    assert "Formula: players active on acquisition date + N" in out
    assert "complete until 2026-01-03, lake version" in out
    assert "Note: No metadata gives acquisition dates" in out


def test_compare_tells_how_many_players_differ(ask: Ask) -> None:
    asked = ("compare", "retention", "--days", "1", "--left", "on_day", "--right", "within")
    code, out, err = ask(*asked, "--format", "json")
    assert code == 0
    assert err.startswith("Two definitions of retention")
    (row,) = json.loads(out)
    assert (row["players"], row["both"], row["left_only"], row["right_only"]) == (3, 2, 0, 0)
    code, out, err = ask("compare", "dau", "--left", "on_day", "--right", "within")
    assert (code, out) == (1, "")
    assert "only retention" in err


def test_metric_json_is_one_array_of_rows(ask: Ask) -> None:
    code, out, err = ask("metric", "dau", "--format", "json", "--by", "platform")
    assert code == 0
    found = json.loads(out)
    assert {(r["event_date"], r["platform"]): r["players"] for r in found} == {
        ("2026-01-01", "android"): 1,
        ("2026-01-01", "ios"): 2,
        ("2026-01-02", "android"): 1,
        ("2026-01-02", "ios"): 1,
        ("2026-01-03", "android"): 0,
        ("2026-01-03", "ios"): 1,
    }
    assert "complete until 2026-01-03" in err
    assert out.count("\n") == len(found) + 2


def test_metric_json_of_no_row_is_an_empty_array(ask: Ask) -> None:
    _, out, _ = ask("metric", "level_funnel", "--format", "json")
    assert json.loads(out) == []


def test_metric_csv_keeps_money_exact_and_unknown_empty(ask: Ask) -> None:
    _, out, _ = ask("metric", "revenue", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["net_usd"] == "4.990000"
    _, out, _ = ask("metric", "retention", "--days", "30", "--format", "csv")
    (row,) = csv.DictReader(io.StringIO(out))
    assert (row["retention"], row["observable"]) == ("", "false")


def test_metric_parquet_goes_to_a_file_with_its_statement(ask: Ask, tmp_path: Path) -> None:
    code, out, _ = ask("metric", "dau", "--out", "dau.parquet")
    assert (code, out) == (0, "")
    assert duckdb.sql("SELECT sum(players)::INT FROM 'dau.parquet'").fetchone() == (6,)
    (said,) = duckdb.sql(
        "SELECT value::VARCHAR FROM parquet_kv_metadata('dau.parquet') WHERE key = 'questline'"
    ).fetchall()[0]
    assert "complete until 2026-01-03" in said
    assert [p.name for p in tmp_path.iterdir()] == ["dau.parquet"]
    code, _, err = ask("metric", "dau", "--format", "parquet")
    assert (code, err.count("\n")) == (1, 1)


def test_metric_table_can_go_to_a_file(ask: Ask, tmp_path: Path) -> None:
    assert ask("metric", "dau", "--out", "dau.txt")[1] == ""
    assert "Daily active players" in (tmp_path / "dau.txt").read_text(encoding="utf-8")


def test_metric_options_reach_the_metric(ask: Ask) -> None:
    question = ("metric", "funnel", "--steps", "login,purchase", "--window", "1d")
    _, out, _ = ask(*question, "--format", "json", "--where", "platform=ios")
    assert [(r["players"], r["pending"]) for r in json.loads(out)] == [(2, 0), (1, 0)]
    _, out, _ = ask("metric", "arpdau", "--per", "day", "--from", "2026-01-02", "--format", "json")
    assert [r["arpdau_iap"] for r in json.loads(out)] == [2.495, 0.0]
    _, out, _ = ask("metric", "retention", "--cohorts", "day", "--days", "1", "--format", "json")
    assert [r["acquisition_date"] for r in json.loads(out)] == ["2026-01-01"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("metric", "dauu"), "Did you mean dau"),
        (("metric", "dau", "--days", "1"), "has no option --days"),
        (("metric", "dau", "--by", "weather"), "no attribute of a player"),
        (("metric", "dau", "--from", "soon"), "must be a day"),
        (("metric", "dau", "--format", "xml"), "must be one of table"),
        (("metric", "dau", "--out", "no/such/dir.csv"), "Choose another --out"),
        (("metric", "funnel"), "needs --steps"),
        (("metric", "feature_adoption"), "No feature is declared"),
        (("sql", "dau", "--dialect", "oracle"), "must be one of duckdb"),
        (("sql", "session_length", "--dialect", "trino"), "Choose one of duckdb"),
        (("explain", "dauu"), "Did you mean dau"),
        (("describe", "weather"), "Tables: events"),
        (("export", "weather"), "Tables: events"),
    ],
)
def test_mistake_is_one_line_and_exit_1(arguments: tuple[str, ...], said: str, ask: Ask) -> None:
    code, out, err = ask(*arguments)
    assert (code, out) == (1, "")
    assert err.startswith("Error: ")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("command", ["metric", "export"])
def test_question_without_a_lake_says_what_to_run(command: str, ask: Ask, tmp_path: Path) -> None:
    name = "dau" if command == "metric" else "events"
    code, _, err = ask(command, name, lake=tmp_path)
    assert code == 1
    assert "questline run" in err


def test_sql_runs_on_the_exported_views(ask: Ask, published: Path) -> None:
    _, out, _ = ask("sql", "dau")
    con = duckdb.connect()
    con.execute((published / "views.sql").read_text(encoding="utf-8"))
    assert [row[1] for row in con.execute(out).fetchall()] == [3, 2, 1]


def test_sql_and_explain_work_before_the_first_run(ask: Ask, tmp_path: Path) -> None:
    code, out, _ = ask("sql", "retention", "--dialect", "bigquery", lake=tmp_path)
    assert code == 0
    assert "`player_days`" in out
    code, out, _ = ask("explain", "feature_adoption", lake=tmp_path)
    assert code == 0
    assert "**Formula**" in out


def test_describe_lists_tables_and_columns(ask: Ask) -> None:
    _, out, _ = ask("describe")
    assert ["events", "7", "one", "accepted", "event"] in [
        text.split() for text in out.splitlines()
    ]
    _, out, _ = ask("describe", "purchases")
    assert "one transaction, partitioned by event_date" in out
    assert "net_usd" in out


@pytest.mark.parametrize("table", TABLES)
def test_describe_tells_every_column_and_its_unit(ask: Ask, table: str) -> None:
    code, out, _ = ask("describe", table, lake=None)
    assert code == 0
    assert out.startswith(f"{table}: {TABLES[table].grain}")
    for column in TABLES[table].columns:
        (told,) = [text for text in out.splitlines() if text.split()[:1] == [column.name]]
        assert column.doc in told
        assert told.endswith(".")
        if column.type == "DOUBLE":
            assert "second" in told.lower(), column.name
        if column.type.startswith("DECIMAL"):
            assert "usd" in told.lower() or "currency" in told or "money" in told, column.name


def test_export_csv_json_and_parquet_hold_the_same_rows(ask: Ask, tmp_path: Path) -> None:
    _, out, _ = ask("export", "purchases")
    (row,) = csv.DictReader(io.StringIO(out))
    assert row["product_id"] == 'gem "pack", big'
    assert row["purchased_at"] == "2026-01-02T12:00:00.000000Z"
    _, out, _ = ask("export", "purchases", "--format", "json")
    (found,) = json.loads(out)
    assert (found["net_usd"], found["purchased_at"]) == (4.99, "2026-01-02T12:00:00Z")
    for name in ("events.parquet", "events.csv", "events.json"):
        assert ask("export", "events", "--out", name)[0] == 0
        assert duckdb.sql(f"SELECT count(*) FROM '{tmp_path / name}'").fetchone() == (7,)


def test_export_of_a_metric_is_what_metric_gives(ask: Ask) -> None:
    assert ask("export", "retention")[1] == ask("metric", "retention", "--format", "csv")[1]


def test_export_players_writes_nested_values_as_json_text(ask: Ask) -> None:
    _, out, _ = ask("export", "players")
    assert [json.loads(r["variants"] or "[]") for r in csv.DictReader(io.StringIO(out))] == [[]] * 3


def test_script_is_the_same_command(
    published: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    script = ROOT / "src" / "metrics.py"
    arguments = [str(script), "dau", "--lake", str(published), "--format", "json"]
    monkeypatch.setattr(sys, "argv", arguments)
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(script), run_name="__main__")
    assert ended.value.code == 0
    assert len(json.loads(capfd.readouterr().out)) == 3
    assert not (ROOT / "src" / "metrics").exists()
