from decimal import Decimal

import pytest

from questline.metrics import Kind
from questline.metrics.display import brief, cell


@pytest.mark.parametrize(
    ("value", "kind", "full", "short"),
    [
        (None, Kind.USD, "-", "-"),
        (412, Kind.COUNT, "412", "412"),
        (9999, Kind.COUNT, "9,999", "9,999"),
        (12_345, Kind.COUNT, "12,345", "12.3k"),
        (999_499, Kind.COUNT, "999,499", "999k"),
        (999_500, Kind.COUNT, "999,500", "1.00M"),
        (1_234_567_890, Kind.COUNT, "1,234,567,890", "1.23B"),
        (Decimal("1234.5"), Kind.USD, "$1,234.50", "$1,234.50"),
        (Decimal("-1234567.8"), Kind.USD, "-$1,234,567.80", "-$1.23M"),
        (Decimal("0.0005"), Kind.USD, "$0.000500", "$0.000500"),
        (0.0763, Kind.USD_EACH, "$0.0763", "$0.0763"),
        (19.1091, Kind.USD_EACH, "$19.1091", "$19.11"),
        (0.412, Kind.SHARE, "41.2 %", "41.2 %"),
        (0.0012, Kind.SHARE, "0.120 %", "0.120 %"),
        (59.94, Kind.SECONDS, "59.9 s", "59.9 s"),
        (304.2, Kind.SECONDS, "304.2 s", "5 min 4 s"),
        (3599.7, Kind.SECONDS, "3,599.7 s", "1 h 0 min"),
        (True, Kind.FLAG, "yes", "yes"),
        ("ios", Kind.TEXT, "ios", "ios"),
    ],
)
def test_value_in_full_and_in_brief(value: object, kind: Kind, full: str, short: str) -> None:
    assert (cell(value, kind), brief(value, kind)) == (full, short)
