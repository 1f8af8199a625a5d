"""JSON on Spark by its variants, which know strings from numbers as DuckDB's JSON does.

Ibis reads JSON on Spark as text without quotes, through Python functions that only a live session
has. Importing this module makes its compiler write variants instead.
"""

from __future__ import annotations

from typing import Any

import ibis.expr.operations as ops
import sqlglot.expressions as sge
from ibis.backends.sql.compilers import PySparkCompiler

_cast = PySparkCompiler.visit_Cast


def _item(self: Any, op: ops.JSONGetItem, *, arg: Any, index: Any) -> Any:  # noqa: ANN401
    found = op.index.value if isinstance(op.index, ops.Literal) else None
    if not isinstance(found, str | int) or "'" in str(found):
        return self.f.get_json_object(arg, self.f.format_string("$.%s", index))
    place = f"$['{found}']" if isinstance(found, str) else f"$[{found}]"
    inner = arg if isinstance(op.arg, ops.JSONGetItem) else self.f.anon.try_parse_json(arg)
    return self.f.anon.try_variant_get(inner, place, "variant")


def _string(self: Any, _op: ops.UnwrapJSONString, *, arg: Any) -> Any:  # noqa: ANN401
    text = self.f.anon.try_variant_get(arg, "$", "string")
    return self.if_(self.f.anon.schema_of_variant(arg).eq(sge.convert("STRING")), text, sge.null())


def _number(self: Any, _op: ops.UnwrapJSONFloat64, *, arg: Any) -> Any:  # noqa: ANN401
    kind = self.f.anon.schema_of_variant(arg)
    is_number = self.f.anon.rlike(kind, "^(BIGINT|DOUBLE|DECIMAL.*)$")
    return self.if_(is_number, self.f.anon.try_variant_get(arg, "$", "double"), sge.null())


def _text(self: Any, op: ops.Cast, *, arg: Any, to: Any) -> Any:  # noqa: ANN401
    if isinstance(op.arg, ops.JSONGetItem) and to.is_string():
        return self.f.anon.to_json(arg)
    return _cast(self, op, arg=arg, to=to)


PySparkCompiler.visit_JSONGetItem = _item
PySparkCompiler.visit_UnwrapJSONString = _string
PySparkCompiler.visit_UnwrapJSONFloat64 = _number
PySparkCompiler.visit_Cast = _text
