from datetime import date
from decimal import Decimal
from typing import Any

from model_rows import Runner, event


def buy(at: str, key: str | None, price: str, rate: str = "1", **columns: Any) -> dict[str, Any]:
    usd = str(Decimal(price) * Decimal(rate))
    return event(
        "p",
        f"{at}T10:00:00",
        "purchase",
        transaction_id=key,
        price=price,
        currency="EUR",
        fx_rate=rate,
        amount_usd=usd,
        **columns,
    )


def refund(at: str, key: str, amount: str, rate: str = "1") -> dict[str, Any]:
    usd = str(Decimal(amount) * Decimal(rate))
    return event(
        "p",
        f"{at}T11:00:00",
        "refund",
        transaction_id=key,
        amount=amount,
        currency="EUR",
        fx_rate=rate,
        amount_usd=usd,
    )


def test_refund_counts_on_the_day_of_the_purchase_at_its_rate(run: Runner) -> None:
    events = [buy("2026-01-01", "t", "10", "1.10"), refund("2026-01-20", "t", "4", "1.25")]
    (only,) = run("purchases", events=events)
    assert only["event_date"] == date(2026, 1, 1)
    assert only["gross_usd"] == Decimal("11")
    assert only["refunded_usd"] == Decimal("4.4")
    assert only["net_usd"] == Decimal("6.6")
    assert only["refund_dates"] == [date(2026, 1, 20)]


def test_refund_in_another_currency_has_its_own_rate(run: Runner) -> None:
    """Yen given back for a purchase in euro are worth what yen are worth."""
    bill = buy("2026-01-01", "t", "10", "1.10")
    back = {**refund("2026-01-02", "t", "300", "0.0065"), "currency": "JPY"}
    (only,) = run("purchases", events=[bill, back])
    assert only["refunded_usd"] == Decimal("1.95")


def test_large_refund_does_not_overflow(run: Runner) -> None:
    bill = buy("2026-01-01", "t", "999999.999999", "1.10")
    back = refund("2026-01-02", "t", "999999.999999", "1.10")
    (only,) = run("purchases", events=[bill, back])
    assert only["net_usd"] == 0


def test_refunds_without_purchase_belong_to_the_player_of_the_first(run: Runner) -> None:
    late, early = refund("2026-01-05", "t", "3"), refund("2026-01-04", "t", "2")
    (only,) = run("purchases", events=[{**late, "player_id": "a"}, {**early, "player_id": "z"}])
    assert (only["player_id"], only["event_date"]) == ("z", date(2026, 1, 4))


def test_partial_refunds_add_up(run: Runner) -> None:
    events = [buy("2026-01-01", "t", "10"), *(refund(f"2026-01-0{d}", "t", "3") for d in (2, 3))]
    (only,) = run("purchases", events=events)
    assert (only["net_usd"], only["refunds"]) == (Decimal("4"), 2)


def test_refunds_are_kept_by_their_day(run: Runner) -> None:
    backs = [refund(f"2026-01-0{d}", "t", amount) for d, amount in ((4, "3"), (2, "1"), (4, "2"))]
    backs = [{**back, "event_id": str(n)} for n, back in enumerate(backs)]
    (only,) = run("purchases", events=[buy("2026-01-01", "t", "10", "1.10"), *backs])
    assert only["refunded_usd"] == Decimal("6.6")
    assert only["refunds_by_day"] == [
        {"event_date": date(2026, 1, 2), "usd": Decimal("1.1")},
        {"event_date": date(2026, 1, 4), "usd": Decimal("5.5")},
    ]


def test_refund_without_purchase_waits_with_unknown_gross(run: Runner) -> None:
    (only,) = run("purchases", events=[refund("2026-01-05", "t", "3")])
    assert only["purchased_at"] is None
    assert only["gross_usd"] is None
    assert only["net_usd"] is None
    assert only["event_date"] == date(2026, 1, 5)


def test_purchase_without_transaction_is_its_own(run: Runner) -> None:
    events = [
        buy("2026-01-01", None, "1", event_id="a"),
        buy("2026-01-01", None, "1", event_id="b"),
    ]
    assert [r["transaction_id"] for r in run("purchases", events=events)] == ["a", "b"]


def test_thousand_tiny_amounts_add_up_exactly(run: Runner) -> None:
    ads = [
        event("p", "2026-01-01T10:00:00", "ad_watched", amount_usd="0.0005", event_id=str(n))
        for n in range(1000)
    ]
    (day,) = run("player_days", events=ads, sessions=[], purchases=[])
    assert day["ad_revenue_usd"] == Decimal("0.500000")
    assert day["ads"] == 1000
