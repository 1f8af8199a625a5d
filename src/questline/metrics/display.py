"""Values as people read them: in full for a table, in brief for a tile."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

from questline.metrics.catalogue import Kind

UNKNOWN = "-"
_NUMBER = int | float | Decimal
_CENT = 0.01
_MINUTE = 60
_HOUR = 3600


def cell(value: object, kind: Kind) -> str:
    """One value in full; unknown and not observed are a dash.

    >>> cell(0.4137, Kind.SHARE), cell(None, Kind.USD), cell(1234567, Kind.COUNT)
    ('41.4 %', '-', '1,234,567')
    """
    if value is None:
        return UNKNOWN
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float | Decimal) and kind in _NUMBERS:
        return _NUMBERS[kind](float(value)) if kind is not Kind.COUNT else f"{value:,}"
    return str(value)


def interval(low: object, high: object, kind: Kind) -> str:
    """Both ends of an interval; a dash where neither is known.

    >>> interval(0.4, 0.437, Kind.SHARE), interval(None, None, Kind.SHARE)
    ('40.0 % to 43.7 %', '-')
    """
    if low is None and high is None:
        return UNKNOWN
    return f"{cell(low, kind)} to {cell(high, kind)}"


def brief(value: object, kind: Kind) -> str:
    """One value with about three digits.

    >>> brief(12345, Kind.COUNT), brief(1234567.8, Kind.USD), brief(304.2, Kind.SECONDS)
    ('12.3k', '$1.23M', '5 min 4 s')
    >>> brief(412, Kind.COUNT), brief(1234.5, Kind.USD), brief(None, Kind.SHARE)
    ('412', '$1,234.50', '-')
    """
    if value is None or not isinstance(value, int | float | Decimal):
        return cell(value, kind)
    number = float(value)
    if kind in (Kind.COUNT, Kind.USD, Kind.USD_EACH) and abs(number) >= 9_999.5:
        sign, unit = "-" if number < 0 else "", "$" if kind is not Kind.COUNT else ""
        return f"{sign}{unit}{_thousands(abs(number))}"
    if kind is Kind.SECONDS:
        return _span(number)
    if kind is Kind.USD_EACH and abs(number) >= 1:
        return _money(number)
    return cell(value, kind)


def change(now: object, before: object, kind: Kind) -> str | None:
    """How far a number moved: in percent, shares in percentage points; None where that is unknown.

    >>> change(110, 100, Kind.COUNT), change(0.41, 0.43, Kind.SHARE), change(1, 0, Kind.COUNT)
    ('+10.0 %', '-2.0 pp', None)
    """
    if not isinstance(now, _NUMBER) or not isinstance(before, _NUMBER):
        return None
    if kind is Kind.SHARE:
        return f"{100 * (float(now) - float(before)):+.1f} pp"
    if float(before) <= 0:
        return None
    return f"{100 * (float(now) / float(before) - 1):+.1f} %"


def _thousands(number: float) -> str:
    for size, letter in ((1e3, "k"), (1e6, "M"), (1e9, "B")):
        scaled = number / size
        if scaled < 999.5 or letter == "B":
            digits = 2 if scaled < 9.995 else 1 if scaled < 99.95 else 0
            return f"{scaled:,.{digits}f}{letter}"
    raise AssertionError


def _span(seconds: float) -> str:
    if seconds < _MINUTE:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < _HOUR:
        return f"{whole // _MINUTE} min {whole % _MINUTE} s"
    return f"{whole // _HOUR} h {whole % _HOUR // _MINUTE} min"


def _share(value: float) -> str:
    return f"{100 * value:.1f} %" if value == 0 or abs(value) >= _CENT else f"{100 * value:.3f} %"


def _money(value: float) -> str:
    digits = 2 if value == 0 or abs(value) >= _CENT else 6
    return f"{'-' if value < 0 else ''}${abs(value):,.{digits}f}"


def _small_money(value: float) -> str:
    return f"{'-' if value < 0 else ''}${abs(value):,.4f}"


_NUMBERS: dict[Kind, Callable[[float], str]] = {
    Kind.COUNT: lambda v: f"{v:,}",
    Kind.NUMBER: lambda v: f"{v:,.2f}",
    Kind.SHARE: _share,
    Kind.USD: _money,
    Kind.USD_EACH: _small_money,
    Kind.SECONDS: lambda v: f"{v:,.1f} s",
}
