"""Validation and clock correction: one SQL statement that judges every row of a reading.

The rules follow the order of `Reason`; a row's reason is the first that applies.
"""

from collections.abc import Callable

from questline.contract import EVENT_TYPES, Kind, Reason
from questline.contract.envelope import MAX_ID_CHARACTERS, MAX_TYPE_CHARACTERS
from questline.contract.event_types import EventType, Property
from questline.ingestion.expressions import json_text
from questline.ingestion.mapping import Mapping, Source
from questline.lake.schemas import TABLES
from questline.lake.store import quote
from questline.settings import Settings

ISO_TIME = (
    r"\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):\d\d:\d\d(?:\.\d{1,9})?"
    r"(?:Z|[+-](?:0\d|1[0-4])(?::?[0-5]\d)?)"
)
UUID = r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}"
PROPERTIES = sorted({p.name for e in EVENT_TYPES.values() for p in e.properties})
PROPERTY_FORM = "{" + ", ".join(f'"{p}": "JSON"' for p in PROPERTIES) + "}"
ORIGIN = ("batch", "line")
"""Columns that say which file and line brought an event."""
EVENT_COLUMNS = tuple(c for c in TABLES["events"].names if c not in ORIGIN)

_NUMBER = r"-?\d+(\.\d+)?([eE][+-]?\d+)?"
_CHECKS = {
    Kind.TEXT: "CASE WHEN NOT starts_with({v}, '\"') THEN false "
    "WHEN contains({v}, '\\') THEN length({v}->>'$') BETWEEN 1 AND 128 "
    "ELSE length({v}) BETWEEN 3 AND 130 END",
    Kind.INTEGER: r"regexp_full_match({v}, '\d{{1,10}}') AND try_cast({v} AS BIGINT) <= 1000000000",
    Kind.SECONDS: f"regexp_full_match({{v}}, '{_NUMBER.replace('{', '{{').replace('}', '}}')}') "
    "AND try_cast({v} AS DOUBLE) BETWEEN 0 AND 31536000",
    Kind.BOOLEAN: "{v} IN ('true', 'false')",
    # A zero with a sign is what some writers of binary floats make of 0.
    Kind.MONEY: r"regexp_full_match({v}, '\d{{1,7}}(\.\d{{1,6}})?|-0(\.0{{1,6}})?') "
    "AND try_cast({v} AS DECIMAL(18,6)) <= 1000000",
    Kind.AMOUNT: r"regexp_full_match({v}, '-?\d{{1,9}}(\.\d{{1,6}})?')",
}


def validate_events(rows: str, source: Source, mapping: Mapping, settings: Settings) -> str:
    """SQL over the read columns `rows`, one output row an input row, with verdict and event.

    `rows` has fid, line, raw, found (a reason the reader already gave), the envelope as text,
    properties as minified JSON (what is no JSON object does not start with a brace), as_of,
    as_of_explicit and again. Output: fid, line, raw (refused rows only), reason, field, again and
    the columns of an event.
    """
    form = quote(PROPERTY_FORM)
    timed = f"""
        SELECT *,
            json_transform(CASE WHEN properties_ok THEN properties END, {form}) AS p,
            {_time("timestamp")} AS client_us, {_time("sent_at")} AS sent_us,
            {_time("received_at")} AS received_us, epoch_us(as_of) AS as_of_us
        FROM (SELECT *, coalesce(starts_with(properties, '{{'), false) AS properties_ok
            FROM ({rows}))"""
    clocked = f"""
        SELECT *, coalesce(sent_us >= client_us AND received_us IS NOT NULL, false) AS corrected,
            CASE WHEN sent_us >= client_us AND received_us IS NOT NULL
                THEN received_us - (sent_us - client_us)
                ELSE least(client_us, received_us) END AS event_us,
            {_money_text()} AS money, {_currency()} AS paid_in
        FROM ({timed})"""
    judged = f"""
        SELECT *, {_missing(source)} AS missing, {_bad_id(mapping)} AS bad_id,
            {_bad_time()} AS bad_time, {_bad_property()} AS bad_property,
            {_rate(settings)} AS rate
        FROM ({clocked})"""
    return f"""
        SELECT fid, line, CASE WHEN reason IS NOT NULL THEN raw END AS raw, reason,
            CASE reason WHEN 'missing_field' THEN missing WHEN 'invalid_id' THEN bad_id
                WHEN 'invalid_timestamp' THEN bad_time WHEN 'invalid_property' THEN bad_property
                WHEN 'unknown_currency' THEN 'properties.currency'
                WHEN 'unknown_event_type' THEN 'event_type'
                WHEN 'timestamp_in_future' THEN 'timestamp'
                WHEN 'too_old' THEN 'timestamp' END AS field,
            again, {_event_columns(settings)}
        FROM (SELECT *, {_reason(settings)} AS reason FROM ({judged}))"""


