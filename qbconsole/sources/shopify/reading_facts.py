"""Raw rows of what happens beside orders -> `shop` values: payouts, gift cards, store credit, drawers, fees.

Lenient about what is absent (a field left out equals null), strict about amounts, times and ids: what is none
raises InputUnreadable naming the place. Source: accounting.md section 13, "Shapes of pull --from-file".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from qbconsole.errors import InputUnreadable
from qbconsole.money import Money, MoneyError
from qbconsole.shop.payments.cash import CashSession
from qbconsole.shop.payments.credit import Cause, CreditMovement, GiftCard, StoreCreditMovement
from qbconsole.shop.payments.fees import GatewayFee
from qbconsole.shop.payments.payouts import BalanceEntry, Figure, Payout

Json = Mapping[str, Any]
_Value = TypeVar("_Value")
#: What stands in keys and memos; Shopify's ids are digits.
_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3,4}")  # four for USDC
#: A payout's summary: our word, its gross and its fee. Source: ShopifyPaymentsPayoutSummary, Admin API 2026-10.
_FIGURES = (
    ("charges", "chargesGross", "chargesFee"),
    ("refunds", "refundsFeeGross", "refundsFee"),  # the gross of refunds, in spite of its name
    ("adjustments", "adjustmentsGross", "adjustmentsFee"),
    ("reserves", "reservedFundsGross", "reservedFundsFee"),
    ("retried", "retriedPayoutsGross", "retriedPayoutsFee"),
    ("advances", "advanceGross", "advanceFees"),
    ("rebate", "usdcRebateCreditAmount", ""),
)
#: Store credit an order caused, by Shopify's StoreCreditSystemEvent: the order's tenders book it.
_BY_ORDERS = frozenset(
    {
        *("ORDER_PAYMENT", "ORDER_REFUND", "ORDER_CANCELLATION"),
        *("PAYMENT_FAILURE", "PAYMENT_RETURNED", "TAX_FINALIZATION"),
    }
)


def read_payout(raw: Json) -> Payout:
    """A payout with its rows: {"payout": …, "balanceTransactions": [ … ]}. Raises InputUnreadable."""
    return _told("payout", raw, _payout)


def read_gift_card(raw: Json) -> GiftCard:
    """A gift card, with its ledger (`transactions`) where that was asked for. Raises InputUnreadable."""
    return _told("gift card", raw, _gift_card)


def read_store_credit(raw: Json) -> StoreCreditMovement:
    """One movement of a store credit account: {id, __typename, createdAt, amount, event, account, origin?}.

    Without `__typename` an expiry cannot be told from a debit by hand. Raises InputUnreadable.
    """
    return _told("store credit", raw, _store_credit)


def read_cash_session(raw: Json) -> CashSession:
    """A drawer's session, CashTrackingSession or PointOfSaleDevicePaymentSession. Raises InputUnreadable."""
    return _told("cash session", raw, _cash_session)


def read_fee(raw: Json) -> GatewayFee:
    """A row of a gateway's fees: {id, gateway, date, amount, currencyCode, reference?}. Raises InputUnreadable."""
    return _told("fee", raw, _fee)


def _told(what: str, raw: Json, read: Callable[[Json], _Value]) -> _Value:
    """Read, and say which one it was where it cannot be read."""
    where = f"{what} {_name(raw)}".strip()
    try:
        return read(raw)
    except (MoneyError, ValueError, TypeError, AttributeError, KeyError, OverflowError) as cause:
        raise InputUnreadable(
            f"{where} cannot be read: {cause}",
            where=where,
            next="Pull it again; if it stays so, send its raw JSON with a report.",
        ) from cause


def _name(raw: object) -> str:
    """Its id as far as it has one, for the message."""
    inner = raw.get("payout") or raw if isinstance(raw, Mapping) else None
    given = inner.get("legacyResourceId") or inner.get("id") if isinstance(inner, Mapping) else None
    return str(given or "").rsplit("/", 1)[-1][:64]


def _id(raw: Json) -> str:
    """legacyResourceId, else the GID's last part (convention 30)."""
    given = _optional_id(raw)
    if given is None:
        raise ValueError("it has no id")
    return given


