"""What every document of one purchase shares: its keys, its vendor, its roles, its reasons to wait."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from qbconsole.books.facts.checks import foreign, too_early
from qbconsole.books.holds import Hold
from qbconsole.books.identity import document_key
from qbconsole.books.plan import DocumentKind, LineKind, Member, Plan, PlanLine, listed
from qbconsole.books.policy import Settings
from qbconsole.books.proof import effect
from qbconsole.money import Money, total
from qbconsole.shop.events import EventKind, FactEvent
from qbconsole.shop.orders import Shop
from qbconsole.shop.purchases import Purchase, PurchaseLine
from qbconsole.value import Value, replace


class Buying(Value):
    """One purchase on the desk."""

    purchase: Purchase
    shop: Shop
    settings: Settings
    #: Plans already booked of it.
    booked: tuple[Plan, ...] = ()

    @property
    def goods_role(self) -> str:
        """Where goods go: to stock, or to an expense where no stock is kept (convention 27)."""
        return "purchases" if self.settings.policy.cogs == "off" else "inventory_asset"

    @property
    def keeps_orders(self) -> bool:
        """Whether orders are written: a bill without items could never fill one, and it would stay open."""
        modes = self.settings.modes
        counted = modes.inventory == "detailed" and self.settings.policy.cogs == "quickbooks"
        return modes.vendors == "detailed" and counted

    def key(self, kind: EventKind, *names: str) -> str:
        """The key of an event: "bill/PO-7.B1", each name in letters no key is broken by."""
        return f"{kind}/" + ".".join(key_word(name) for name in (self.purchase.number, *names))

    def told(self, what: str) -> str:
        """Where a hold says it is: "purchase PO-7 bill B1"."""
        return f"purchase {self.purchase.number}{what and ' '}{what}"

    def holds(self, event: FactEvent, what: str) -> Iterator[Hold]:
        """What keeps any event of a purchase out of the books."""
        where = self.told(what)
        yield from foreign(event.key, where, (Money.zero(self.purchase.currency),), self.settings)
        yield from too_early(event, where, self.settings)

    def standing(self, event_key: str) -> Plan | None:
        """The booked document that stands for an event."""
        return next(
            (plan for plan in self.booked for member in plan.members if member.event_key == event_key), None
        )

    def plan(
        self,
        kind: DocumentKind,
        events: Sequence[FactEvent],
        lines: Sequence[PlanLine],
        *,
        suffix: str,
        memo: str,
        vendor_number: str = "",
        fills: str = "",
    ) -> Plan:
        """A document of this purchase; its postings are what its lines post."""
        bare = Plan(
            key=document_key(self.shop.handle, events[0].key),
            kind=kind,
            on=events[0].on,
            currency=self.purchase.currency,
            members=tuple(Member(event_key=event.key) for event in events),
            postings=(),
            lines=tuple(lines),
            number=self.purchase.number,
            suffix=suffix,
            memo=memo,
            vendor=self.purchase.vendor,
            vendor_number=vendor_number,
            fills=fills,
        )
        return replace(bare, postings=listed(effect(bare), bare.currency))

    def all_goods(
        self, lines: Sequence[PurchaseLine], filled: Mapping[int, int] = MappingProxyType({})
    ) -> list[PlanLine]:
        """Lines of goods that come to their rounded sum; the last one takes what is left (convention 22)."""
        drawn = [self.goods(line, filled.get(at, 0)) for at, line in enumerate(lines)]
        exact = sum((line.unit_cost.amount * line.quantity for line in lines), Decimal(0))
        currency = self.purchase.currency
        rest = Money.rounded(exact, currency) - total((line.amount for line in drawn), currency)
        if rest:
            drawn[-1] = replace(drawn[-1], amount=drawn[-1].amount + rest)
        return drawn

    def goods(self, line: PurchaseLine, order_line: int = 0) -> PlanLine:
        """Goods ordered, received or sent back, at their own cost."""
        return PlanLine(
            kind=LineKind.PRODUCT,
            role=self.goods_role,
            amount=line.amount,
            label=line.sku,
            quantity=line.quantity,
            line_id=line.sku or None,
            sku=line.sku,
            order_line=order_line,
        )


def charge(role: str, amount: Money, label: str, sku: str = "") -> PlanLine:
    """An amount without units; it is written to the role's account, not to an item."""
    return PlanLine(kind=LineKind.CHARGE, role=role, amount=amount, label=label, sku=sku)


def reversed_line(line: PlanLine) -> PlanLine:
    """The line as the opposite document has it."""
    return replace(line, amount=-line.amount)


def key_word(name: str) -> str:
    """A name as one word of a key: other signs than letters, digits, "-" and "_" become "~" and their bytes.

    So neither "/" nor "." nor "]" in a vendor's number can make two keys alike or end a memo's key early.
    """
    return "".join(
        sign if _plain(sign) else "".join(f"~{byte:02X}" for byte in sign.encode()) for sign in name
    )


def _plain(sign: str) -> bool:
    return (sign.isascii() and sign.isalnum()) or sign in "-_"