def validate_players(rows: str) -> str:
    """SQL over read player metadata: fid, line, raw, reason, field and the metadata columns."""
    timed = f"SELECT *, {_time('acquired_at')} AS acquired_us FROM ({rows})"
    plain = ("platform", "country", "channel", "app_version")
    bad = " ".join(f"WHEN {_bad_text(n)} THEN '{n}'" for n in plain)
    judged = f"""
        SELECT *, CASE {bad} END AS bad_property,
            CASE WHEN found IS NOT NULL THEN found
                WHEN coalesce(player_id, '') = '' THEN '{Reason.MISSING_FIELD}'
                WHEN {_bad_text("player_id")} THEN '{Reason.INVALID_ID}'
                WHEN acquired_at IS NOT NULL AND acquired_us IS NULL
                    THEN '{Reason.INVALID_TIMESTAMP}'
                WHEN CASE {bad} END IS NOT NULL THEN '{Reason.INVALID_PROPERTY}' END AS reason
        FROM ({timed})"""
    return f"""
        SELECT fid, line, CASE WHEN reason IS NOT NULL THEN raw END AS raw, reason,
            CASE reason WHEN 'missing_field' THEN 'player_id' WHEN 'invalid_id' THEN 'player_id'
                WHEN 'invalid_timestamp' THEN 'acquired_at'
                WHEN 'invalid_property' THEN bad_property END AS field,
            player_id, make_timestamptz(acquired_us) AS acquired_at, platform, country, channel,
            app_version
        FROM ({judged})"""


def _time(name: str) -> str:
    cast = f"epoch_us(try_cast({name} AS TIMESTAMPTZ))"
    return (
        f"CASE WHEN regexp_full_match({name}, {quote(ISO_TIME)}) "
        f"AND {name} >= '1970' AND {name} < '2101' THEN {cast} END"
    )


def day_of(instant: str, zone: str) -> str:
    """SQL of the day on which an instant (microseconds since 1970) falls in a time zone."""
    if zone == "UTC":
        return f"CAST(make_timestamp({instant}) AS DATE)"
    return f"CAST(timezone({quote(zone)}, make_timestamptz({instant})) AS DATE)"


def _bad_text(name: str) -> str:
    return (
        f"({name} IS NOT NULL AND (length({name}) > {MAX_ID_CHARACTERS} "
        f"OR {name} = '' OR starts_with({name}, chr(1))))"
    )


def _types_with(name: str) -> str:
    types = [e.name for e in EVENT_TYPES.values() if name in {p.name for p in e.properties}]
    return f"event_type IN ({', '.join(quote(t) for t in types)})"


def _missing(source: Source) -> str:
    cases = [
        f"WHEN coalesce({f}, '') = '' THEN '{f}'"
        for f in ("event_id", "player_id", "event_type", "timestamp", "properties")
    ]

    def absent(event: EventType, prop: Property) -> str | None:
        needed = prop.required and f"{event.name}.{prop.name}" not in source.optional
        return f"coalesce(p.{prop.name}::VARCHAR, '\"\"') = '\"\"'" if needed else None

    return f"CASE {' '.join(cases)} WHEN properties_ok THEN {_by_type(absent)} END"


def _bad_id(mapping: Mapping) -> str:
    cases = [f"WHEN {_bad_text(n)} THEN '{n}'" for n in ("event_id", "player_id")]
    if mapping.uuid_ids:
        cases = [
            f"WHEN NOT regexp_full_match({n}, {quote(UUID)}) THEN '{n}'"
            for n in ("event_id", "player_id")
        ]
    cases.append(f"WHEN {_bad_text('session_id')} THEN 'session_id'")
    return f"CASE {' '.join(cases)} END"


def _bad_time() -> str:
    pairs = (("timestamp", "client_us"), ("sent_at", "sent_us"), ("received_at", "received_us"))
    cases = [f"WHEN {n} IS NOT NULL AND {t} IS NULL THEN '{n}'" for n, t in pairs]
    return f"CASE {' '.join(cases)} END"


def _bad_property() -> str:
    cases = [f"WHEN {_bad_text(n)} THEN '{n}'" for n in ("app_version", "platform", "country")]
    cases.insert(0, "WHEN NOT properties_ok THEN 'properties'")
    return f"CASE {' '.join(cases)} ELSE {_by_type(_bad_value)} END"


def _bad_value(_event: EventType, prop: Property) -> str:
    check = _CHECKS[prop.kind].format(v=f"(p.{prop.name}::VARCHAR)")
    return f"p.{prop.name} IS NOT NULL AND NOT coalesce({check}, false)"


def _by_type(fault: Callable[[EventType, Property], str | None]) -> str:
    """The first property at fault; a row meets only the rules of its own event type."""
    types = []
    for event in EVENT_TYPES.values():
        found = {p.name: fault(event, p) for p in event.properties}
        cases = [f"WHEN {rule} THEN 'properties.{n}'" for n, rule in found.items() if rule]
        if cases:
            types.append(f"WHEN {quote(event.name)} THEN CASE {' '.join(cases)} END")
    return f"CASE event_type {' '.join(types)} END"


