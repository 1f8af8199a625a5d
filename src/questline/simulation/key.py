"""The answer key on disk, beside the raw folder: world, dirty lines, players, experiments."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from types import TracebackType

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from questline.simulation.config import SimulationConfig
from questline.simulation.dirt import DUPLICATE, RULES, Label
from questline.simulation.dirt_lines import CENTS, HIGHEST_PRICE
from questline.simulation.draws import Bools, Ints
from questline.simulation.effects import play_audiences, true_effects
from questline.simulation.folder import GENERATOR, temporary
from questline.simulation.places import DAY_MS
from questline.simulation.planted import KINDS, TRAITS, Outage, Planted
from questline.simulation.play import Fates, Play
from questline.simulation.players import Players, player_ids
from questline.simulation.truth import Account, Kept, everything

_LABELS = list(Label)
_REASONS = [RULES[label].reason for label in _LABELS]
_LOST = np.array(
    [
        r is not None and r != DUPLICATE and n != Label.ID_COLLISION
        for n, r in zip(_LABELS, _REASONS, strict=True)
    ]
    + [False]
)
"""By label: no valid copy of the event arrives. The last entry is for clean events, code -1."""

WORLD_FILE, DIRT_FILE, PLAYERS_FILE = "world.json", "dirt.parquet", "players.parquet"
EFFECTS_FILE, OUTCOMES_FILE = "effects.json", "outcomes.parquet"
_DIRT = pa.schema(
    [
        ("file", pa.string()),
        ("line", pa.int64()),
        ("label", pa.string()),
        ("reason", pa.string()),
        ("event_id", pa.string()),
        ("raw_sha256", pa.string()),
    ]
)
_PLAYERS = pa.schema(
    [
        ("player_id", pa.large_string()),
        ("acquired_at", pa.timestamp("ms", "UTC")),
        ("payer", pa.bool_()),
        ("return_probability", pa.float64()),
        ("leaves_after_days", pa.int32()),
        *((name, pa.bool_()) for name in TRAITS),
    ]
)


def truth_folder(raw: Path) -> Path:
    """Where the answer key of a raw folder lies.

    >>> truth_folder(Path("data/raw_events")).as_posix()
    'data/raw_events_truth'
    """
    named = raw if raw.name not in {"", ".."} else raw.resolve()
    return named.with_name(f"{named.name}_truth")


class Key:
    """Collects the answers while a world is played, and writes them."""

    def __init__(self, config: SimulationConfig) -> None:
        self.config = config
        self.real = Account(config)
        whole = not config.dirt and not any(isinstance(e, Outage) for e in config.planted)
        # Where nothing can be lost, the two accounts are one.
        self.recoverable = self.real if whole else Account(config)
        self.labels: Counter[str] = Counter()
        self.folder = truth_folder(config.out)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._dirt = pq.ParquetWriter(temporary(self.folder / DIRT_FILE), _DIRT)
        self._players = pq.ParquetWriter(temporary(self.folder / PLAYERS_FILE), _PLAYERS)

    def __enter__(self) -> Key:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._dirt.close()
        self._players.close()

    def add_players(self, players: Players) -> None:
        """Notes who arrives, and what cannot be seen of him."""
        lifetime = np.minimum(np.ceil(players.lifetime_days) - 1, 100_000)
        columns = (
            player_ids(self.config.seed, players.code),
            pa.array(players.acquired_ms, pa.timestamp("ms", "UTC")),
            pa.array(players.payer_rank < self.config.world.payer_share),
            pa.array(players.return_probability),
            pa.array(lifetime.astype(np.int32)),
            *(pa.array(getattr(players, name)) for name in TRAITS),
        )
        self._players.write_table(pa.table(list(columns), schema=_PLAYERS))

    def add_play(self, play: Play, fates: Fates) -> None:
        """Counts a play."""
        self.real.add(play, everything(play))
        if self.recoverable is not self.real:
            self.recoverable.add(play, self._kept(play, fates))

    def close_day(self, day: int, arrivals: dict[int, int]) -> None:
        """Counts the players of a day whose events are all known; see `Account.close`."""
        self.real.close(day, arrivals)
        if self.recoverable is not self.real:
            self.recoverable.close(day, arrivals)

    def _kept(self, play: Play, fates: Fates) -> Kept:
        missing = fates.lost
        codes = [np.where(gone, -1, c) for c, gone in zip(fates.codes, missing, strict=True)]
        written = [self._written(b.time_ms) for b in play.blocks]
        for code, inside in zip(codes, written, strict=True):
            found, counts = np.unique(code[inside & (code >= 0)], return_counts=True)
            for index, count in zip(found.tolist(), counts.tolist(), strict=True):
                self.labels[_LABELS[index]] += count
        lost = [_LOST[c] | gone for c, gone in zip(codes, missing, strict=True)]
        in_cents = _is(codes[play.of_type("purchase")], Label.UNIT_MISTAKE)
        in_cents &= play.purchases.micros * CENTS <= HIGHEST_PRICE * 1_000_000
        return Kept(
            known=[~n & ~_is(c, Label.UNKNOWN_TYPE) for n, c in zip(lost, codes, strict=True)],
            arrives=[~n for n in lost],
            extra=[_is(c, Label.REPEATED_END) for c in codes],
            factor=np.where(in_cents, CENTS, 1),
        )

    def _written(self, time_ms: Ints) -> Bools:
        inside: Bools = (time_ms - self.config.start_ms) // DAY_MS < self.config.days
        return inside

    def add_dirt(self, file: str, rows: list[tuple[int, Label, str, bytes]]) -> None:
        """Notes dirty lines of a file: number, label, event and bytes of each."""
        if not rows:
            return
        reasons = [RULES[label].reason for _, label, _, _ in rows]
        columns = [
            [file] * len(rows),
            [line for line, _, _, _ in rows],
            [str(label) for _, label, _, _ in rows],
            [None if r is None else str(r) for r in reasons],
            [event for _, _, event, _ in rows],
            [_digest(text) for _, _, _, text in rows],
        ]
        self._dirt.write_table(pa.table(columns, schema=_DIRT))

    def finish(self) -> None:
        """Writes the world and gives the files of the key their names."""
        rejected: Counter[str] = Counter()
        duplicates = 0
        for label, count in self.labels.items():
            reason = RULES[Label(label)].reason
            if reason == DUPLICATE:
                duplicates += count
            elif reason is not None:
                rejected[str(reason)] += count
        found = {**self.recoverable.summary(), "duplicates": duplicates, "rejected": rejected}
        config = self.config
        world = {
            "generator": GENERATOR,
            "seed": config.seed,
            "days": config.days,
            "start": str(config.start),
            "last_day": str(config.last_day),
            "preset": config.preset,
            "dirt": config.dirt,
            "zone": "UTC",
            "planted": [_described(event) for event in config.planted],
            "recoverable": found,
            "real": self.real.summary(),
        }
        text = json.dumps(world, indent=1) + "\n"
        temporary(self.folder / WORLD_FILE).write_text(text, encoding="utf-8", newline="\n")
        names = [PLAYERS_FILE, DIRT_FILE, *self._experiments(), WORLD_FILE]
        for name in names:
            temporary(self.folder / name).replace(self.folder / name)
        for name in {EFFECTS_FILE, OUTCOMES_FILE} - set(names):
            (self.folder / name).unlink(missing_ok=True)

    def _experiments(self) -> list[str]:
        """Writes what experiments truly did, and to whom; the names of the files."""
        config = self.config
        if not config.experiments:
            return []
        played = play_audiences(config)
        text = json.dumps(true_effects(config, played), indent=1) + "\n"
        temporary(self.folder / EFFECTS_FILE).write_text(text, encoding="utf-8", newline="\n")
        tables = []
        for experiment, audience in zip(config.experiments, played, strict=True):
            names = [v.name for v in experiment.variants]
            columns = {
                "experiment": pa.array([experiment.name] * len(audience.code), pa.string()),
                "player_id": player_ids(config.seed, audience.code),
                "variant": pa.array(names).take(pa.array(audience.variant)),
                "exposed_on": pa.array([config.day(d) for d in audience.day.tolist()], pa.date32()),
                "logged": pa.array(audience.logged > 0),
                **{n: pa.array(v, from_pandas=True) for n, v in audience.outcomes.items()},
            }
            tables.append(pa.table(columns))
        pq.write_table(pa.concat_tables(tables), temporary(self.folder / OUTCOMES_FILE))
        return [EFFECTS_FILE, OUTCOMES_FILE]


def _described(event: Planted) -> dict[str, object]:
    kind = next(name for name, made in KINDS.items() if isinstance(event, made))
    return {"kind": kind, **asdict(event)}


def _is(codes: Ints, label: Label) -> Bools:
    same: Bools = codes == _LABELS.index(label)
    return same


def _digest(text: bytes) -> str:
    return hashlib.sha256(text.decode("utf-8", "replace").encode()).hexdigest()
