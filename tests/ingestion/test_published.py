"""Figures that others published, or that were derived once, for three real logs.

The logs lie outside the project; without them these tests skip.
"""

import shutil
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

import questline
from questline.api import Analytics
from questline.ingestion.mapping import load_mapping
from questline.lake.publication import attach_views, read_pointer
from questline.pipeline import run
from questline.settings import Settings

DATA = Path(__file__).parents[3] / "shared" / "data"
ENDS = {
    "pink_flamingo": date(2016, 6, 16),
    "ecom": date(2024, 6, 29),
    "waves": date(2023, 2, 26),
}


class Log:
    """One log in a lake of its own."""

    def __init__(self, name: str, folder: Path, **options: Any) -> None:
        mapping = load_mapping(name)
        chosen = {**mapping.settings, "complete_until": ENDS[name], **options}
        self.settings = Settings(raw=DATA / name, lake=folder, **chosen)
        self.summary = run(self.settings, mapping)
        self.analytics: Analytics = questline.open(folder, self.settings)
        self._con = duckdb.connect()
        pointer = read_pointer(folder)
        assert pointer is not None
        attach_views(self._con, pointer)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        return self._con.execute(sql).fetchall()

    def value(self, sql: str) -> Any:
        (row,) = self.rows(sql)
        return row[0]

    def metric(self, name: str, **question: Any) -> list[dict[str, Any]]:
        return self.analytics.result(name, **question).rows()


def opened(name: str, tmp: Path, **options: Any) -> Iterator[Log]:
    if not (DATA / name).is_dir():
        pytest.skip(f"the log {name} is not on this machine")
    yield Log(name, tmp, **options)
    shutil.rmtree(tmp, ignore_errors=True)


@pytest.fixture(scope="module")
def flamingo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    yield from opened("pink_flamingo", tmp_path_factory.mktemp("flamingo"))


@pytest.fixture(scope="module")
def ecom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    yield from opened("ecom", tmp_path_factory.mktemp("ecom"))


@pytest.fixture(scope="module")
def ecom_closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """The same log, complete for so long that no window of a year is still open."""
    closed = {"complete_until": date(2025, 12, 31)}
    yield from opened("ecom", tmp_path_factory.mktemp("closed"), **closed)


@pytest.fixture(scope="module")
def waves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    yield from opened("waves", tmp_path_factory.mktemp("waves"))