def _optional_id(raw: Json | None) -> str | None:
    if raw is None:
        return None
    given = raw.get("legacyResourceId") or raw.get("id")
    if not given:
        return None
    last = str(given).rsplit("/", 1)[-1].split("?", 1)[0]
    if not _ID.fullmatch(last):
        raise ValueError(f"{given!r} is no id")
    return last


def _nodes(value: object) -> Sequence[Json]:
    """A connection, a list or nothing, as a list."""
    if value is None:
        return ()
    if isinstance(value, Mapping):
        if value.get("edges"):
            return [edge["node"] for edge in value["edges"] if edge and edge.get("node")]
        value = value.get("nodes") or ()
    if not isinstance(value, list | tuple):
        raise TypeError(f"{value!r} is no list")
    return [node for node in value if node is not None]


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()


def _moment(value: object) -> datetime | date:
    """A moment in UTC; a text without a time is a shop date and stays one (convention 9)."""
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no time")
    moment = datetime.fromisoformat(value)
    if not 1970 <= moment.year <= 2999:  # beyond it, no time zone can be reckoned with
        raise ValueError(f"{value!r} is no time of a shop")
    if len(value) == len("2026-01-31"):
        return moment.date()
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _optional_moment(value: object) -> datetime | date | None:
    return None if value in (None, "") else _moment(value)


def _required_money(raw: Json, field: str) -> Money:
    money = _money(raw, field)
    if money is None:
        raise ValueError(f"it has no {field}")
    return money


def _money(raw: Json, field: str) -> Money | None:
    value = raw.get(field)
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise TypeError(f"{field} is {value!r}, no amount with its currency")
    try:
        return _amount(value.get("amount"), value.get("currencyCode"))
    except (MoneyError, ValueError, TypeError) as cause:
        raise ValueError(f"{field}: {cause}") from cause


#: QuickBooks keeps ten digits before the point; the store counts smallest units in 64 bits.
_BEYOND = 10**13


def _amount(amount: object, currency: object) -> Money:
    code = str(currency)
    if not _CURRENCY.fullmatch(code):
        raise ValueError(f"{currency!r} is no currency")
    if not isinstance(amount, str | int) or isinstance(amount, bool):
        raise TypeError(f"{amount!r} is no amount as text")
    money = Money.of(amount, code)
    if abs(money.amount) >= _BEYOND:
        raise ValueError(f"{amount!r} is more than any books hold")
    return money


def _payout(raw: Json) -> Payout:
    inner = raw.get("payout") or raw
    rows = [_row(row) for row in _nodes(raw.get("balanceTransactions"))]
    return Payout(
        id=_id(inner),
        status=_text(inner.get("status")).upper(),
        issued_at=_optional_moment(inner.get("issuedAt")),
        net=_money(inner, "net"),
        rows=tuple({row.id: row for row in rows}.values()),  # pages may overlap
        summary=tuple(_figures(inner.get("summary") or {})),
        trace=_text(inner.get("externalTraceId")),
    )


def _row(raw: Json) -> BalanceEntry:
    try:
        amount, fee = _required_money(raw, "amount"), _money(raw, "fee")
        return BalanceEntry(
            id=_id(raw),
            type=_text(raw.get("type")).upper(),
            amount=amount,
            fee=Money.zero(amount.currency) if fee is None else fee,
            net=_required_money(raw, "net"),
            at=_moment(raw.get("transactionDate")),
            test=bool(raw.get("test")),
            source_type=_text(raw.get("sourceType")),
            reason=_text(raw.get("adjustmentReason")),
            order_id=_optional_id(raw.get("associatedOrder")),
            tender_id=_text(raw.get("sourceOrderTransactionId")) or None,
        )
    except (MoneyError, ValueError, TypeError, AttributeError) as cause:
        raise ValueError(f"balance entry {_name(raw)}: {cause}") from cause


def _figures(summary: Json) -> Iterator[Figure]:
    """The pairs of a summary that are not both zero."""
    for kind, gross_field, fee_field in _FIGURES:
        gross = _money(summary, gross_field)
        fee = _money(summary, fee_field) if fee_field else None
        known = gross if gross is not None else fee
        if known is None or not (gross or fee):
            continue
        zero = Money.zero(known.currency)
        yield Figure(kind=kind, gross=zero if gross is None else gross, fee=zero if fee is None else fee)


