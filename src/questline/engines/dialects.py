"""SQL of other engines: prints an expression for a warehouse, or says which can express it."""

from __future__ import annotations

import ibis
from ibis.common.exceptions import IbisError

from questline.engines.compilers import COMPILERS
from questline.engines.selects import selects
from questline.errors import UsageError

DIALECTS = tuple(COMPILERS)

RUN = ("duckdb", "spark", "clickhouse", "postgres")
"""Those whose engine the tests run."""


def to_dialect(expr: ibis.Expr, dialect: str = "duckdb") -> str:
    """`expr` as SQL of `dialect`.

    Raises:
        UsageError: the dialect is unknown, or cannot express `expr`.
    """
    if dialect not in DIALECTS:
        raise UsageError(f"dialect == {dialect!r}, must be one of {', '.join(DIALECTS)}.")
    text = _compiled(expr, dialect)
    if text is None:
        able = ", ".join(d for d in DIALECTS if _compiled(expr, d) is not None)
        raise UsageError(f"{dialect} cannot express this query. Choose one of {able}.")
    return text


def _compiled(expr: ibis.Expr, dialect: str) -> str | None:
    compiler = COMPILERS[dialect]
    try:
        with selects(joined=True):
            query = compiler.to_sqlglot(expr.unbind())
    except (IbisError, NotImplementedError):
        return None
    return str(query.sql(dialect=compiler.dialect, pretty=True))