@pytest.fixture(scope="module")
def waves_by_gap(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    yield from opened("waves", tmp_path_factory.mktemp("gap"), session_rule="gap")


@pytest.mark.parametrize(
    ("file", "rows"),
    [
        ("user-session.csv", 9_250),
        ("level-events.csv", 1_254),
        ("buy-clicks.csv.gz", 2_947),
        ("ad-clicks.csv.gz", 16_323),
        ("users.csv", 2_393),
    ],
)
def test_flamingo_rows_of_a_file(flamingo: Log, file: str, rows: int) -> None:
    (row,) = flamingo.rows(f"SELECT lines_in, accepted FROM ledger WHERE file = '{file}'")
    assert row == (rows, rows)


def test_flamingo_first_and_last_event(flamingo: Log) -> None:
    # The index of the logs says 14:06 for the first; no file holds anything before 14:36:55.
    sql = "SELECT strftime(min(event_ts), '%m-%d %H:%M'), strftime(max(event_ts), '%m-%d %H:%M')"
    assert flamingo.rows(f"{sql} FROM events") == [("05-26 14:36", "06-16 11:06")]


def test_flamingo_purchases_sum(flamingo: Log) -> None:
    (row,) = flamingo.metric("revenue")
    assert row["gross_usd"] == row["net_usd"] == row["revenue_usd"] == Decimal(21_407)


@pytest.mark.parametrize(
    ("item", "sold", "price"),
    [("0", 592, 1), ("1", 269, 2), ("2", 714, 3), ("3", 337, 5), ("4", 425, 10), ("5", 610, 20)],
)
def test_flamingo_item(flamingo: Log, item: str, sold: int, price: int) -> None:
    sold_as = f"FROM purchases WHERE product_id = '{item}'"
    sql = f"SELECT count(*), min(gross_usd), max(gross_usd) {sold_as}"
    assert flamingo.rows(sql) == [(sold, price, price)]


def test_flamingo_top_buyers(flamingo: Log) -> None:
    sql = "SELECT player_id, sum(gross_usd) FROM purchases GROUP BY 1 ORDER BY 2 DESC LIMIT 3"
    assert flamingo.rows(sql) == [("2229", 223), ("12", 215), ("471", 202)]


def test_flamingo_sessions_with_both_ends(flamingo: Log) -> None:
    sql = "SELECT count(*) FROM sessions WHERE closed_by = 'explicit' AND NOT start_missing"
    assert flamingo.value(sql) == 4_625
    (row,) = flamingo.metric("sessions_per_dau")
    assert row["sessions"] == 4_625


def test_flamingo_players_with_a_session(flamingo: Log) -> None:
    assert flamingo.value("SELECT count(DISTINCT player_id) FROM sessions") == 1_093
    (row,) = flamingo.metric("conversion")
    assert row["players"] == 1_093


def test_flamingo_payers(flamingo: Log) -> None:
    (row,) = flamingo.metric("arppu")
    assert row["payers"] == 546


def test_flamingo_arppu(flamingo: Log) -> None:
    (row,) = flamingo.metric("arppu")
    assert row["arppu"] == pytest.approx(39.2070, abs=5e-5)


def test_flamingo_arpu_over_players_with_a_session(flamingo: Log) -> None:
    (row,) = flamingo.metric("arpu")
    assert row["arpu"] == pytest.approx(19.5855, abs=5e-5)


def test_flamingo_arpu_over_registered_players(flamingo: Log) -> None:
    (row,) = flamingo.metric("arpu", denominator="registered")
    assert (row["players"], row["arpu"]) == (2_393, pytest.approx(8.9457, abs=5e-5))


@pytest.mark.parametrize(
    ("platform", "revenue"),
    [
        ("iphone", 15_146),
        ("android", 4_298),
        ("windows", 1_003),
        ("mac", 501),
        ("linux", 255),
        (None, 204),
    ],
)
def test_flamingo_revenue_by_platform(flamingo: Log, platform: str | None, revenue: int) -> None:
    rows = flamingo.metric("revenue", by="platform")
    assert {r["platform"]: r["gross_usd"] for r in rows}[platform] == revenue


def test_flamingo_arpt(flamingo: Log) -> None:
    (row,) = flamingo.metric("arpt")
    assert (row["purchases"], row["arpt"]) == (2_947, 21_407 / 2_947)


def test_flamingo_payers_derived_from_the_file_by_a_loop(flamingo: Log) -> None:
    """Sums by player of the CSV file, ranked in plain Python; not published by anybody."""
    (row,) = flamingo.metric("concentration")
    assert (row["payers"], row["net_usd"]) == (546, 21_407)
    assert (row["top_1_share"], row["top_10_share"]) == (1_212 / 21_407, 7_565 / 21_407)
    assert row["gini"] == pytest.approx(0.522526950634579)
    (row,) = flamingo.metric("repeat_rate")
    assert (row["repeat_payers"], row["repeat_rate"]) == (492, 492 / 546)
    tiers = flamingo.metric("payer_tiers", window="22d")
    assert [(t["players"], t["net_usd"]) for t in tiers] == [
        (132, 663),
        (359, 13_179),
        (55, 7_565),
    ]
    assert tiers[0]["player_share"] == 132 / 546


def test_flamingo_revenue_is_the_same_in_both_refund_views(flamingo: Log) -> None:
    views = [flamingo.metric("revenue", refunds=r) for r in ("purchase_date", "refund_date")]
    assert views[0] == views[1]


def test_flamingo_purchases_of_sessions_never_recorded(flamingo: Log) -> None:
    unknown = "session_id NOT IN (SELECT session_id FROM sessions)"
    sql = (
        f"SELECT count(*), sum(amount_usd) FROM events WHERE event_type = 'purchase' AND {unknown}"
    )
    assert flamingo.rows(sql) == [(572, 4_418)]
    ads = f"SELECT count(*) FROM events WHERE event_type = 'ad_click' AND {unknown}"
    assert flamingo.value(ads) == 2_811


@pytest.mark.parametrize(
    ("level", "teams"), [(2, 109), (3, 107), (4, 105), (5, 96), (6, 85), (7, 74), (8, 51)]
)
def test_flamingo_teams_that_reach_a_level(flamingo: Log, level: int, teams: int) -> None:
    for metric, column in (("level_funnel", "reached"), ("level_difficulty", "players")):
        rows = flamingo.metric(metric)
        assert {r["level"]: r[column] for r in rows}[level] == teams


@pytest.mark.parametrize(("day", "revenue"), [("05-26", 194), ("06-14", 1_873), ("06-16", 952)])
def test_flamingo_revenue_of_a_day(flamingo: Log, day: str, revenue: int) -> None:
    rows = flamingo.metric("revenue", per="day")
    found = {f"{r['event_date']:%m-%d}": r["gross_usd"] for r in rows}
    assert found[day] == revenue


def test_ecom_size(ecom: Log) -> None:
    sql = (
        "SELECT count(*), count(DISTINCT player_id), count(DISTINCT event_type), "
        "strftime(min(event_ts), '%m-%d %H:%M:%S'), strftime(max(event_ts), '%m-%d %H:%M:%S') "
        "FROM events"
    )
    assert ecom.rows(sql) == [(31_106, 600, 19, "01-04 11:45:38", "06-29 22:02:40")]


def test_ecom_sessions_by_gap_equal_session_id(ecom: Log) -> None:
    (row,) = ecom.metric("sessions_per_dau")
    assert row["sessions"] == 3_605
    assert ecom.value("SELECT count(DISTINCT session_id) FROM sessions") == 3_605


def test_ecom_ordered_funnel(ecom_closed: Log) -> None:
    steps = ["catalog", "add_to_cart", "cart", "purchase"]
    rows = ecom_closed.metric("funnel", steps=steps, window="366d")
    assert [r["players"] for r in rows] == [600, 511, 431, 225]
    assert {r["pending"] for r in rows} == {0}
    strict = ecom_closed.metric("funnel", steps=steps, window="366d", strict_increase=True)
    assert [r["players"] for r in strict] == [600, 511, 431, 224]


def test_ecom_players_with_a_purchase(ecom: Log) -> None:
    (row,) = ecom.metric("conversion")
    assert (row["payers"], row["players"]) == (328, 600)
    (money,) = ecom.metric("revenue")
    assert money["gross_usd"] is None


@pytest.mark.parametrize(("event_type", "sessions"), [("checkout_bug", 32), ("payment_error", 95)])
def test_ecom_sessions_with_an_event(ecom: Log, event_type: str, sessions: int) -> None:
    sql = f"SELECT count(DISTINCT session_id) FROM events WHERE event_type = '{event_type}'"
    assert ecom.value(sql) == sessions


def test_waves_size(waves: Log) -> None:
    sql = "SELECT count(*), count(DISTINCT event_ts), count(DISTINCT event_type) FROM events"
    assert waves.rows(sql) == [(10_000, 9_498, 11)]


def test_waves_sessions(waves: Log) -> None:
    (row,) = waves.metric("sessions_per_dau")
    assert row["sessions"] == 49


def test_waves_sessions_by_the_thirty_minute_rule(waves_by_gap: Log) -> None:
    (row,) = waves_by_gap.metric("sessions_per_dau")
    assert row["sessions"] == 50


def test_waves_busiest_session(waves: Log) -> None:
    sql = "SELECT session_id, count(*) FROM events GROUP BY 1 ORDER BY 2 DESC LIMIT 1"
    assert waves.rows(sql) == [("23010000124797536", 1_232)]


@pytest.mark.parametrize(
    ("event_type", "count"),
    [
        ("CUSTOM.1", 3_660),
        ("CUSTOM.2", 1_623),
        ("SUCCEED.0", 1_282),
        ("FAIL.0", 1_247),
        ("CUSTOM.6", 703),
        ("level_start", 665),
        ("level_complete", 566),
        ("CUSTOM.4", 110),
        ("CUSTOM.5", 75),
        ("CUSTOM.3", 56),
        ("CUSTOM.7", 13),
    ],
)
def test_waves_events_of_a_type(waves: Log, event_type: str, count: int) -> None:
    rows = waves.metric("daily")
    assert sum(r["events"] for r in rows if r["event_type"] == event_type) == count


@pytest.mark.parametrize(
    ("day", "sessions"), [("02-01", 1), ("02-05", 16), ("02-12", 7), ("02-19", 14), ("02-26", 11)]
)
def test_waves_sessions_of_a_day(waves: Log, day: str, sessions: int) -> None:
    rows = waves.metric("sessions_per_dau", per="day")
    found = {f"{r['event_date']:%m-%d}": r["sessions"] for r in rows}
    assert found[day] == sessions
