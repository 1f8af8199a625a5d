"""What a source says of its own completeness, in a file beside the raw ones."""

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from questline.errors import UsageError

SOURCE_FILE = "_source.json"


@dataclass(frozen=True)
class Statement:
    """What the source says of its own completeness (`_source.json` beside the raw files)."""

    complete_from: date | None = None
    complete_until: date | None = None


def read_statement(raw: Path) -> Statement:
    """The source's own word on its first and last complete day, if it left one."""
    path = raw / SOURCE_FILE
    if not path.is_file():
        return Statement()
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
        days = {
            name: date.fromisoformat(data[name]) if data.get(name) else None
            for name in ("complete_from", "complete_until")
        }
    except (ValueError, AttributeError, TypeError, KeyError, RecursionError, OSError) as error:
        raise UsageError(f"{path} is not readable: {error}. Mend or delete it.") from error
    return Statement(**days)
