"""SQL expressions of a source block: how each contract field is taken from an input row.

Three shapes of row reach this module: the JSON text of a line, the text columns of a CSV file,
and the JSON of a Parquet row. All leave as the same columns.
"""

import re

from questline.contract import EVENT_TYPES, Kind
from questline.ingestion.mapping import Source, Spec, Take
from questline.lake.store import quote

NOT_TEXT = "chr(1)"
"""Marks a value that should have been text but was not; no valid id starts with it."""

ENVELOPE_TEXT = (
    "event_id",
    "player_id",
    "event_type",
    "timestamp",
    "session_id",
    "sent_at",
    "received_at",
    "app_version",
    "platform",
    "country",
)
PLAYER_TEXT = ("player_id", "acquired_at", "platform", "country", "channel", "app_version")

_SELF_EVIDENT = frozenset({"event_id", "player_id", "timestamp", "sent_at", "received_at"})
"""Fields of which a number or an object, taken as text, is refused by its form anyway."""

_KINDS: dict[str, Kind] = {p.name: p.kind for e in EVENT_TYPES.values() for p in e.properties}
_ARRAY = re.compile(r"^(?P<array>[\w.]+)\[(?P<key>[^\]]+)\](?:\.(?P<value>[\w|.]+))?$")


def identifier(name: str) -> str:
    """`name` as an SQL identifier, whatever characters it holds but NUL."""
    return '"' + name.replace('"', '""') + '"'


def json_text(value: str) -> str:
    """Text of a JSON value; anything but a string is marked with NOT_TEXT."""
    value = f"({value})"
    return (
        f"CASE WHEN {value} IS NULL THEN NULL "
        f"WHEN NOT starts_with({value}, '\"') THEN {NOT_TEXT} || {value} "
        f"WHEN contains({value}, '\\') THEN {value}->>'$' "
        f"ELSE substr({value}, 2, length({value}) - 2) END"
    )


def native_form(source: Source) -> str:
    """The form in which `json_transform` opens a line of the native JSON form."""
    names = PLAYER_TEXT if source.feeds == "players" else (*ENVELOPE_TEXT, "properties")
    plain = _SELF_EVIDENT if source.feeds == "events" else frozenset()
    kinds = {name: "VARCHAR" if name in plain else "JSON" for name in names}
    return "{" + ", ".join(f'"{name}": "{kind}"' for name, kind in kinds.items()) + "}"


def native_columns(source: Source, row: str) -> dict[str, str]:
    """Contract fields of the native JSON form; `row` is the struct opened by `native_form`."""
    names = PLAYER_TEXT if source.feeds == "players" else ENVELOPE_TEXT
    plain = _SELF_EVIDENT if source.feeds == "events" else frozenset()
    columns = {n: f"{row}.{n}" if n in plain else json_text(f"{row}.{n}::VARCHAR") for n in names}
    if source.feeds == "events":
        columns["properties"] = f"nullif({row}.properties::VARCHAR, '\"\"')"
    return columns


def native_csv_columns(source: Source, header: list[str]) -> dict[str, str]:
    """Contract fields of the native CSV form: an empty cell is absent."""
    names = PLAYER_TEXT if source.feeds == "players" else (*ENVELOPE_TEXT, "properties")
    return {n: (_cell(n, header) if n in header else "NULL::VARCHAR") for n in names}


def mapped_columns(source: Source, header: list[str] | None) -> dict[str, str]:
    """Contract fields of a foreign row.

    `header` lists the columns of a CSV file; None means that the row is JSON in column `j`.
    """
    names = PLAYER_TEXT if source.feeds == "players" else ENVELOPE_TEXT
    columns: dict[str, str] = {}
    for name in names:
        if name in source.fields:
            columns[name] = _value(source.fields[name], header)
        elif name in source.constants:
            columns[name] = quote(str(source.constants[name]))
        else:
            columns[name] = "NULL::VARCHAR"
    for name in ("timestamp", "sent_at", "received_at", "acquired_at"):
        if name in columns and name in source.fields:
            columns[name] = iso_time(columns[name], source.timestamp_format, source.timestamp_zone)
    if source.feeds == "events":
        columns["event_type"] = _renamed(columns["event_type"], source.events)
        columns["properties"] = _properties(source, header)
        if source.ids != "field":
            columns["event_id"] = "NULL::VARCHAR"
    return columns


def iso_time(text: str, form: str, zone: str) -> str:
    """`text` rewritten as ISO 8601 in UTC; what does not fit the form stays as it is."""
    if form == "iso":
        return text
    scale = {"epoch_s": 1_000_000, "epoch_ms": 1_000, "epoch_us": 1}.get(form)
    if scale is not None:
        number = f"try_cast({text} AS DECIMAL(38,6))"
        stamp = f"make_timestamp(CAST(round({number} * {scale}) AS BIGINT))"
        stamp = f"CASE WHEN abs({number}) * {scale} < 4e15 THEN {stamp} END"
    else:
        local = (
            f"CASE WHEN regexp_full_match({text}, "
            r"'\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,9})?') "
            f"THEN try_cast({text} AS TIMESTAMP) END"
            if form == "iso_local"
            else f"try_strptime({text}, {quote(form)})"
        )
        stamp = f"timezone('UTC', timezone({quote(zone)}, {local}))"
    return f"coalesce(strftime({stamp}, '%Y-%m-%dT%H:%M:%S.%fZ'), {text})"


