"""Made-up orders that add up: every kind of line, tax on top or inside, several tenders, returns in part.

Told by agreements and by fields at once, as Shopify does. Amounts are whole smallest units until they are written.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from builders import Agreed, Amount, Back, Line, Pay, Ship, Sold, an_order
from hypothesis import strategies as st

#: Ids that no two orders share.
_ID = re.compile(r"(gid://shopify/(?!Order/)\w+/)(\d+)")
PLACES = {"USD": 2, "JPY": 0, "KWD": 3}
GATEWAYS = ("shopify_payments", "paypal", "cash", "manual", "gift_card", "shopify_store_credit")


@dataclass(frozen=True)
class Tongue:
    """How amounts are written: the shop's currency, and half as much seen by the buyer in another one."""

    currency: str = "USD"
    seen: str | None = None

    def __call__(self, units: int) -> Amount:
        own = str(Decimal(units).scaleb(-PLACES[self.currency]))
        return (own, str(Decimal(units * 2).scaleb(-2))) if self.seen else own


@dataclass(frozen=True)
class Ware:
    """One line: whole amounts, for all its units."""

    price: int
    quantity: int
    off: int
    taxes: dict[str, int]
    kind: str = "PRODUCT"
    duty: int = 0

    def paid(self, inclusive: bool) -> int:
        """What the line comes to, tax and discount in it."""
        return self.price * self.quantity - self.off + (0 if inclusive else sum(self.taxes.values()))

    def off_before_tax(self, inclusive: bool) -> int:
        """An inclusive discount has tax in it, in the proportion of what is left."""
        whole = self.price * self.quantity - self.off
        inside = sum(self.taxes.values())
        return self.off * (whole - inside) // whole if inclusive and whole else self.off


@dataclass(frozen=True)
class Life:
    """One order, and what happened to it."""

    tongue: Tongue
    inclusive: bool
    wares: list[Ware]
    shipping: Ware | None = None
    fee: int = 0
    tip: int = 0
    #: (units of money, gateway, day) of each tender.
    tenders: list[tuple[int, str, int]] = field(default_factory=list)
    #: (line, units, restocked, day) of each return.
    returns: list[tuple[int, int, bool, int]] = field(default_factory=list)
    #: (units of money, gateway, day) given back.
    given_back: list[tuple[int, str, int]] = field(default_factory=list)

    @classmethod
    def plain(cls) -> Life:
        """One thing at one price, not paid."""
        return cls(Tongue(), False, [Ware(1000, 1, 0, {})])

    def raw(self, number: int = 1) -> dict[str, Any]:
        """The order as Shopify tells it."""
        say, pays = self.tongue, [Pay(amount=self.tongue(u), gateway=g, at=at(d)) for u, g, d in self.tenders]
        pays += [Pay(amount=say(u), gateway=g, kind="REFUND", at=at(d, 16)) for u, g, d in self.given_back]
        gone = [sum(units for n, units, _, _ in self.returns if n == line) for line in range(len(self.wares))]
        told = an_order(
            [self._line(ware, less) for ware, less in zip(self.wares, gone, strict=True)],
            shipping=[self._ship(self.shipping)] if self.shipping else (),
            fees=[say(self.fee)] if self.fee else (),
            tip=say(self.tip),
            pays=pays,
            refunds=[self._refund(*one) for one in self.returns],
            agreements=[Agreed(self._sold()), *(self._returned(*one) for one in self.returns)],
            inclusive=self.inclusive,
            currency=say.currency,
            seen=say.seen,
            number=number,
        )
        own: dict[str, Any] = json.loads(_ID.sub(rf"\g<1>{number}0\2", json.dumps(told)))
        return own

    def _line(self, ware: Ware, less: int) -> Line:
        say = self.tongue
        return Line(
            price=say(ware.price),
            quantity=ware.quantity,
            current=ware.quantity - less,
            off=say(ware.off),
            taxes={title: say(units) for title, units in ware.taxes.items()},
            gift_card=ware.kind == "GIFT_CARD",
            duty=say(ware.duty) if ware.duty else None,
        )

    def _ship(self, ware: Ware) -> Ship:
        say = self.tongue
        taxes = {title: say(units) for title, units in ware.taxes.items()}
        return Ship(price=say(ware.price), off=say(ware.off), taxes=taxes)

    def _sale(self, ware: Ware, **more: Any) -> Sold:
        say = self.tongue
        return Sold(
            total=say(ware.paid(self.inclusive)),
            tax=say(sum(ware.taxes.values())),
            off=say(ware.off_before_tax(self.inclusive)),
            type=ware.kind,
            quantity=ware.quantity,
            taxes={title: say(units) for title, units in ware.taxes.items()},
            **more,
        )

    def _sold(self) -> list[Sold]:
        say = self.tongue
        sales = [self._sale(ware, line=n) for n, ware in enumerate(self.wares, 1)]
        sales += [Sold(total=say(w.duty), type="DUTY", line=n) for n, w in enumerate(self.wares, 1) if w.duty]
        sales += [self._sale(self.shipping, ship=1)] if self.shipping else []
        sales += [Sold(total=say(self.fee), type="ADDITIONAL_FEE")] if self.fee else []
        return sales + ([Sold(total=say(self.tip), type="TIP")] if self.tip else [])

    def _share(self, line: int, units: int) -> tuple[int, int]:
        """What returned units come to, and the tax in it."""
        ware = self.wares[line]
        tax = sum(ware.taxes.values()) * units // ware.quantity
        return ware.paid(self.inclusive) * units // ware.quantity, tax

    def _returned(self, line: int, units: int, _restocked: bool, day: int) -> Agreed:
        whole, tax = self._share(line, units)
        say, kind = self.tongue, self.wares[line].kind
        back = Sold(
            total=say(-whole), tax=say(-tax), action="RETURN", type=kind, quantity=-units, line=line + 1
        )
        return Agreed([back], "REFUND", at(day))

    def _refund(self, line: int, units: int, restocked: bool, day: int) -> Back:
        whole, tax = self._share(line, units)
        say = self.tongue
        row = (line + 1, units, say(whole if self.inclusive else whole - tax), say(tax))
        return Back(lines=[row], at=at(day), restock="RETURN" if restocked else "NO_RESTOCK")

    @property
    def total(self) -> int:
        """What the buyer was to pay."""
        wares = [*self.wares, *([self.shipping] if self.shipping else [])]
        return sum(w.paid(self.inclusive) + w.duty for w in wares) + self.fee + self.tip