def _money_text() -> str:
    return (
        "CASE event_type WHEN 'purchase' THEN p.price::VARCHAR "
        "WHEN 'refund' THEN p.amount::VARCHAR "
        "WHEN 'ad_watched' THEN p.revenue::VARCHAR END"
    )


def _currency() -> str:
    text = json_text("p.currency::VARCHAR")
    return f"CASE WHEN event_type IN ('purchase', 'refund') THEN {text} END"


def _rate(settings: Settings) -> str:
    day = day_of("event_us", "UTC")
    cases = ["WHEN 'USD' THEN 1"]
    for code, rates in settings.exchange_rates.items():
        steps = " ".join(
            f"WHEN {day} >= DATE '{since}' THEN {rate}"
            for since, rate in sorted(rates.items(), reverse=True)
        )
        cases.append(f"WHEN {quote(code)} THEN CASE {steps} END")
    return f"CAST(CASE paid_in {' '.join(cases)} END AS DECIMAL(18,9))"


def _reason(settings: Settings) -> str:
    future = settings.max_future_minutes * 60_000_000
    age = settings.max_age_days * 86_400_000_000
    known = ", ".join(quote(t) for t in EVENT_TYPES)
    rules = [
        ("bad_id IS NOT NULL", Reason.INVALID_ID),
        ("bad_time IS NOT NULL", Reason.INVALID_TIMESTAMP),
        (
            f"NOT corrected AND client_us > coalesce(received_us, as_of_us) + {future}",
            Reason.TIMESTAMP_IN_FUTURE,
        ),
        (
            f"event_us < coalesce(received_us, CASE WHEN as_of_explicit THEN as_of_us END) - {age}",
            Reason.TOO_OLD,
        ),
        (
            f"length(event_type) > {MAX_TYPE_CHARACTERS} "
            r"OR regexp_matches(event_type, '[\x00-\x1f\x7f-\x{9f}]')",
            Reason.UNKNOWN_EVENT_TYPE,
        ),
        ("bad_property IS NOT NULL", Reason.INVALID_PROPERTY),
        ("paid_in IS NOT NULL AND rate IS NULL", Reason.UNKNOWN_CURRENCY),
    ]
    if settings.unknown_event_types == "reject":
        rules.insert(5, (f"event_type NOT IN ({known})", Reason.UNKNOWN_EVENT_TYPE))
    cases = " ".join(f"WHEN {condition} THEN '{reason}'" for condition, reason in rules)
    return (
        f"CASE WHEN found IS NOT NULL THEN found WHEN missing IS NOT NULL "
        f"THEN '{Reason.MISSING_FIELD}' {cases} END"
    )


def _event_columns(settings: Settings) -> str:
    given: dict[str, str] = {
        "event_date": day_of("event_us", settings.reporting_zone),
        "client_date": day_of("client_us", "UTC"),
        "event_ts": "make_timestamptz(event_us)",
        "client_ts": "make_timestamptz(client_us)",
        "sent_at": "make_timestamptz(sent_us)",
        "received_at": "make_timestamptz(received_us)",
        "time_quality": "CASE WHEN corrected THEN 'corrected' ELSE 'uncorrected' END",
        "currency": "paid_in",
        "fx_rate": "CASE WHEN paid_in IS NOT NULL THEN rate END",
        "amount_usd": (
            "CASE WHEN event_type = 'ad_watched' THEN try_cast(money AS DECIMAL(18,6)) "
            "ELSE CAST(try_cast(money AS DECIMAL(38,6)) * rate AS DECIMAL(18,6)) END"
        ),
        "change_reason": _typed("reason", Kind.TEXT),
        "amount": _number("amount", "DECIMAL(18,6)"),
    }
    for name in ("platform", "app_version", "country"):
        given[name] = f"coalesce({name}, {_typed(name, Kind.TEXT)})"
    for name, kind in {p.name: p.kind for e in EVENT_TYPES.values() for p in e.properties}.items():
        if name in EVENT_COLUMNS and name not in given:
            given[name] = _typed(name, kind)
    plain = ("event_id", "player_id", "event_type", "session_id", "client_date")
    # A refused row carries no event: its columns stay NULL but for the key.
    return ", ".join(
        f"{given.get(n, n)} AS {n}"
        if n in plain
        else f"CASE WHEN reason IS NULL THEN {given.get(n, n)} END AS {n}"
        for n in EVENT_COLUMNS
    )


def _typed(name: str, kind: Kind) -> str:
    if kind is Kind.TEXT:
        return f"CASE WHEN {_types_with(name)} THEN {json_text(f'p.{name}::VARCHAR')} END"
    types = {
        Kind.INTEGER: "INTEGER",
        Kind.SECONDS: "DOUBLE",
        Kind.BOOLEAN: "BOOLEAN",
        Kind.MONEY: "DECIMAL(18,6)",
        Kind.AMOUNT: "DECIMAL(18,6)",
    }
    return _number(name, types[kind])


def _number(name: str, sql_type: str) -> str:
    return f"CASE WHEN {_types_with(name)} THEN try_cast(p.{name}::VARCHAR AS {sql_type}) END"
