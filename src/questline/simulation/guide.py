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

`--users` counts all players of the world, those who arrived in the 60 days before the log
included: in a log of 30 days they are two thirds. Most of them have left by then, so clearly fewer
than `--users` play in the log. `--installs-per-day` counts new players only; as many a day have
arrived before it.

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
  The currencies are USD, EUR, GBP, JPY and BRL; the log holds no converted amounts. Rates to USD
  are those of `[exchange_rates]` in `questline.toml`. For a currency without one there,
  `questline run` takes the rate that the simulation states as `exchange_rates` in `_source.json`,
  beside the raw files. Some purchases are paid back later. Some players see ads after an attempt,
  priced by format, country and store. Coins and gems are earned and spent, with a balance that
  adds up.
- **Versions** come every 14 days, the first, 1.0.0, with the game itself, 60 days before the log.
  So the log begins with 1.4.0 (day -4); 1.5.0 comes on day 10, 1.6.0 on day 24, 1.7.0 on day 38
  and so on, where day 0 is the first of the log. New players have the newest one, the others get
  it some days later, three in the mean, so a few still have 1.3.0 or older ones when the log
  begins.
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

EFFECTS = """\
With experiments there are also two files on what they truly do. For each variant the same world is
played once more in which everybody in the audience gets it, and once with everybody in control;
all other draws are the same. Players are exposed in their first session in the experiment.
"""

KEY_END = """\
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

Days are those of the log, from 0 to the number of days - 1. What can never act is refused: a day
behind the end of the log, a level behind the last one, a version that nobody has in the log.

An experiment, `[experiments.NAME]`, needs two or more variants, the first one being the control:

| key | usual value | meaning |
|---|---|---|
| `starts` | 0 | day of the log from which on players are exposed, in their first session of a day |
| `audience` | `"new"` | `"new"`: players who arrive from that day on; \
`"all"`: everybody who plays from then on |
| `salt` | name of the experiment | text that decides with the seed and the player who gets \
which variant; experiments with the \
same salt and weights divide players alike |

A variant, `variants.NAME`, changes a player from his exposure on. Factors that are left out are 1:

| key | usual value | range | meaning |
|---|---|---|---|
| `weight` | 1 | 0 to 1,000,000 | its part of the players, relative to the other variants |
| `retention` | 1 | 0 to 1,000,000 | factor on the chance to come back on a day |
| `sessions` | 1 | 0 to 1,000,000 | factor on the sessions of a day beyond the first |
| `purchases` | 1 | 0 to 1,000,000 | factor on the share of payers and on how often they pay |
| `level` | none | 1 to the last level | number of the one level that `difficulty` is about; \
in the mode `rush` the level of that number too |
| `difficulty` | 1 | above 0 to 1,000,000 | factor on the attempts that `level` takes on average; \
the chance to win an attempt stays between 5 and 98 %. The two go together |
| `lost_exposures` | 0 | 0 to 1 | share of exposures that never reach the log: a fault \
in the logging, which shows as a sample-ratio mismatch |

What can be planted, with its options. `day` is the first day of it, `hour` an hour of that day
(0 to 23, UTC), `days` and `hours` are 1 or more, shares lie between 0 and 1:

| kind | what it is | options |
|---|---|---|
"""

LIVE = """\
### With `--live`

A stream plays many small worlds of the plan, one beside the other. Each begins with day 0 on the
UTC day on which it is made, and grows a day older with each day that the stream goes on; so what is
planned for day 3 happens in the first worlds on the stream's fourth day. A plan is checked as if
for a log of 366 days.

- `[world]` acts; from 2,500 events a second on, sessions are fewer and shorter than it says.
- `[experiments]` act and exposures are logged, `lost_exposures` too, but there is no answer key and
  so no true effect to compare with.
- `[planted]` events act, except for `outage`: the stream has no gap. `featured` changes who plays,
  not how much is written, since the rate is kept.
- `[dirt]` does nothing: the stream is clean.
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
