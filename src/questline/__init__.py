"""Questline: game telemetry in, right numbers out.

The way of the data is the order of the packages: `simulation` writes raw files; `ingestion` reads,
validates and deduplicates them into the tables of `lake`; `models` derive sessions, player days,
purchases and the rest; `metrics` answer questions about them; `pipeline` knows the order; `api`,
`cli` and `dashboard` are the ways to ask. `contract`, `settings` and `errors` lie below all.

    >>> import questline
    >>> questline.open("data/processed").metric("retention", days=[1, 7, 30])  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from questline.api import open as open  # noqa: A004 - the package's one public name

__all__ = ["open"]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module attribute may be anything
    if name == "open":
        from questline.api import open as open_lake  # noqa: PLC0415 - Ibis loads only when asked

        return open_lake
    raise AttributeError(name)
