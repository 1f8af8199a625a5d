from __future__ import annotations

import pytest

from literal import Row, attempt, facts, lake, player, rows
from questline.errors import UsageError

SAW = {1: 80, 2: 80, 3: 40, 4: 80, 5: 80}


def once(level: int, wins: int, players: int = 100) -> list[Row]:
    """Players of their own with one attempt each."""
    return [
        attempt(f"{level}-{n}", level, "complete" if n < wins else "fail") for n in range(players)
    ]


def many(name: str, wins: int, fails: int, level: int = 1) -> list[Row]:
    """One player's attempts."""
    outcomes = ["complete"] * wins + ["fail"] * fails
    return [attempt(name, level, outcome) for outcome in outcomes]


def difficulty(attempts: list[Row], **question: object) -> list[Row]:
    return rows(lake(facts(1), level_attempts=attempts), "level_difficulty", **question)


def ends(row: Row) -> tuple[float, float]:
    return row["low"], row["high"]


def test_level_difficulty_of_single_attempts_is_wilson() -> None:
    (found,) = difficulty(once(1, 20))
    assert ends(found) == pytest.approx((0.1334, 0.2888), abs=5e-5)
    assert found["attempts_per_success"] == 5
    assert found["attempts_low"] == pytest.approx(1 / 0.28883, rel=1e-4)
    assert found["attempts_high"] == pytest.approx(1 / 0.13337, rel=1e-4)


def test_level_difficulty_attempts_of_one_player_are_not_independent() -> None:
    # Each of 20 players is off by 5 wins: a variance of 500 / 19 = 26.3. Ten single trials have
    # 10 * 50 / 199 = 2.51, so 200 attempts tell as much as 200 / 10.47 = 19.1.
    good = [a for n in range(10) for a in many(f"good{n}", 10, 0)]
    bad = [a for n in range(10) for a in many(f"bad{n}", 0, 10)]
    (found,) = difficulty(good + bad)
    assert (found["players"], found["attempts"], found["win_rate"]) == (20, 200, 0.5)
    assert ends(found) == pytest.approx((0.29538, 0.70462), abs=1e-5)


def test_level_difficulty_agreement_by_chance_is_no_certainty() -> None:
    (found,) = difficulty(many("a", 1, 1) + many("b", 1, 1))
    half = 1.96 / 2 / (4 + 1.96**2) ** 0.5
    assert ends(found) == pytest.approx((0.5 - half, 0.5 + half), abs=1e-4)


def test_level_difficulty_won_by_all_counts_players() -> None:
    (found,) = difficulty([a for p in "abc" for a in many(p, 4, 0)])
    assert ends(found) == pytest.approx((3 / (3 + 3.8415), 1.0), abs=1e-4)


def test_level_difficulty_won_by_nobody_has_no_upper_end() -> None:
    (found,) = difficulty([a for p in "abc" for a in many(p, 0, 2)])
    assert (found["attempts_per_success"], found["attempts_high"]) == (None, None)
    assert found["attempts_low"] == pytest.approx((3 + 3.8415) / 3.8415, abs=1e-4)


def test_level_difficulty_one_player_tells_little() -> None:
    (found,) = difficulty(many("a", 50, 50))
    assert ends(found) == pytest.approx(
        (0.5 - 0.98 / 4.8415**0.5, 0.5 + 0.98 / 4.8415**0.5), abs=1e-4
    )


def test_level_difficulty_spike_stands_out_from_its_neighbours() -> None:
    found = difficulty([a for level, wins in SAW.items() for a in once(level, wins)])
    spike = found[2]
    assert (spike["neighbours_win_rate"], spike["difference"]) == (0.8, pytest.approx(-0.4))
    # Wilson's ends are 0.3094 and 0.4980 here, 0.7581 and 0.8363 there.
    assert spike["difference_low"] == pytest.approx(-0.4976, abs=1e-4)
    assert spike["difference_high"] == pytest.approx(-0.2934, abs=1e-4)
    assert [r["spike"] for r in found] == [None, False, True, False, None]


def test_level_difficulty_first_and_last_level_are_not_compared() -> None:
    found = difficulty([a for level, wins in SAW.items() for a in once(level, wins)])
    names = ("neighbours_win_rate", "difference", "difference_low", "difference_high", "spike")
    assert [found[i][n] for i in (0, -1) for n in names] == [None] * 10


def test_level_difficulty_drop_must_be_beyond_doubt() -> None:
    attempts = [a for level, wins in SAW.items() for a in once(level, wins)]
    assert [difficulty(attempts, drop=d)[2]["spike"] for d in (0, 0.29, 0.3)] == [True, True, False]
    few = [a for level, wins in SAW.items() for a in once(level, wins // 20, 5)]
    assert difficulty(few)[2]["spike"] is False


def test_level_difficulty_neighbours_are_the_nearest_played_levels() -> None:
    attempts = once(1, 10) + once(10, 50) + once(20, 60) + once(30, 70)
    found = difficulty(attempts, neighbours=1)
    assert [r["neighbours_win_rate"] for r in found] == [None, 0.35, 0.6, None]
    assert difficulty(attempts, neighbours=9)[1]["neighbours_win_rate"] == 140 / 300


def test_level_difficulty_versions_and_groups_have_their_own_neighbours() -> None:
    attempts = [
        {**a, "app_version": version}
        for version, step in (("1", 0), ("2", 10))
        for level in (1, 2, 3)
        for a in once(level, 50 + step * level)
    ]
    found = difficulty(attempts, versions=True)
    assert [(r["level"], r["version"], r["neighbours_win_rate"]) for r in found] == [
        *((1, "1", None), (1, "2", None)),
        *((2, "1", 0.5), (2, "2", 0.7)),
        *((3, "1", None), (3, "2", None)),
    ]
    people = [player("1-0", 1, platform="ios")]
    split = rows(
        lake(facts(1), players=people, level_attempts=once(1, 1, 1) + once(2, 1, 1)),
        "level_difficulty",
        by="platform",
    )
    assert [(r["level"], r["platform"]) for r in split] == [(1, "ios"), (2, None)]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ({"drop": "5"}, "drop == '5', must be a share from 0 to below 1"),
        ({"drop": 1}, "drop == 1, must be a share"),
        ({"neighbours": 0}, "neighbours == 0, must be a whole number from 1 to 50"),
        ({"neighbours": "x"}, "neighbours == 'x', must be a whole number"),
    ],
)
def test_level_difficulty_wrong_option_names_the_allowed(question: Row, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        difficulty([], **question)