def at(day: int, hour: int = 15) -> str:
    return f"03-{day:02} {hour}:00"


@st.composite
def wares(draw: st.DrawFn, kind: str = "PRODUCT") -> Ware:
    price, quantity = draw(st.integers(1, 9999)), draw(st.integers(1, 3))
    if kind == "GIFT_CARD":
        return Ware(price, quantity, 0, {}, kind)
    off = draw(st.just(0) | st.integers(0, price * quantity))
    room = price * quantity - off
    titles = draw(st.sampled_from([(), ("CA",), ("CA", "Orange")]))
    taxes = {title: draw(st.integers(0, room // 4)) for title in titles}
    duty = draw(st.just(0) | st.integers(1, 500)) if kind == "PRODUCT" else 0
    return Ware(
        price,
        quantity if kind == "PRODUCT" else 1,
        min(off, price) if kind != "PRODUCT" else off,
        taxes if kind == "PRODUCT" else {},
        kind,
        duty,
    )


@st.composite
def lives(draw: st.DrawFn, *, currencies: tuple[str, ...] = ("USD", "USD", "JPY", "KWD")) -> Life:
    """An order paid by up to three tenders, whole or in part, some of it brought back."""
    currency = draw(st.sampled_from(currencies))
    seen = draw(st.sampled_from([None, None, "CAD"])) if currency == "USD" else None
    inclusive = draw(st.booleans())
    lines = draw(st.lists(st.one_of(wares(), wares(), wares("GIFT_CARD")), min_size=1, max_size=3))
    life = Life(
        tongue=Tongue(currency, seen),
        inclusive=inclusive,
        wares=lines,
        shipping=draw(st.none() | wares("SHIPPING")),
        fee=draw(st.just(0) | st.integers(1, 300)),
        tip=draw(st.just(0) | st.integers(1, 900)),
    )
    left, tenders = life.total, []
    for _ in range(draw(st.integers(0, 3))):
        part = draw(st.just(left) | st.integers(0, left))
        if part:
            tenders.append((part, draw(st.sampled_from(GATEWAYS)), draw(st.integers(2, 6))))
            left -= part
    returns = []
    for line, ware in enumerate(lines):
        units = draw(st.just(0) | st.integers(0, ware.quantity))
        if units:
            returns.append((line, units, draw(st.booleans()), draw(st.integers(7, 9))))
    paid = life.total - left
    backs = [
        (part, gateway, draw(st.integers(9, 11)))
        for _, gateway, _ in tenders[: draw(st.integers(0, 2))]
        if (part := draw(st.integers(0, paid // 2)))
    ]
    return Life(life.tongue, inclusive, lines, life.shipping, life.fee, life.tip, tenders, returns, backs)
