"""Inventory groups and purchases as JSON -> `shop` values.

Groups come in the shape of the Admin API's InventoryAdjustmentGroup; purchases in our neutral shape, because no
Shopify API tells all of one (accounting.md section 13). Two fields of a purchase are our own addition:

* `bills[].tax` (Dec): tax on the bill that is no part of its lines; posts to `purchase_tax`.
* `vendorCredits: [{number, creditedAt: Date, receipt?: receipt id, lines: as in the order, amount?: Dec}]`: what the
  vendor credits; `amount` is the whole credit, without it the lines are. Goods sent back stand in `lines`.

Unknown fields are ignored and lines of no units left out. A row that is malformed raises InputUnreadable naming
its place: "purchase PO-7 receipts[0].lines[2].unitCost".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from qbconsole.errors import InputUnreadable
from qbconsole.money import Money, MoneyError
from qbconsole.shop.orders import Shop
from qbconsole.shop.purchases import Purchase, PurchaseLine, Receipt, VendorBill, VendorReturn
from qbconsole.shop.stock import StockChange, StockGroup, UnitCost

Json = Mapping[str, Any]
_GROUP_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_CURRENCY = re.compile(r"[A-Z]{3}")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
#: Nine digits and eight decimals times ten million units stay exact, and within what the store keeps.
_DECIMAL = re.compile(r"-?[0-9]{1,9}(\.[0-9]{1,8})?")
_UNITS_MAX = 10**7
#: A year outside is a slip of the pen, and near the end of time no time zone can be applied.
_YEARS = range(1970, 2200)
#: Longest name that becomes part of a key.
_NAME_MAX = 80


def read_stock_group(raw: Json, shop: Shop) -> StockGroup:
    """One InventoryAdjustmentGroup. Raises InputUnreadable where an id, a time or a number is none."""
    group_id = _last(raw.get("id"))
    where = f"stock group {group_id or '?'}"
    if not _GROUP_ID.fullmatch(group_id):
        raise _wrong(where, "id", raw.get("id"), "no id of a group")
    return StockGroup(
        id=group_id,
        created_at=_moment(raw.get("createdAt"), where, "createdAt"),
        reason=_text(raw.get("reason")),
        reference=_text(raw.get("referenceDocumentUri")),
        changes=tuple(
            _change(row, where, f"changes[{at}]", shop) for at, row in _rows(raw, "changes", where, "")
        ),
    )


def _change(row: Json, where: str, at: str, shop: Shop) -> StockChange:
    item = _object(row, "item", where, at)
    location = _object(row, "location", where, at)
    variant = _object(item, "variant", where, f"{at}.item")
    cost = item.get("unitCost")
    sku = _text(item.get("sku")).strip()
    item_id = _last(item.get("id")) or sku
    if not item_id:
        raise _wrong(where, f"{at}.item.id", item.get("id"), "no id, and there is no SKU either")
    if cost is not None and not isinstance(cost, Mapping):
        raise _wrong(where, f"{at}.item.unitCost", cost, "no amount with its currency")
    return StockChange(
        name=_text(row.get("name")),
        delta=_units(row.get("delta"), where, f"{at}.delta", least=-_UNITS_MAX),
        item_id=item_id,
        sku=sku,
        location=_text(location.get("name")),
        location_id=_last(location.get("id")),
        unit_cost=None if cost is None else _stock_cost(cost, where, f"{at}.item.unitCost", shop),
        title=_text(variant.get("displayName")).strip(),
        variant_id=_last(variant.get("id")),
        barcode=_text(variant.get("barcode")).strip(),
        product_type=_text(_object(variant, "product", where, f"{at}.item.variant").get("productType")),
    )


def _stock_cost(cost: Json, where: str, at: str, shop: Shop) -> UnitCost:
    currency = _currency(cost.get("currencyCode"), where, f"{at}.currencyCode", shop)
    return UnitCost(_decimal(cost.get("amount"), where, f"{at}.amount"), currency)


def read_purchase(raw: Json, shop: Shop) -> Purchase:
    """One purchase of a file. Raises InputUnreadable where a number, date or amount is none."""
    number = _name(raw.get("number"), "purchase ?", "number")
    return _PurchaseReader(raw, shop, number).purchase()


class _PurchaseReader:
    """Reads one purchase; knows its currency and what to call it."""

    def __init__(self, raw: Json, shop: Shop, number: str) -> None:
        self.raw = raw
        self.shop = shop
        self.number = number
        self.where = f"purchase {number}"
        self.currency = _currency(raw.get("currencyCode"), self.where, "currencyCode", shop)

    def purchase(self) -> Purchase:
        ordered = self.raw.get("orderedAt")
        receipts = tuple(
            self._receipt(row, f"receipts[{at}]") for at, row in _rows(self.raw, "receipts", self.where, "")
        )
        self._unique([receipt.id for receipt in receipts])
        bills = _rows(self.raw, "bills", self.where, "")
        credits = _rows(self.raw, "vendorCredits", self.where, "")
        taken: dict[str, int] = {}
        given: dict[str, int] = {}
        return Purchase(
            number=self.number,
            vendor=_text(self.raw.get("vendor")).strip(),
            ordered_on=None if ordered is None else self._day(ordered, "orderedAt"),
            currency=self.currency,
            lines=self._lines(self.raw, ""),
            receipts=receipts,
            bills=tuple(self._bill(row, f"bills[{at}]", taken) for at, row in bills),
            returns=tuple(self._return(row, f"vendorCredits[{at}]", given) for at, row in credits),
        )

    def _unique(self, ids: list[str]) -> None:
        for at, one in enumerate(ids):
            if one in ids[:at]:
                raise _wrong(self.where, f"receipts[{at}].id", one, "the id of another receipt too")

    def _receipt(self, row: Json, at: str) -> Receipt:
        return Receipt(
            id=_name(row.get("id"), self.where, f"{at}.id"),
            received_on=self._day(row.get("receivedAt"), f"{at}.receivedAt"),
            lines=self._lines(row, at),
        )

    def _bill(self, row: Json, at: str, taken: dict[str, int]) -> VendorBill:
        number = _name(row.get("number"), self.where, f"{at}.number")
        return VendorBill(
            id=_told_apart(number, taken),
            number=number,
            billed_on=self._day(row.get("billedAt"), f"{at}.billedAt"),
            freight=self._money(row, "freight", at) or Money.zero(self.currency),
            tax=self._money(row, "tax", at) or Money.zero(self.currency),
            receipt_id=self._receipt_id(row, at),
            lines=self._lines(row, at),
        )

    def _return(self, row: Json, at: str, given: dict[str, int]) -> VendorReturn:
        number = _name(row.get("number"), self.where, f"{at}.number")
        return VendorReturn(
            id=_told_apart(number, given),
            number=number,
            credited_on=self._day(row.get("creditedAt"), f"{at}.creditedAt"),
            receipt_id=self._receipt_id(row, at),
            lines=self._lines(row, at),
            amount=self._money(row, "amount", at),
        )

    def _receipt_id(self, row: Json, at: str) -> str | None:
        given = row.get("receipt")
        return None if given is None else _name(given, self.where, f"{at}.receipt")

    def _lines(self, row: Json, at: str) -> tuple[PurchaseLine, ...]:
        """Lines without units say nothing and are left out; goods sent back stand in `vendorCredits`."""
        lines = []
        for place, line in _rows(row, "lines", self.where, at):
            here = f"{at}{at and '.'}lines[{place}]"
            cost = _decimal(line.get("unitCost"), self.where, f"{here}.unitCost")
            if cost < 0:
                raise _wrong(self.where, f"{here}.unitCost", cost, "less than nothing")
            quantity = _units(line.get("quantity"), self.where, f"{here}.quantity", least=0)
            sku = _text(line.get("sku")).strip()
            if quantity:
                lines.append(
                    PurchaseLine(sku=sku, quantity=quantity, unit_cost=UnitCost(cost, self.currency))
                )
        return tuple(lines)

    def _day(self, value: object, at: str) -> date:
        return self.shop.day(_moment(value, self.where, at))

    def _money(self, row: Json, name: str, at: str) -> Money | None:
        value = row.get(name)
        if value is None:
            return None
        try:
            return Money.of(_decimal(value, self.where, f"{at}.{name}"), self.currency)
        except MoneyError as cause:
            raise _wrong(self.where, f"{at}.{name}", value, f"no amount in {self.currency}") from cause


def _told_apart(number: str, taken: dict[str, int]) -> str:
    """The number, and from its second use on a count behind it."""
    taken[number] = taken.get(number, 0) + 1
    return number if taken[number] == 1 else f"{number} ({taken[number]})"


def _wrong(where: str, at: str, value: object, what: str) -> InputUnreadable:
    shown = repr(value)
    return InputUnreadable(
        f"{at} of {where} is {what}: {shown[:60]}{'…' * (len(shown) > 60)}",
        where=f"{where} {at}",
        next="Correct it at its source and pull it again; nothing of it was booked.",
    )


def _rows(row: Json, name: str, where: str, at: str) -> Iterator[tuple[int, Json]]:
    """A list or connection with each row's place; absent means empty (convention 30)."""
    value = row.get(name)
    here = f"{at}{at and '.'}{name}"
    if isinstance(value, Mapping):
        value = value.get("nodes")
    if value is None:
        return
    if not isinstance(value, list | tuple):
        raise _wrong(where, here, value, "no list")
    for place, one in enumerate(value):
        if not isinstance(one, Mapping):
            raise _wrong(where, f"{here}[{place}]", one, "no object")
        yield place, one