def cell_name(place: int) -> str:
    """Name of a CSV column by its place; those of the header may be twice or in other columns."""
    return f"cell_{place}"


def _cell(name: str, header: list[str]) -> str:
    return f"nullif({cell_name(header.index(name))}, '')"


def _value(spec: Spec, header: list[str] | None) -> str:
    if isinstance(spec, list):
        return f"coalesce({', '.join(_value(s, header) for s in spec)})"
    if isinstance(spec, Take):
        taken = _value(spec.take, header)
        given = taken if spec.given is None else quote(spec.given)
        return f"CASE WHEN regexp_full_match({taken}, {quote(spec.matching)}) THEN {given} END"
    if "{" in spec:
        parts = []
        for literal, name in re.findall(r"([^{]*)(?:\{([^}]*)\})?", spec):
            if literal:
                parts.append(quote(literal))
            if name:
                parts.append(_value(name, header))
        return "(" + " || ".join(parts) + ")"
    if header is None:
        return f"nullif({_json(spec, as_text=True)}, '')"
    return _csv_value(spec, header)


def _csv_value(spec: str, header: list[str]) -> str:
    head, _, rest = spec.partition(".")
    if spec in header:
        return _cell(spec, header)
    if rest and head in header:
        text = _cell(head, header)
        return f"CASE WHEN json_valid({text}) THEN {text}->>{quote(_path(rest))} END"
    return "NULL::VARCHAR"


def _path(dotted: str) -> str:
    return "$." + ".".join(f'"{part}"' for part in dotted.split("."))


def _json(spec: str, *, as_text: bool) -> str:
    arrow = "->>" if as_text else "->"
    match = _ARRAY.match(spec)
    if not match:
        return f"j{arrow}{quote(_path(spec))}"
    values = (match["value"] or "value").split("|")
    items = f"json_extract(j, {quote(_path(match['array']) + '[*]')})"
    found = f"list_filter({items}, lambda item: item->>'$.key' = {quote(match['key'])})[1]"
    picks = ", ".join(f"({found}){arrow}{quote(_path(v))}" for v in values)
    return f"coalesce({picks})" if len(values) > 1 else picks


def _renamed(text: str, names: dict[str, str]) -> str:
    if not names:
        return text
    cases = " ".join(f"WHEN {quote(k)} THEN {quote(v)}" for k, v in names.items())
    return f"CASE {text} {cases} ELSE {text} END"


def _properties(source: Source, header: list[str] | None) -> str:
    parts: list[str] = []
    for name, value in source.constants.items():
        if name not in ENVELOPE_TEXT:
            literal = str(value).lower() if isinstance(value, bool) else str(value)
            json = (
                f"to_json({quote(value)})" if isinstance(value, str) else f"{quote(literal)}::JSON"
            )
            parts.append(f"{quote(name)}, {json}")
    for name, spec in source.properties.items():
        parts.append(f"{quote(name)}, {_property(name, spec, header)}")
    if not parts:
        return "'{}'"
    return f"CAST(json_object({', '.join(parts)}) AS VARCHAR)"


def _property(name: str, spec: Spec, header: list[str] | None) -> str:
    if header is None and isinstance(spec, str) and "{" not in spec:
        kind = _KINDS.get(name)
        if kind is None:
            return _json(spec, as_text=False)
        if kind is Kind.TEXT:
            return f"to_json({_value(spec, header)})"
    text = _value(spec, header)
    if _KINDS.get(name) in (Kind.MONEY, Kind.AMOUNT):
        text = _micros(text)
    if _KINDS.get(name) in (Kind.INTEGER, Kind.SECONDS, Kind.MONEY, Kind.AMOUNT):
        form = r"'-?\d+(\.\d+)?'"
        number = f"regexp_full_match({text}, {form})"
        return f"CASE WHEN {number} THEN {text}::JSON ELSE to_json({text}) END"
    if _KINDS.get(name) is Kind.BOOLEAN:
        return (
            f"CASE lower({text}) WHEN 'true' THEN 'true'::JSON WHEN '1' THEN 'true'::JSON "
            f"WHEN 'false' THEN 'false'::JSON WHEN '0' THEN 'false'::JSON ELSE to_json({text}) END"
        )
    return f"to_json({text})"


def _micros(text: str) -> str:
    """Money with an exponent or more than six decimals, as binary floats have it, is rounded."""
    long = r"'-?\d+(\.\d{7,}|(\.\d+)?[eE][+-]?\d+)'"
    rounded = f"CAST(try_cast({text} AS DECIMAL(38,6)) AS VARCHAR)"
    return f"CASE WHEN regexp_full_match({text}, {long}) THEN {rounded} ELSE {text} END"
