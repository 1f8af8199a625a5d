"""The steps without loops, against plain loops."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from questline.simulation.behaviour import PAUSE_BETWEEN_SESSIONS_MS, _without_overlaps
from questline.simulation.config import SimulationConfig
from questline.simulation.players import draw_arrivals
from questline.simulation.progression import Attempts, Track, attempts_needed, climb
from questline.simulation.rhythm import is_weekend, time_of_day
from questline.simulation.segments import running_maximum, segment_starts
from questline.simulation.wallet import Income, _spending_rows

_SESSIONS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 10**6), st.integers(1, 10**6)), max_size=30
)


@given(_SESSIONS)
def test_without_overlaps_equals_a_loop(sessions: list[tuple[int, int, int]]) -> None:
    rows = sorted(sessions)
    player, wished, length = (np.array([r[i] for r in rows], dtype=np.int64) for i in range(3))
    expected: list[int] = []
    free: dict[int, int] = {}
    for who, wish, long in rows:
        begin = max(wish, free.get(who, wish))
        expected.append(begin)
        free[who] = begin + long + PAUSE_BETWEEN_SESSIONS_MS
    assert _without_overlaps(player, wished, length).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(-50, 50)), min_size=1))
def test_running_maximum_equals_a_loop(pairs: list[tuple[int, int]]) -> None:
    rows = sorted(pairs, key=lambda pair: pair[0])
    groups, values = (np.array([r[i] for r in rows], dtype=np.int64) for i in range(2))
    starts = segment_starts(groups)
    expected = [values[starts[i] : i + 1].max() for i in range(len(rows))]
    assert running_maximum(values, groups).tolist() == expected


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 40), st.booleans()), min_size=1))
def test_spending_rows_equals_a_loop(steps: list[tuple[int, int, bool]]) -> None:
    rows = sorted(steps, key=lambda step: step[0])
    size = len(rows)
    player = np.array([r[0] for r in rows], dtype=np.int64)
    zeros, flags = np.zeros(size, dtype=np.int64), np.zeros(size, dtype=np.bool_)
    code = zeros.astype(np.uint64)
    attempts = Attempts(player, zeros, code, zeros, zeros, zeros, zeros, zeros, flags, flags, flags)
    amount = np.array([r[1] for r in rows], dtype=np.int64)
    willing = np.flatnonzero([r[2] for r in rows])
    balance = {0: 5, 1: 0, 2: 29}
    opening, price = np.array([5, 0, 29]), np.array([10, 20, 30])
    expected = []
    for row, (who, came_in, wants) in enumerate(rows):
        balance[who] += came_in
        if wants and balance[who] >= price[who]:
            balance[who] -= int(price[who])
            expected.append(row)
    income = [Income(np.arange(size), zeros, amount, 0)]
    assert _spending_rows(attempts, income, opening, price, willing).tolist() == expected


def test_climb_goes_on_where_it_stopped() -> None:
    config = SimulationConfig(seed=3)
    players = draw_arrivals(config, 0, 3)
    version = np.zeros(3, dtype=np.int64)
    track = Track(players.level, players.tries)
    whole = climb(players, track, np.array([40, 0, 7]), version, config)
    assert len(whole.level) == 47
    assert (whole.level[0], whole.level[40]) == (1, 1)
    for i in range(1, 47):
        if i != 40:
            assert whole.level[i] == whole.level[i - 1] + whole.won[i - 1]
            expected = 1 if whole.won[i - 1] else whole.number[i - 1] + 1
            assert whole.number[i] == expected

    first = climb(players, track, np.array([13, 0, 0]), version, config)
    track.move(np.zeros(13, dtype=np.int64), first)
    rest = climb(players, track, np.array([27, 0, 0]), version, config)
    assert [*first.level, *rest.level] == whole.level[:40].tolist()
    assert [*first.number, *rest.number] == whole.number[:40].tolist()


def test_attempts_needed_is_a_rising_saw_tooth() -> None:
    needed = attempts_needed(np.arange(1, 101))
    assert needed[9] > needed[8] > needed[0]
    assert needed[10] < needed[9]
    assert needed[99] > needed[9]
    assert needed.min() > 1


def test_time_of_day_follows_the_zone() -> None:
    position = np.linspace(0.0, 0.999, 2_000)
    flags = np.zeros(2_000, dtype=np.bool_)
    busiest = {}
    for offset in (-8, 0, 9):
        hours = time_of_day(position, np.full(2_000, offset), flags) // 3_600_000
        assert (np.diff(hours) >= 0).all()
        busiest[offset] = (int(np.bincount(hours).argmax()) + offset) % 24
    assert busiest == {-8: 20, 0: 20, 9: 20}


def test_is_weekend_of_known_days() -> None:
    days = np.array(["2026-01-02", "2026-01-03", "2026-01-04", "2026-01-05"], "datetime64[D]")
    assert is_weekend(days.astype(np.int64)).tolist() == [False, True, True, False]