def _gift_card(raw: Json) -> GiftCard:
    initial = _money(raw, "initialValue")
    at = _moment(raw.get("createdAt"))
    expires = _optional_moment(raw.get("expiresOn"))
    return GiftCard(
        id=_id(raw),
        at=at,
        initial_value=initial,
        balance=_money(raw, "balance"),
        enabled=raw.get("enabled") is not False,
        order_id=_optional_id(raw.get("order")),
        expires_on=expires.date() if isinstance(expires, datetime) else expires,
        updated_at=_optional_moment(raw.get("updatedAt")),
        ending=_text(raw.get("lastCharacters")),
        movements=tuple(_card_movement(row, initial, at) for row in _nodes(raw.get("transactions"))),
    )


def _card_movement(raw: Json, initial: Money | None, issued: datetime | date) -> CreditMovement:
    at = _moment(raw.get("processedAt"))
    amount = _signed(raw)
    note = _text(raw.get("note"))
    cause = _told_cause(raw)
    if cause is None and at == issued and amount == initial:
        cause = Cause.ISSUE
    # The ledger names no order: a row somebody wrote a note on is a person's, any other may be an order's.
    return CreditMovement(
        id=_id(raw), at=at, amount=amount, cause=cause or (Cause.STAFF if note else Cause.UNTOLD), note=note
    )


def _told_cause(raw: Json) -> Cause | None:
    """What the row itself says caused it; None where it says nothing."""
    event = _text(raw.get("event")).upper()
    if "Expir" in _text(raw.get("__typename")) or event.startswith("EXPIR"):
        return Cause.EXPIRY
    if event in _BY_ORDERS or raw.get("order") or raw.get("origin") or raw.get("orderTransaction"):
        return Cause.ORDER
    if event == "ADJUSTMENT":
        return Cause.STAFF
    return Cause.UNKNOWN if event else None


def _signed(raw: Json) -> Money:
    """What its holder gains: sources sign debits both ways, the type's name tells."""
    amount = _required_money(raw, "amount")
    kind = _text(raw.get("__typename"))
    if "Revert" in kind or "Credit" in kind.replace("StoreCredit", ""):
        return abs(amount)
    return -abs(amount) if "Debit" in kind or "Expir" in kind else amount


def _store_credit(raw: Json) -> StoreCreditMovement:
    account = raw.get("account") or {}
    return StoreCreditMovement(
        id=_id(raw),
        at=_moment(raw.get("createdAt")),
        amount=_signed(raw),
        cause=_told_cause(raw) or Cause.UNKNOWN,
        event=_text(raw.get("event")).upper(),
        account_id=_optional_id(account) or "",
        owner=_text((account.get("owner") or {}).get("displayName")),
    )


def _cash_session(raw: Json) -> CashSession:
    status = _text(raw.get("status")).upper()
    counted = _money(raw, "cashCountedAtClose")
    expected = _money(raw, "expectedCashAtClose")
    tracked = counted is None and expected is None
    return CashSession(
        id=_id(raw),
        closed_at=_optional_moment(raw.get("closingTime")) if status in ("", "CLOSED") else None,
        ready=raw.get("totalsReady") is not False,
        discrepancy=_money(raw, "totalDiscrepancy"),
        counted=_money(raw, "closingBalance") if tracked else counted,
        expected=_money(raw, "expectedClosingBalance") if tracked else expected,
        location=_text((raw.get("location") or {}).get("name")),
        register=_text(raw.get("registerName")),
    )


def _fee(raw: Json) -> GatewayFee:
    given, gateway = _text(raw.get("id")), _text(raw.get("gateway"))
    if not given or not gateway:
        raise ValueError("it has no id" if gateway else "it has no gateway")
    return GatewayFee(
        id=given,
        gateway=gateway,
        on=_moment(raw.get("date")),
        amount=_amount(raw.get("amount"), raw.get("currencyCode")),
        reference=_text(raw.get("reference")),
    )
