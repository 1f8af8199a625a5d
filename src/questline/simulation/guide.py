"""The prose of docs/simulation.md; `document` puts lists and tables between it."""

INTRODUCTION = """\
# The simulated game

Written by `python -m questline.simulation.document`; do not edit by hand.

`questline simulate` writes the raw log of a game that does not exist, and beside it an answer key:
what truly happened, counted by the simulator from its own state, and every line that it spoiled.
So whatever is computed from the log can be held against the truth. `questline verify` does that
for a whole lake, to the last unit. The simulator shares only the contract of events with the code
that reads them.

```sh
questline simulate --days 30 --users 5000 --dirt 0.03
questline run
questline verify
```

The same seed and settings give the same bytes, on any number of threads. `--installs-per-day`
takes the place of `--users` where a longer log should begin with the same days. `--preset` chooses
the game: `puzzle` (free, with levels, among the best tenth of its kind), `median` (the same game
with the retention of the median game) or `hardcore` (few players who play long, pay more and see
few ads). Every number of a preset is in `src/questline/simulation/presets.py`.

## How it works

- **Players** arrive every day, more at weekends, from eight countries in their own time zones, by
  channel, platform and device. Each has a chance of his own to play on a day (a Beta
  distribution) and an age at which he leaves for good. The mixture gives two power laws, with a
  kink at day 8: a steep first week and a long tail. The game was out for 60 days before the log
  begins.
- **Sessions** of a day follow a negative binomial distribution and are lognormal in length; both
  grow with the player's engagement. They start by the hour of the player's place, differently at
  weekends, never overlap, and some end without being reported.
- **Levels** come in order. Their difficulty is a slow rise with a saw-tooth: every tenth is a
  boss. Each player needs a number of attempts for each level, by his skill; after many losses in
  a row he gives up for the day. From day 14 of the log on there is a mode `rush` with levels of
  its own, which some of those past level 10 take to.
- **Money.** A few players pay, most of them first on the day they arrive, then at a rate of their
  own; what they spend is lognormal and snapped to the stores' price tiers in five currencies.
  Some purchases are paid back later. Some players see ads after an attempt, priced by format,
  country and store. Coins and gems are earned and spent, with a balance that adds up.
- **Time.** A clock may be wrong on a device; uploads come in batches every few seconds, so the
  three times of an event differ as in real logs.
- **Draws** are hashes of who, when and what for, not a sequence ([decision
  0017](decisions/0017-a-draw-is-a-hash.md)). Days are played in order with the memory of the
  players who have not left, so a year needs no more of it than a month.
"""

DIRT = """\
## Dirt

`--dirt 0.03` spoils three of a hundred event lines (JSON Lines only). What becomes of a line
depends on the seed and the event alone. Every kind has a label, and most have one reason for
which the pipeline must refuse the line, or find it a duplicate. Weights are relative, among the
kinds that the type of event allows.

| label | weight | what happened | what a right pipeline does |
|---|---|---|---|
"""

KEY = """\
## The answer key

It lies beside the raw folder, in `data/raw_events_truth` for `data/raw_events`; no reader of the
raw folder meets it. It knows two worlds ([decision 0018](decisions/0018-the-answer-key.md)): the
*real* one of all that happened, and the *recoverable* one of what a perfect pipeline gets from
these bytes.

`world.json` holds the settings and, for both worlds, the accepted events, per day events, DAU,
new players, sessions, ad impressions and revenue, the players retained by day number, purchases
and refunds by currency, and attempts, wins and fails by level; for the recoverable world also
duplicates, and refused lines by reason. Money is in millionths.
"""

KEY_END = """\
With experiments there are also `effects.json`, the true effect of each variant, and
`outcomes.parquet`, what became of each player who was exposed.

`questline verify` prints two tables. *Dirty lines*: for each label, how many lines of the key the
lake refused for the right reason (recall), and for each reason, how many of the lake's refused
lines the key names (precision). *Figures*: how many values equal the recoverable world, and how
far the sum lies from the real one, which is the damage that no pipeline can mend. It ends with
exit code 0 only if every line and every value is as the key says.

## A world of your own

`--preset mygame.toml` reads a file; whatever it leaves out stays as in the preset it starts from.

```toml
preset = "puzzle"

[world]                                   # numbers of src/questline/simulation/presets.py
retention = [0.35, 0.15, 0.05]            # day 1, 7 and 28
payer_share = 0.04

[dirt]                                    # weights of labels in place of those above
truncated = 1
exact_duplicate = 3

[experiments.easier_start]                # players who arrive from day 5 of the log on
starts = 5
variants.control = {}
variants.easy = { difficulty = 0.7, level = 10, retention = 1.05 }

[planted.blackout]                        # something to be found
kind = "outage"
day = 12
hour = 18
```

Factors of a variant: `retention`, `sessions`, `purchases`, `difficulty` (of `level`), and
`lost_exposures` for a fault in the logging. What can be planted, with its options:

| kind | what it is | options |
|---|---|---|
"""

FIGURES = """\
## Does it look like a game?

Published figures, what each preset is set to come out at, and what a world of it did come out at:
{days} days, seed {seed},
{sizes}.
Retention is pooled over the log, the rest is of the last 28 days. Published figures are of
many games of all kinds and partly old, and a preset is one game: where a target lies beside them,
the table says why. `tests/simulation/test_targets.py` asserts each of these lines.
"""

PICTURES = """\
## Pictures

Drawn by `python docs/pictures.py`: it simulates, runs the pipeline and asks the metrics, so they
show what the pipeline measured. Where the answer key knows the truth, it stands beside it.

![Retention of the three presets and published quartiles](pictures/retention.png)

![Sessions by local hour on weekdays and at weekends](pictures/rhythm.png)

![Share of revenue by share of payers](pictures/spending.png)

![Players who reach each level and attempts it takes](pictures/levels.png)
"""