def _object(row: Json, name: str, where: str, at: str) -> Json:
    value = row.get(name)
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise _wrong(where, f"{at}.{name}", value, "no object")
    return value


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _last(value: object) -> str:
    """The last part of a GID, or the id as it stands (convention 30)."""
    return _text(value).rsplit("/", 1)[-1].split("?", 1)[0]


def _name(value: object, where: str, at: str) -> str:
    """A number or id that identifies: some text of bearable length."""
    name = _text(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not name or len(name) > _NAME_MAX or not name.isprintable():
        raise _wrong(where, at, value, f"no name of 1 to {_NAME_MAX} printable characters")
    return name


def _currency(value: object, where: str, at: str, shop: Shop) -> str:
    code = shop.currency if value is None else _text(value).strip().upper()
    if not _CURRENCY.fullmatch(code):
        raise _wrong(where, at, value, "no currency code")
    return code


def _units(value: object, where: str, at: str, least: int) -> int:
    """Whole units; 2.0 and "2" are refused, because what wrote them may also write 2.5."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise _wrong(where, at, value, "no whole number")
    if not least <= value <= _UNITS_MAX:
        raise _wrong(where, at, value, "less than nothing" if value < 0 else "more than can be")
    return value


def _decimal(value: object, where: str, at: str) -> Decimal:
    """Decimal text, or a whole number; a JSON number with a fraction is no exact amount."""
    if isinstance(value, Decimal):
        return value
    written = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not _DECIMAL.fullmatch(written):
        raise _wrong(where, at, value, 'no decimal number as text, such as "12.50"')
    return Decimal(written)


def _moment(value: object, where: str, at: str) -> datetime | date:
    """A time, aware; or a date, which is a shop date already (convention 9)."""
    written = value.strip() if isinstance(value, str) else ""
    try:
        if _DAY.fullmatch(written):
            given: datetime | date = date.fromisoformat(written)
        elif ":" not in written:
            raise ValueError(written)  # ISO 8601 also knows weeks and days without dashes; the shapes do not
        else:
            moment = datetime.fromisoformat(written)
            given = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise _wrong(where, at, value, "no time, nor a date such as 2026-01-31") from cause
    if given.year not in _YEARS:
        raise _wrong(where, at, value, "no time, nor a date such as 2026-01-31")
    return given
