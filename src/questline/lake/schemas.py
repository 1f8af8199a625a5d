"""Tables of the lake: grain, partition and columns, described once."""

from dataclasses import dataclass

LAYOUT = 3
"""Number of this set of tables; raised when columns change, since old lakes lack them."""


@dataclass(frozen=True)
class Column:
    """One column; `type` is an SQL type of DuckDB, times are UTC."""

    name: str
    type: str
    doc: str


@dataclass(frozen=True)
class TableSpec:
    """One table of the lake."""

    name: str
    grain: str
    partition: str
    columns: tuple[Column, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(c.name for c in self.columns)


TS = "TIMESTAMPTZ"
MONEY = "DECIMAL(18,6)"

_EVENT_COLUMNS = (
    Column("event_id", "VARCHAR", "Id made by the client, or derived by the mapping."),
    Column("player_id", "VARCHAR", "The player."),
    Column("event_type", "VARCHAR", "What happened."),
    Column("session_id", "VARCHAR", "The client's session, NULL where it sent none."),
    Column("event_ts", TS, "Corrected event time; the only time product metrics use."),
    Column("event_date", "DATE", "Day of event_ts in the reporting zone."),
    Column("client_ts", TS, "Time as the client wrote it."),
    Column("client_date", "DATE", "UTC day of client_ts; with event_id the event's identity."),
    Column("sent_at", TS, "Client time of the upload."),
    Column("received_at", TS, "Server time of the upload."),
    Column("time_quality", "VARCHAR", "corrected or uncorrected."),
    Column("app_version", "VARCHAR", "Version of the game."),
    Column("platform", "VARCHAR", "Operating system or store."),
    Column("country", "VARCHAR", "Country code."),
    Column("device", "VARCHAR", "Device model or class."),
    Column("level", "INTEGER", "Level number of level events."),
    Column("attempt", "INTEGER", "Attempt number as the client sent it."),
    Column("mode", "VARCHAR", "Game mode."),
    Column("time_spent", "DOUBLE", "Seconds of a level attempt."),
    Column("success", "BOOLEAN", "Outcome flag of a level event."),
    Column("duration", "DOUBLE", "Seconds a session_end claims."),
    Column("product_id", "VARCHAR", "What was bought."),
    Column("transaction_id", "VARCHAR", "The store's id of a payment."),
    Column("price", MONEY, "Price in `currency`."),
    Column("amount", MONEY, "Amount of a refund or currency change, in its own currency."),
    Column("currency", "VARCHAR", "ISO 4217 code of price or amount."),
    Column("fx_rate", "DECIMAL(18,9)", "USD for one unit of `currency` on the event's UTC day."),
    Column("amount_usd", MONEY, "USD value of a purchase, a refund or an ad impression."),
    Column("placement", "VARCHAR", "Where an ad was shown."),
    Column("format", "VARCHAR", "Format of an ad."),
    Column("completed", "BOOLEAN", "Whether an ad was watched to the end."),
    Column("achievement_id", "VARCHAR", "Which achievement."),
    Column("currency_name", "VARCHAR", "Name of the game's own money."),
    Column("balance", MONEY, "Balance of the game's own money."),
    Column("change_reason", "VARCHAR", "Source or sink of a currency_change."),
    Column("experiment", "VARCHAR", "Experiment of an exposure."),
    Column("variant", "VARCHAR", "Variant of an exposure."),
    Column("properties", "VARCHAR", "All properties as JSON text."),
    Column("batch", "VARCHAR", "Ledger entry (file and run) that brought the row."),
    Column("line", "BIGINT", "Line of that file on which the row begins, from 1."),
)

TABLES: dict[str, TableSpec] = {
    t.name: t
    for t in (
        TableSpec("events", "one accepted event", "event_date", _EVENT_COLUMNS),
        TableSpec(
            "contested",
            "one event that lost to another copy of its id or transaction",
            "verdict",
            (
                *_EVENT_COLUMNS,
                Column("verdict", "VARCHAR", "id_collision or duplicate_transaction."),
            ),
        ),
        TableSpec(
            "registrations",
            "one accepted row of player metadata",
            "feed",
            (
                Column("player_id", "VARCHAR", "The player."),
                Column("acquired_at", TS, "When the player was acquired, NULL if not stated."),
                Column("platform", "VARCHAR", "Operating system or store."),
                Column("country", "VARCHAR", "Country code."),
                Column("channel", "VARCHAR", "Acquisition channel."),
                Column("app_version", "VARCHAR", "Version at acquisition."),
                Column("feed", "VARCHAR", "Name of the mapping."),
                Column("batch", "VARCHAR", "Ledger entry that brought the row."),
            ),
        ),
        TableSpec(
            "rejected",
            "one refused input row",
            "reason",
            (
                Column("reason", "VARCHAR", "Why, see the contract's reasons."),
                Column("field", "VARCHAR", "The field or property at fault."),
                Column("message", "VARCHAR", "What was found and what is allowed."),
                Column("raw", "VARCHAR", "The row as it came, at most 65,536 characters."),
                Column("raw_hash", "VARCHAR", "SHA-256 of the whole row."),
                Column("file", "VARCHAR", "First file that has it, relative to the raw folder."),
                Column("line", "BIGINT", "Its line there, from 1."),
                Column("times_seen", "BIGINT", "How often the same row came."),
                Column(
                    "seen_in",
                    "STRUCT(file VARCHAR, line BIGINT, batch VARCHAR, times BIGINT)[]",
                    "Each reading of a file that brought it: first line there, how often.",
                ),
                Column("event_id", "VARCHAR", "Id, where the row got that far."),
                Column("client_date", "DATE", "Identity day, where the row got that far."),
                Column("payload_hash", "VARCHAR", "Content of an event that lost to a copy."),
                Column("batch", "VARCHAR", "Ledger entry that brought the row."),
                Column("rejected_at", TS, "When it was refused."),
            ),
        ),
        TableSpec(
            "ledger",
            "one input file and run",
            "",
            (
                Column("batch", "VARCHAR", "Key of this entry."),
                Column("run_id", "VARCHAR", "The run."),
                Column("file", "VARCHAR", "File, relative to the raw folder."),
                Column("kind", "VARCHAR", "new, grown, replaced, restated, replayed, incomplete."),
                Column("fingerprint", "VARCHAR", "SHA-256 of the bytes read so far."),
                Column("bytes", "BIGINT", "Bytes of the file read so far."),
                Column("modified_ns", "BIGINT", "Modification time of the file when read."),
                Column("tail_offset", "BIGINT", "Start of an unterminated last line, or NULL."),
                Column("source", "VARCHAR", "Mapping and block that read the file."),
                Column("as_of", TS, "The time the future rule was judged against."),
                Column("as_of_explicit", "BOOLEAN", "Whether --as-of set it."),
                Column("lines_in", "BIGINT", "Lines, counted independently of the parser."),
                Column("accepted", "BIGINT", "Lines that became rows."),
                Column("duplicates", "BIGINT", "Lines that repeat an accepted one."),
                Column("rejected", "BIGINT", "Lines refused."),
                Column("rejected_by_reason", "VARCHAR", "JSON object: reason to count."),
                Column("recorded_at", TS, "When the entry was written."),
            ),
        ),
        TableSpec(
            "corrections",
            "one refused row of a file that was corrected by hand",
            "",
            (
                Column("file", "VARCHAR", "File, relative to the raw folder."),
                Column("line", "BIGINT", "First line in the file, from 1."),
                Column("raw_hash", "VARCHAR", "SHA-256 of the whole row as it came."),
                Column("corrected", "VARCHAR", "The row by which it is judged since."),
                Column("recorded_at", TS, "When it was corrected."),
            ),
        ),
        TableSpec(
            "first_seen",
            "one player, from events alone",
            "first_month",
            (
                Column("player_id", "VARCHAR", "The player."),
                Column("first_ts", TS, "First event of any kind."),
                Column("first_month", "VARCHAR", "Month of first_ts in UTC, as 2026-01."),
                Column("first_active_at", TS, "First active event, NULL if none."),
                Column("platform", "VARCHAR", "Value on the earliest event that has one."),
                Column("platform_at", TS, "Time of that event."),
                Column("country", "VARCHAR", "Value on the earliest event that has one."),
                Column("country_at", TS, "Time of that event."),
                Column("app_version", "VARCHAR", "Value on the earliest event that has one."),
                Column("app_version_at", TS, "Time of that event."),
                Column("device", "VARCHAR", "Value on the earliest event that has one."),
                Column("device_at", TS, "Time of that event."),
                Column(
                    "variants",
                    "STRUCT(experiment VARCHAR, variant VARCHAR, exposed_at TIMESTAMPTZ)[]",
                    "First exposure to each experiment, by name.",
                ),
            ),
        ),
        TableSpec(
            "players",
            "one player",
            "acquisition_month",
            (
                Column("player_id", "VARCHAR", "The player."),
                Column("acquired_at", TS, "Metadata's time where given, else the first event's."),
                Column("acquisition_date", "DATE", "Its day in the reporting zone."),
                Column("acquisition_month", "VARCHAR", "Its month, as 2026-01."),
                Column("acquisition_source", "VARCHAR", "metadata or first_event."),
                Column("cohort_week", "DATE", "Monday of the acquisition's ISO week."),
                Column("registered", "BOOLEAN", "Whether metadata knows the player."),
                Column("first_active_at", TS, "First active event, NULL if none."),
                Column("platform", "VARCHAR", "Metadata's, else the first known."),
                Column("country", "VARCHAR", "Metadata's, else the first known."),
                Column("channel", "VARCHAR", "Metadata's acquisition channel."),
                Column("first_version", "VARCHAR", "Metadata's version, else the first known."),
                Column("device", "VARCHAR", "The first known."),
                Column(
                    "variants",
                    "STRUCT(experiment VARCHAR, variant VARCHAR, exposed_at TIMESTAMPTZ)[]",
                    "First exposure to each experiment, by name.",
                ),
            ),
        ),
        TableSpec(
            "sessions",
            "one session",
            "session_date",
            (
                Column("player_id", "VARCHAR", "The player."),
                Column("session_id", "VARCHAR", "The client's session, if any."),
                Column("session_date", "DATE", "Day of the start in the reporting zone."),
                Column("started_at", TS, "First event."),
                Column("ended_at", TS, "session_end, else the last event."),
                Column("length_seconds", "DOUBLE", "ended_at - started_at."),
                Column("closed_by", "VARCHAR", "explicit, timeout or cap."),
                Column("start_missing", "BOOLEAN", "Whether no session_start was seen."),
                Column("events", "BIGINT", "Active events in the session."),
                Column("levels", "BIGINT", "Levels won in the session."),
                Column("revenue_usd", MONEY, "Gross purchases and ads in the session."),
            ),
        ),
        TableSpec(
            "player_days",
            "one player on one day",
            "event_date",
            (
                Column("player_id", "VARCHAR", "The player."),
                Column("event_date", "DATE", "Day in the reporting zone."),
                Column("events", "BIGINT", "All accepted events."),
                Column("active_events", "BIGINT", "Events that make the player active."),
                Column("sessions", "BIGINT", "Sessions started this day."),
                Column("playtime_seconds", "DOUBLE", "Session time within this day."),
                Column("level_starts", "BIGINT", "level_start events."),
                Column("level_completes", "BIGINT", "level_complete events that were won."),
                Column("level_fails", "BIGINT", "Lost attempts reported."),
                Column("purchases", "BIGINT", "Transactions bought this day."),
                Column("gross_usd", MONEY, "Their price."),
                Column("refunded_usd", MONEY, "Paid back on these transactions, whenever."),
                Column("ads", "BIGINT", "Ads watched."),
                Column("ad_revenue_usd", MONEY, "Revenue of these ads."),
                Column("achievements", "BIGINT", "Achievements unlocked."),
            ),
        ),
        TableSpec(
            "level_attempts",
            "one attempt of one level",
            "event_date",
            (
                Column("player_id", "VARCHAR", "The player."),
                Column("event_date", "DATE", "Day of the start."),
                Column("level", "INTEGER", "The level."),
                Column("mode", "VARCHAR", "Game mode, NULL for the only one."),
                Column("attempt", "INTEGER", "Number the client gave, NULL if none."),
                Column("started_at", TS, "level_start, else the outcome's time."),
                Column("outcome", "VARCHAR", "complete, fail or abandon."),
                Column("seconds", "DOUBLE", "time_spent, else outcome - start."),
                Column("start_missing", "BOOLEAN", "Whether the outcome came without a start."),
                Column("app_version", "VARCHAR", "Version of the game."),
            ),
        ),
        TableSpec(
            "purchases",
            "one transaction",
            "event_date",
            (
                Column("transaction_id", "VARCHAR", "The store's id, else the event's id."),
                Column("player_id", "VARCHAR", "Who paid."),
                Column("event_date", "DATE", "Day of the purchase; of a refund without one."),
                Column("purchased_at", TS, "Time of the purchase, NULL if only refunds came."),
                Column("product_id", "VARCHAR", "What was bought."),
                Column("gross_usd", MONEY, "Price in USD, NULL if not stated."),
                Column("refunded_usd", MONEY, "Sum of refunds at the purchase's rate."),
                Column("net_usd", MONEY, "gross - refunded."),
                Column("refunds", "BIGINT", "Number of refunds."),
                Column("refund_dates", "DATE[]", "Days on which refunds came."),
                Column(
                    "refunds_by_day",
                    f"STRUCT(event_date DATE, usd {MONEY})[]",
                    "The sum of the refunds of each of these days, in order.",
                ),
            ),
        ),
        TableSpec(
            "daily",
            "day x acquisition date x event type",
            "event_date",
            (
                Column("event_date", "DATE", "Day in the reporting zone."),
                Column("acquisition_date", "DATE", "Cohort day of the players."),
                Column("event_type", "VARCHAR", "Event type."),
                Column("events", "BIGINT", "Accepted events."),
                Column("players", "BIGINT", "Distinct players."),
                Column("revenue_usd", MONEY, "Gross of purchases and ads; refunds not taken off."),
            ),
        ),
    )
}
